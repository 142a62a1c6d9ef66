#include "convscope/tasks/predict_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/run.h"
#include "convscope/image/picture.h"
#include "convscope/image/resize.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/run_data.h"
#include "convscope/train/training_graph.h"

namespace convscope {
namespace {

std::string PictureInput(const Graph& graph) {
  const ErrorParts wrong{.where = "model",
                         .rule = "a model that is shown pictures has one input, (N, rows, columns, 1 or 3) float32"};
  const std::string input = OnlyInput(graph, wrong);
  const TensorType& type = graph[input].type;
  const int64_t channels = type.shape.rank() == 4 && type.dtype == DType::kFloat32 ? type.shape.back() : 0;
  if (channels == 1 || channels == 3) return input;
  throw Error({.where = wrong.where, .rule = wrong.rule, .received = type.ToString()});
}

class Classifier {
 public:
  explicit Classifier(const OpenedModel& model)
      : file_(model.file), input_(PictureInput(file_.model.graph())), output_(Output()), run_(file_.model, {output_}) {}

  const Shape& input_shape() const { return file_.model.graph()[input_].type.shape; }

  bool probabilities() const {
    for (const GraphNode& node : file_.model.graph().nodes()) {
      if (file_.model.graph().tensors()[node.outputs[0]].name != output_) continue;
      return node.operation->type() == "Softmax" || node.operation->type() == "Sigmoid";
    }
    return false;
  }

  // picture: (H, W, C), of the input's size. What was stored as `white` is 1 in it: 255 of 8-bit pictures, 1 of floats.
  std::vector<ClassScore> Scores(const Tensor& picture, double white, int64_t top) {
    Tensor batch(input_shape());
    const Preprocessing given = file_.preprocessing.value_or(Preprocessing{});
    const double divisor = given.divisor == 0 ? white : given.divisor;
    const int64_t channels = batch.shape().back();
    const auto of = [&](const std::vector<double>& list, int64_t c, double none) {
      return list.empty() ? none : list[list.size() == 1 ? 0 : static_cast<size_t>(c)];
    };
    for (int64_t i = 0; i < batch.size(); ++i) {
      const double value = white * static_cast<double>(picture.data()[i]) / divisor;
      const int64_t c = i % channels;
      batch.data()[i] = static_cast<float>((value - of(given.mean, c, 0)) / of(given.deviation, c, 1));
    }
    run_({{input_, Share(std::move(batch))}});
    std::vector<ClassScore> scores;
    for (const float score : run_[output_].view().span()) scores.push_back({.score = score});
    // One score is that of the second of two classes, and against the first.
    if (scores.size() == 1) {
      scores.insert(scores.begin(), {.score = probabilities() ? 1 - scores[0].score : -scores[0].score});
    }
    for (size_t c = 0; c < scores.size(); ++c) {
      scores[c].number = static_cast<int64_t>(c);
      scores[c].name = ClassName(file_.class_names, scores[c].number);
    }
    std::stable_sort(scores.begin(), scores.end(),
                     [](const ClassScore& a, const ClassScore& b) { return a.score > b.score; });
    scores.resize(std::min(scores.size(), static_cast<size_t>(top)));
    return scores;
  }

 private:
  std::string Output() const {
    const Graph& graph = file_.model.graph();
    std::vector<std::string> outputs = file_.outputs;
    if (outputs.empty()) outputs = {graph.tensors()[graph.nodes().back().outputs[0]].name};
    const TensorType& type = graph[outputs[0]].type;
    if (outputs.size() == 1 && type.shape.rank() == 2 && type.dtype == DType::kFloat32) return outputs[0];
    throw Error({.where = "model",
                 .rule = "a model that tells classes has one output, (N, classes) float32",
                 .received = outputs.size() == 1 ? type.ToString() : Concat(outputs.size(), " outputs")});
  }

  const ModelFile& file_;
  std::string input_, output_;
  Run run_;
};

// As the input wants it: its size, and its channels.
void FitTo(const Shape& input, Prediction* prediction) {
  const Shape& shape = prediction->picture.shape();
  const int64_t rows = input[1], columns = input[2], channels = input[3];
  if (shape[0] != rows || shape[1] != columns) {
    prediction->note = fmt::format("scaled and cut from {} x {} to {} x {}", shape[0], shape[1], rows, columns);
    prediction->picture = ResizeAndCrop(std::as_const(prediction->picture).view(), rows, columns);
  }
  if (prediction->picture.shape()[2] == channels) return;
  throw Error({.where = prediction->source,
               .rule = fmt::format("the model's input has {} channels", channels),
               .received = fmt::format("{}", prediction->picture.shape()[2])});
}

Prediction FromFile(const std::string& path, const Shape& input, const Progress& progress) {
  ReadOptions options{.colour = input.back() == 1 ? ReadOptions::Colour::kGrey : ReadOptions::Colour::kRgb,
                      .progress = progress};
  Picture picture = ReadPicture(path, options);
  return {.source = picture.source, .picture = std::move(picture.pixels)};
}

Prediction FromDataset(const OpenedData& opened, int64_t sample) {
  const Dataset& data = opened.data.test;
  if (sample < 0 || sample >= data.size()) {
    throw Error({.where = "sample",
                 .rule = fmt::format("{} has test pictures 0 to {}", opened.name, data.size() - 1),
                 .received = fmt::format("{}", sample)});
  }
  return {.source = fmt::format("{} test {}", opened.name, sample),
          .picture = data.image(sample).Reshaped(data.shape()),
          .truth = data.class_names()[static_cast<size_t>(data.label(sample))]};
}

std::string ScoreText(const Predictions& predictions, double score) {
  return predictions.probabilities ? fmt::format("{:.2f} %", 100 * score) : fmt::format("{:.4g}", score);
}

}  // namespace

Predictions PredictPictures(const PredictRequest& request) {
  const OpenedModel model = OpenModel(request.model);
  Classifier classifier(model);
  Predictions result{.model = model.file.name, .trained = model.trained, .probabilities = classifier.probabilities()};
  const auto add = [&](Prediction prediction, DType stored) {
    FitTo(classifier.input_shape(), &prediction);
    prediction.top = classifier.Scores(prediction.picture, stored == DType::kUInt8 ? 255 : 1, request.top);
    result.pictures.push_back(std::move(prediction));
  };
  for (const std::string& path : request.pictures) {
    add(FromFile(path, classifier.input_shape(), request.progress), DType::kUInt8);
  }
  if (request.data) {
    const std::optional<RunRecord> run = RunOf(request.model);
    const OpenedData opened = OpenData(run ? AsTrained(*request.data, *run) : *request.data);
    for (const int64_t sample : request.samples) add(FromDataset(opened, sample), opened.data.test.dtype());
  }
  return result;
}

std::string PredictText(const Predictions& predictions) {
  std::string text;
  if (!predictions.trained) text += predictions.model + " is untrained: its weights are random numbers\n";
  for (const Prediction& prediction : predictions.pictures) {
    text += prediction.source;
    if (prediction.truth) text += fmt::format(", which is: {}", *prediction.truth);
    if (!prediction.note.empty()) text += fmt::format(" ({})", prediction.note);
    text += "\n";
    for (const ClassScore& score : prediction.top) {
      text += fmt::format("  {:>10}  {}\n", ScoreText(predictions, score.score), score.name);
    }
  }
  return text;
}

std::string PredictJson(const Predictions& predictions) {
  internal::Json json = {{"model", predictions.model},
                         {"trained", predictions.trained},
                         {"scores", predictions.probabilities ? "probabilities" : "raw"}};
  json["pictures"] = internal::Json::array();
  for (const Prediction& prediction : predictions.pictures) {
    internal::Json picture = {{"source", prediction.source}};
    if (prediction.truth) picture["truth"] = *prediction.truth;
    if (!prediction.note.empty()) picture["note"] = prediction.note;
    picture["top"] = internal::Json::array();
    for (const ClassScore& score : prediction.top) {
      picture["top"].push_back({{"class", score.number}, {"name", score.name}, {"score", score.score}});
    }
    json["pictures"].push_back(std::move(picture));
  }
  return internal::JsonText(json);
}

Figure PredictFigure(const Predictions& predictions) {
  Figure figure{.title = predictions.model + (predictions.trained ? "" : " (untrained)"), .footer = "", .rows = {}};
  for (const Prediction& prediction : predictions.pictures) {
    BarPlot bars;
    for (const ClassScore& score : prediction.top) {
      if (prediction.truth && score.name == *prediction.truth) bars.marked.push_back(bars.names.size());
      bars.names.push_back(score.name);
      bars.values.push_back(score.score);
    }
    if (predictions.probabilities) {
      bars.high = 1;
      bars.format = "percent";
    }
    const std::string says = prediction.top.empty() ? "" : prediction.top[0].name;
    figure.rows.push_back({{.title = prediction.source,
                            .caption = prediction.note,
                            .content = MapPlot{.values = prediction.picture.view(), .scale = PhotographScale()}},
                           {.title = "predicted: " + says,
                            .caption = prediction.truth ? "is: " + *prediction.truth + " (orange)" : "",
                            .content = std::move(bars)}});
  }
  figure.panel_height = 140;
  return figure;
}

}  // namespace convscope
