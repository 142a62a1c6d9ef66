#include "convscope/tasks/confusion_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/data_pass.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/drawn_pictures.h"
#include "convscope/tasks/model_data.h"

namespace convscope {
namespace {

constexpr double kPictureHeight = 36, kLabelRoom = 17, kNameRoom = 21;  // points
constexpr int64_t kPairColumns = 8;

// One true class taken for one class.
struct Cell {
  int64_t truth = 0, predicted = 0;
  int64_t count = 0;
  int64_t surest = -1;  // a picture's place in the data
  float score = 0;      // of it
};

struct Counted {
  // Of true and predicted class, those pairs alone that happen: of the 21,841 classes of ImageNet all would be 19 GB.
  std::map<std::pair<int64_t, int64_t>, Cell> cells;
  int64_t right = 0;
  int64_t without_class = 0;  // pictures with a NaN score
};

Counted Count(const ModelData& opened, const ClassifierTensors& scores, const Progress& progress) {
  Counted counted;
  PassOver(opened.model.file.model, opened.data, {scores.output},
           {.scaling = opened.model.file.preprocessing.value_or(Preprocessing{}), .progress = progress},
           [&](const Batch& batch, std::span<const Tensor* const> tensors) {
             for (size_t i = 0; i < batch.labels.size(); ++i) {
               const float* const row = tensors[0]->data() + static_cast<int64_t>(i) * scores.classes;
               const std::optional<int64_t> predicted = PredictedClass(row, scores);
               if (!predicted) {
                 ++counted.without_class;
                 continue;
               }
               float score = row[scores.classes == 1 ? 0 : *predicted];
               if (scores.classes == 1) {  // one score is that of the second of two classes
                 const float border = scores.probabilities ? 0.5f : 0.0f;
                 score = *predicted == 1 ? score - border : border - score;
               }
               if (batch.labels[i] == *predicted) ++counted.right;
               Cell& cell = counted.cells[{batch.labels[i], *predicted}];
               cell.truth = batch.labels[i];
               cell.predicted = *predicted;
               if (cell.count++ > 0 && !(score > cell.score)) continue;
               cell.surest = batch.samples[i];
               cell.score = score;
             }
           });
  return counted;
}

// Of every pair of classes, rows true.
std::vector<Cell> AllCells(const Counted& counted, int64_t classes) {
  std::vector<Cell> cells;
  for (int64_t i = 0; i < classes * classes; ++i) {
    const auto found = counted.cells.find({i / classes, i % classes});
    cells.push_back(found != counted.cells.end() ? found->second : Cell{i / classes, i % classes});
  }
  return cells;
}

// The surest pictures of the cells side by side, white where there is none.
Tensor PicturesOf(const std::vector<Cell>& cells, const Dataset& data) {
  std::vector<Tensor> surest(cells.size());
  std::vector<TensorView<const float>> pictures(cells.size());
  for (size_t k = 0; k < cells.size(); ++k) {
    if (cells[k].count == 0) continue;
    surest[k] = internal::DrawnPicture(data, cells[k].surest);
    pictures[k] = std::as_const(surest[k]).view();
  }
  return internal::SideBySide({data.height(), data.width(), internal::DrawnChannels(data.channels())}, pictures);
}

std::string Numbered(const std::string& name, int64_t c) {
  return name == std::to_string(c) ? name : fmt::format("{} {}", c, name);
}

// Every pair of classes, as a table.
Panel TablePanel(const std::vector<Cell>& cells, const std::vector<std::string>& names, GridPlot grid) {
  const auto classes = static_cast<int64_t>(names.size());
  grid.columns = static_cast<int>(classes);
  for (const Cell& cell : cells) {
    grid.labels.push_back(cell.count > 0 ? fmt::format("{}", cell.count) : "");
    grid.framed.push_back(cell.truth == cell.predicted);
  }
  for (int64_t c = 0; c < classes; ++c) grid.row_names.push_back(Numbered(names[static_cast<size_t>(c)], c));
  grid.column_names = grid.row_names;
  return {.title = "Rows true, columns predicted: the picture that the model is surest about",
          .caption = "above each how many there are, blank where there is none; thick frames: right",
          .content = std::move(grid),
          .most_height = static_cast<double>(classes) * (kPictureHeight + kLabelRoom) + kNameRoom};
}

// The pairs of two classes that are mistaken, the most frequent first.
std::vector<Cell> Mistakes(const Counted& counted) {
  std::vector<Cell> pairs;
  for (const auto& [classes, cell] : counted.cells) {
    if (cell.truth != cell.predicted) pairs.push_back(cell);
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Cell& a, const Cell& b) { return a.count > b.count; });
  return pairs;
}

Panel PairPanel(const std::vector<Cell>& pairs, size_t all, const std::vector<std::string>& names, GridPlot grid) {
  grid.columns = static_cast<int>(std::min<int64_t>(kPairColumns, static_cast<int64_t>(pairs.size())));
  for (const Cell& pair : pairs) {
    grid.labels.push_back(fmt::format("{} x {}\n> {}", pair.count, names[static_cast<size_t>(pair.truth)],
                                      names[static_cast<size_t>(pair.predicted)]));
  }
  const auto rows = static_cast<double>((pairs.size() + kPairColumns - 1) / kPairColumns);
  return {
      .title = "The pairs that are mistaken most often: the picture that the model is surest about",
      .caption = fmt::format("how many x true class > predicted class; {} of {} pairs that happen", pairs.size(), all),
      .content = std::move(grid),
      .most_height = rows * (2 * kPictureHeight + 2 * kLabelRoom)};
}

}  // namespace

OwningFigure MakeConfusionSheet(const ConfusionSheetRequest& request) {
  const ModelData opened = OpenModelData(request.model, request.data, request.train);
  const ClassifierTensors scores = FindClassifier(opened.model.file.model.graph(), opened.model.file.outputs);
  const int64_t classes = scores.ClassCount();
  const Dataset& data = opened.data;
  if (data.classes() > classes) {
    throw Error({.where = "confusion sheet",
                 .rule = "a model tells all classes of the data",
                 .received = fmt::format("a model of {} and data of {}", classes, data.classes()),
                 .fix = "choose the data that the model was trained on"});
  }
  const Counted counted = Count(opened, scores, request.data.progress);
  const std::vector<std::string> names = ClassNames(opened.model.file.class_names, data.class_names(), classes);
  OwningFigure made;
  made.figure = {.title = opened.Title(), .footer = fmt::format("{} of {} right", counted.right, data.size())};
  if (counted.without_class > 0) {
    made.figure.footer += fmt::format("; {} without a class: their scores are NaN", counted.without_class);
  }
  GridPlot grid{.colour = data.channels() == 3, .scaling = GridPlot::Scaling::kGiven, .scale = PhotographScale()};
  if (classes <= kMostSheetClasses) {
    const std::vector<Cell> cells = AllCells(counted, classes);
    grid.values = std::as_const(made.arrays.emplace_back(PicturesOf(cells, data))).view();
    made.figure.rows.push_back({TablePanel(cells, names, std::move(grid))});
    return made;
  }
  std::vector<Cell> pairs = Mistakes(counted);
  const size_t mistakes = pairs.size();
  if (pairs.empty()) {
    throw Error({.where = "confusion sheet",
                 .rule = fmt::format("of more than {} classes it shows the pairs that are mistaken", kMostSheetClasses),
                 .received = fmt::format("no mistake in {} pictures, {} of them without a class", data.size(),
                                         counted.without_class),
                 .fix = "use -o for the matrix of counts"});
  }
  pairs.resize(std::min(pairs.size(), static_cast<size_t>(kMostSheetPairs)));
  grid.values = std::as_const(made.arrays.emplace_back(PicturesOf(pairs, data))).view();
  made.figure.rows.push_back({PairPanel(pairs, mistakes, names, std::move(grid))});
  return made;
}

}  // namespace convscope
