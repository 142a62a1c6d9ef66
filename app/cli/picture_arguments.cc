#include "picture_arguments.h"

#include "help_format.h"
#include "model_remarks.h"

namespace convscope::cli {

void AddPictureFlags(CLI::App& command, PictureFlags& flags) {
  const std::string group = "Pictures, where the model does not tell";
  std::string presets;
  for (const PicturePreset& preset : PicturePresets()) {
    presets += (presets.empty() ? "" : ", ") + std::string(preset.name) + " (" + std::string(preset.description) + ")";
  }
  command.add_option("--preset", flags.preset, "How they are prepared: " + presets)->type_name("NAME")->group(group);
  command.add_option("--pixel-divisor", flags.divisor, "What pixels, 0 to 255, are divided by")
      ->type_name("N")
      ->group(group);
  SeveralNumbers(command.add_option("--pixel-mean", flags.mean,
                                    "Taken away then: one, or one a channel; where one is above 1, of "
                                    "pixels that are not divided by 255 unless told"))
      ->allow_extra_args(false)
      ->group(group);
  SeveralNumbers(command.add_option("--pixel-deviation", flags.deviation, "And divided by: one, or one a channel"))
      ->allow_extra_args(false)
      ->group(group);
  command.add_option("--channel-order", flags.channels, "rgb; or bgr, blue first")
      ->check(CLI::IsMember({"rgb", "bgr"}))
      ->group(group);
  command
      .add_option(
          "--fit", flags.fit,
          "Pictures of another size, of a file or a folder of --data: cover, scaled and cut to the middle; stretch; "
          "pad, with black around")
      ->check(CLI::IsMember({"cover", "stretch", "pad"}))
      ->group(group);
  command
      .add_option("--crop", flags.crop, "With cover: the part of a picture file that is cut out, 0.875 is 224 of 256")
      ->type_name("PART")
      ->group(group);
  command.add_option("--input-size", flags.size, "Where the model takes any size: N or ROWS,COLUMNS (224)")
      ->type_name("SIZE")
      ->group(group);
  command
      .add_option("--class-names", flags.class_names,
                  "A file of the classes' names: one a line, or a list or numbered names in JSON")
      ->type_name("FILE")
      ->group(group);
}

void AddModelArgument(CLI::App& command, ModelChoice& model, ModelUse use) {
  command
      .add_option("MODEL", model.name,
                  "A run folder, an .onnx, .keras, .h5 or .json (Keras layers) file, or a built-in network")
      ->required()
      ->type_name("");
  command
      .add_option("--weights", model.weights,
                  "Weights for it, of PyTorch, Keras or convscope: a .safetensors, .npz, .keras or .h5 file")
      ->type_name("FILE");
  if (use == ModelUse::kPictures) {
    command
        .add_option("--model-output", model.output, "The output with the scores of classes, of a model with several")
        ->type_name("TENSOR");
  }
  TellRemarksOf(model, use == ModelUse::kPictures);
  command.parse_complete_callback(OpensModels);
  if (use != ModelUse::kGraph) AddPictureFlags(command, model.pictures);
}

CLI::Option* AddClassesOption(CLI::App& command, std::vector<std::string>& classes, const std::string& otherwise) {
  return OneEach(command.add_option("-c,--class", classes, "Numbers or names; " + otherwise))
      ->type_name("CLASS[,CLASS...]");
}

void PictureArguments::AddTo(CLI::App& command, size_t most) {
  most_ = most;
  const std::string what = most == 1 ? "A picture file" : "Picture files";
  TellCount(command
                .add_option("PICTURE", files,
                            what + ", or --data with --sample; scaled to cover the model's input and cut to the "
                                   "middle; - is standard input")
                ->type_name(""),
            most);
  data.AddTo(command, false);
  CLI::Option* const places = command.add_option(
      "--sample", samples, most == 1 ? "The place of the picture in it, from 0" : "Places of pictures in it, from 0");
  SeveralNumbers(places)->group("Data");
  if (most == 1) places->type_name("N");
}

PictureChoice PictureArguments::Choice(const Progress& progress) const {
  if (data.given() == samples.empty()) throw CLI::ValidationError("--data and --sample go together");
  const size_t count = files.size() + samples.size();
  if (count == 0) throw CLI::RequiredError("PICTURE, or --data and --sample");
  if (most_ == 1 && count > 1) {
    throw CLI::ValidationError("one picture is shown; received " + std::to_string(count));
  }
  PictureChoice choice{.files = files, .samples = samples, .train = data.train(), .progress = progress};
  if (data.given()) choice.data = data.Options(progress);
  return choice;
}

}  // namespace convscope::cli
