#include "convscope/tasks/model_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/image/resize.h"
#include "convscope/inspect/classifier.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/run_data.h"

namespace convscope {
namespace {

// What a network is made for: "28 x 28 x 1", "10 classes".
struct Purpose {
  std::string pictures, classes;

  static Purpose Of(const Network& network) {
    const Graph& graph = network.graph();
    const auto of_sample = graph[network.inputs()[0]].type.shape.lengths().subspan(1);
    const Shape& output = graph[network.outputs()[0]].type.shape;
    return {.pictures = fmt::format("{}", fmt::join(of_sample, " x ")),
            .classes = fmt::format("{} classes", output[output.rank() - 1])};
  }
};

OpenedModel MadeFor(const ModelChoice& model, const Architecture& built_in, const Dataset& data) {
  ArchitectureOptions options{.input = data.shape(), .classes = {}};
  if (built_in.tells_classes) options.classes = data.classes();
  const std::string name(built_in.name);
  const Purpose own = Purpose::Of(MakeArchitecture(name));
  try {
    OpenedModel made = OpenModel(model, {.architecture = options});
    const Purpose now = Purpose::Of(*made.network);
    if (now.pictures != own.pictures) made.made_for = now.pictures;
    if (now.classes != own.classes) made.made_for += (made.made_for.empty() ? "" : ", ") + now.classes;
    if (!made.made_for.empty()) made.file.name += " for " + made.made_for;
    return made;
  } catch (const Error& error) {
    if (!model.weights.empty()) throw;  // it tells of them
    ErrorParts parts = error.parts();
    parts.where = fmt::format("{} for pictures of {}: {}", name, fmt::join(data.shape().lengths(), " x "), parts.where);
    parts.fix = fmt::format("take a network for such pictures; this one is for {}, to which picture files are scaled",
                            own.pictures);
    throw Error(parts);
  }
}

// The shape of what is fed in: of pictures (N, rows, columns, channels).
Shape InputOf(const Graph& graph) {
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kInput) return tensor.type.shape;
  }
  return {};
}

void TellOf(const std::optional<OpenedData>& data, const ModelChoice& model) {
  if (data && model.tell && !data->data.train.remark().empty()) {
    model.tell({ModelRemark::Kind::kAssumed, data->data.train.remark()});
  }
}

// What `options` leave open of the pictures of a folder, as pictures of shape `input` are prepared.
void Prepare(const Shape& input, const std::optional<Preprocessing>& preprocessing, OpenDataOptions& options) {
  if (preprocessing) {
    options.fit = preprocessing->fit;
    options.crop = preprocessing->crop;
  }
  if (input.rank() != 4 || (input[3] != 1 && input[3] != 3)) return;
  if (options.size[0] == 0) options.size = {input[1], input[2]};
  if (options.colour == ReadOptions::Colour::kKeep) options.colour = ColourOf(input[3] == 1, input[3] == 3);
}

// Brings the pictures of `data` to those of `input`, and says so in `note`, where size alone tells them apart.
Dataset Fitted(const Dataset& data, const Shape& input, const Preprocessing& preprocessing, const Progress& progress,
               std::string* note) {
  const bool alike = input.rank() == 4 && input[3] == data.channels() && data.dtype() == DType::kUInt8;
  if (!alike || data.empty() || (input[1] == data.height() && input[2] == data.width())) return data;
  const Shape one{input[1], input[2], input[3]};
  if (one.NumElements() > kMostFittedBytes / data.size()) return data;
  *note = FitText(preprocessing.fit, data.height(), data.width(), input[1], input[2]);
  Report(progress, "scaling the pictures", 0);
  Tensor images(Shape{data.size(), one[0], one[1], one[2]}, DType::kUInt8);
  ParallelFor(data.size(), [&](int64_t i) {
    const Tensor picture = data.image(i).Reshaped(data.shape());
    const Tensor fitted =
        FitPicture(std::as_const(picture).view(), one[0], one[1], preprocessing.fit, preprocessing.crop);
    uint8_t* const pixels = images.data<uint8_t>() + i * fitted.size();
    for (int64_t e = 0; e < fitted.size(); ++e) {
      pixels[e] = static_cast<uint8_t>(std::lround(255 * std::clamp(fitted.data()[e], 0.0f, 1.0f)));
    }
  });
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < data.size(); ++i) labels.push_back(data.label(i));
  return Dataset({.name = data.name(),
                  .images = std::move(images),
                  .labels = std::move(labels),
                  .class_names = data.class_names()});
}

}  // namespace

std::optional<OpenedData> OpenDataFor(const std::string& model, const ModelFile& file,
                                      const std::optional<OpenDataOptions>& options) {
  if (!options) return std::nullopt;
  const std::optional<RunRecord> run = RunOf(model);
  OpenDataOptions prepared = run ? AsTrained(*options, *run) : *options;
  if (!HasOwnPictures(options->source)) Prepare(InputOf(file.model.graph()), file.preprocessing, prepared);
  return OpenData(prepared);
}

ModelAndData OpenModelAndData(const ModelChoice& model, const std::optional<OpenDataOptions>& data) {
  const Architecture* const built_in = FindArchitecture(model.name);
  if (built_in == nullptr || !data) {
    OpenedModel opened = OpenModel(model);
    std::optional<OpenedData> shown = OpenDataFor(model, opened.file, data);
    TellOf(shown, model);
    return {.model = std::move(opened), .data = std::move(shown)};
  }
  OpenDataOptions prepared = *data;
  if (!HasOwnPictures(data->source)) {
    const Network own = MakeArchitecture(model.name);
    const PictureNote told = NoteOf(model.pictures);
    prepared.fit = told.fit.value_or(own.preprocessing.fit);
    prepared.crop = told.crop.value_or(own.preprocessing.crop);
    if (!model.weights.empty()) Prepare(InputOf(own.graph()), {}, prepared);
  }
  std::optional<OpenedData> opened = OpenData(prepared);
  TellOf(opened, model);
  OpenedModel made = MadeFor(model, *built_in, opened->data.train);
  return {.model = std::move(made), .data = std::move(opened)};
}

ModelData OpenModelData(const ModelChoice& model, const OpenDataOptions& data, bool train) {
  auto [made, shown] = OpenModelAndData(model, data);
  OpenedData& opened = *shown;
  std::string note;
  Dataset part = Fitted(train ? opened.data.train : opened.data.test, InputOf(made.file.model.graph()),
                        made.file.preprocessing.value_or(Preprocessing{}), data.progress, &note);
  std::string remark = CompareClassNames(made.file.class_names, part.class_names());
  // A pretrained model of other classes: what it says of these pictures can be neither right nor wrong.
  if (const auto scores = TryFindClassifier(made.file.model.graph(), made.file.outputs);
      remark.empty() && scores && scores->ClassCount() != part.classes()) {
    remark = fmt::format("the data has {} classes and the model {}: class i of one is taken for class i of the other",
                         part.classes(), scores->ClassCount());
  }
  std::string title =
      fmt::format("{} of {}", CountText(part.size(), train ? "training picture" : "test picture"), opened.name);
  if (!note.empty()) title += ", " + note;
  std::vector<std::string> names = ClassNames(made.file.class_names, part.class_names(), part.classes());
  return {.model = std::move(made),
          .data = std::move(part),
          .name = std::move(opened.name),
          .note = std::move(note),
          .title = std::move(title),
          .part = train ? "train" : "test",
          .remark = std::move(remark),
          .class_names = std::move(names)};
}

}  // namespace convscope
