// convscope infer: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/infer_model.h"
#include "convscope/tasks/model_example.h"
#include "convscope/tasks/output_place.h"
#include "model_remarks.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  InferRequest request;
  std::string save;
  bool json = false, check = false;
};

void RunCheck(const Arguments& arguments) {
  const ExampleCheck check = CheckExample(arguments.request.model);
  Print(arguments.json ? WithModelRemarks(ExampleCheckJson(check)) : ExampleCheckText(check));
  if (!check.same()) throw CLI::RuntimeError(1);
}

void RunInfer(const Arguments& arguments) {
  if (arguments.check) return RunCheck(arguments);
  if (arguments.request.inputs.empty()) throw CLI::RequiredError("--input, or --check");
  if (!arguments.save.empty()) CheckOutputFolder(arguments.save);
  ProgressLine progress;
  Inferred inferred = InferModel(arguments.request, progress.callback());
  if (!arguments.save.empty()) SaveInferred(inferred, arguments.save, progress.callback());
  Print(arguments.json ? InferJson(inferred) : InferText(inferred));
  CheckNothingLost(inferred);
}

}  // namespace

void AddInferCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("infer", "Run a model on raw arrays: .npy files in, .npy files out");
  command->footer(
      "Examples:\n"
      "  convscope infer model.onnx --input x.npy --save out/\n"
      "  convscope infer model.onnx --input left=a.npy --input right=b.npy --tensor conv_1 --json\n"
      "  convscope infer model.onnx --check\n\n"
      "Arrays have the axes and types of the model's file: (N, C, rows, columns) of most .onnx files.");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model, ModelUse::kGraph);
  OneEach(command->add_option("--input", a.request.inputs, "What is fed in; FILE.npy alone where there is one input"))
      ->type_name("NAME=FILE.npy");
  CLI::Option* tensor =
      SeveralNames(command->add_option("--tensor", a.request.tensors, "Tensors wanted; default: the model's outputs"));
  command
      ->add_flag("--all", a.request.all,
                 "Every tensor that is computed, and what follows from constants and shapes alone")
      ->excludes(tensor);
  command->add_option("--save", a.save, "Write them as NAME.npy into this folder")->type_name("DIR");
  command->add_flag("--json", a.json, "Print as JSON");
  CLI::Option* check = command->add_flag(
      "--check", a.check,
      "Compute the example that the file carries (convscope convert --example) once more; ends with 1 "
      "where an output differs by more than 0.0001 of its largest value");
  for (const char* const name : {"--input", "--tensor", "--all", "--save"}) check->excludes(command->get_option(name));
  command->callback([arguments] { RunInfer(*arguments); });
}

}  // namespace convscope::cli
