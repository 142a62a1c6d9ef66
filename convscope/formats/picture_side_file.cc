#include "convscope/formats/picture_side_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMostBytes = int64_t{1} << 24;
constexpr int64_t kLongestSide = 1 << 16;

// The members of one object, told by their names in errors.
class Members {
 public:
  Members(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) Wrong("", "an object");
  }

  bool Has(const char* name) const { return json_.contains(name) && !json_.at(name).is_null(); }
  const Json& At(const char* name) const { return json_.at(name); }

  bool Flag(const char* name, bool otherwise) const {
    if (!Has(name)) return otherwise;
    if (!At(name).is_boolean()) Wrong(name, "true or false");
    return At(name).get<bool>();
  }
  std::optional<double> Number(const char* name) const {
    if (!Has(name)) return std::nullopt;
    if (!At(name).is_number()) Wrong(name, "a number");
    return At(name).get<double>();
  }
  std::optional<std::string> Text(const char* name) const {
    if (!Has(name)) return std::nullopt;
    if (!At(name).is_string()) Wrong(name, "a text");
    return At(name).get<std::string>();
  }
  // One number or several.
  std::optional<std::vector<double>> Numbers(const char* name) const {
    if (!Has(name)) return std::nullopt;
    std::vector<double> numbers;
    const Json& value = At(name);
    const bool list = value.is_array();
    for (size_t i = 0; i < (list ? value.size() : 1); ++i) {
      const Json& each = list ? value[i] : value;
      if (!each.is_number()) Wrong(name, "a list of numbers");
      numbers.push_back(each.get<double>());
    }
    return numbers;
  }
  std::vector<std::string> Names(const char* name) const {
    if (!Has(name)) return {};
    if (!At(name).is_array()) Wrong(name, "a list of texts");
    std::vector<std::string> names;
    for (const Json& each : At(name)) {
      if (!each.is_string()) Wrong(name, "a list of texts");
      names.push_back(each.get<std::string>());
    }
    return names;
  }
  // A length of pictures.
  int64_t Side(const Json& value, const char* name) const {
    if (!value.is_number_integer() || value.get<double>() < 1 || value.get<double>() > kLongestSide) {
      Wrong(name, "of whole numbers from 1 to 65536");
    }
    return value.get<int64_t>();
  }
  Members Inside(const char* name) const { return {At(name), where_ + ", " + name}; }

  [[noreturn]] void Wrong(const std::string& name, const std::string& rule) const {
    throw Error({.where = where_,
                 .rule = name.empty() ? "it is " + rule : Concat('"', name, "\" is ", rule),
                 .received = "something else"});
  }

  const std::string& where() const { return where_; }

 private:
  const Json& json_;
  std::string where_;
};

Json Parsed(std::string_view text, const std::string& where) {
  constexpr int kDeepest = 32;
  const auto bounded = [](int depth, Json::parse_event_t, const Json&) { return depth <= kDeepest; };
  Json json = Json::parse(text, bounded, /*allow_exceptions=*/false);
  if (!json.is_discarded()) return json;
  throw Error({.where = where, .rule = "it is a file of JSON", .received = "something else"});
}

// {"0": "tench"}, in the order of the numbers.
std::vector<std::string> NumberedNames(const Members& config, const char* name) {
  std::map<int64_t, std::string> named;
  for (const auto& [key, value] : config.At(name).items()) {
    const bool number = !key.empty() && key.size() < 9 && key.find_first_not_of("0123456789") == std::string::npos;
    if (!number || !value.is_string()) config.Wrong(name, "an object of numbers and names");
    named[ParseInteger(key, config.where())] = value.get<std::string>();
  }
  std::vector<std::string> names;
  for (auto& [number, text] : named) {
    if (number != static_cast<int64_t>(names.size())) config.Wrong(name, "of the numbers 0, 1, 2, ...");
    names.push_back(std::move(text));
  }
  return names;
}

// "size" of Hugging Face: a number, or {"height", "width"}, or {"shortest_edge"}.
struct StatedSize {
  int64_t rows = 0, columns = 0, shortest = 0;
};
StatedSize SizeOf(const Members& config, const char* name) {
  if (!config.Has(name)) return {};
  const Json& value = config.At(name);
  if (value.is_number()) return {.shortest = config.Side(value, name)};
  if (value.is_array() && value.size() == 2) {
    return {.rows = config.Side(value[0], name), .columns = config.Side(value[1], name)};
  }
  const Members size = config.Inside(name);
  if (size.Has("shortest_edge")) return {.shortest = size.Side(size.At("shortest_edge"), "shortest_edge")};
  if (!size.Has("height") || !size.Has("width")) return {};
  return {.rows = size.Side(size.At("height"), "height"), .columns = size.Side(size.At("width"), "width")};
}

// Pictures of another size are made by one filter here, whichever a file asks for.
void NoteFilter(std::string_view filter, PictureNote& note) {
  if (filter == "bilinear") return;
  note.passed_over.push_back(Concat(note.source, " asks for ", filter,
                                    " resampling of pictures of another size; they are resampled bilinear"));
}

bool IsFile(const std::filesystem::path& path) {
  std::error_code failure;
  return std::filesystem::is_regular_file(path, failure);
}

}  // namespace

PictureNote ParseOwnPictureNote(std::string_view text, const std::string& where) {
  const Json json = Parsed(text, where);
  const Members note(json, where);
  constexpr std::array<const char*, 9> kKnown = {"preset",    "size", "channels", "divisor",    "mean",
                                                 "deviation", "fit",  "crop",     "class_names"};
  for (const auto& [key, value] : json.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end()) continue;
    std::string all;
    for (const char* const known : kKnown) all += Concat(all.empty() ? "" : ", ", known);
    throw Error({.where = where, .rule = "it tells " + all, .received = Concat('"', key, '"')});
  }
  try {
    PictureNote made;
    if (const auto preset = note.Text("preset")) made = NoteOf(FindPicturePreset(*preset));
    if (const auto divisor = note.Number("divisor")) {
      if (!(*divisor > 0)) note.Wrong("divisor", "above 0");
      made.divisor = divisor;
    }
    if (const auto mean = note.Numbers("mean")) made.mean = mean;
    if (const auto deviation = note.Numbers("deviation")) made.deviation = deviation;
    if (const auto order = note.Text("channels")) made.reversed = ParseChannelOrder(*order, "channels");
    if (const auto fit = note.Text("fit")) made.fit = ParsePictureFit(*fit, "fit");
    if (const auto crop = note.Number("crop")) made.crop = crop;
    made.class_names = note.Names("class_names");
    const StatedSize size = SizeOf(note, "size");
    made.rows = std::max(size.rows, size.shortest);
    made.columns = std::max(size.columns, size.shortest);
    made.source = where;
    return made;
  } catch (const Error& error) {
    if (error.parts().where == where) throw;
    throw error.At(where);
  }
}

// After transformers' image processors: the numbers are rescaled, then normalized; of a size with a "shortest_edge" the
// rest is cut off, by "do_center_crop" or by "crop_pct" (ConvNeXt's, which from 384 on stretches instead).
PictureNote ParsePreprocessorConfig(std::string_view text, const std::string& where) {
  const Json json = Parsed(text, where);
  const Members config(json, where);
  PictureNote note{.source = where, .foreign = true};
  const auto mean = config.Numbers("image_mean"), deviation = config.Numbers("image_std");
  const auto factor = config.Number("rescale_factor");
  if (!mean && !deviation && !factor && !config.Has("size") && !config.Has("crop_size")) return note;  // of sounds, say
  if (factor && !(*factor > 0)) config.Wrong("rescale_factor", "above 0");
  const bool rescales = config.Flag("do_rescale", true);
  const bool normalizes = config.Flag("do_normalize", mean.has_value());
  note.mean = normalizes ? mean.value_or(std::vector<double>{}) : std::vector<double>{};
  if (factor || config.Has("do_rescale") || !CountsTo255(note)) {
    note.divisor = rescales ? 1 / factor.value_or(1.0 / 255) : 1;
    if (std::abs(*note.divisor - 255) < 1e-6) note.divisor = 255;  // 0.00392156862745098
  }
  note.deviation = normalizes ? deviation.value_or(std::vector<double>{}) : std::vector<double>{};
  if (rescales && config.Flag("rescale_offset", false)) {  // minus 1 in between
    if (note.mean->empty()) note.mean = {0.0};
    for (double& value : *note.mean) value += 1;
  }
  note.reversed = config.Flag("do_flip_channel_order", false);
  if (!config.Flag("do_resize", true)) return note;
  if (config.Has("resample") && config.At("resample").is_number_integer()) {
    // Pillow's numbers.
    constexpr std::array<std::string_view, 6> kFilters = {"nearest", "lanczos", "bilinear",
                                                          "bicubic", "box",     "hamming"};
    const auto filter = config.At("resample").get<int64_t>();
    if (filter >= 0 && filter < static_cast<int64_t>(kFilters.size())) {
      NoteFilter(kFilters[static_cast<size_t>(filter)], note);
    }
  }
  const StatedSize size = SizeOf(config, "size"), crop = SizeOf(config, "crop_size");
  const int64_t crop_rows = std::max(crop.rows, crop.shortest), crop_columns = std::max(crop.columns, crop.shortest);
  if (config.Flag("do_center_crop", false) && crop_rows > 0) {
    note.rows = crop_rows;
    note.columns = crop_columns;
    note.fit = PictureFit::kCover;
    const int64_t scaled = size.shortest > 0 ? size.shortest : std::min(size.rows, size.columns);
    if (scaled > 0) {
      note.crop = std::min(1.0, static_cast<double>(std::min(crop_rows, crop_columns)) / static_cast<double>(scaled));
    }
    return note;
  }
  note.rows = std::max(size.rows, size.shortest);
  note.columns = std::max(size.columns, size.shortest);
  const auto part = config.Number("crop_pct");
  if (part && size.shortest > 0 && size.shortest < 384) {
    note.fit = PictureFit::kCover;
    note.crop = *part;
  } else if (note.rows > 0) {
    note.fit = PictureFit::kStretch;
  }
  return note;
}

PictureNote ParseModelConfig(std::string_view text, const std::string& where) {
  const Json json = Parsed(text, where);
  PictureNote note{.source = where, .foreign = true};
  if (!json.is_object()) return note;
  const Members config(json, where);
  if (config.Has("id2label") && config.At("id2label").is_object()) {
    note.class_names = NumberedNames(config, "id2label");
  } else if (config.Has("label_names") && config.At("label_names").is_array()) {
    note.class_names = config.Names("label_names");
    // Of ImageNet these are numbers of synsets, and what they mean stands beside them.
    if (config.Has("label_descriptions") && config.At("label_descriptions").is_object()) {
      const Json& meanings = config.At("label_descriptions");
      for (std::string& name : note.class_names) {
        const auto meaning = meanings.find(name);
        if (meaning != meanings.end() && meaning->is_string()) name = meaning->get<std::string>();
      }
    }
  }
  if (config.Has("pretrained_cfg") && config.At("pretrained_cfg").is_object()) {
    const Members timm = config.Inside("pretrained_cfg");
    note.mean = timm.Numbers("mean");
    note.deviation = timm.Numbers("std");
    if (note.mean || note.deviation) note.divisor = 255;
    const auto size = timm.Numbers("input_size");  // channels, rows, columns
    if (size && size->size() == 3) {
      note.rows = timm.Side(timm.At("input_size")[1], "input_size");
      note.columns = timm.Side(timm.At("input_size")[2], "input_size");
    }
    if (const auto part = timm.Number("crop_pct")) {
      note.fit = timm.Text("crop_mode") == "squash" ? PictureFit::kStretch : PictureFit::kCover;
      note.crop = *part;
    }
    if (const auto filter = timm.Text("interpolation")) NoteFilter(*filter, note);
  }
  return note;
}

std::vector<PictureNote> ReadPictureSideFiles(const std::filesystem::path& model) {
  std::vector<PictureNote> notes;
  const std::filesystem::path folder = model.has_parent_path() ? model.parent_path() : ".";
  std::vector<std::filesystem::path> folders = {folder};
  if (folder.filename() == "onnx") folders.push_back(folder / "..");
  const auto read = [&](const char* name, auto parse) {
    for (const std::filesystem::path& each : folders) {
      const std::filesystem::path path = each / name;
      if (!IsFile(path)) continue;
      const std::string where = path.lexically_normal().string();
      try {
        notes.push_back(parse(ReadFile(path, kMostBytes), where));
      } catch (const Error& error) {
        notes.push_back({.source = where, .foreign = true, .passed_over = {PassedOver(error)}});
      }
      return;
    }
  };
  read("config.json", [](const std::string& text, const std::string& where) {
    // Many programs have a file of this name.
    return Json::accept(text) ? ParseModelConfig(text, where) : PictureNote{.source = where, .foreign = true};
  });
  read("preprocessor_config.json", ParsePreprocessorConfig);
  const std::filesystem::path own = folder / (model.stem().string() + ".convscope.json");
  if (IsFile(own)) notes.push_back(ParseOwnPictureNote(ReadFile(own, kMostBytes), own.lexically_normal().string()));
  return notes;
}

}  // namespace convscope
