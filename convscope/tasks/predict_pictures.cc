#include "convscope/tasks/predict_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/share_text.h"
#include "convscope/graph/run.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/inspect/classifier.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/source_title.h"

namespace convscope {
namespace {

// The `top` highest of the scores of all classes, the highest first.
Prediction PredictionOf(const ModelFile& file, const std::vector<float>& scores, int64_t top) {
  Prediction prediction{.shown = {}, .nan_scores = NanCount(scores), .nothing = NothingText(scores)};
  if (prediction.nan_scores > 0) return prediction;
  for (const size_t c : ClassOrder(scores)) {
    if (std::ssize(prediction.top) == top) break;
    const auto number = static_cast<int64_t>(c);
    prediction.top.push_back({.number = number, .name = ClassName(file.class_names, number), .score = scores[c]});
  }
  return prediction;
}

class Classifier {
 public:
  explicit Classifier(const OpenedModel& model)
      : file_(model.file),
        input_(PictureInput(file_.model.graph())),
        tensors_(FindClassifier(file_.model.graph(), file_.outputs)),
        run_(file_.model, {tensors_.output}) {}

  bool probabilities() const { return tensors_.probabilities; }

  // One a class.
  std::vector<float> Scores(const SharedTensor& input) {
    run_({{input_, input}});
    return ClassScores(run_[tensors_.output].view().span(), tensors_.probabilities);
  }

 private:
  const ModelFile& file_;
  std::string input_;
  ClassifierTensors tensors_;
  Run run_;
};

// An infinite score has a bar as long as a bar can be.
constexpr double kMostBar = 1e30;

std::string ScoreText(const Predictions& predictions, double score) {
  return predictions.probabilities ? ShareText(score, 2) : fmt::format("{:.4g}", score);
}

}  // namespace

Predictions PredictPictures(const PredictRequest& request) {
  const auto [model, data] = OpenModelForPictures(request.model, request.pictures);
  Classifier classifier(model);
  Predictions result{.model = model.file.name, .trained = model.trained, .probabilities = classifier.probabilities()};
  for (ModelPicture& picture : ReadModelPictures(model.file, request.pictures, data)) {
    Prediction prediction = PredictionOf(model.file, classifier.Scores(picture.input), request.top);
    prediction.shown = std::move(picture);
    result.pictures.push_back(std::move(prediction));
  }
  return result;
}

std::optional<TracedPrediction> PredictTraced(const OpenedModel& model, const Trace& trace, int64_t top) {
  const std::optional<ClassifierTensors> found = TryFindClassifier(trace.graph(), model.file.outputs);
  if (!found) return std::nullopt;
  const std::vector<float> scores = ClassScores(trace[found->output].view().span(), found->probabilities);
  return TracedPrediction{.probabilities = found->probabilities,
                          .classes = std::ssize(scores),
                          .prediction = PredictionOf(model.file, scores, top)};
}

std::string PredictText(const Predictions& predictions) {
  std::string text;
  if (!predictions.trained) text += predictions.model + " is untrained: its weights are random numbers\n";
  for (const Prediction& prediction : predictions.pictures) {
    text += prediction.shown.source;
    if (prediction.shown.truth) text += fmt::format(", which is: {}", *prediction.shown.truth);
    if (!prediction.shown.note.empty()) text += fmt::format(" ({})", prediction.shown.note);
    text += "\n";
    if (!prediction.nothing.empty()) text += "  predicts " + prediction.nothing + "\n";
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
    internal::Json picture = {{"source", prediction.shown.source}};
    if (prediction.shown.truth) picture["truth"] = *prediction.shown.truth;
    if (!prediction.shown.note.empty()) picture["note"] = prediction.shown.note;
    if (prediction.nan_scores > 0) picture["nan_scores"] = prediction.nan_scores;
    picture["top"] = internal::Json::array();
    for (const ClassScore& score : prediction.top) {
      picture["top"].push_back({{"class", score.number}, {"name", score.name}, {"score", score.score}});
    }
    json["pictures"].push_back(std::move(picture));
  }
  return internal::JsonText(json);
}

namespace {

// "mnist test 7" with its number in the line of the word before it.
std::string TitleOf(const ModelPicture& shown) {
  constexpr char kNoBreak[] = "\u00a0";
  std::string title = internal::SourceTitle(shown.source);
  const size_t space = title.rfind(' ');
  if (shown.label && space != std::string::npos) title.replace(space, 1, kNoBreak);
  return title;
}

}  // namespace

Figure PredictFigure(const Predictions& predictions) {
  Figure figure{.title = predictions.model + (predictions.trained ? "" : " (untrained)"), .footer = "", .rows = {}};
  for (const Prediction& prediction : predictions.pictures) {
    BarPlot bars;
    for (const ClassScore& score : prediction.top) {
      if (prediction.shown.truth && score.name == *prediction.shown.truth) bars.marked.push_back(bars.names.size());
      bars.names.push_back(score.name);
      bars.values.push_back(std::clamp(score.score, -kMostBar, kMostBar));
    }
    if (predictions.probabilities) {
      bars.high = 1;
      bars.format = "percent";
    }
    if (bars.values.empty()) {
      figure.rows.push_back(
          {{.title = TitleOf(prediction.shown) + ": predicts " + prediction.nothing,
            .caption = prediction.shown.note,
            .content = MapPlot{.values = prediction.shown.picture.view(), .scale = PhotographScale()}}});
      continue;
    }
    const std::string& says = prediction.nothing.empty() ? prediction.top[0].name : prediction.nothing;
    figure.rows.push_back({{.title = TitleOf(prediction.shown),
                            .caption = prediction.shown.note,
                            .content = MapPlot{.values = prediction.shown.picture.view(), .scale = PhotographScale()}},
                           {.title = "predicted: " + says,
                            .caption = prediction.shown.truth ? "is: " + *prediction.shown.truth + " (orange)" : "",
                            .content = std::move(bars)}});
  }
  figure.panel_height = 140;
  return figure;
}

}  // namespace convscope
