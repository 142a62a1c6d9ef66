#include "app/server/network_api.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "app/server/json_body.h"
#include "convscope/base/text.h"
#include "convscope/datasets/named_dataset.h"
#include "convscope/tasks/list_data.h"
#include "convscope/tasks/network_view.h"
#include "convscope/tasks/open_data.h"

namespace convscope::server {
namespace {

constexpr size_t kMostSentBytes = size_t{64} << 20;  // of one model
constexpr LookLimits kMostOfALook{.elements = int64_t{1} << 28, .multiply_adds = int64_t{1} << 38};
constexpr size_t kMostLooks = 6;                         // kept: what the page asks of them next
constexpr int64_t kMostLookElements = int64_t{1} << 28;  // of those together
constexpr int64_t kMostFilterNumbers = int64_t{1} << 20;
constexpr size_t kMostTerms = 5000;  // of an explanation
constexpr size_t kMostMethods = 12;

constexpr char kOfData[] = "data:";  // "data:fashion-mnist-small:18", a picture of the test part

int64_t ParseSample(const std::string& picture, const std::string& text) {
  const bool number = !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
  if (number) return std::stoll(text);
  throw Error({.where = "picture", .rule = "a sample is data:NAME:NUMBER", .received = picture});
}

std::vector<int64_t> ReadNumbers(const Json& body, const char* name, size_t most) {
  const auto list = body.find(name);
  if (list == body.end()) return {};
  if (!list->is_array() || list->size() > most ||
      !std::all_of(list->begin(), list->end(), [](const Json& item) { return item.is_number_integer(); })) {
    throw Error(
        {.where = name, .rule = Concat("a list of at most ", most, " whole numbers"), .received = list->type_name()});
  }
  return list->get<std::vector<int64_t>>();
}

// Used by the worker alone.
class Networks {
 public:
  Networks(std::shared_ptr<PictureStore> pictures, std::shared_ptr<ModelStore> models, DataPlaces data)
      : pictures_(std::move(pictures)), models_(std::move(models)), places_(std::move(data)) {}

  HttpAnswer Models() {
    Json list = Json::array();
    for (const ModelStore::Entry& entry : models_->All()) list.push_back(About(entry));
    return {.body = Json{{"models", list}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
  }

  HttpAnswer AddModel(const HttpRequest& request) {
    return {.body = About(models_->Add(request.body)).dump(-1, ' ', false, Json::error_handler_t::replace)};
  }

  HttpAnswer Data() { return {.body = DataListJson(places_)}; }

  HttpAnswer Describe(const HttpRequest& request) {
    const Json body = Body(request, {"model"});
    return Answer([&]() -> HttpAnswer {
      const auto served = models_->Open(Text(body, "model"));
      return {.body = NetworkJson(served->model, served->remarks)};
    });
  }

  HttpAnswer Run(const HttpRequest& request) {
    const Json body = Body(request, {"model", "picture", "top"});
    int64_t top = 5;
    Read(body, "top", top);
    return Answer([&] { return Bytes(LookBytes(Look(body, request.progress), top)); });
  }

  HttpAnswer Maps(const HttpRequest& request) {
    const Json body = Body(request, {"model", "picture", "tensor", "channels", "side"});
    MapsChoice choice{.tensor = Text(body, "tensor"), .channels = ReadNumbers(body, "channels", 65536)};
    Read(body, "side", choice.side);
    return Answer([&] { return Bytes(MapsBytes(Look(body, request.progress), choice)); });
  }

  HttpAnswer Weights(const HttpRequest& request) {
    const Json body = Body(request, {"model", "parameter"});
    return Answer([&] {
      const auto served = models_->Open(Text(body, "model"));
      return Bytes(FiltersBytes(served->model, Text(body, "parameter"), kMostFilterNumbers));
    });
  }

  HttpAnswer Explain(const HttpRequest& request) {
    const Json body = Body(request, {"model", "picture", "at", "walk_back"});
    ExplainRequest explain{.at = Text(body, "at")};
    Read(body, "walk_back", explain.walk_back);
    return Answer([&]() -> HttpAnswer {
      const NetworkLook& look = Look(body, request.progress);
      return {.body = ExplainJson(ExplainLook(look, explain), kMostTerms)};
    });
  }

  HttpAnswer Attribute(const HttpRequest& request) {
    const Json body = Body(request, {"model", "picture", "methods", "class", "layer"});
    AttributeRequest attribute{.progress = request.progress};
    Read(body, "methods", attribute.methods, kMostMethods);
    std::optional<int64_t> number;
    Read(body, "class", number);
    if (number) attribute.classes = {std::to_string(*number)};
    if (body.contains("layer")) attribute.layer = Text(body, "layer");
    return Answer([&] {
      const NetworkLook& look = Look(body, request.progress);
      return Bytes(AttributionBytes(AttributeLook(look, attribute)));
    });
  }

 private:
  struct Seen {
    std::string model, picture;
    NetworkLook look;
  };

  static Json Body(const HttpRequest& request, std::initializer_list<const char*> members) {
    Json body = ParseBody(request.body);
    CheckMembers(body, "request", members);
    return body;
  }

  static std::string Text(const Json& body, const char* name) {
    std::string text;
    Read(body, name, text);
    if (text.empty())
      throw Error({.where = "request", .rule = Concat("a request names its ", name), .received = "none"});
    return text;
  }

  static Json About(const ModelStore::Entry& entry) {
    return {{"id", entry.id}, {"title", entry.title}, {"origin", entry.origin}, {"description", entry.description}};
  }

  static HttpAnswer Bytes(std::string bytes) { return {.type = "application/octet-stream", .body = std::move(bytes)}; }

  template <typename Make>
  static HttpAnswer Answer(const Make& make) {
    try {
      return make();
    } catch (const NoSuchPicture& error) {
      return ErrorAnswer(404, error.parts());
    } catch (const NoSuchModel& error) {
      return ErrorAnswer(404, error.parts());
    }
  }

  ModelPicture Picture(const ModelFile& model, const std::string& picture) {
    if (!picture.starts_with(kOfData)) {
      const SharedTensor pixels = pictures_->Pixels(picture, PictureColour(model));
      const Shape& shape = pixels->shape();
      return FitToModel(model, picture, pixels->Clone().Reshaped({shape[1], shape[2], shape[3]}));
    }
    const size_t colon = picture.rfind(':'), begin = sizeof kOfData - 1;
    const std::string name = colon < begin ? "" : picture.substr(begin, colon - begin);
    const int64_t sample = ParseSample(picture, picture.substr(colon + 1));
    if (!data_ || data_->name != name) {
      if (FindNamedDataset(name) == nullptr) {
        throw Error({.where = "picture", .rule = "a data set has a name of GET /api/data", .received = picture});
      }
      data_ = OpenData({.source = name, .places = places_});
    }
    const PictureChoice choice{.files = {}, .data = {}, .samples = {sample}};
    return ReadModelPicture(model, choice, data_, "one picture is shown");
  }

  // Computed, or as it was for one of the last requests.
  const NetworkLook& Look(const Json& body, const Progress& progress) {
    const std::string model = Text(body, "model"), picture = Text(body, "picture");
    const auto served = models_->Open(model);
    const auto known = std::find_if(looks_.begin(), looks_.end(), [&](const Seen& seen) {
      return seen.model == model && seen.picture == picture && seen.look.model.get() == &served->model;
    });
    if (known != looks_.end()) {
      looks_.splice(looks_.begin(), looks_, known);
      return looks_.front().look;
    }
    const std::shared_ptr<const OpenedModel> opened(served, &served->model);
    NetworkLook look = LookAt(opened, Picture(opened->file, picture), kMostOfALook, progress);
    int64_t elements = look.elements();
    size_t kept = 0;
    for (auto seen = looks_.begin(); seen != looks_.end();) {
      elements += seen->look.elements();
      const bool fits = ++kept < kMostLooks && elements <= kMostLookElements;
      seen = fits ? std::next(seen) : looks_.erase(seen);
    }
    looks_.push_front({model, picture, std::move(look)});
    return looks_.front().look;
  }

  const std::shared_ptr<PictureStore> pictures_;
  const std::shared_ptr<ModelStore> models_;
  const DataPlaces places_;
  std::optional<OpenedData> data_;  // the last that was asked for
  std::list<Seen> looks_;           // the last used first
};

}  // namespace

std::vector<HttpRoute> NetworkRoutes(std::shared_ptr<PictureStore> pictures, std::shared_ptr<ModelStore> models,
                                     const DataPlaces& data) {
  const auto networks = std::make_shared<Networks>(std::move(pictures), std::move(models), data);
  return {
      {"GET", "/api/models", true, [=](const HttpRequest&) { return networks->Models(); }},
      {"POST", "/api/models", true, [=](const HttpRequest& r) { return networks->AddModel(r); }, kMostSentBytes},
      {"GET", "/api/data", true, [=](const HttpRequest&) { return networks->Data(); }},
      {"POST", "/api/network", true, [=](const HttpRequest& r) { return networks->Describe(r); }, kMostJsonBytes},
      {"POST", "/api/network/run", true, [=](const HttpRequest& r) { return networks->Run(r); }, kMostJsonBytes},
      {"POST", "/api/network/maps", true, [=](const HttpRequest& r) { return networks->Maps(r); }, kMostJsonBytes},
      {"POST", "/api/network/weights", true, [=](const HttpRequest& r) { return networks->Weights(r); },
       kMostJsonBytes},
      {"POST", "/api/network/explain", true, [=](const HttpRequest& r) { return networks->Explain(r); },
       kMostJsonBytes},
      {"GET", "/api/network/methods", true,
       [](const HttpRequest&) { return HttpAnswer{.body = AttributionMethodsJson()}; }},
      {"POST", "/api/network/attribute", true, [=](const HttpRequest& r) { return networks->Attribute(r); },
       kMostJsonBytes},
  };
}

}  // namespace convscope::server
