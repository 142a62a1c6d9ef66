#include "picture_arguments.h"

#include "data_folder.h"

namespace convscope::cli {

void AddModelArgument(CLI::App& command, std::string& model) {
  command.add_option("MODEL", model, "A run folder, an .onnx file, or a built-in network")->required()->type_name("");
}

void PictureArguments::AddTo(CLI::App& command, size_t most) {
  most_ = most;
  const std::string what = most == 1 ? "A picture" : "Pictures";
  command
      .add_option("PICTURE", files,
                  what + ", scaled to cover the model's input and cut to the middle; - is standard input")
      ->type_name("");
  command.add_option("--data", data, "A data set whose test pictures are shown")->type_name("DATA");
  command.add_option("--sample", samples, "Their places in it, from 0")->type_name(most == 1 ? "N" : "N ...");
  command.add_option("--data-folder", data_folder, "A folder with data sets at hand")->type_name("DIR");
}

PictureChoice PictureArguments::Choice(const Progress& progress) const {
  if (data.empty() != samples.empty()) throw CLI::ValidationError("--data and --sample go together");
  const size_t count = files.size() + samples.size();
  if (count == 0) throw CLI::RequiredError("PICTURE, or --data and --sample");
  if (most_ > 0 && count > most_) {
    throw CLI::ValidationError(most_ == 1 ? "one picture is shown; received " + std::to_string(count)
                                          : "at most " + std::to_string(most_) + " pictures are shown; received " +
                                                std::to_string(count));
  }
  PictureChoice choice{.files = files, .samples = samples, .progress = progress};
  if (!data.empty()) {
    choice.data = OpenDataOptions{.source = data, .places = PlacesOfData(data_folder), .progress = progress};
  }
  return choice;
}

}  // namespace convscope::cli
