#include "convscope/tasks/compare_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/data/class_places.h"
#include "convscope/inspect/class_means.h"
#include "convscope/inspect/layer_tensors.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/drawn_pictures.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/map_signs.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

std::vector<std::string> ChosenLayers(const Graph& graph, const CompareRequest& request) {
  if (!request.layers.empty()) {
    std::vector<std::string> layers = LayerNames(request.layers, graph);
    for (const std::string& layer : layers) MapShapeOf(graph[layer].type.shape, layer);
    return layers;
  }
  std::vector<std::string> layers = MapLayers(graph, request.filter ? 4 : 3);
  if (!layers.empty()) return layers;
  layers = LayerTensors(graph);
  layers.resize(std::min<size_t>(layers.size(), 3));
  if (!layers.empty()) return layers;
  throw Error({.where = "model", .rule = "a model that is looked at computes a layer", .received = "none"});
}

std::vector<int64_t> ChosenClasses(const ModelData& opened, const CompareRequest& request, int64_t* undrawn) {
  std::vector<int64_t> classes = ParseClasses(request.classes, opened.class_names);
  if (!classes.empty()) return classes;
  const auto count = static_cast<int64_t>(opened.class_names.size());
  for (int64_t c = 0; c < std::min<int64_t>(count, kMostClasses); ++c) classes.push_back(c);
  *undrawn = count - static_cast<int64_t>(classes.size());
  return classes;
}

void CheckRows(size_t rows) {
  if (rows == 0) throw Error({.where = "compare", .rule = "there must be a picture to show", .received = "none"});
  if (rows <= kMostRows) return;
  throw Error({.where = "compare",
               .rule = fmt::format("a sheet has at most {} rows", kMostRows),
               .received = fmt::format("{}", rows),
               .fix = "choose classes with --class, or fewer pictures of each"});
}

// Rows `rows` of `all` (classes, ...).
Tensor RowsOf(const Tensor& all, const std::vector<ComparedRow>& rows) {
  std::vector<int64_t> lengths(all.shape().lengths().begin(), all.shape().lengths().end());
  const int64_t size = all.size() / lengths[0];
  lengths[0] = static_cast<int64_t>(rows.size());
  Tensor chosen{Shape(std::span<const int64_t>(lengths))};
  for (size_t r = 0; r < rows.size(); ++r) {
    std::copy_n(all.data() + rows[r].label * size, size, chosen.data() + static_cast<int64_t>(r) * size);
  }
  return chosen;
}

void TakeMeans(const ModelData& opened, const std::vector<std::string>& layers, const DataPassOptions& pass,
               const std::vector<int64_t>& classes, Comparison* result) {
  const std::vector<int64_t> counts = opened.data.ClassCounts();
  for (const int64_t c : classes) {
    const std::string& name = opened.class_names[static_cast<size_t>(c)];
    const int64_t pictures = counts[static_cast<size_t>(c)];
    if (pictures == 0) {
      result->without.push_back(name);
    } else {
      result->rows.push_back({.label = c, .class_name = name, .pictures = pictures});
    }
  }
  CheckRows(result->rows.size());
  ClassMeansOptions options{.channels = false, .pass = pass};
  for (const ComparedRow& row : result->rows) options.classes.push_back(row.label);
  ClassMeans means = MeansOfClasses(opened.model.file.model, opened.data, layers, options);
  result->pictures = RowsOf(MeanPictures(opened.data), result->rows);
  for (LayerClassMeans& layer : means.layers) {
    result->layers.push_back(
        {.tensor = layer.tensor, .shape = layer.shape, .values = std::move(layer.maps), .maps = {}, .shows = ""});
  }
}

void TakePictures(const ModelData& opened, const CompareRequest& request, const std::vector<std::string>& layers,
                  const DataPassOptions& pass, const std::vector<int64_t>& classes, Comparison* result) {
  const int64_t each = request.pictures > 0 ? request.pictures : request.filter ? 2 : 1;
  const auto places = ClassPlaces(opened.data, {.first = request.first, .most = each});
  std::vector<int64_t> samples;
  for (const int64_t c : classes) {
    const std::string& name = opened.class_names[static_cast<size_t>(c)];
    if (places[static_cast<size_t>(c)].empty()) result->without.push_back(name);
    for (const int64_t sample : places[static_cast<size_t>(c)]) {
      result->rows.push_back({.label = c, .class_name = name, .sample = sample});
      samples.push_back(sample);
    }
  }
  CheckRows(samples.size());
  const auto rows = static_cast<int64_t>(samples.size());
  const Shape& shape = opened.data.shape();
  result->pictures = Tensor({rows, shape[0], shape[1], shape[2]});
  for (int64_t r = 0; r < rows; ++r) {
    const Tensor picture = opened.data.image(samples[static_cast<size_t>(r)]);
    std::copy_n(picture.data(), picture.size(), result->pictures.data() + r * picture.size());
  }
  const Graph& graph = opened.model.file.model.graph();
  for (const std::string& layer : layers) {
    const MapShape map = MapShapeOf(graph[layer].type.shape, layer);
    result->layers.push_back({.tensor = layer,
                              .shape = map,
                              .values = Tensor({rows, map.rows, map.columns, map.channels}),
                              .maps = {},
                              .shows = ""});
  }
  int64_t done = 0;
  PassOver(opened.model.file.model, opened.data.Subset(samples), layers, pass,
           [&](const Batch& batch, std::span<const Tensor* const> tensors) {
             for (size_t l = 0; l < tensors.size(); ++l) {
               const int64_t size = tensors[l]->size() / tensors[l]->shape()[0];
               std::copy_n(tensors[l]->data(), tensors[l]->size(), result->layers[l].values.data() + done * size);
             }
             done += static_cast<int64_t>(batch.labels.size());
           });
}

// The most even rows and columns that `count` units fill.
Shape UnitSheet(int64_t count) {
  auto rows = static_cast<int64_t>(std::sqrt(static_cast<double>(count)));
  while (count % rows != 0) --rows;
  return {rows, count / rows};
}

// What is drawn of a layer, (H, W, rows of the sheet).
void MakeMaps(const std::optional<int64_t>& filter, ComparedLayer* layer) {
  const MapShape& shape = layer->shape;
  const int64_t sheet_rows = layer->values.shape()[0], size = layer->values.size() / sheet_rows;
  const bool units = shape.rows * shape.columns == 1 && !filter;
  const Shape drawn = units ? UnitSheet(shape.channels) : Shape{shape.rows, shape.columns};
  layer->maps = Tensor({drawn[0], drawn[1], sheet_rows});
  for (int64_t r = 0; r < sheet_rows; ++r) {
    const TensorView<const float> maps{layer->values.data() + r * size, {shape.rows, shape.columns, shape.channels}};
    Tensor map;
    if (!units) map = filter ? OneMap(maps, *filter, layer->tensor) : MeanMap(maps);
    const float* const values = units ? maps.data() : map.data();
    for (int64_t i = 0; i < drawn.NumElements(); ++i) layer->maps.data()[i * sheet_rows + r] = values[i];
  }
  layer->shows = units    ? fmt::format("{}, row by row", CountText(shape.channels, "unit"))
                 : filter ? fmt::format("filter {} of {}", *filter, shape.channels)
                          : fmt::format("mean over {}", CountText(shape.channels, "channel"));
}

// (N, H, W, C) as a GridPlot takes them.
Tensor PictureGrid(const Tensor& pictures) {
  const Shape& shape = pictures.shape();
  const Shape one{shape[1], shape[2], shape[3]};
  std::vector<TensorView<const float>> views;
  for (int64_t n = 0; n < shape[0]; ++n) views.emplace_back(pictures.data() + n * one.NumElements(), one);
  return internal::SideBySide(one, views);
}

std::string RowName(const ComparedRow& row) {
  return row.sample < 0 ? row.class_name : fmt::format("{} #{}", row.class_name, row.sample);
}

// "0 to 1.5", "0 to 1.5, 3 NaN": NaN or infinite.
std::string RangeText(const ValueRange& range) {
  if (range.count > 0 && range.not_finite == range.count) return "all NaN";
  const std::string text = NumberText(range.low) + " to " + NumberText(range.high);
  return range.not_finite > 0 ? fmt::format("{}, {} NaN", text, range.not_finite) : text;
}

// Classes that have no row; mostly none.
std::vector<std::string> LeftOut(const Comparison& comparison) {
  std::vector<std::string> remarks;
  if (!comparison.without.empty()) {
    std::string names;
    for (const std::string& name : comparison.without) names += (names.empty() ? "" : ", ") + name;
    remarks.push_back("no picture of: " + names);
  }
  if (comparison.undrawn > 0) remarks.push_back(fmt::format("{} more classes not drawn", comparison.undrawn));
  return remarks;
}

std::string Footer(const Comparison& comparison) {
  std::string text = comparison.mean ? "means over all pictures of a class" : "# is a picture's place in the data";
  for (const std::string& remark : LeftOut(comparison)) text += "; " + remark;
  return text;
}

// "net: 2 of the 10000 test pictures of mnist", where a sheet is of these alone.
std::string PicturesTitle(const ModelData& opened, const CompareRequest& request, size_t rows) {
  const auto count = static_cast<int64_t>(rows);
  std::string among = opened.title;
  if (request.first > 0 && request.first < opened.data.size()) {
    among = fmt::format("first {} of the {}", request.first, opened.title);
    if (count == request.first) return fmt::format("{}: the {}", opened.model.title(), among);
  }
  return fmt::format("{}: {} of the {}", opened.model.title(), count, among);
}

}  // namespace

Comparison CompareClasses(const CompareRequest& request) {
  const ModelData opened = OpenModelData(request.model, request.data, request.train);
  const Graph& graph = opened.model.file.model.graph();
  const std::vector<std::string> layers = ChosenLayers(graph, request);
  for (const std::string& layer : layers) {
    if (request.filter) ChosenChannels({*request.filter}, MapShapeOf(graph[layer].type.shape, layer).channels, layer);
  }
  Comparison result{
      .title = opened.Title(), .model = opened.model.file.name, .trained = opened.model.trained, .mean = request.mean};
  const std::vector<int64_t> classes = ChosenClasses(opened, request, &result.undrawn);
  const DataPassOptions pass{.scaling = opened.model.file.preprocessing.value_or(Preprocessing{}),
                             .progress = request.data.progress};
  if (request.mean) {
    TakeMeans(opened, layers, pass, classes, &result);
  } else {
    TakePictures(opened, request, layers, pass, classes, &result);
    result.title = PicturesTitle(opened, request, result.rows.size());
  }
  result.colour = opened.data.channels() == 3;
  result.picture_grid = PictureGrid(result.pictures);
  const std::set<std::string> never_negative = NeverNegative(opened.model.file.model);
  for (ComparedLayer& layer : result.layers) {
    layer.signs = internal::SignsOf(never_negative, layer.tensor);
    MakeMaps(request.filter, &layer);
  }
  return result;
}

std::string CompareText(const Comparison& comparison) {
  std::string text = comparison.title + "\n";
  size_t width = 5;
  for (const ComparedRow& row : comparison.rows) width = std::max(width, row.class_name.size());
  text += fmt::format("{:<{}}  {:>8}", "class", width, comparison.mean ? "pictures" : "picture");
  const auto column = [](const ComparedLayer& layer) { return std::max<size_t>(layer.tensor.size(), 19); };
  for (const ComparedLayer& layer : comparison.layers) text += fmt::format("  {:>{}}", layer.tensor, column(layer));
  text += "\n";
  for (size_t r = 0; r < comparison.rows.size(); ++r) {
    const ComparedRow& row = comparison.rows[r];
    text += fmt::format("{:<{}}  {:>8}", row.class_name, width, comparison.mean ? row.pictures : row.sample);
    for (const ComparedLayer& layer : comparison.layers) {
      const ValueRange range = RangesOf(layer.maps.view())[r];
      text += fmt::format("  {:>{}}", RangeText(range), column(layer));
    }
    text += "\n";
  }
  text += "shown:";
  for (size_t l = 0; l < comparison.layers.size(); ++l) {
    text += fmt::format("{} {}, {}", l == 0 ? "" : ";", comparison.layers[l].tensor, comparison.layers[l].shows);
  }
  text += "\n";
  for (const std::string& remark : LeftOut(comparison)) text += remark + "\n";
  return text;
}

std::string CompareJson(const Comparison& comparison) {
  internal::Json json = {
      {"model", comparison.model}, {"trained", comparison.trained}, {"mean_over_class", comparison.mean}};
  json["rows"] = internal::Json::array();
  for (const ComparedRow& row : comparison.rows) {
    internal::Json one = {{"class", row.label}, {"name", row.class_name}};
    one[comparison.mean ? "pictures" : "picture"] = comparison.mean ? row.pictures : row.sample;
    json["rows"].push_back(std::move(one));
  }
  json["layers"] = internal::Json::array();
  for (const ComparedLayer& layer : comparison.layers) {
    internal::Json ranges = internal::Json::array();
    int64_t not_finite = 0;
    for (const ValueRange& range : RangesOf(layer.maps.view())) {
      ranges.push_back(range.not_finite < range.count ? internal::Json{range.low, range.high} : internal::Json());
      not_finite += range.not_finite;
    }
    const std::vector<int64_t> shape = {layer.shape.rows, layer.shape.columns, layer.shape.channels};
    json["layers"].push_back(
        {{"tensor", layer.tensor}, {"shape", shape}, {"shows", layer.shows}, {"ranges", std::move(ranges)}});
    if (not_finite > 0) json["layers"].back()["not_finite"] = not_finite;
  }
  json["without_pictures"] = comparison.without;
  return internal::JsonText(json);
}

Figure CompareFigure(const Comparison& comparison) {
  std::vector<std::string> names;
  for (const ComparedRow& row : comparison.rows) names.push_back(RowName(row));
  // The panels are columns of one table: the names stand beside the first.
  const auto column = [&](const Tensor& maps) {
    return GridPlot{.values = maps.view(), .columns = 1, .labels = std::vector<std::string>(names.size())};
  };
  GridPlot pictures = column(comparison.picture_grid);
  pictures.row_names = names;
  pictures.colour = comparison.colour;
  pictures.scaling = GridPlot::Scaling::kGiven;
  const ValueRange range = RangeOf(comparison.picture_grid.view());
  const bool photograph = range.low >= 0 && range.high <= 1;
  pictures.scale = photograph ? PhotographScale() : ScaleFor(range);
  std::vector<Panel> row = {{.title = comparison.mean ? "mean picture" : "picture", .content = pictures}};
  for (const ComparedLayer& layer : comparison.layers) {
    row.push_back({.title = layer.tensor,
                   // Of units the size is that of the row, which says nothing.
                   .caption = layer.shape.rows * layer.shape.columns == 1
                                  ? layer.shows
                                  : fmt::format("{}\n{} x {}", layer.shows, layer.shape.rows, layer.shape.columns),
                   .content = column(layer.maps)});
    auto& grid = std::get<GridPlot>(row.back().content);
    grid.scaling = GridPlot::Scaling::kGiven;
    grid.scale = ScaleFor(RangeOf(layer.maps.view()), layer.signs);
  }
  const auto count = static_cast<double>(comparison.rows.size());
  constexpr double kGap = 5, kPage = 760;  // points: under a map, and what is read at one glance
  const double map = std::clamp(kPage / count - kGap, 40.0, 96.0);
  return {.title = comparison.title,
          .footer = Footer(comparison),
          .rows = {std::move(row)},
          .panel_height = count * (map + kGap) - kGap};
}

std::vector<std::filesystem::path> SaveComparison(const Comparison& comparison, const std::filesystem::path& folder) {
  std::vector<NamedArray> arrays = {{"pictures", &comparison.pictures}};
  for (const ComparedLayer& layer : comparison.layers) arrays.push_back({layer.tensor, &layer.values});
  return SaveArrays(arrays, folder);
}

}  // namespace convscope
