#include "convscope/inspect/attribution/attributor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/affordable_batch.h"
#include "convscope/inspect/attribution/cam.h"

namespace convscope {
namespace {

// More pictures at once save nothing: layers are out of the caches by then.
constexpr int64_t kMostAtOnce = 8;

using Method = AttributionMethod;

constexpr std::string_view kLargest = "largest absolute value of the channels", kSum = "sum of the channels";

constexpr AttributionMethodFacts kMethods[] = {
    {Method::kSaliency, "saliency", kLargest, false, false, true},
    {Method::kInputXGradient, "input-x-gradient", kSum, true, false, true},
    {Method::kSmoothGrad, "smoothgrad", kLargest, false, false, true},
    {Method::kIntegratedGradients, "integrated-gradients", kSum, true, false, true},
    {Method::kGuidedBackpropagation, "guided-backprop", kLargest, false, false, true},
    {Method::kDeconvolution, "deconvolution", kLargest, false, false, true},
    {Method::kGradCam, "grad-cam", "", false, true, true},
    {Method::kGradCamPlusPlus, "grad-cam++", "", false, true, true},
    {Method::kLayerCam, "layer-cam", "", false, true, true},
    {Method::kScoreCam, "score-cam", "", false, true, true},
    {Method::kEigenCam, "eigen-cam", "", false, true, false},
    {Method::kOcclusion, "occlusion", "", true, false, true},
};

// (1, H, W, C) to (H, W).
Tensor PixelMap(const Tensor& raw, bool is_signed) {
  const int64_t channels = raw.shape()[3];
  Tensor map({raw.shape()[1], raw.shape()[2]});
  for (int64_t i = 0; i < map.size(); ++i) {
    const float* const values = raw.data() + i * channels;
    if (is_signed) {
      double sum = 0;
      for (int64_t c = 0; c < channels; ++c) sum += static_cast<double>(values[c]);
      map.data()[i] = static_cast<float>(sum);
      continue;
    }
    float largest = 0;
    // Once it is a NaN it stays one: no comparison with it holds.
    for (int64_t c = 0; c < channels; ++c) {
      const float size = std::fabs(values[c]);
      if (size > largest || std::isnan(size)) largest = size;
    }
    map.data()[i] = largest;
  }
  return map;
}

GradientRule RuleOf(Method method) {
  if (method == Method::kGuidedBackpropagation) return GradientRule::kGuided;
  return method == Method::kDeconvolution ? GradientRule::kDeconvolution : GradientRule::kTrue;
}

}  // namespace

std::span<const AttributionMethodFacts> AttributionMethods() {
  return kMethods;
}

const AttributionMethodFacts& FactsOf(AttributionMethod method) {
  return kMethods[static_cast<size_t>(method)];
}

AttributionMethod AttributionMethodOf(std::string_view name) {
  std::string names;
  for (const AttributionMethodFacts& facts : kMethods) {
    if (facts.name == name) return facts.method;
    names += (names.empty() ? "" : ", ") + std::string(facts.name);
  }
  throw Error({.where = "method", .rule = "one of " + names, .received = Concat('"', name, '"')});
}

Attributor::Attributor(Model model, AttributorOptions options)
    : model_(std::move(model)),
      target_(FindAttributionTarget(model_.graph(), options.outputs)),
      wanted_layer_(std::move(options.layer)),
      batch_(options.batch > 0 ? options.batch : AffordableBatch(model_.graph(), kMostAtOnce)) {
  if (wanted_layer_ || UsualCamLayer(model_.graph(), target_)) {
    layer_ = CamLayer(model_.graph(), target_, wanted_layer_);
    const Shape& shape = model_.graph()[*layer_].type.shape;
    layer_maps_ = {shape[1], shape[2], shape[3]};
  }
}

std::string Attributor::layer() const {
  return layer_ ? *layer_ : CamLayer(model_.graph(), target_, wanted_layer_);
}

SampleRun& Attributor::Scores() {
  if (!scores_) scores_.emplace(model_, target_, SampleRunOptions{.batch = batch_});
  return *scores_;
}

SampleRun& Attributor::InputGradient(GradientRule rule, int64_t batch) {
  if (!input_gradient_ || input_rule_ != rule || input_gradient_->batch() != batch) {
    input_gradient_.reset();  // its memory first
    input_gradient_.emplace(model_, target_,
                            SampleRunOptions{.batch = batch, .gradient_of = target_.input, .rule = rule});
    input_rule_ = rule;
  }
  return *input_gradient_;
}

SampleRun& Attributor::LayerGradient() {
  if (!layer_gradient_) {
    layer_gradient_.emplace(model_, target_, SampleRunOptions{.gradient_of = layer(), .kept = layer()});
  }
  return *layer_gradient_;
}

std::vector<float> Attributor::Logits(const Tensor& input) {
  if (!one_) one_.emplace(model_, target_);
  std::vector<float> logits;
  (*one_)(input, kPredictedClass,
          [&](const SampleRun::Sample& sample) { logits.assign(sample.logits.begin(), sample.logits.end()); });
  return logits;
}

int64_t Attributor::NumberOf(const Tensor& input, int64_t class_index) {
  if (class_index != kPredictedClass) return class_index;
  const std::vector<float> logits = Logits(input);
  CheckPredicts(logits);
  return PredictedClass(logits);
}

Attribution Attributor::operator()(AttributionMethod method, const Tensor& input, int64_t class_index,
                                   const AttributionSettings& settings) {
  return std::move(ForClasses(method, input, std::array{class_index}, settings)[0]);
}

std::vector<Attribution> Attributor::ForClasses(AttributionMethod method, const Tensor& input,
                                                std::span<const int64_t> classes, const AttributionSettings& settings) {
  CheckPicture(target_, input);
  for (const int64_t class_index : classes) CheckClass(target_, class_index);
  const bool of_layer = FactsOf(method).of_layer, scored = method == Method::kScoreCam || method == Method::kOcclusion;
  std::vector<int64_t> numbers(classes.begin(), classes.end());
  // What runs changed copies must know whose score of them is meant.
  if (!of_layer || scored) {
    for (int64_t& number : numbers) number = NumberOf(input, number);
  }
  if (method == Method::kOcclusion) return Occlusions(input, numbers, settings);
  if (method == Method::kScoreCam) return ScoreCams(input, numbers, settings);
  std::vector<Attribution> results;
  for (const int64_t number : numbers) {
    results.push_back(of_layer ? OfLayer(method, input, number) : OfGradient(method, input, number, settings));
  }
  return results;
}

std::vector<Attribution> Attributor::Occlusions(const Tensor& input, std::span<const int64_t> classes,
                                                const AttributionSettings& settings) {
  OcclusionOptions options = settings.occlusion.value_or(UsualOcclusion(input.shape()[1], input.shape()[2]));
  options.progress = settings.progress;
  const SharedTensor baseline =
      settings.occlusion_baseline ? settings.occlusion_baseline : Share(Tensor::Zeros(input.shape()));
  std::vector<Occlusion> found = Occlude(Scores(), input, *baseline, classes, options);
  std::vector<Attribution> results;
  for (size_t k = 0; k < found.size(); ++k) {
    results.push_back({.method = Method::kOcclusion,
                       .class_index = classes[k],
                       .raw = std::move(found[k].drops),
                       .map = std::move(found[k].attribution),
                       .occlusion = options});
  }
  return results;
}

Attribution Attributor::OfGradient(AttributionMethod method, const Tensor& input, int64_t class_index,
                                   const AttributionSettings& settings) {
  Attribution result{.method = method, .class_index = class_index};
  const bool many = method == Method::kSmoothGrad || method == Method::kIntegratedGradients;
  SampleRun& run = InputGradient(RuleOf(method), many ? batch_ : 1);
  if (method == Method::kInputXGradient) {
    result.raw = InputTimesGradient(run, input, class_index);
  } else if (method == Method::kSmoothGrad) {
    SmoothGradOptions options = settings.smooth_grad;
    options.progress = settings.progress;
    result.raw = SmoothGrad(run, input, class_index, options);
  } else if (method == Method::kIntegratedGradients) {
    IntegratedGradientsOptions options = settings.integration;
    options.progress = settings.progress;
    const SharedTensor baseline =
        settings.integration_baseline ? settings.integration_baseline : Share(Tensor::Zeros(input.shape()));
    result.integration = IntegrateGradients(run, input, *baseline, class_index, options);
    result.raw = std::move(result.integration->attribution);
  } else {
    result.raw = ScoreGradient(run, input, class_index);
  }
  result.map = PixelMap(result.raw, FactsOf(method).is_signed);
  return result;
}

Attribution Attributor::OfLayer(AttributionMethod method, const Tensor& input, int64_t class_index) {
  Attribution result{.method = method, .class_index = class_index};
  // What knows no class needs none that is predicted, which NaN do not.
  if (!FactsOf(method).knows_class) class_index = 0;
  LayerGradient()(input, class_index, [&](const SampleRun::Sample& sample) {
    const TensorView<const float> maps(sample.kept.data(), layer_maps_);
    const TensorView<const float> gradients(sample.gradient.data(), layer_maps_);
    result.class_index = sample.class_index;
    if (method == Method::kGradCam) result.raw = GradCam(maps, gradients);
    if (method == Method::kGradCamPlusPlus) result.raw = GradCamPlusPlus(maps, gradients);
    if (method == Method::kLayerCam) result.raw = LayerCam(maps, gradients);
    if (method == Method::kEigenCam) result.raw = EigenCam(maps);
  });
  if (!FactsOf(method).knows_class) result.class_index = kPredictedClass;
  result.map = MapAtSize(std::as_const(result.raw).view(), target_.sample[0], target_.sample[1]);
  return result;
}

std::vector<Attribution> Attributor::ScoreCams(const Tensor& input, std::span<const int64_t> classes,
                                               const AttributionSettings& settings) {
  if (classes.empty()) return {};
  Tensor maps(layer_maps_);
  LayerGradient()(input, classes[0], [&](const SampleRun::Sample& sample) {
    std::copy(sample.kept.begin(), sample.kept.end(), maps.data());
  });
  std::vector<Tensor> found = ScoreCam(Scores(), input, std::as_const(maps).view(), classes, settings.progress);
  std::vector<Attribution> results;
  for (size_t k = 0; k < found.size(); ++k) {
    Tensor map = MapAtSize(std::as_const(found[k]).view(), target_.sample[0], target_.sample[1]);
    results.push_back(
        {.method = Method::kScoreCam, .class_index = classes[k], .raw = std::move(found[k]), .map = std::move(map)});
  }
  return results;
}

}  // namespace convscope
