#include "convscope/tasks/model_example.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/run.h"
#include "convscope/tasks/fed_arrays.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tensor/element_type.h"

namespace convscope {
namespace {

NamedTensors OutputsOf(const Model& model, const std::vector<std::string>& outputs, const NamedTensors& inputs) {
  Run run(model, outputs);
  run(inputs);
  NamedTensors made;
  for (const std::string& output : outputs) made[output] = Share(run[output].Clone());
  return made;
}

template <typename Element>
void Compare(const Tensor& now, const Tensor& then, ExampleCheck::Output& output) {
  const auto a = now.view<Element>().span(), b = then.view<Element>().span();
  for (size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    if (std::isfinite(y)) output.largest = std::max(output.largest, std::abs(y));
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    const double difference = std::abs(x - y);
    output.difference =
        std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(output.difference, difference);
  }
}

}  // namespace

bool IsPictureExample(const std::vector<std::string>& given) {
  return given.size() == 1 && given[0].find('=') == std::string::npos && LowerCaseEnding(given[0]) != ".npy";
}

ModelExample MakeExample(const ModelFile& file, NamedTensors fed) {
  const Model model = ModelFor(file, fed, "--example");
  NamedTensors outputs = OutputsOf(model, file.outputs, fed);
  return {.inputs = std::move(fed), .outputs = std::move(outputs)};
}

ModelExample MakePictureExample(const ModelFile& file, const std::string& picture) {
  PictureChoice choice;
  choice.files = {picture};
  const Model model = ForOnePicture(file.model);
  NamedTensors inputs;
  inputs[PictureInput(model.graph())] =
      ReadModelPicture(file, choice, std::nullopt, "an example is made of one picture").input;
  NamedTensors outputs = OutputsOf(model, file.outputs, inputs);
  return {.inputs = std::move(inputs), .outputs = std::move(outputs)};
}

ModelExample MadeAgain(const ModelFile& file, const ModelExample& example) {
  // The batch of the example may be another than the graph's.
  const Graph& graph = file.model.graph();
  int64_t batch = 0;
  for (const auto& [name, tensor] : example.inputs) {
    const Shape& stated = graph[name].type.shape;
    if (stated.rank() > 0 && stated[0] != tensor->shape()[0]) batch = tensor->shape()[0];
  }
  const Model model =
      batch > 0 ? Model(Rebuild(graph, {.batch = batch}).builder.Build(), file.model.parameters()) : file.model;
  std::vector<std::string> outputs;
  for (const auto& [name, tensor] : example.outputs) outputs.push_back(name);
  return {.inputs = example.inputs, .outputs = OutputsOf(model, outputs, example.inputs)};
}

bool ExampleCheck::same() const {
  return std::all_of(outputs.begin(), outputs.end(), [](const Output& output) { return output.same; });
}

ExampleCheck CheckExample(const ModelChoice& model) {
  const OpenedModel opened = OpenModel(model);
  const ModelFile& file = opened.file;
  if (!file.example || file.example->inputs.empty() || file.example->outputs.empty()) {
    throw Error({.where = model.name,
                 .rule = "a model is checked with the example that its file carries",
                 .received = "a model without one",
                 .fix = "write one with it: convscope convert " + model.name + " -o model.onnx --example FILE.npy"});
  }
  const ModelExample now = MadeAgain(file, *file.example);
  ExampleCheck check{.model = opened.title(), .outputs = {}};
  for (const auto& [name, then] : file.example->outputs) {
    const Tensor& made = *now.outputs.find(name)->second;
    ExampleCheck::Output output{.name = name};
    if (made.shape() != then->shape() || made.dtype() != then->dtype()) {
      output.difference = std::numeric_limits<double>::infinity();
    } else {
      ForElementType(made.dtype(), [&](auto type) { Compare<decltype(type)>(made, *then, output); });
    }
    const bool floats = made.dtype() == DType::kFloat32 || made.dtype() == DType::kFloat64;
    output.same = output.difference <= (floats ? kExampleTolerance * output.largest : 0);
    check.outputs.push_back(std::move(output));
  }
  return check;
}

std::string ExampleCheckText(const ExampleCheck& check) {
  std::string text = check.model + "\n";
  for (const ExampleCheck::Output& output : check.outputs) {
    text += fmt::format("{}  {}: differs from the example by at most {:.3g}, of values up to {:.3g}\n",
                        output.same ? "same  " : "OTHER ", output.name, output.difference, output.largest);
  }
  return text;
}

std::string ExampleCheckJson(const ExampleCheck& check) {
  internal::Json outputs = internal::Json::array();
  for (const ExampleCheck::Output& output : check.outputs) {
    outputs.push_back(
        {{"name", output.name},
         {"difference", std::isfinite(output.difference) ? internal::Json(output.difference) : internal::Json()},
         {"largest", output.largest},
         {"same", output.same}});
  }
  return internal::JsonText({{"model", check.model}, {"same", check.same()}, {"outputs", std::move(outputs)}});
}

}  // namespace convscope
