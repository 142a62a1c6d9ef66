#include "convscope/formats/internal/safetensors_header.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tensor/shape.h"

namespace convscope::internal {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMetadata = "__metadata__";

std::string Shortened(std::string_view text) {
  constexpr size_t kMost = 80;
  return text.size() <= kMost ? Concat('"', text, '"') : Concat('"', text.substr(0, kMost), "...\"");
}

// Takes the header event by event, so that a header of 100 MB becomes no tree of a few GB, and its depth is that of the
// format: {name: {"dtype": ..., "shape": [...], "data_offsets": [...]}}.
class HeaderEvents : public nlohmann::json_sax<Json> {
 public:
  HeaderEvents(std::string where, int64_t most) : where_(std::move(where)), most_(most) {}

  SafetensorsHeader Take() && { return std::move(header_); }

  bool start_object(size_t) override {
    if (depth_ == 0 || (depth_ == 1 && !in_list_)) {
      ++depth_;
      if (depth_ == 2) Begin();
      return true;
    }
    Fail("an object");
  }
  bool end_object() override {
    if (depth_ == 2) Finish();
    --depth_;
    return true;
  }
  bool key(std::string& text) override {
    if (depth_ == 1) {
      if (!names_.insert(text).second) {
        throw Error({.where = where_,
                     .rule = "the header of a safetensors file has each name once",
                     .received = Concat("two of ", Shortened(text))});
      }
      entry_ = {};
      entry_.name = text;
    } else {
      if (!keys_.insert(text).second) {
        throw Error({.where = At(),
                     .rule = "the header of a safetensors file says each thing once",
                     .received = Concat("two of ", Shortened(text))});
      }
      key_ = text;
    }
    return true;
  }
  bool start_array(size_t) override {
    if (depth_ != 2 || in_list_ || IsMetadata() || (key_ != "shape" && key_ != "data_offsets")) Fail("a list");
    in_list_ = true;
    return true;
  }
  bool end_array() override {
    in_list_ = false;
    return true;
  }
  bool string(std::string& text) override {
    if (depth_ != 2 || in_list_) Fail(Shortened(text));
    if (IsMetadata()) {
      header_.metadata[key_] = std::move(text);
    } else if (key_ == "dtype") {
      entry_.dtype = std::move(text);
    } else {
      Fail(Shortened(text));
    }
    return true;
  }
  bool number_unsigned(uint64_t number) override {
    if (!in_list_) Fail(Concat(number));
    if (key_ == "data_offsets") {
      offsets_.push_back(number);
      if (offsets_.size() > 2) Fail("three of them");
      return true;
    }
    if (number > static_cast<uint64_t>(Shape::kMaxElements)) Fail(Concat("a length of ", number));
    if (entry_.lengths.size() >= Shape::kMaxRank) {
      throw Error(
          {.where = At(), .rule = Concat("a tensor has at most ", Shape::kMaxRank, " axes"), .received = "more"});
    }
    entry_.lengths.push_back(static_cast<int64_t>(number));
    return true;
  }
  bool number_integer(int64_t number) override { Fail(Concat(number)); }
  bool number_float(double, const std::string& text) override { Fail(text); }
  bool null() override { Fail("null"); }
  bool boolean(bool truth) override { Fail(truth ? "true" : "false"); }
  bool binary(Json::binary_t&) override { Fail("bytes"); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    const std::string_view what = error.what();
    const size_t place = what.find("at line");
    throw Error({.where = where_,
                 .rule = "the header of a safetensors file is JSON",
                 .received = place == std::string_view::npos ? std::string(what)
                                                             : Concat("a mistake ", Shortened(what.substr(place)))});
  }

 private:
  bool IsMetadata() const { return entry_.name == kMetadata; }
  std::string At() const { return entry_.name.empty() ? where_ : Concat(where_, ", ", Shortened(entry_.name)); }

  [[noreturn]] void Fail(const std::string& received) const {
    std::string place = where_;
    if (depth_ >= 1) place = At();
    if (depth_ >= 2 && !key_.empty()) place += ", " + key_;
    throw Error({.where = place,
                 .rule =
                     "the header of a safetensors file says of each tensor its \"dtype\", its \"shape\" and its two "
                     "\"data_offsets\", and of \"__metadata__\" texts",
                 .received = received});
  }

  void Begin() {
    keys_.clear();
    key_.clear();
    offsets_.clear();
  }

  void Finish() {
    if (IsMetadata()) return;
    for (const char* const wanted : {"dtype", "shape", "data_offsets"}) {
      if (!keys_.contains(wanted)) {
        key_.clear();
        Fail(Concat("no \"", wanted, '"'));
      }
    }
    key_ = "data_offsets";
    if (offsets_.size() != 2) Fail(Concat(offsets_.size(), " of them"));
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    if (static_cast<int64_t>(header_.entries.size()) >= most_) {
      throw Error({.where = where_,
                   .rule = Concat("a safetensors file may hold at most ", most_, " tensors"),
                   .received = "more"});
    }
    header_.entries.push_back(entry_);
  }

  std::string where_;
  int64_t most_;
  SafetensorsHeader header_;
  std::set<std::string> names_, keys_;
  SafetensorsEntry entry_;
  std::vector<uint64_t> offsets_;
  std::string key_;
  int depth_ = 0;
  bool in_list_ = false;
};

}  // namespace

SafetensorsHeader ParseSafetensorsHeader(std::string_view text, const std::string& where, int64_t most) {
  // The format says so, which keeps a file from being something else as well.
  if (!text.starts_with('{')) {
    throw Error({.where = where,
                 .rule = "the header of a safetensors file begins with '{'",
                 .received = text.empty() ? "an empty one" : "something else",
                 .fix = "this is another kind of file, or a damaged one"});
  }
  HeaderEvents events(where, most);
  Json::sax_parse(text.begin(), text.end(), &events);
  return std::move(events).Take();
}

std::string FormatSafetensorsHeader(const SafetensorsHeader& header) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!header.metadata.empty()) json[std::string(kMetadata)] = header.metadata;
  for (const SafetensorsEntry& entry : header.entries) {
    json[entry.name] = {{"dtype", entry.dtype}, {"shape", entry.lengths}, {"data_offsets", {entry.begin, entry.end}}};
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace convscope::internal
