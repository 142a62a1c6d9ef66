#include "convscope/figures/internal/panel_facts.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/figures/internal/text_setter.h"
#include "convscope/figures/signs.h"

namespace convscope::internal {
namespace {

void CheckShape(bool right, const TensorView<const float>& values, const char* rule, const std::string& where) {
  const bool empty = values.size() == 0 || values.data() == nullptr;
  if (right && !empty) return;
  throw Error({.where = where,
               .rule = Concat(rule, ", each length at least 1"),
               .received = Concat("shape ", values.shape().ToString()),
               .fix = "choose the axes to draw before the figure is made"});
}

void AddRemark(std::string remark, PanelFacts* facts) {
  if (!remark.empty()) facts->remarks.push_back(std::move(remark));
}

void RemarkOnClipping(const ValueRange& range, PanelFacts* facts) {
  if (range.outside == 0) return;
  facts->remarks.push_back(Concat(range.outside, " of ", range.count, " values outside 0 to 1 clipped"));
}

// Whether a scale was made for these values alone.
bool IsOf(const Scale& scale, const ValueRange& range) {
  return scale == ScaleFor(range) || scale == ScaleFor(range, Signs::kBoth) ||
         scale == ScaleFor(range, Signs::kNonNegative);
}

// One bar for values of this range, and the remark on those that it does not reach. Values that are all NaN have none.
void AddColorBar(const Scale& scale, const ValueRange& range, PanelFacts* facts) {
  if (range.count > 0 && range.not_finite == range.count) return;
  facts->color_bar = {scale, range.low<scale.low, range.high> scale.high};
  // A scale of one value alone says no more than it does; one of several maps keeps its ends.
  if (range.one_value() && IsOf(scale, range)) facts->color_bar->constant = range.low;
  if (!facts->color_bar->below && !facts->color_bar->above) return;
  facts->remarks.push_back(
      Concat("values reach beyond the scale, from ", NumberText(range.low), " to ", NumberText(range.high)));
}

// The facts of one channel on one scale.
PanelFacts OneScale(TensorView<const float> values, const std::optional<Scale>& given, const Marks& marks) {
  const Shape& shape = values.shape();
  const ValueRange range = RangeOf(values);
  PanelFacts facts{.values = {values.data(), {shape[0], shape[1], 1}}};
  const Scale scale = given.value_or(ScaleFor(range));
  facts.scales = {scale};
  facts.all_zero = {range.all_zero()};
  AddRemark(Remark(range, marks.not_finite), &facts);
  if (scale == PhotographScale()) {
    RemarkOnClipping(range, &facts);
  } else {
    AddColorBar(scale, range, &facts);
  }
  return facts;
}

void AddPhotograph(TensorView<const float> photograph, const std::string& where, PanelFacts* facts) {
  const Shape& shape = photograph.shape();
  const int64_t channels = shape.rank() == 3 ? shape[2] : 1;
  const bool fits = (shape.rank() == 2 || shape.rank() == 3) && (channels == 1 || channels == 3) &&
                    shape[0] == facts->rows() && shape[1] == facts->columns() && !facts->is_color_picture;
  if (!fits) {
    throw Error({.where = where,
                 .rule = Concat("the photograph under a map has its rows and columns, ", facts->rows(), " x ",
                                facts->columns(), ", and is grey or in colour"),
                 .received = Concat("shape ", shape.ToString())});
  }
  facts->photograph = {photograph.data(), {shape[0], shape[1], channels}};
  if (facts->color_bar) facts->color_bar->over_photograph = true;
}

// What each map of a grid is called in a remark or where it stands alone.
std::vector<std::string> PlacesOf(const GridPlot& plot, const std::vector<std::string>& labels) {
  std::vector<std::string> places;
  for (size_t f = 0; f < labels.size(); ++f) {
    std::string label = labels[f], place;
    std::replace(label.begin(), label.end(), '\n', ' ');
    if (!plot.row_names.empty()) place = plot.row_names[f / static_cast<size_t>(plot.columns)];
    if (!plot.column_names.empty()) {
      place += (place.empty() ? "" : ", ") + plot.column_names[f % static_cast<size_t>(plot.columns)];
    }
    // One of a column whose names stand beside another panel.
    if (place.empty() && label.empty() && plot.columns == 1) place = Concat("row ", f + 1);
    const bool both = !place.empty() && !label.empty();
    places.push_back(PrintableText(place) + (both ? ": " : "") + label);
  }
  return places;
}

// What is written over each map of a grid.
std::vector<std::string> LabelsOf(const GridPlot& plot, const std::string& where) {
  const auto count = static_cast<size_t>(plot.values.shape()[2] / (plot.colour ? 3 : 1));
  if (!plot.labels.empty() && plot.labels.size() != count) {
    throw Error({.where = where,
                 .rule = Concat("a grid of maps has a label for each of its ", count, " maps, or none"),
                 .received = Concat(plot.labels.size(), " labels")});
  }
  std::vector<std::string> labels;
  for (size_t f = 0; f < count; ++f) {
    labels.push_back(plot.labels.empty() ? Concat(plot.first + static_cast<int64_t>(f))
                                         : PrintableText(plot.labels[f]));
  }
  return labels;
}

// A grid with names for its rows and columns is a table.
void CheckNames(const GridPlot& plot, size_t count, const std::string& where) {
  const auto check = [&](size_t names, size_t wanted, const char* rule) {
    if (names == 0 || names == wanted) return;
    throw Error({.where = where, .rule = Concat(rule, ", ", wanted, ", or none"), .received = Concat(names)});
  };
  check(plot.framed.size(), count, "a grid says of each of its maps whether it is framed");
  check(plot.scales.size(), count, "a grid has a scale for each of its maps");
  if (plot.row_names.empty() && plot.column_names.empty()) return;
  if (plot.columns <= 0) {
    throw Error({.where = where, .rule = "a grid with names of rows and columns says its columns", .received = "none"});
  }
  const auto columns = static_cast<size_t>(plot.columns);
  check(plot.row_names.size(), (count + columns - 1) / columns, "a grid has a name for each of its rows");
  check(plot.column_names.size(), columns, "a grid has a name for each of its columns");
}

// "map 3", "maps 3, 7 and 12", "maps 0, 1, 2, 3, 4, 5 and 40 more"; empty for none.
std::string MapNames(const std::vector<bool>& chosen, const std::vector<std::string>& labels) {
  constexpr size_t kMostNamed = 8;
  std::vector<std::string> names;
  for (size_t f = 0; f < chosen.size(); ++f) {
    if (chosen[f]) names.push_back(labels[f]);
  }
  if (names.empty()) return "";
  const size_t named = names.size() <= kMostNamed ? names.size() : kMostNamed - 2;
  std::string text = (names.size() == 1 ? "map " : "maps ") + names[0];
  for (size_t i = 1; i < named; ++i) text += (i + 1 == names.size() ? " and " : ", ") + names[i];
  if (named < names.size()) text += Concat(" and ", names.size() - named, " more");
  return text;
}

// The scale of one map of a grid whose maps have a scale each: the colour map is the same for all of them, and an
// all-zero map gets the colour that zero has in the others.
Scale ScaleInGrid(const ValueRange& range, ColorMap map) {
  const Scale own = ScaleFor(range);
  return {map, map == ColorMap::kDiverging ? -own.high : 0, own.high};
}

// Of a grid of colour pictures.
PanelFacts ColourGrid(const GridPlot& plot, const std::string& where, const Marks& marks) {
  CheckShape(plot.values.shape()[2] % 3 == 0, plot.values, "a grid of colour pictures must have the shape (H, W, 3 F)",
             where);
  PanelFacts facts{.values = plot.values, .is_color_picture = true, .labels = LabelsOf(plot, where)};
  facts.names = PlacesOf(plot, facts.labels);
  const ValueRange range = RangeOf(plot.values);
  // A black picture is a picture, not a map without a value.
  facts.all_zero.assign(facts.labels.size(), false);
  AddRemark(Remark(range, marks.not_finite), &facts);
  RemarkOnClipping(range, &facts);
  return facts;
}

}  // namespace

PanelFacts FactsOf(const MapPlot& plot, const std::string& where, const Marks& marks) {
  const Shape& shape = plot.values.shape();
  const bool is_color = shape.rank() == 3 && shape[2] == 3;
  CheckShape(is_color || shape.rank() == 2 || (shape.rank() == 3 && shape[2] == 1), plot.values,
             "a map must have the shape (H, W), (H, W, 1) or (H, W, 3)", where);
  PanelFacts facts;
  if (is_color) {
    const ValueRange range = RangeOf(plot.values);
    facts = {.values = plot.values, .is_color_picture = true, .all_zero = {range.all_zero()}};
    AddRemark(Remark(range, marks.not_finite), &facts);
    RemarkOnClipping(range, &facts);
    if (plot.scale && *plot.scale != PhotographScale()) facts.color_bar = {*plot.scale};
  } else {
    facts = OneScale(plot.values, plot.scale, marks);
  }
  if (plot.photograph.data() != nullptr) AddPhotograph(plot.photograph, where, &facts);
  for (const Frame& frame : plot.frames) {
    if (frame.row >= 0 && frame.column >= 0 && frame.rows >= 1 && frame.columns >= 1 &&
        frame.row <= shape[0] - frame.rows && frame.column <= shape[1] - frame.columns) {
      continue;
    }
    throw Error({.where = where,
                 .rule = "a frame must lie inside its map",
                 .received = Concat(frame.rows, " x ", frame.columns, " at row ", frame.row, ", column ", frame.column,
                                    " of a map ", shape[0], " x ", shape[1])});
  }
  return facts;
}

PanelFacts FactsOf(const MatrixPlot& plot, const std::string& where, const Marks& marks) {
  CheckShape(plot.values.shape().rank() == 2, plot.values, "a matrix must have the shape (R, S)", where);
  return OneScale(plot.values, plot.scale, marks);
}

PanelFacts FactsOf(const GridPlot& plot, const std::string& where, const Marks& marks) {
  CheckShape(plot.values.shape().rank() == 3, plot.values, "a grid of maps must have the shape (H, W, F)", where);
  CheckNames(plot, static_cast<size_t>(plot.values.shape()[2] / (plot.colour ? 3 : 1)), where);
  if (plot.colour) return ColourGrid(plot, where, marks);
  const std::vector<ValueRange> ranges = RangesOf(plot.values);
  ValueRange all;
  for (const ValueRange& range : ranges) all = Join(all, range);

  PanelFacts facts{.values = plot.values, .labels = LabelsOf(plot, where)};
  facts.names = PlacesOf(plot, facts.labels);
  const auto count = ranges.size();
  if (plot.scaling == GridPlot::Scaling::kPerMap) {
    const bool both = all.low < 0 || plot.scale.map == ColorMap::kDiverging;
    const ColorMap map = both ? ColorMap::kDiverging : ColorMap::kViridis;
    facts.scales = plot.scales;
    if (plot.scales.empty()) {
      for (const ValueRange& range : ranges) facts.scales.push_back(ScaleInGrid(range, map));
    }
    facts.remarks.push_back(
        Concat("each map on its own scale: ", map == ColorMap::kDiverging ? marks.signed_map : marks.unsigned_map));
  } else {
    const Scale scale = plot.scaling == GridPlot::Scaling::kGiven ? plot.scale : ScaleFor(all);
    facts.scales.assign(count, scale);
    if (scale == PhotographScale()) {
      RemarkOnClipping(all, &facts);
    } else {
      if (count > 1) facts.remarks.push_back(Concat("one scale for all ", count, " maps"));
      AddColorBar(scale, all, &facts);
    }
  }
  std::vector<bool> not_finite;
  // A black picture is a picture, not a map without a value.
  const bool photographs = plot.scaling == GridPlot::Scaling::kGiven && plot.scale == PhotographScale();
  for (const ValueRange& range : ranges) {
    facts.all_zero.push_back(!photographs && range.all_zero());
    not_finite.push_back(range.not_finite > 0);
  }
  if (const std::string zero = MapNames(facts.all_zero, facts.names); !zero.empty()) {
    facts.remarks.push_back(zero + " all zero");
  }
  if (all.not_finite > 0) {
    facts.remarks.push_back(Concat(all.not_finite, " of ", all.count, " values NaN or infinite (", marks.not_finite,
                                   "), in ", MapNames(not_finite, facts.names)));
  }
  return facts;
}

std::string PanelName(const Panel& panel, size_t row, size_t column) {
  return panel.title.empty() ? Concat("panel ", column, " of row ", row) : Concat("panel \"", panel.title, "\"");
}

}  // namespace convscope::internal
