// convscope convert: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/convert_model.h"
#include "model_remarks.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  ConvertRequest request;
  std::string layout = "keras";
  bool json = false;
};

void RunConvert(Arguments& arguments) {
  arguments.request.layout = arguments.layout == "torch" ? WeightLayout::kTorch : WeightLayout::kKeras;
  CheckConversion(arguments.request);
  ProgressLine progress;
  Report(progress.callback(), "converting", 0);
  const Conversion conversion = ConvertModel(arguments.request);
  progress.Pause();
  Print(arguments.json ? WithModelRemarks(ConversionJson(conversion)) : ConversionText(conversion));
}

}  // namespace

void AddConvertCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("convert", "Write a model, or its weights, in another format");
  command->footer(
      "Examples:\n"
      "  convscope convert resnet18 --weights resnet18.safetensors -o resnet18.onnx\n"
      "  convscope convert runs/first -o first.safetensors --layout torch\n"
      "  convscope convert runs/first -o first.keras\n"
      "  convscope convert net.onnx --preset imagenet --class-names labels.txt --example cat.png -o told.onnx");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model, ModelUse::kPrepares);
  CLI::Option* weights = command->get_option("--weights");
  command
      ->add_flag("--partial", a.request.partial,
                 "Parameters that the weights leave out keep what they have; else they are an error")
      ->needs(weights);
  command
      ->add_option("-o,--output", a.request.output,
                   "An .onnx or a .keras file; a .json file, the layers as Keras has them; a .safetensors, .npz or "
                   ".weights.h5 file, the weights")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--layout", a.layout,
                   "Of weights: keras, as they are named and laid out here; or torch, as a PyTorch module of the same "
                   "names takes them with load_state_dict")
      ->check(CLI::IsMember({"keras", "torch"}))
      ->capture_default_str();
  OneEach(
      command->add_option("--example", a.request.example,
                          "What an .onnx file carries with what the model makes of it, for convscope infer --check: "
                          "a picture, or arrays as convscope infer --input takes them"))
      ->type_name("[NAME=]FILE");
  command->add_flag("--json", a.json, "Print what was written, and which weights matched, as JSON");
  command->callback([arguments] { RunConvert(*arguments); });
}

}  // namespace convscope::cli
