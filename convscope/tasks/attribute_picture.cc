#include "convscope/tasks/attribute_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/attribution/baseline.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

constexpr int kRandomOrders = 3;

std::vector<std::string> AllClasses(const ModelFile& file, int64_t count) {
  std::vector<std::string> names;
  for (int64_t c = 0; c < count; ++c) names.push_back(ClassName(file.class_names, c));
  return names;
}

struct Baseline {
  SharedTensor input;  // (1, H, W, C)
  std::string text;
};

Baseline MakeBaseline(const AttributeRequest& request, const ModelFile& file, const ModelPicture& shown,
                      const std::string& usual) {
  const std::string kind = request.baseline.empty() ? usual : request.baseline;
  const Tensor& input = *shown.input;
  if (kind == "zero") return {Share(Tensor::Zeros(input.shape())), "zeroes"};
  if (kind == "black") {
    const Tensor black = Tensor::Zeros(shown.picture.shape());
    return {Share(AsInput(file, black, 255)), "black"};  // black is 0 however white is stored
  }
  if (kind == "mean") return {Share(MeanBaseline(input)), "the picture's mean colour"};
  if (kind == "blur") {
    const double sigma = UsualBlur(input);
    return {Share(BlurBaseline(input, sigma)), fmt::format("the picture blurred by {:.3g} pixels", sigma)};
  }
  try {
    const PictureChoice choice{.files = {kind}, .samples = {}, .progress = request.progress};
    return {ReadModelPicture(file, choice, {}, "one picture").input, kind};
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    parts.where = "--baseline " + kind;
    parts.fix = "use zero, black, mean, blur, or a picture file";
    throw Error(parts);
  }
}

// Whether the method cannot be had of this model at all, so that "all" goes without it.
bool IsImpossible(const Error& error) {
  return error.parts().where.starts_with("gradient of node");
}

std::optional<std::string> OneLayer(const ModelFile& file, const AttributeRequest& request) {
  const Graph& graph = file.model.graph();
  if (request.layer) CheckOneLayer(*request.layer, [&graph](const std::string& name) { return graph.Has(name); });
  if (!request.layer) return std::nullopt;
  return TensorName(graph, *request.layer);
}

class Attributing {
 public:
  Attributing(const AttributeRequest& request, const OpenedModel& model, const std::function<ModelPicture()>& read)
      : request_(request),
        chosen_(ParseMethods(request.methods)),
        file_(model.file),
        attributor_(file_.model, {.outputs = file_.outputs, .layer = OneLayer(file_, request)}) {
    const AttributionTarget& target = attributor_.target();
    names_ = AllClasses(file_, target.classes);
    result_.model = file_.name;
    result_.trained = model.trained;
    result_.rectified = target.rectified;
    result_.shown = read();  // what is wrong with the request is told before
    const std::vector<float> logits = attributor_.Logits(*result_.shown.input);
    const auto facts_of = [&](int64_t c) {
      return AttributedClass{c, names_[static_cast<size_t>(c)], ScoreOf(logits, c), ProbabilityOf(target, logits, c)};
    };
    if (request.classes.empty()) CheckPredicts(logits);
    const int64_t nans = NanCount(logits);
    result_.predicted =
        nans == 0 ? facts_of(PredictedClass(logits)) : AttributedClass{.number = -1, .name = NothingText(logits)};
    result_.equals = logits.size() > 1 ? HighestCount(logits) : 1;
    std::vector<int64_t> classes = ParseClasses(request.classes, names_);
    if (classes.empty()) classes = {result_.predicted.number};
    for (const int64_t c : classes) {
      result_.classes.push_back(facts_of(c));
    }
  }

  AttributedPicture Run() {
    const Baseline integration = MakeBaseline(request_, file_, result_.shown, "black");
    const Baseline occlusion = MakeBaseline(request_, file_, result_.shown, "mean");
    result_.integration_baseline = integration.text;
    result_.occlusion_baseline = occlusion.text;
    AttributionSettings settings{.integration_baseline = integration.input,
                                 .occlusion_baseline = occlusion.input,
                                 .smooth_grad = request_.smooth_grad,
                                 .integration = request_.integration,
                                 .occlusion = Windows(),
                                 .progress = request_.progress};
    if (request_.methods.empty() && !request_.layer && !attributor_.has_layer()) {
      result_.left_out.push_back("grad-cam, for which saliency stands: no layer has rows and columns");
      AddMethod(AttributionMethod::kSaliency, settings);
    } else {
      for (const AttributionMethod method : chosen_.methods) AddMethod(method, settings);
    }
    if (request_.curve_steps > 0) AddCurves(occlusion);
    return std::move(result_);
  }

 private:
  OcclusionOptions Windows() const {
    const Shape& sample = attributor_.target().sample;
    OcclusionOptions options = UsualOcclusion(sample[0], sample[1]);
    if (request_.window) options = {.window = *request_.window, .stride = std::max<int64_t>(1, *request_.window / 2)};
    options.stride = request_.stride.value_or(options.stride);
    return options;
  }

  void AddMethod(AttributionMethod method, const AttributionSettings& settings) {
    const AttributionMethodFacts& facts = FactsOf(method);
    if (chosen_.all && facts.of_layer && !attributor_.has_layer()) {
      result_.left_out.push_back(fmt::format("{}: no layer has rows and columns", facts.name));
      return;
    }
    try {
      Report(request_.progress, std::string(facts.name), 0);
      std::vector<int64_t> classes;
      for (const AttributedClass& c : result_.classes) classes.push_back(c.number);
      if (!facts.knows_class) classes.resize(1);
      std::vector<Attribution> made = attributor_.ForClasses(method, *result_.shown.input, classes, settings);
      for (size_t c = 0; c < made.size(); ++c) {
        result_.maps.push_back({.attribution = std::move(made[c]), .for_class = c, .curves = {}});
      }
    } catch (const Error& error) {
      if (!chosen_.all || !IsImpossible(error)) throw;
      result_.left_out.push_back(fmt::format("{}: {}", facts.name, error.what()));
    }
    if (!facts.of_layer) return;
    result_.layer = attributor_.layer();
    const Shape& shape = attributor_.model().graph()[result_.layer].type.shape;
    result_.layer_maps = {shape[1], shape[2], shape[3]};
  }

  void AddCurves(const Baseline& deletion) {
    const Baseline insertion = MakeBaseline(request_, file_, result_.shown, "blur");
    result_.deletion_baseline = deletion.text;
    result_.insertion_baseline = insertion.text;
    const FaithfulnessOptions options{.steps = request_.curve_steps, .progress = request_.progress};
    const Tensor& input = *result_.shown.input;
    const auto curves_of = [&](const std::vector<int64_t>& order, size_t c) {
      const int64_t number = result_.classes[c].number;
      SampleRun& run = attributor_.Scores();
      return FaithfulnessCurves{ChangePixels(run, input, *deletion.input, order, number, options),
                                ChangePixels(run, *insertion.input, input, order, number, options)};
    };
    for (AttributedMap& map : result_.maps) map.curves = curves_of(PixelOrder(map.attribution.map), map.for_class);
    for (size_t c = 0; c < result_.classes.size(); ++c) {
      std::vector<FaithfulnessCurve> deletions, insertions;
      for (uint64_t seed = 1; seed <= kRandomOrders; ++seed) {
        FaithfulnessCurves one = curves_of(RandomPixelOrder(input.shape()[1] * input.shape()[2], seed), c);
        deletions.push_back(std::move(one.deletion));
        insertions.push_back(std::move(one.insertion));
      }
      result_.random.push_back({MeanCurve(deletions), MeanCurve(insertions)});
    }
  }

  const AttributeRequest& request_;
  const MethodChoice chosen_;
  const ModelFile& file_;
  Attributor attributor_;
  std::vector<std::string> names_;
  AttributedPicture result_;
};

}  // namespace

MethodChoice ParseMethods(const std::vector<std::string>& texts) {
  MethodChoice choice;
  const auto add = [&](AttributionMethod method) {
    const auto end = choice.methods.end();
    if (std::find(choice.methods.begin(), end, method) == end) choice.methods.push_back(method);
  };
  if (texts.empty()) add(AttributionMethod::kGradCam);
  for (const std::string& text : texts) {
    for (const std::string& name : Split(text, ',')) {
      if (name != "all") {
        add(AttributionMethodOf(name));
        continue;
      }
      choice.all = true;
      for (const AttributionMethodFacts& facts : AttributionMethods()) add(facts.method);
    }
  }
  return choice;
}

AttributedPicture AttributePicture(const AttributeRequest& request) {
  ParseMethods(request.methods);  // before anything is opened
  const ModelAndData opened = OpenModelForPictures(request.model, request.picture);
  const auto read = [&] {
    return ReadModelPicture(opened.model.file, request.picture, opened.data, "one picture is attributed");
  };
  return Attributing(request, opened.model, read).Run();
}

AttributedPicture AttributeShown(const OpenedModel& model, ModelPicture shown, const AttributeRequest& request) {
  return Attributing(request, model, [&] { return std::move(shown); }).Run();
}

std::string NameOf(const AttributedPicture& picture, const AttributedMap& map) {
  const AttributionMethodFacts& facts = FactsOf(map.attribution.method);
  return facts.knows_class ? fmt::format("{} of {}", facts.name, picture.classes[map.for_class].name)
                           : std::string(facts.name);
}

std::vector<std::filesystem::path> SaveAttributions(const AttributedPicture& picture,
                                                    const std::filesystem::path& folder, const Progress& progress) {
  std::vector<NamedArray> arrays;
  for (const AttributedMap& map : picture.maps) {
    const AttributionMethodFacts& facts = FactsOf(map.attribution.method);
    std::string name(facts.name);
    if (facts.knows_class) name += "/" + picture.classes[map.for_class].name;
    // A name may hold a slash of its own.
    arrays.push_back({name, &map.attribution.raw});
    arrays.push_back({name + ".map", &map.attribution.map});
  }
  return SaveArrays(arrays, folder, progress);
}

}  // namespace convscope
