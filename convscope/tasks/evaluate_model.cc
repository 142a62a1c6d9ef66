#include "convscope/tasks/evaluate_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/inspect/classifier.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/number_in.h"
#include "convscope/tasks/loss_choice.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/run_data.h"
#include "convscope/tasks/training_figures.h"

namespace convscope {
namespace {

std::string TitleOf(const EvaluateOutcome& outcome) {
  return fmt::format("{}{} on {}", outcome.model, outcome.trained ? "" : " (untrained)", outcome.data);
}

}  // namespace

EvaluateOutcome EvaluateModel(const EvaluateRequest& request) {
  const std::optional<RunRecord> run = RunOf(request.model);
  ModelData opened = OpenModelData(request.model, request.data, request.train);
  const ModelFile& file = opened.model.file;
  const Dataset& data = opened.data;
  const TrainSettings settings = run ? run->settings : TrainSettings{};
  EvaluateOptions options{.loss = ParseLoss(request.loss.empty() ? settings.loss : request.loss, "loss"),
                          .batch_size = request.batch_size,
                          .top = std::min<int64_t>(request.top, data.classes()),
                          .progress = request.data.progress};
  options.loss.from_logits = request.from_logits || (request.loss.empty() && settings.from_logits);
  std::string remark = std::move(opened.remark);
  const auto scores = TryFindClassifier(file.model.graph(), file.outputs);
  if (!run && request.loss.empty() && !request.from_logits && scores && !scores->probabilities) {
    options.loss.from_logits = true;
    remark +=
        fmt::format("{}the network ends without a softmax: the loss is made of logits", remark.empty() ? "" : "\n");
  }
  CheckOutputFits(file, options.loss);
  if (file.preprocessing) options.scaling = *file.preprocessing;
  TrainingRules rules = file.rules;  // of a file that another program wrote, none
  if (rules.output.empty()) rules.output = FindClassifier(file.model.graph(), file.outputs).output;
  Evaluation evaluation = Evaluate(file.model, rules, data, options);
  const int64_t classes = evaluation.counts.confusion().classes();
  return {.model = file.name,
          .data = opened.title,
          .trained = opened.model.trained,
          .pictures = data.size(),
          .evaluation = std::move(evaluation),
          .class_names = ClassNames(file.class_names, data.class_names(), classes),
          .remark = std::move(remark)};
}

std::string EvaluateText(const EvaluateOutcome& outcome) {
  const ClassificationCounts& counts = outcome.evaluation.counts;
  const ConfusionMatrix& confusion = counts.confusion();
  std::string text = TitleOf(outcome) + "\n";
  text += fmt::format("loss {}, accuracy {:.4f} ({} of {})", internal::NumberIn("{:.4f}", outcome.evaluation.loss),
                      counts.Accuracy(), counts.correct(), counts.total());
  if (counts.top() > 1) text += fmt::format(", top-{} accuracy {:.4f}", counts.top(), counts.TopAccuracy());
  if (counts.without_class() > 0) text += "\n" + WithoutClassText(counts);
  text += outcome.remark.empty() ? "\n\n" : "\n" + outcome.remark + "\n\n";
  size_t widest = 5;
  const std::vector<int64_t> reported = ReportedClasses(confusion);
  for (const int64_t c : reported) widest = std::max(widest, outcome.class_names[static_cast<size_t>(c)].size());
  text += fmt::format("{:<{}}  precision  recall      F1\n", "class", widest);
  for (const int64_t c : reported) {
    text += fmt::format("{:<{}}  {:9.4f}  {:6.4f}  {:6.4f}\n", outcome.class_names[static_cast<size_t>(c)], widest,
                        confusion.Precision(c), confusion.Recall(c), confusion.F1(c));
  }
  text += fmt::format("{:<{}}  {:9.4f}  {:6.4f}  {:6.4f}\n", "mean", widest, confusion.Precision(), confusion.Recall(),
                      confusion.F1());
  if (const int64_t left = confusion.classes() - std::ssize(reported); left > 0) {
    text += fmt::format("the mean is of {} classes, {} of which no picture is of or predicted as\n",
                        confusion.classes(), left);
  }
  return text;
}

std::string EvaluateJson(const EvaluateOutcome& outcome) {
  const ClassificationCounts& counts = outcome.evaluation.counts;
  const ConfusionMatrix& confusion = counts.confusion();
  internal::Json json = {
      {"model", outcome.model},       {"trained", outcome.trained},          {"data", outcome.data},
      {"pictures", outcome.pictures}, {"loss", outcome.evaluation.loss},     {"accuracy", counts.Accuracy()},
      {"top", counts.top()},          {"top_accuracy", counts.TopAccuracy()}};
  if (counts.without_class() > 0) json["without_class"] = counts.without_class();
  if (!outcome.remark.empty()) json["remark"] = outcome.remark;
  json["classes"] = internal::Json::array();
  json["confusion"] = internal::Json::array();
  for (int64_t c = 0; c < confusion.classes(); ++c) {
    json["classes"].push_back({{"name", outcome.class_names[static_cast<size_t>(c)]},
                               {"precision", confusion.Precision(c)},
                               {"recall", confusion.Recall(c)},
                               {"f1", confusion.F1(c)}});
    const auto row = confusion.counts().subspan(static_cast<size_t>(c * confusion.classes()),
                                                static_cast<size_t>(confusion.classes()));
    json["confusion"].push_back(std::vector<int64_t>(row.begin(), row.end()));
  }
  return internal::JsonText(json);
}

OwningFigure EvaluateFigure(const EvaluateOutcome& outcome) {
  return ConfusionFigure(outcome.evaluation.counts, outcome.class_names, TitleOf(outcome));
}

}  // namespace convscope
