#include "picture_arguments.h"

namespace convscope::cli {

void AddModelArgument(CLI::App& command, std::string& model) {
  command.add_option("MODEL", model, "A run folder, an .onnx file, or a built-in network")->required()->type_name("");
}

CLI::Option* AddClassesOption(CLI::App& command, std::vector<std::string>& classes, const std::string& otherwise) {
  return OneEach(command.add_option("-c,--class", classes, "Numbers or names; " + otherwise))
      ->type_name("CLASS[,CLASS...]");
}

void PictureArguments::AddTo(CLI::App& command, size_t most) {
  most_ = most;
  const std::string what = most == 1 ? "A picture" : "Pictures";
  command
      .add_option("PICTURE", files,
                  what + ", scaled to cover the model's input and cut to the middle; - is standard input")
      ->type_name("");
  data.AddTo(command, false);
  SeveralNumbers(command.add_option("--sample", samples, "Places of pictures in it, from 0"))->group("Data");
  if (most == 1) command.get_option("--sample")->type_name("N");
}

PictureChoice PictureArguments::Choice(const Progress& progress) const {
  if (data.given() == samples.empty()) throw CLI::ValidationError("--data and --sample go together");
  const size_t count = files.size() + samples.size();
  if (count == 0) throw CLI::RequiredError("PICTURE, or --data and --sample");
  if (most_ > 0 && count > most_) {
    throw CLI::ValidationError(most_ == 1 ? "one picture is shown; received " + std::to_string(count)
                                          : "at most " + std::to_string(most_) + " pictures are shown; received " +
                                                std::to_string(count));
  }
  PictureChoice choice{.files = files, .samples = samples, .train = data.train(), .progress = progress};
  if (data.given()) choice.data = data.Options(progress);
  return choice;
}

}  // namespace convscope::cli
