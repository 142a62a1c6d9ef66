#include "convscope/tasks/model_picture.h"

#include <fmt/format.h>

#include <utility>

#include "convscope/base/error.h"
#include "convscope/graph/only_input.h"
#include "convscope/graph/picture_scale.h"
#include "convscope/graph/rebuild.h"
#include "convscope/image/resize.h"
#include "convscope/tasks/class_names.h"

namespace convscope {
namespace {

// As the input wants it: its size, and its channels. Of a file the middle is cut out whatever its size, as in the
// training that asks for it; a data set's pictures are what was learned from.
void FitTo(const Shape& input, const Preprocessing& preprocessing, bool of_file, ModelPicture* shown) {
  const Shape& shape = shown->picture.shape();
  const int64_t rows = input[1], columns = input[2], channels = input[3];
  const bool cut = of_file && preprocessing.fit == PictureFit::kCover && preprocessing.crop < 1;
  if (shape[0] != rows || shape[1] != columns || cut) {
    const auto picture = std::as_const(shown->picture).view();
    shown->note = FitText(preprocessing.fit, shape[0], shape[1], rows, columns);
    shown->picture = FitPicture(picture, rows, columns, preprocessing.fit, preprocessing.crop);
  }
  if (shown->picture.shape()[2] == channels) return;
  throw Error({.where = shown->source,
               .rule = fmt::format("the model's input has {} channels", channels),
               .received = fmt::format("{}", shown->picture.shape()[2])});
}

ModelPicture FromFile(const std::string& path, ReadOptions::Colour colour, const Progress& progress) {
  ReadOptions options{.colour = colour, .progress = progress};
  Picture picture = ReadPicture(path, options);
  return {.source = picture.source, .picture = std::move(picture.pixels)};
}

// `class_names`: those of the model.
ModelPicture FromDataset(const Dataset& data, const std::string& name, int64_t sample,
                         const std::vector<std::string>& class_names) {
  if (sample < 0 || sample >= data.size()) {
    throw Error({.where = "sample",
                 .rule = fmt::format("{} has pictures 0 to {}", name, data.size() - 1),
                 .received = fmt::format("{}", sample)});
  }
  const int64_t label = data.label(sample);
  return {.source = fmt::format("{} {}", name, sample),
          .picture = data.image(sample).Reshaped(data.shape()),
          .truth = TruthName(class_names, data.class_names(), label),
          .label = label};
}

}  // namespace

std::string PictureInput(const Graph& graph) {
  const ErrorParts wrong{.where = "model",
                         .rule = "a model that is shown pictures has one input, (N, rows, columns, 1 or 3) float32"};
  const std::string input = OnlyPictureInput(graph, wrong);
  const TensorType& type = graph[input].type;
  const int64_t channels = type.shape.back();
  if (channels == 1 || channels == 3) return input;
  throw Error({.where = wrong.where, .rule = wrong.rule, .received = type.ToString()});
}

Tensor AsInput(const ModelFile& model, const Tensor& picture, double white) {
  const Graph& graph = model.model.graph();
  const Shape& input = graph[PictureInput(graph)].type.shape;
  const Shape wanted{input[1], input[2], input[3]};
  if (picture.shape() != wanted) {
    throw Error({.where = "picture",
                 .rule = fmt::format("the model's input is {}", wanted.ToString()),
                 .received = picture.shape().ToString()});
  }
  Tensor batch({1, input[1], input[2], input[3]});
  const auto channels = static_cast<size_t>(batch.shape().back());
  const Preprocessing preprocessing = model.preprocessing.value_or(Preprocessing{});
  const PictureScale scale = ScaleOf(preprocessing, batch.shape().back(), white);
  for (int64_t i = 0; i < batch.size(); ++i) {
    const size_t c = static_cast<size_t>(i) % channels;
    const int64_t from = preprocessing.reversed ? i + static_cast<int64_t>(channels - 1 - 2 * c) : i;
    batch.data()[i] = picture.data()[from] * scale.gain[c] + scale.offset[c];
  }
  return batch;
}

Model ForOnePicture(const Model& model) {
  const Graph& graph = model.graph();
  const GraphTensor* input = nullptr;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role != TensorRole::kInput) continue;
    if (input != nullptr || tensor.type.shape.rank() != 4) return model;
    input = &tensor;
  }
  if (input == nullptr || input->type.shape[0] == 1) return model;
  return Model(Rebuild(graph, {.batch = 1}).builder.Build(), model.parameters());
}

ModelAndData OpenModelForPictures(const ModelChoice& model, const PictureChoice& choice) {
  ModelAndData opened = OpenModelAndData(model, choice.data);
  opened.model.file.model = ForOnePicture(opened.model.file.model);
  return opened;
}

ReadOptions::Colour PictureColour(const ModelFile& model) {
  const Graph& graph = model.model.graph();
  return graph[PictureInput(graph)].type.shape.back() == 1 ? ReadOptions::Colour::kGrey : ReadOptions::Colour::kRgb;
}

ModelPicture FitToModel(const ModelFile& model, std::string source, Tensor picture) {
  const Graph& graph = model.model.graph();
  const Shape& input = graph[PictureInput(graph)].type.shape;
  ModelPicture shown{.source = std::move(source), .picture = std::move(picture)};
  FitTo(input, model.preprocessing.value_or(Preprocessing{}), true, &shown);
  shown.input = Share(AsInput(model, shown.picture, 255));
  return shown;
}

std::vector<ModelPicture> ReadModelPictures(const ModelFile& model, const PictureChoice& choice,
                                            const std::optional<OpenedData>& data) {
  const Graph& graph = model.model.graph();
  const Shape& input = graph[PictureInput(graph)].type.shape;
  std::vector<ModelPicture> pictures;
  const Preprocessing preprocessing = model.preprocessing.value_or(Preprocessing{});
  const auto add = [&](ModelPicture picture, double white, bool of_file) {
    FitTo(input, preprocessing, of_file, &picture);
    picture.input = Share(AsInput(model, picture.picture, white));
    pictures.push_back(std::move(picture));
  };
  for (const std::string& path : choice.files) add(FromFile(path, PictureColour(model), choice.progress), 255, true);
  if (data) {
    const Dataset& part = choice.train ? data->data.train : data->data.test;
    const std::string name = data->name + (choice.train ? " train" : " test");
    for (const int64_t sample : choice.samples)
      add(FromDataset(part, name, sample, model.class_names), part.white(), false);
  }
  return pictures;
}

ModelPicture ReadModelPicture(const ModelFile& model, const PictureChoice& choice,
                              const std::optional<OpenedData>& data, const std::string& rule) {
  std::vector<ModelPicture> pictures = ReadModelPictures(model, choice, data);
  if (pictures.size() == 1) return std::move(pictures[0]);
  throw Error({.where = "picture", .rule = rule, .received = fmt::format("{}", pictures.size())});
}

}  // namespace convscope
