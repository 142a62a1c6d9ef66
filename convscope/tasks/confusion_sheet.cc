#include "convscope/tasks/confusion_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/data_pass.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/model_data.h"

namespace convscope {
namespace {

constexpr double kPictureHeight = 36, kLabelRoom = 17;  // points

// One true class taken for one class.
struct Cell {
  int64_t count = 0;
  int64_t surest = -1;  // a picture's place in the data
  float score = 0;      // of it
};

std::vector<Cell> CellsOf(const ModelData& opened, const ClassifierTensors& scores, int64_t classes,
                          const Progress& progress) {
  std::vector<Cell> cells(static_cast<size_t>(classes * classes));
  PassOver(opened.model.file.model, opened.data, {scores.output},
           {.scaling = opened.model.file.preprocessing.value_or(Preprocessing{}), .progress = progress},
           [&](const Batch& batch, std::span<const Tensor* const> tensors) {
             for (size_t i = 0; i < batch.labels.size(); ++i) {
               const float* const row = tensors[0]->data() + static_cast<int64_t>(i) * scores.classes;
               int64_t predicted = std::max_element(row, row + scores.classes) - row;
               float score = row[predicted];
               if (scores.classes == 1) {  // one score is that of the second of two classes
                 const float border = scores.probabilities ? 0.5f : 0.0f;
                 predicted = row[0] > border ? 1 : 0;
                 score = predicted == 1 ? row[0] - border : border - row[0];
               }
               Cell& cell = cells[static_cast<size_t>(batch.labels[i] * classes + predicted)];
               if (cell.count++ > 0 && !(score > cell.score)) continue;
               cell.surest = batch.samples[i];
               cell.score = score;
             }
           });
  return cells;
}

}  // namespace

OwningFigure MakeConfusionSheet(const ConfusionSheetRequest& request) {
  const ModelData opened = OpenModelData(request.model, request.data, request.train);
  const ClassifierTensors scores = FindClassifier(opened.model.file.model.graph(), opened.model.file.outputs);
  const int64_t classes = std::max<int64_t>(2, scores.classes);
  if (classes > kMostSheetClasses || opened.data.classes() > classes) {
    throw Error({.where = "confusion sheet",
                 .rule = fmt::format("it has at most {} classes, and all of the data's", kMostSheetClasses),
                 .received = fmt::format("a model of {} and data of {}", classes, opened.data.classes()),
                 .fix = "use -o for the matrix of counts"});
  }
  const std::vector<Cell> cells = CellsOf(opened, scores, classes, request.data.progress);
  const Dataset& data = opened.data;
  const bool colour = data.channels() == 3;
  const int64_t kept = colour ? 3 : 1, places = data.height() * data.width();
  const auto count = static_cast<int64_t>(cells.size());
  OwningFigure made;
  Tensor& grid = made.arrays.emplace_back(Shape{data.height(), data.width(), kept * count});
  std::fill_n(grid.data(), grid.size(), 1.0f);
  std::vector<std::string> labels;
  int64_t right = 0;
  for (int64_t k = 0; k < count; ++k) {
    const Cell& cell = cells[static_cast<size_t>(k)];
    labels.push_back(cell.count > 0 ? fmt::format("{}>{}: {}", k / classes, k % classes, cell.count) : "");
    if (k / classes == k % classes) right += cell.count;
    if (cell.count == 0) continue;
    const Tensor picture = data.image(cell.surest);
    for (int64_t place = 0; place < places; ++place) {
      for (int64_t c = 0; c < kept; ++c) {
        grid.data()[(place * count + k) * kept + c] = picture.data()[place * data.channels() + c];
      }
    }
  }
  std::string names;
  const std::vector<std::string> own = ClassNames(opened.model.file.class_names, data.class_names(), classes);
  for (int64_t c = 0; c < classes; ++c) {
    names += fmt::format("{}{} {}", c == 0 ? "" : ", ", c, own[static_cast<size_t>(c)]);
  }
  made.figure = {.title = opened.Title(),
                 .footer = fmt::format("{} of {} right; {}", right, data.size(), names),
                 .rows = {{{.title = "Rows true, columns predicted: the picture that the model is surest about",
                            .caption = "true>predicted: how many; blank where there is none",
                            .content = GridPlot{.values = std::as_const(grid).view(),
                                                .colour = colour,
                                                .scaling = GridPlot::Scaling::kGiven,
                                                .scale = PhotographScale(),
                                                .columns = static_cast<int>(classes),
                                                .labels = std::move(labels)}}}},
                 .panel_height = static_cast<double>(classes) * (kPictureHeight + kLabelRoom)};
  return made;
}

}  // namespace convscope
