#include "convscope/formats/internal/onnx_metadata.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/class_list.h"

namespace convscope::internal {
namespace {

// By its key in lower case, since ONNX' words are insensitive to it.
class Metadata {
 public:
  explicit Metadata(const std::map<std::string, std::string>& metadata) {
    for (const auto& [key, value] : metadata) values_.emplace(LowerCase(key), value);
  }
  std::string Get(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "" : found->second;
  }
  bool Has(std::string_view key) const { return values_.contains(key); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// "[640, 640]", "640".
std::vector<int64_t> Lengths(const std::string& text) {
  std::vector<int64_t> lengths;
  std::string digits;
  for (const char c : text + ' ') {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (!digits.empty()) {
      if (digits.size() > 5) return {};
      lengths.push_back(ParseInteger(digits, "imgsz"));
      digits.clear();
    }
  }
  return lengths;
}

std::vector<std::string> ClassNamesOf(const Metadata& metadata) {
  for (const char* const key : {"names", "class_names", "classes", "labels", "id2label"}) {
    if (!metadata.Has(key)) continue;
    std::string text = metadata.Get(key);
    // "cat,dog": a list on one line.
    const bool plain = text.find_first_of("[{\n") == std::string::npos;
    for (size_t i = 0; plain && i < text.size(); ++i) {
      if (text[i] == ',') text[i] = '\n';
    }
    try {
      return ParseClassList(text, key);
    } catch (const Error&) {
      continue;
    }
  }
  return {};
}

[[noreturn]] void Fail(const std::string& where) {
  throw Error({.where = where, .rule = "it is {\"tensor\": [0, 2, 3, 1]}", .received = "something else"});
}

}  // namespace

std::string TextOfAxes(const BorderAxes& axes) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, order] : axes) json[name] = order;
  return json.dump();
}

BorderAxes ParseAxes(const std::string& text, const std::string& where) {
  try {
    BorderAxes axes;
    const auto json = nlohmann::ordered_json::parse(text);
    for (const auto& [name, order] : json.items()) {
      if (!std::all_of(order.begin(), order.end(), [](const auto& axis) { return axis.is_number_integer(); }))
        Fail(where);
      axes[name] = order.template get<std::vector<int64_t>>();
    }
    return axes;
  } catch (const nlohmann::json::exception&) {
    Fail(where);
  }
}

PictureNote NoteOfMetadata(const std::map<std::string, std::string>& given) {
  const Metadata metadata(given);
  PictureNote note{.source = "the file's metadata", .foreign = true};
  note.class_names = ClassNamesOf(metadata);
  const std::string format = LowerCase(metadata.Get("image.bitmappixelformat"));
  if (format == "bgr8" || format == "bgra8") note.reversed = true;
  if (format == "rgb8" || format == "rgba8" || format == "gray8") note.reversed = false;
  const std::string range = LowerCase(metadata.Get("image.nominalpixelrange"));
  if (range == "nominalrange_0_255") note.divisor = 1;
  if (range == "normalized_0_1") note.divisor = 255;
  if (range == "normalized_1_1") {
    note.divisor = 127.5;
    note.mean = {1.0};
  }
  // YOLOv5 writes stride and names, later versions an author and more.
  const bool ultralytics = metadata.Get("author") == "Ultralytics" || (metadata.Has("stride") && metadata.Has("names"));
  if (ultralytics) {
    note.source = "the metadata of Ultralytics";
    if (!note.tells_numbers()) note.divisor = 255;
    note.fit = metadata.Get("task") == "classify" ? PictureFit::kCover : PictureFit::kPad;
    const std::vector<int64_t> sides = Lengths(metadata.Get("imgsz"));
    if (sides.size() == 1 || sides.size() == 2) {
      note.rows = sides.front();
      note.columns = sides.back();
    }
  }
  return note;
}

}  // namespace convscope::internal
