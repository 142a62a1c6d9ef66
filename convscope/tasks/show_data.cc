#include "convscope/tasks/show_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/data/class_places.h"
#include "convscope/tasks/internal/drawn_pictures.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

using internal::Json;
using internal::JsonText;

constexpr int64_t kMostClasses = 100;  // in one figure
constexpr int64_t kMostColumns = 100;
constexpr double kPictureHeight = 96, kRowHeight = 44;  // points

int64_t GapOf(const Dataset& data) {
  return std::max<int64_t>(1, data.width() / 14);
}

// In how many lines so many pictures are drawn: a map that is more than 20 times as wide as high would be stretched.
int64_t LinesFor(const Dataset& data, int64_t columns) {
  const int64_t most = std::max<int64_t>(1, 20 * data.height() / (data.width() + GapOf(data)));
  return (columns + most - 1) / most;
}

// Pictures side by side in lines of the same number, `blank` between them and after the last; (n (H + gap) - gap,
// m (W + gap) - gap, 1 or 3).
Tensor Strip(const Dataset& data, const std::vector<int64_t>& places, int64_t columns, float blank) {
  const int64_t gap = columns == 1 ? 0 : GapOf(data);
  const int64_t channels = internal::DrawnChannels(data.channels());
  const int64_t lines = LinesFor(data, columns), across = (columns + lines - 1) / lines;
  const int64_t width = across * (data.width() + gap) - gap;
  Tensor strip(Shape{lines * (data.height() + gap) - gap, width, channels});
  std::fill_n(strip.data(), strip.size(), blank);
  for (size_t i = 0; i < places.size(); ++i) {
    const Tensor picture = internal::DrawnPicture(data, places[i]);
    const int64_t left = static_cast<int64_t>(i) % across * (data.width() + gap);
    const int64_t top = static_cast<int64_t>(i) / across * (data.height() + gap);
    const int64_t row = data.width() * channels;
    for (int64_t y = 0; y < data.height(); ++y) {
      std::copy_n(picture.data() + y * row, row, strip.data() + ((top + y) * width + left) * channels);
    }
  }
  return strip;
}

// Photographs are grey from 0 to white; other floats have the scale that all drawn ones share.
Scale ScaleOf(const Dataset& data, const std::vector<std::vector<int64_t>>& places) {
  if (data.white() != 1) return PhotographScale();
  ValueRange all;
  for (const std::vector<int64_t>& of_class : places) {
    for (const int64_t i : of_class) all = Join(all, RangeOf(data.Pixels<float>(i)));
  }
  return all.low >= 0 && all.high <= 1 ? PhotographScale() : ScaleFor(all);
}

std::string KindText(const Dataset& data) {
  const int64_t channels = data.channels();
  const std::string colours = channels == 1 ? "grey" : channels == 3 ? "colour" : fmt::format("{} channels", channels);
  return fmt::format("{} x {}, {}, {}", data.height(), data.width(), colours, Name(data.dtype()));
}

std::string Footer(const OpenedData& opened, const Dataset& data, const ShowDataOptions& options,
                   const std::vector<std::string>& without, int64_t undrawn) {
  std::string text = fmt::format("{} training and {} test pictures, {}", opened.data.train.size(),
                                 opened.data.test.size(), KindText(data));
  if (internal::DrawnChannels(data.channels()) < data.channels()) text += ", of which channel 0 is drawn";
  if (!without.empty()) {
    text += options.first > 0 ? fmt::format("; none among the first {}: ", options.first) : "; none: ";
    for (size_t i = 0; i < without.size(); ++i) text += (i == 0 ? "" : ", ") + without[i];
  }
  if (undrawn > 0) text += fmt::format("; {} more classes not drawn", undrawn);
  if (!opened.licence.empty()) text += "; licence: " + opened.licence;
  return text;
}

Json FirstPlace(const std::vector<int64_t>& places) {
  return places.empty() ? Json() : Json(places.front());
}

}  // namespace

void Check(const ShowDataOptions& options) {
  if (options.first < 0) {
    throw Error({.where = "--first", .rule = "it must be 1 or more", .received = Concat(options.first)});
  }
  if (options.columns < 0 || options.columns > kMostColumns) {
    throw Error({.where = "--columns",
                 .rule = Concat("there can be 1 to ", kMostColumns, " pictures in a row"),
                 .received = Concat(options.columns)});
  }
}

OwningFigure MakeDataSheet(const OpenedData& opened, const ShowDataOptions& options) {
  Check(options);
  const Dataset& data = options.test ? opened.data.test : opened.data.train;
  const std::vector<int64_t> train = opened.data.train.ClassCounts(), test = opened.data.test.ClassCounts();
  const int64_t columns = options.columns > 0 ? options.columns : options.rows ? 10 : 5;
  const auto places = ClassPlaces(data, {.first = options.first, .most = options.rows ? columns : 1});

  const Scale scale = ScaleOf(data, places);
  const float blank = scale == PhotographScale() ? 1 : 0;  // white, or nothing

  OwningFigure made;
  std::vector<Panel> panels;
  std::vector<std::string> without;
  int64_t undrawn = 0;
  for (size_t c = 0; c < places.size(); ++c) {
    if (static_cast<int64_t>(c) >= kMostClasses) {
      ++undrawn;
      continue;
    }
    const std::string& name = data.class_names()[c];
    if (places[c].empty()) {
      without.push_back(name);
      continue;
    }
    const std::string number = Concat(c);
    const std::string title = name == number ? "class " + number : Concat(number, " ", name);
    const std::string counts = fmt::format("{} train, {} test", train[c], test[c]);
    made.arrays.push_back(Strip(data, places[c], options.rows ? columns : 1, blank));
    if (options.rows) {
      panels.push_back({.title = title + ": " + counts, .caption = "", .content = MapPlot{}});
    } else {
      panels.push_back(
          {.title = title, .caption = fmt::format("picture {}\n{}", places[c][0], counts), .content = MapPlot{}});
    }
  }
  if (panels.empty()) {
    throw Error({.where = data.name(), .rule = "a sheet needs at least one picture", .received = "none"});
  }
  for (size_t i = 0; i < panels.size(); ++i) {
    std::get<MapPlot>(panels[i].content) = {.values = made.arrays[i].view(), .scale = scale, .frames = {}};
  }
  const size_t across = options.rows ? 1 : static_cast<size_t>(columns);
  for (size_t i = 0; i < panels.size(); i += across) {
    made.figure.rows.emplace_back(panels.begin() + static_cast<ptrdiff_t>(i),
                                  panels.begin() + static_cast<ptrdiff_t>(std::min(panels.size(), i + across)));
  }
  made.figure.panel_height = options.rows ? kRowHeight * static_cast<double>(LinesFor(data, columns)) : kPictureHeight;
  made.figure.title = fmt::format("{}: {} of each class", data.name(),
                                  options.rows ? fmt::format("the first {} pictures", columns) : "the first picture");
  if (options.first > 0) made.figure.title += fmt::format(", among the first {}", options.first);
  made.figure.footer = Footer(opened, data, options, without, undrawn);
  return made;
}

std::string DataText(const OpenedData& opened) {
  const Dataset& train_data = opened.data.train;
  std::string text = fmt::format("{} ({}: {}): {} training and {} test pictures, {}\n", opened.name, opened.origin,
                                 opened.location, train_data.size(), opened.data.test.size(), KindText(train_data));
  if (!opened.licence.empty()) text += fmt::format("licence: {}\n", opened.licence);
  if (!train_data.remark().empty()) text += fmt::format("assumed: {}\n", train_data.remark());
  const std::vector<int64_t> train = train_data.ClassCounts(), test = opened.data.test.ClassCounts();
  size_t width = 5;
  for (const std::string& name : train_data.class_names()) width = std::max(width, name.size());
  text += fmt::format("     {:<{}}  {:>8}  {:>8}\n", "class", width, "training", "test");
  for (size_t c = 0; c < train.size(); ++c) {
    text += fmt::format("{:>3}  {:<{}}  {:>8}  {:>8}\n", c, train_data.class_names()[c], width, train[c], test[c]);
  }
  return text;
}

std::string DataJson(const OpenedData& opened) {
  const auto& [train, test] = opened.data;
  const auto lengths = train.shape().lengths();
  const std::vector<int64_t> train_counts = train.ClassCounts(), test_counts = test.ClassCounts();
  const auto first_train = ClassPlaces(train, {.most = 1}), first_test = ClassPlaces(test, {.most = 1});
  Json classes = Json::array();
  for (size_t c = 0; c < train_counts.size(); ++c) {
    classes.push_back({{"number", c},
                       {"name", train.class_names()[c]},
                       {"train", train_counts[c]},
                       {"test", test_counts[c]},
                       {"first_train", FirstPlace(first_train[c])},
                       {"first_test", FirstPlace(first_test[c])}});
  }
  Json json = {{"name", opened.name},
               {"location", opened.location},
               {"origin", opened.origin},
               {"licence", opened.licence.empty() ? Json() : Json(opened.licence)},
               {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
               {"dtype", Name(train.dtype())},
               {"train", train.size()},
               {"test", test.size()},
               {"classes", std::move(classes)}};
  if (!train.remark().empty()) json["assumed"] = train.remark();
  return JsonText(json);
}

}  // namespace convscope
