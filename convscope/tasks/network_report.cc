#include "convscope/tasks/network_report.h"

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/base64.h"
#include "convscope/formats/gzip.h"
#include "convscope/formats/safetensors.h"
#include "convscope/tasks/graph_json.h"
#include "convscope/tasks/network_view.h"

namespace convscope {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMostParameterBytes = int64_t{8} << 20;  // with more of them values are not explained
constexpr int64_t kMostFilterNumbers = int64_t{1} << 16;   // shown of a layer
constexpr LookLimits kMostOfALook{.elements = int64_t{1} << 28, .multiply_adds = int64_t{1} << 38};
constexpr std::string_view kPlaceInPage = "CONVSCOPE_REPORT_DATA";

// Entries one after the other, and a table of where each is.
class Entries {
 public:
  void Add(const std::string& key, std::string_view bytes) {
    places_[key] = {bytes_.size(), bytes_.size() + bytes.size()};
    bytes_ += bytes;
  }

  std::string Packed() const {
    const std::string table = places_.dump();
    std::string length;
    for (size_t i = 0; i < 8; ++i) length += static_cast<char>(table.size() >> (8 * i) & 0xff);
    return Gzip(length + table + bytes_);
  }

 private:
  Json places_ = Json::object();
  std::string bytes_;
};

// What the bytes of network_view.h tell beside their tensors.
Json ReportOf(const std::string& safetensors) {
  return Json::parse(ParseSafetensors(safetensors, "report").metadata.at("report"));
}

std::optional<std::string> ParameterBytes(const Model& model) {
  int64_t bytes = 0;
  std::vector<StoredTensor> tensors;
  for (const auto& [name, tensor] : model.parameters()) {
    bytes += tensor->SizeInBytes();
    if (tensor->dtype() == DType::kFloat32) tensors.push_back({name, tensor});
  }
  if (bytes > kMostParameterBytes) return std::nullopt;
  return SafetensorsBytes(tensors, {});
}

// What the pictures are called, in their order: files, then samples.
std::vector<std::string> PictureNames(const PictureChoice& choice, const std::optional<OpenedData>& data) {
  std::vector<std::string> names = choice.files;
  for (const int64_t sample : choice.samples) names.push_back(Concat("data:", data->name, ":", sample));
  return names;
}

class Reporting {
 public:
  Reporting(const ReportRequest& request, std::shared_ptr<const OpenedModel> model)
      : request_(request), model_(std::move(model)), network_(Json::parse(NetworkJson(*model_))) {
    entries_.Add("network", network_.dump());
    entries_.Add("graph", GraphJson(*model_));
    if (const auto parameters = ParameterBytes(model_->file.model)) entries_.Add("parameters", *parameters);
    for (const Json& layer : network_["layers"]) {
      if (!layer.contains("kernel")) continue;
      const std::string kernel = layer["kernel"];
      entries_.Add("filters/" + kernel, FiltersBytes(*model_, kernel, kMostFilterNumbers));
    }
    ChooseMethods();
  }

  // `name`: as it was asked for.
  void AddPicture(const std::string& name, ModelPicture picture) {
    const NetworkLook look = LookAt(model_, std::move(picture), kMostOfALook, request_.progress);
    const std::string number = std::to_string(names_.size());
    const std::string bytes = LookBytes(look, kTopClasses);
    names_.push_back(name);
    entries_.Add("look/" + number, bytes);
    const std::array<StoredTensor, 1> input = {{{"input", look.shown.input}}};
    entries_.Add("input/" + number, SafetensorsBytes(input, {}));
    for (const auto& [tensor, range] : look.ranges) {
      const MapsChoice choice{.tensor = tensor, .channels = {}, .side = request_.side};
      entries_.Add(Concat("maps/", number, "/", tensor), MapsBytes(look, choice));
    }
    Attribute(look, ReportOf(bytes)["prediction"], number);
  }

  std::string Packed() {
    const Json about = {{"model", request_.model.name}, {"pictures", names_},    {"version", CONVSCOPE_VERSION},
                        {"methods", methods_},          {"side", request_.side}, {"remarks", remarks_}};
    entries_.Add("about", about.dump(-1, ' ', false, Json::error_handler_t::replace));
    entries_.Add("methods", AttributionMethodsJson());
    return entries_.Packed();
  }

 private:
  static constexpr int64_t kTopClasses = 10;

  void ChooseMethods() {
    methods_ = request_.methods;
    if (!methods_.empty() || network_["classes"] == 0) return;
    methods_ = {"saliency", "input-x-gradient"};
    if (!network_["cam_layers"].empty()) methods_.push_back("grad-cam");
  }

  void Attribute(const NetworkLook& look, const Json& prediction, const std::string& number) {
    if (methods_.empty() || prediction.is_null()) return;
    AttributeRequest request{.methods = methods_, .progress = request_.progress};
    for (const Json& top : prediction["top"]) {
      if (std::ssize(request.classes) < request_.classes) request.classes.push_back(top["class"].dump());
    }
    try {
      entries_.Add("attribute/" + number, AttributionBytes(AttributeLook(look, request)));
    } catch (const Error& error) {
      if (!request_.methods.empty()) throw;
      remarks_.push_back(Concat(look.shown.source, " has no attributions: ", error.what()));  // nobody asked for them
    }
  }

  const ReportRequest& request_;
  const std::shared_ptr<const OpenedModel> model_;
  const Json network_;
  std::vector<std::string> methods_, names_, remarks_;
  Entries entries_;
};

}  // namespace

std::string ReportData(const ReportRequest& request) {
  ModelAndData opened = OpenModelForPictures(request.model, request.pictures);
  std::vector<ModelPicture> pictures = ReadModelPictures(opened.model.file, request.pictures, opened.data);
  if (pictures.empty()) {
    throw Error({.where = "report", .rule = "a report shows a model on pictures", .received = "none"});
  }
  const std::vector<std::string> names = PictureNames(request.pictures, opened.data);
  Reporting reporting(request, std::make_shared<const OpenedModel>(std::move(opened.model)));
  for (size_t i = 0; i < pictures.size(); ++i) {
    Report(request.progress, "looking at " + pictures[i].source,
           static_cast<double>(i) / static_cast<double>(pictures.size()));
    reporting.AddPicture(names.at(i), std::move(pictures[i]));
  }
  return reporting.Packed();
}

WrittenReport WriteReport(const ReportRequest& request, std::string_view page, const std::filesystem::path& file) {
  const size_t place = page.find(kPlaceInPage);
  if (place == std::string_view::npos) throw Error({.where = "report", .rule = "its page has a place for the data"});
  const std::string data = ToBase64(ReportData(request));
  const std::array<std::string_view, 3> pieces = {page.substr(0, place), data,
                                                  page.substr(place + kPlaceInPage.size())};
  WriteFileAtomically(file, pieces);
  int64_t bytes = 0;
  for (const std::string_view piece : pieces) bytes += std::ssize(piece);
  return {.file = file, .bytes = bytes};
}

}  // namespace convscope
