#include "convscope/tasks/top_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "convscope/base/count_text.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/drawn_pictures.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

// Pictures of a channel in one line: of a table with the texts above each, and of a sheet with the values alone.
constexpr size_t kTableColumns = 7, kSheetColumns = 18;
constexpr size_t kMostSinglePictures = 36;  // that have a panel each
constexpr size_t kSheetLines = 24;          // on a page
constexpr size_t kSeparateRows = 8;         // of pictures with a panel each, likewise

constexpr std::string_view kAllEqual = ", all equal";

std::string LabelOf(const TopOutcome& outcome, const TopValue& entry) {
  return ClassName(outcome.class_names, outcome.pictures.label(entry.sample));
}

// Whether values of the layer have a place in the picture that is worth telling.
bool HasPlaces(const TopOutcome& outcome) {
  return outcome.top.shape.rows * outcome.top.shape.columns > 1;
}

// The boxes of a layer by their places: channels share them, and each takes a walk through the network.
class KnownBoxes {
 public:
  KnownBoxes(const Graph& graph, const std::string& layer) : of_layer_(graph, layer) {}

  std::vector<FieldBox> Of(const std::vector<TopValue>& entries) {
    std::vector<FieldBox> boxes;
    for (const TopValue& entry : entries) {
      std::optional<FieldBox>& known = known_[{entry.row, entry.column}];
      if (!known) known = of_layer_.At(entry.row, entry.column);
      boxes.push_back(*known);
    }
    return boxes;
  }

 private:
  FieldBoxes of_layer_;
  std::map<std::pair<int64_t, int64_t>, std::optional<FieldBox>> known_;
};

bool AllEqual(const std::vector<TopValue>& entries) {
  return entries.size() > 1 &&
         std::all_of(entries.begin(), entries.end(), [&](const TopValue& e) { return e.value == entries[0].value; });
}

// Of a rectified channel the least are zeros, and of a dead one the most: which pictures they are of says nothing.
bool AllZero(const std::vector<TopValue>& entries) {
  return AllEqual(entries) && entries[0].value == 0;
}

// What is told in place of such values; empty: there are none. `least`: of those.
std::string ZerosText(const TopOutcome& outcome, bool least) {
  constexpr size_t kMostListed = 8;
  std::vector<int64_t> channels;
  for (const ChannelActivations& channel : outcome.top.channels) {
    if (AllZero(least ? channel.least : channel.most)) channels.push_back(channel.channel);
  }
  if (channels.empty()) return "";
  const char* const what = HasPlaces(outcome) ? "channel" : "unit";
  std::string text = fmt::format("never {} 0: {}{}", least ? "below" : "above", what, channels.size() > 1 ? "s" : "");
  for (size_t i = 0; i < std::min(channels.size(), kMostListed); ++i) {
    text += fmt::format("{}{}", i == 0 ? " " : ", ", channels[i]);
  }
  if (channels.size() > kMostListed) text += fmt::format(" and {} more", channels.size() - kMostListed);
  if (!outcome.before.empty()) text += fmt::format("; {} tells them apart", outcome.before);
  return text;
}

std::string ValueText(float value) {
  return NumberText(value, 4);
}

std::string TitleOf(const TopOutcome& outcome) {
  return fmt::format("{}{}: what excites {} {}", outcome.model, outcome.trained ? "" : " (untrained)", outcome.layer,
                     outcome.top.channels.empty() || outcome.top.channels[0].least.empty() ? "most" : "most and least");
}

std::string DataText(const TopOutcome& outcome) {
  const char* const pictures = outcome.part == "train" ? "training picture" : "test picture";
  return fmt::format("{} of {}{}{}", CountText(outcome.top.pictures, pictures), outcome.data,
                     outcome.note.empty() ? "" : ", ", outcome.note);
}

void AppendRows(const TopOutcome& outcome, const ChannelActivations& channel, const std::vector<TopValue>& entries,
                const char* which, std::string* text) {
  if (AllZero(entries)) {
    *text += fmt::format("{:>7}  {:<5} {:>4}  {:>10}  of all pictures\n", channel.channel, which, "-", 0);
    return;
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const TopValue& entry = entries[i];
    *text +=
        fmt::format("{:>7}  {:<5} {:>4}  {:>10}  {:>8}  {:>9}  {}\n", channel.channel, which, i + 1,
                    ValueText(entry.value), entry.sample,
                    HasPlaces(outcome) ? fmt::format("{},{}", entry.row, entry.column) : "-", LabelOf(outcome, entry));
  }
}

internal::Json EntriesJson(const TopOutcome& outcome, const std::vector<TopValue>& entries,
                           const std::vector<FieldBox>& boxes) {
  internal::Json list = internal::Json::array();
  for (size_t i = 0; i < entries.size(); ++i) {
    const TopValue& entry = entries[i];
    const FieldBox& box = boxes[i];
    // JSON has no infinities.
    internal::Json value =
        std::isfinite(entry.value) ? internal::Json(entry.value) : internal::Json(entry.value > 0 ? "inf" : "-inf");
    list.push_back(
        {{"value", std::move(value)},
         {"sample", entry.sample},
         {"class", outcome.pictures.label(entry.sample)},
         {"name", LabelOf(outcome, entry)},
         {"row", entry.row},
         {"column", entry.column},
         {"field", {{"row", box.row}, {"column", box.column}, {"rows", box.rows}, {"columns", box.columns}}}});
  }
  return list;
}

// A transposed convolution leaves places between its windows empty.
bool ReadsNothing(const FieldBox& box) {
  return box.rows <= 0 || box.columns <= 0;
}

// Of it a picture's border would be most.
bool IsLarger(const FieldBox& box, const Dataset& pictures) {
  return box.rows > pictures.height() || box.columns > pictures.width();
}

// One that stands for all that read something; none where there is none.
const FieldBox* SomeBox(const TopOutcome& outcome) {
  for (const auto* const boxes : {&outcome.most_boxes, &outcome.least_boxes}) {
    for (const std::vector<FieldBox>& of_channel : *boxes) {
      for (const FieldBox& box : of_channel) {
        if (!ReadsNothing(box)) return &box;
      }
    }
  }
  return nullptr;
}

// The pixels of a box (H, W, 1 or 3), chequered where it lies outside of the picture.
Tensor PatchOf(const Tensor& picture, const FieldBox& box) {
  const int64_t rows = picture.shape()[0], columns = picture.shape()[1], channels = picture.shape()[2];
  const int64_t cell = std::max<int64_t>(1, std::min(box.rows, box.columns) / 12);
  Tensor patch(Shape{box.rows, box.columns, channels});
  for (int64_t y = 0; y < box.rows; ++y) {
    for (int64_t x = 0; x < box.columns; ++x) {
      const int64_t row = box.row + y, column = box.column + x;
      const bool inside = row >= 0 && row < rows && column >= 0 && column < columns;
      const float chequer = (y / cell + x / cell) % 2 == 0 ? 0.75f : 0.9f;
      for (int64_t c = 0; c < channels; ++c) {
        patch.data()[(y * box.columns + x) * channels + c] =
            inside ? picture.data()[(row * columns + column) * channels + c] : chequer;
      }
    }
  }
  return patch;
}

// The row of one channel, of its first `most` pictures.
std::vector<Panel> RowOf(const TopOutcome& outcome, const ChannelActivations& channel, bool least, bool whole,
                         const std::vector<FieldBox>& boxes, size_t most, bool* outside, OwningFigure* made) {
  const std::vector<TopValue>& entries = least ? channel.least : channel.most;
  std::vector<Panel> row;
  for (size_t i = 0; i < std::min(entries.size(), most); ++i) {
    const TopValue& entry = entries[i];
    const FieldBox& box = boxes[i];
    const Tensor picture = internal::DrawnPicture(outcome.pictures, entry.sample);
    MapPlot plot{.values = {}, .scale = PhotographScale(), .frames = {}};
    const FieldBox inside = Inside(box, picture.shape()[0], picture.shape()[1]);
    if (whole || box.whole || IsLarger(box, outcome.pictures) || ReadsNothing(box)) {
      made->arrays.push_back(picture.Clone());
      const bool all = inside.rows == picture.shape()[0] && inside.columns == picture.shape()[1];
      if (!all && inside.rows > 0 && inside.columns > 0) {
        plot.frames.push_back({inside.row, inside.column, inside.rows, inside.columns, ""});
      }
    } else {
      made->arrays.push_back(PatchOf(picture, box));
      *outside |= !(box == inside);
    }
    plot.values = std::as_const(made->arrays.back()).view();
    std::string title = ValueText(entry.value);
    if (i == 0) {
      title = fmt::format("{} {}{}\n{}{}", HasPlaces(outcome) ? "channel" : "unit", channel.channel,
                          least ? ", least" : "", title, AllEqual(entries) ? kAllEqual : "");
    }
    std::string caption = fmt::format("{}\n{} {}", LabelOf(outcome, entry), outcome.part, entry.sample);
    if (HasPlaces(outcome)) caption += fmt::format(" at {},{}", entry.row, entry.column);
    if (ReadsNothing(box)) caption += "\ndepends on no pixel";
    row.push_back({.title = std::move(title), .caption = std::move(caption), .content = std::move(plot)});
  }
  return row;
}

// The pictures of panels, of one size, side by side, as many of each row: white where there is none.
Tensor PicturesOf(const std::vector<std::vector<Panel>>& rows, size_t columns) {
  std::vector<TensorView<const float>> pictures(rows.size() * columns);
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t i = 0; i < rows[r].size(); ++i) {
      pictures[r * columns + i] = std::get<MapPlot>(rows[r][i].content).values;
    }
  }
  return internal::SideBySide(pictures[0].shape(), pictures);
}

// A picture's title: its value, and of the first of a row the channel before it, in a line of its own. That all values
// are equal has room behind the channel where pictures are small.
std::pair<std::string, std::string> NameAndValue(const std::string& title) {
  const size_t line = title.find('\n');
  if (line == std::string::npos) return {"", title};
  std::string name = title.substr(0, line), value = title.substr(line + 1);
  if (value.ends_with(kAllEqual)) {
    name += kAllEqual;
    value.resize(value.size() - kAllEqual.size());
  }
  return {std::move(name), std::move(value)};
}

bool OfOneSize(const std::vector<std::vector<Panel>>& rows) {
  const Shape shape = std::get<MapPlot>(rows[0][0].content).values.shape();
  return std::all_of(rows.begin(), rows.end(), [&](const std::vector<Panel>& row) {
    return std::all_of(row.begin(), row.end(),
                       [&](const Panel& panel) { return std::get<MapPlot>(panel.content).values.shape() == shape; });
  });
}

// More pictures than can stand under captions of their own: of each row a sheet of small ones under their values alone.
// Returns whether it was made: pictures of several sizes are no sheet.
bool MakeSheets(OwningFigure* made) {
  constexpr double kPictureHeight = 32, kTexts = 17;  // points
  std::vector<std::vector<Panel>>& rows = made->figure.rows;
  if (!OfOneSize(rows)) return false;
  std::vector<Tensor> arrays;
  arrays.reserve(rows.size());
  for (std::vector<Panel>& row : rows) {
    const auto columns = static_cast<int>(std::min(row.size(), kSheetColumns));
    GridPlot grid{.values = std::as_const(arrays.emplace_back(PicturesOf({row}, row.size()))).view(),
                  .colour = std::get<MapPlot>(row[0].content).values.shape()[2] == 3,
                  .scaling = GridPlot::Scaling::kGiven,
                  .scale = PhotographScale(),
                  .columns = columns,
                  .labels = {}};
    for (const Panel& panel : row) grid.labels.push_back(NameAndValue(panel.title).second);
    const size_t lines = (row.size() + kSheetColumns - 1) / kSheetColumns;
    std::string title = NameAndValue(row[0].title).first;
    row = {{.title = std::move(title),
            .caption = "",
            .content = std::move(grid),
            .most_height = static_cast<double>(lines) * (kPictureHeight + kTexts)}};
  }
  made->arrays = std::move(arrays);
  return true;
}

// Many rows of pictures of one size, without frames, as one table of small ones: a page each would be too long to be
// compared. Leaves the figure as it is, and returns false, where it has few rows, frames, several sizes, captions that
// a table has no line for, or more columns than have room for their labels.
bool MakeTable(OwningFigure* made) {
  constexpr size_t kMostSeparate = 6;
  constexpr double kPictureHeight = 46, kTexts = 29;  // points
  const std::vector<std::vector<Panel>>& rows = made->figure.rows;
  if (rows.size() <= kMostSeparate) return false;
  size_t columns = 0;
  if (!OfOneSize(rows)) return false;
  for (const std::vector<Panel>& row : rows) {
    columns = std::max(columns, row.size());
    for (const Panel& panel : row) {
      if (!std::get<MapPlot>(panel.content).frames.empty()) return false;
      if (std::count(panel.caption.begin(), panel.caption.end(), '\n') > 1) return false;
    }
  }
  if (columns > kTableColumns) return false;
  GridPlot grid{.colour = std::get<MapPlot>(rows[0][0].content).values.shape()[2] == 3,
                .scaling = GridPlot::Scaling::kGiven,
                .scale = PhotographScale(),
                .columns = static_cast<int>(columns),
                .labels = std::vector<std::string>(rows.size() * columns)};
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t i = 0; i < rows[r].size(); ++i) {
      const Panel& panel = rows[r][i];
      const auto [name, value] = NameAndValue(panel.title);
      if (i == 0) grid.row_names.push_back(name);
      grid.labels[r * columns + i] = value + " " + panel.caption;
    }
  }
  const double height = static_cast<double>(rows.size()) * (kPictureHeight + kTexts);
  Tensor values = PicturesOf(rows, columns);
  made->arrays.clear();
  grid.values = std::as_const(made->arrays.emplace_back(std::move(values))).view();
  made->figure.rows = {{{.title = "", .caption = "", .content = std::move(grid), .most_height = height}}};
  return true;
}

}  // namespace

TopOutcome FindTopPictures(const TopRequest& request) {
  ModelData opened = OpenModelData(request.model, request.data, request.train);
  const ModelFile& file = opened.model.file;
  const Graph& graph = file.model.graph();
  CheckOneLayer(request.layer, [&graph](const std::string& name) { return graph.Has(name); });
  TopOutcome outcome{.model = file.name,
                     .data = opened.name,
                     .part = opened.part,
                     .note = opened.note,
                     .trained = opened.model.trained,
                     .layer = MapLayer(graph, request.layer),
                     .before = {},
                     .top = {},
                     .pictures = std::move(opened.data),
                     .class_names = std::move(opened.class_names)};
  outcome.top = FindTopActivations(file.model, outcome.layer, outcome.pictures,
                                   {.count = request.count,
                                    .channels = request.channels,
                                    .least = request.least,
                                    .scaling = file.preprocessing.value_or(Preprocessing{}),
                                    .progress = request.data.progress});
  outcome.before = BeforeActivation(graph, outcome.layer);
  KnownBoxes boxes(graph, outcome.layer);
  for (const ChannelActivations& channel : outcome.top.channels) {
    outcome.most_boxes.push_back(boxes.Of(channel.most));
    outcome.least_boxes.push_back(boxes.Of(channel.least));
  }
  return outcome;
}

std::string TopText(const TopOutcome& outcome) {
  std::string text = fmt::format("{}\namong {}\n", TitleOf(outcome), DataText(outcome));
  text += fmt::format("{:>7}  {:<5} {:>4}  {:>10}  {:>8}  {:>9}  {}\n", "channel", "", "rank", "value", "picture",
                      "row,col", "class");
  int64_t not_numbers = 0;
  bool equal = false;
  for (const ChannelActivations& channel : outcome.top.channels) {
    AppendRows(outcome, channel, channel.most, "most", &text);
    AppendRows(outcome, channel, channel.least, "least", &text);
    not_numbers += channel.not_numbers;
    for (const auto* const entries : {&channel.most, &channel.least}) {
      equal = equal || (AllEqual(*entries) && !AllZero(*entries));
    }
  }
  for (const bool least : {false, true}) {
    if (const std::string zeros = ZerosText(outcome, least); !zeros.empty()) text += zeros + "\n";
  }
  if (equal) text += "of equal values the first pictures are told\n";
  if (not_numbers > 0) text += fmt::format("{} maps hold NaN, which no value is compared with\n", not_numbers);
  return text;
}

std::string TopJson(const TopOutcome& outcome) {
  internal::Json json = {{"model", outcome.model}, {"trained", outcome.trained},       {"data", outcome.data},
                         {"part", outcome.part},   {"pictures", outcome.top.pictures}, {"layer", outcome.layer}};
  json["channels"] = internal::Json::array();
  for (size_t c = 0; c < outcome.top.channels.size(); ++c) {
    const ChannelActivations& channel = outcome.top.channels[c];
    internal::Json entry = {{"channel", channel.channel},
                            {"most", EntriesJson(outcome, channel.most, outcome.most_boxes[c])}};
    if (!channel.least.empty()) entry["least"] = EntriesJson(outcome, channel.least, outcome.least_boxes[c]);
    if (channel.not_numbers > 0) entry["pictures_with_nan"] = channel.not_numbers;
    json["channels"].push_back(std::move(entry));
  }
  return internal::JsonText(json);
}

OwningFigure TopFigure(const TopOutcome& outcome, const TopFigureOptions& options) {
  OwningFigure made;
  std::vector<size_t> ends;  // of the channels' rows
  bool outside = false;
  const bool least_too = !outcome.top.channels.empty() && !outcome.top.channels[0].least.empty();
  const size_t wanted = std::min(kMostTopRows, outcome.top.channels.size() * (least_too ? 2 : 1));
  size_t longest = 0;
  for (const ChannelActivations& channel : outcome.top.channels) {
    longest = std::max({longest, channel.most.size(), channel.least.size()});
  }
  const bool many = longest > kTableColumns && wanted * longest > kMostSinglePictures;
  // A page of sheets is as high as it can be looked at.
  size_t most = many ? kSheetColumns * std::max<size_t>(1, kSheetLines / wanted) : longest;
  for (size_t c = 0; c < outcome.top.channels.size() && made.figure.rows.size() < kMostTopRows; ++c) {
    const ChannelActivations& channel = outcome.top.channels[c];
    for (const bool least : {false, true}) {
      if (AllZero(least ? channel.least : channel.most)) continue;
      const auto& boxes = (least ? outcome.least_boxes : outcome.most_boxes)[c];
      std::vector<Panel> row = RowOf(outcome, channel, least, options.whole, boxes, most, &outside, &made);
      if (!row.empty()) made.figure.rows.push_back(std::move(row));
    }
    ends.push_back(made.figure.rows.size());
  }
  if (made.figure.rows.empty()) {
    // Nothing but zeros, or NaN, which no picture is chosen by.
    const bool zeros = !ZerosText(outcome, false).empty();
    made.arrays.push_back(Tensor::Of({1, 1}, {zeros ? 0 : std::numeric_limits<float>::quiet_NaN()}));
    made.figure.rows.push_back({{.title = zeros ? "no picture: every value is 0" : "no picture: every value is NaN",
                                 .caption = "",
                                 .content = MapPlot{.values = made.arrays.back().view(), .scale = {}, .frames = {}}}});
  }
  bool framed = false;
  for (const std::vector<Panel>& row : made.figure.rows) {
    for (const Panel& panel : row) framed = framed || !std::get<MapPlot>(panel.content).frames.empty();
  }
  const bool sheets = many && MakeSheets(&made);
  const bool small = sheets || MakeTable(&made);
  if (!small && made.figure.rows.size() > kSeparateRows) {
    made.figure.rows.resize(kSeparateRows);
    while (ends.size() > 1 && ends.back() > kSeparateRows) ends.pop_back();
  }
  if (many && !sheets) {
    most = std::max<size_t>(1, kMostSinglePictures / made.figure.rows.size());
    for (std::vector<Panel>& row : made.figure.rows) row.erase(row.begin() + std::min(most, row.size()), row.end());
  }
  made.figure.title = TitleOf(outcome);
  std::string footer = fmt::format("{}; above each its value", DataText(outcome));
  const FieldBox* const box = SomeBox(outcome);
  if (framed && sheets) {
    footer += "; whole pictures, too small for the frames of their receptive fields";
  } else if (box != nullptr && !box->whole && IsLarger(*box, outcome.pictures)) {
    footer += fmt::format("; whole pictures{} its receptive field of {} x {} pixels",
                          framed ? ", in a red frame what lies in" : ", which lie in", box->rows, box->columns);
  } else if (box != nullptr && !box->whole) {
    footer += options.whole
                  ? fmt::format("; red frame: its receptive field, {} x {} pixels", box->rows, box->columns)
                  : fmt::format("; the receptive field of the value, {} x {} pixels", box->rows, box->columns);
  } else if (box != nullptr) {
    footer += "; whole pictures, since each value depends on all of its picture";
  }
  if (outside) footer += "; chequered: beyond the picture's border";
  if (outcome.pictures.channels() != 1 && outcome.pictures.channels() != 3) footer += "; channel 0 of each is drawn";
  const auto& all = outcome.top.channels;
  const int64_t without =
      std::count_if(all.begin(), all.end(), [](const ChannelActivations& c) { return c.most.empty(); });
  for (const bool least : {false, true}) {
    if (const std::string zeros = ZerosText(outcome, least); !zeros.empty()) footer += "; " + zeros;
  }
  if (without > 0) footer += fmt::format("; {} NaN in every picture", CountText(without, "channel"));
  if (ends.size() < outcome.top.channels.size()) {
    footer += fmt::format("; {} of {} channels are drawn, --channel chooses others", ends.size(),
                          outcome.top.channels.size());
  }
  if (sheets) footer += "; fewer, with --count, are drawn with their places";
  if (most < longest) footer += fmt::format("; the first {} of {} pictures each are drawn", most, longest);
  made.figure.footer = std::move(footer);
  made.figure.panel_height = small ? 0 : 92;
  return made;
}

std::vector<std::filesystem::path> SaveTop(const TopOutcome& outcome, const std::filesystem::path& folder) {
  const auto channels = static_cast<int64_t>(outcome.top.channels.size());
  std::vector<Tensor> tensors;
  std::vector<std::string> names;
  for (const bool least : {false, true}) {
    size_t longest = 0;
    const auto entries = [&](int64_t c) -> const std::vector<TopValue>& {
      const ChannelActivations& channel = outcome.top.channels[static_cast<size_t>(c)];
      return least ? channel.least : channel.most;
    };
    for (int64_t c = 0; c < channels; ++c) longest = std::max(longest, entries(c).size());
    if (longest == 0) continue;
    const auto count = static_cast<int64_t>(longest);
    Tensor values(Shape{channels, count}), samples(Shape{channels, count}, DType::kInt64),
        places(Shape{channels, count, 2}, DType::kInt64);
    std::fill_n(values.data(), values.size(), std::numeric_limits<float>::quiet_NaN());
    std::fill_n(samples.data<int64_t>(), samples.size(), -1);
    std::fill_n(places.data<int64_t>(), places.size(), -1);
    for (int64_t c = 0; c < channels; ++c) {
      for (size_t i = 0; i < entries(c).size(); ++i) {
        const TopValue& entry = entries(c)[i];
        const int64_t at = c * count + static_cast<int64_t>(i);
        values.data()[at] = entry.value;
        samples.data<int64_t>()[at] = entry.sample;
        places.data<int64_t>()[2 * at] = entry.row;
        places.data<int64_t>()[2 * at + 1] = entry.column;
      }
    }
    const std::string prefix = outcome.layer + (least ? ".least." : ".most.");
    for (const char* const name : {"values", "samples", "places"}) names.push_back(prefix + name);
    tensors.push_back(std::move(values));
    tensors.push_back(std::move(samples));
    tensors.push_back(std::move(places));
  }
  std::vector<NamedArray> arrays;
  for (size_t i = 0; i < tensors.size(); ++i) arrays.push_back({names[i], &tensors[i]});
  return SaveArrays(arrays, folder);
}

}  // namespace convscope
