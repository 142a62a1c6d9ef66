#include "app/server/playground_api.h"

#include <algorithm>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/server/json_body.h"
#include "convscope/base/text.h"
#include "convscope/tasks/filter_pixels.h"
#include "convscope/tasks/filter_texts.h"
#include "convscope/tasks/filter_view.h"
#include "convscope/tasks/show_kernels.h"

namespace convscope::server {
namespace {

constexpr size_t kMostSentBytes = size_t{64} << 20;  // of one picture
constexpr FilterLimits kMostOfAFilter{.elements = int64_t{1} << 27, .steps = int64_t{1} << 37};
constexpr size_t kMostResults = 4;                         // kept to be explained: one a kernel on the page
constexpr int64_t kMostResultElements = int64_t{1} << 28;  // of those together

// A filter as a request asks for it, read but not computed.
struct FilterRequest {
  std::string text;  // the same for the same filter
  std::string picture;
  FilterOptions options;
};

FilterRequest ReadFilter(const Json& body) {
  const auto found = body.find("filter");
  if (found == body.end()) {
    throw Error({.where = "request", .rule = "a request names its filter", .received = "none"});
  }
  const Json& json = *found;
  CheckMembers(json, "filter",
               {"picture", "colour", "channels", "kernel", "stride", "padding", "pad_mode", "dilation", "flip_kernel",
                "bias", "activation", "pools"});
  FilterRequest request{.text = json.dump(-1, ' ', true)};
  std::string colour = "keep", kernel;
  FilterTexts texts;
  Read(json, "picture", request.picture);
  Read(json, "colour", colour);
  Read(json, "channels", texts.channels);
  Read(json, "kernel", kernel);
  Read(json, "stride", texts.stride);
  Read(json, "padding", texts.padding);
  Read(json, "pad_mode", texts.pad_mode);
  Read(json, "dilation", texts.dilation);
  Read(json, "flip_kernel", request.options.flip_kernel);
  Read(json, "bias", texts.bias);
  Read(json, "activation", texts.activation);
  Read(json, "pools", texts.pools, 8);
  if (colour != "keep" && colour != "grey" && colour != "rgb") {
    throw Error({.where = "colour", .rule = "a colour is keep, grey or rgb", .received = colour});
  }
  request.options.colour = colour == "grey"  ? ReadOptions::Colour::kGrey
                           : colour == "rgb" ? ReadOptions::Colour::kRgb
                                             : ReadOptions::Colour::kKeep;
  ParseTexts(texts, "", request.options);
  request.options.kernels = {kernel};
  return request;
}

std::vector<StageView> ReadViews(const Json& body) {
  std::vector<StageView> views;
  const auto list = body.find("views");
  if (list == body.end()) return views;
  if (!list->is_array() || list->size() > 12) {
    throw Error({.where = "views", .rule = "a list of at most 12 views", .received = list->type_name()});
  }
  for (const Json& json : *list) {
    CheckMembers(json, "view", {"tensor", "area", "channel", "side"});
    StageView view;
    Read(json, "tensor", view.tensor);
    Read(json, "side", view.side);
    Read(json, "channel", view.channel);
    if (const auto area = json.find("area"); area != json.end()) {
      CheckMembers(*area, "area", {"top", "left", "height", "width"});
      CropArea& piece = view.area.emplace();
      Read(*area, "top", piece.y);
      Read(*area, "left", piece.x);
      Read(*area, "height", piece.height);
      Read(*area, "width", piece.width);
    }
    views.push_back(std::move(view));
  }
  return views;
}

// Used by the worker alone, but for what is bundled, which never changes.
class Playground {
 public:
  explicit Playground(std::shared_ptr<PictureStore> pictures) : pictures_(std::move(pictures)) {}

  HttpAnswer Pictures() {
    Json list = Json::array();
    for (const PictureStore::Entry* entry : pictures_->Bundled()) list.push_back({{"id", entry->id}});
    return {.body = Json{{"pictures", list}}.dump()};
  }

  HttpAnswer AddPicture(const HttpRequest& request) {
    const PictureStore::Entry& entry = pictures_->Add(request.body);
    return {.body = Json{{"id", entry.id},
                         {"height", entry.height},
                         {"width", entry.width},
                         {"channels", entry.channels},
                         {"format", entry.format}}
                        .dump()};
  }

  static HttpAnswer Kernel(const HttpRequest& request) {
    const Json body = ParseBody(request.body);
    CheckMembers(body, "request", {"kernel"});
    std::string kernel;
    Read(body, "kernel", kernel);
    return {.body = KernelsJson(ParseKernels({kernel}))};
  }

  HttpAnswer Filter(const HttpRequest& request) {
    const Json body = ParseBody(request.body);
    CheckMembers(body, "request", {"filter", "views"});
    const FilterRequest filter = ReadFilter(body);
    const std::vector<StageView> views = ReadViews(body);
    return Answer([&]() -> HttpAnswer {
      return {.type = "application/octet-stream", .body = FilterViewBytes(Result(filter), views)};
    });
  }

  HttpAnswer Explain(const HttpRequest& request) {
    const Json body = ParseBody(request.body);
    CheckMembers(body, "request", {"filter", "at"});
    const FilterRequest filter = ReadFilter(body);
    std::string at;
    Read(body, "at", at);
    return Answer([&]() -> HttpAnswer { return {.body = ExplainFilterJson(Result(filter), at)}; });
  }

 private:
  template <typename Make>
  static HttpAnswer Answer(const Make& make) {
    try {
      return make();
    } catch (const NoSuchPicture& error) {
      return ErrorAnswer(404, error.parts());
    }
  }

  // Computed, or as it was computed for one of the last requests.
  const FilterResult& Result(const FilterRequest& request) {
    const auto known = std::find_if(results_.begin(), results_.end(),
                                    [&](const auto& result) { return result.first == request.text; });
    if (known != results_.end()) {
      results_.splice(results_.begin(), results_, known);
      return results_.front().second;
    }
    const SharedTensor pixels = pictures_->Pixels(request.picture, request.options.colour);
    // Room is made first: memory of a result that goes serves the one that comes.
    int64_t elements = pixels->size();
    size_t kept = 0;
    for (auto result = results_.begin(); result != results_.end();) {
      for (const auto& [name, tensor] : result->second.pictures.front().trace.tensors()) elements += tensor->size();
      const bool fits = ++kept < kMostResults && elements < kMostResultElements;
      result = fits ? std::next(result) : results_.erase(result);
    }
    results_.emplace_front(request.text, FilterPixels(request.options, {request.picture, pixels}, kMostOfAFilter));
    return results_.front().second;
  }

  const std::shared_ptr<PictureStore> pictures_;
  std::list<std::pair<std::string, FilterResult>> results_;  // by FilterRequest::text, the last used first
};

}  // namespace

std::vector<HttpRoute> PlaygroundRoutes(std::shared_ptr<PictureStore> pictures) {
  const auto playground = std::make_shared<Playground>(std::move(pictures));
  return {
      {"GET", "/api/pictures", true, [=](const HttpRequest&) { return playground->Pictures(); }},
      {"POST", "/api/pictures", true, [=](const HttpRequest& r) { return playground->AddPicture(r); }, kMostSentBytes},
      {"GET", "/api/kernels", true, [](const HttpRequest&) { return HttpAnswer{.body = PresetListJson()}; }},
      {"POST", "/api/kernels", true, Playground::Kernel, kMostJsonBytes},
      {"POST", "/api/filter", true, [=](const HttpRequest& r) { return playground->Filter(r); }, kMostJsonBytes},
      {"POST", "/api/filter/explain", true, [=](const HttpRequest& r) { return playground->Explain(r); },
       kMostJsonBytes},
  };
}

}  // namespace convscope::server
