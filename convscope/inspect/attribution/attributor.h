// What in a picture speaks for a class, by any of twelve methods: made ready once for a model, asked for many pictures
// and classes. The arithmetic of each method is in gradient_methods.h, cam.h and perturbation.h; how faithful the
// results are, in faithfulness.h.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_ATTRIBUTOR_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_ATTRIBUTOR_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/inspect/attribution/gradient_methods.h"
#include "convscope/inspect/attribution/perturbation.h"
#include "convscope/inspect/attribution/sample_run.h"
#include "convscope/inspect/attribution/target.h"

namespace convscope {

enum class AttributionMethod : uint8_t {
  kSaliency,
  kInputXGradient,
  kSmoothGrad,
  kIntegratedGradients,
  kGuidedBackpropagation,
  kDeconvolution,
  kGradCam,
  kGradCamPlusPlus,
  kLayerCam,
  kScoreCam,
  kEigenCam,
  kOcclusion,
};

struct AttributionMethodFacts {
  AttributionMethod method;
  std::string_view name;  // "grad-cam"
  // How the map of pixels is made of the raw values of a pixel's channels; empty: there is one.
  std::string_view channels;
  bool is_signed;    // whether negative values speak against the class; else the map shows strength alone
  bool of_layer;     // a class activation map: of a layer, not of the input
  bool knows_class;  // else the same for all classes
};

std::span<const AttributionMethodFacts> AttributionMethods();  // in the order of the enum
const AttributionMethodFacts& FactsOf(AttributionMethod method);
// Throws Error for an unknown name, with all that there are.
AttributionMethod AttributionMethodOf(std::string_view name);

struct AttributorOptions {
  std::vector<std::string> outputs;  // those that the model names
  std::optional<std::string> layer;  // of the class activation maps; default: the last of CamLayers
  int64_t batch = 0;                 // pictures run at once, where there are many; 0: AffordableBatch
};

struct AttributionSettings {
  // (1, H, W, C), as the model is fed: where integrated gradients begin, and what hides a window. Null: zeroes.
  SharedTensor integration_baseline, occlusion_baseline;
  SmoothGradOptions smooth_grad;
  IntegratedGradientsOptions integration;
  std::optional<OcclusionOptions> occlusion;  // default: UsualOcclusion
  Progress progress = {};
};

struct Attribution {
  AttributionMethod method = AttributionMethod::kSaliency;
  int64_t class_index = 0;  // that was attributed; kPredictedClass for a method that knows none
  // As the method computes it: (1, H, W, C) of a gradient, (rows, columns) of the layer, (windows down, windows across)
  // of an occlusion.
  Tensor raw;
  Tensor map;                                      // (H, W): one value a pixel of the picture
  std::optional<IntegratedGradients> integration;  // without its attribution, which is `raw`
  std::optional<OcclusionOptions> occlusion;       // that was used
};

// One object serves one thread at a time. It keeps the runs that it has made ready: one for each kind of method, with
// the model's parameters packed.
class Attributor {
 public:
  // Throws Error for a model that has no scores of classes or no input of pictures, and for a wrong layer. A model
  // without any layer for class activation maps is told when one is asked for.
  explicit Attributor(Model model, AttributorOptions options = {});

  const AttributionTarget& target() const { return target_; }
  const Model& model() const { return model_; }
  std::string layer() const;  // of class activation maps; throws Error where there is none
  bool has_layer() const { return layer_.has_value(); }

  std::vector<float> Logits(const Tensor& input);  // (K,) of one picture (1, H, W, C)

  // Class kPredictedClass is that of the input. Throws Error for an operation without a gradient, where the method
  // needs one.
  Attribution operator()(AttributionMethod method, const Tensor& input, int64_t class_index = kPredictedClass,
                         const AttributionSettings& settings = {});

  // The same of each of `classes`, in order and bit for bit. Occlusion and Score-CAM run their changed pictures once
  // for all of them.
  std::vector<Attribution> ForClasses(AttributionMethod method, const Tensor& input, std::span<const int64_t> classes,
                                      const AttributionSettings& settings = {});

  // The forward pass in batches: for occlusion, Score-CAM and the curves of faithfulness.
  SampleRun& Scores();

 private:
  SampleRun& InputGradient(GradientRule rule, int64_t batch);
  SampleRun& LayerGradient();
  Attribution OfGradient(AttributionMethod method, const Tensor& input, int64_t class_index,
                         const AttributionSettings& settings);
  Attribution OfLayer(AttributionMethod method, const Tensor& input, int64_t class_index);
  std::vector<Attribution> Occlusions(const Tensor& input, std::span<const int64_t> classes,
                                      const AttributionSettings& settings);
  std::vector<Attribution> ScoreCams(const Tensor& input, std::span<const int64_t> classes,
                                     const AttributionSettings& settings);
  int64_t NumberOf(const Tensor& input, int64_t class_index);  // of the predicted class, where that is meant

  Model model_;
  AttributionTarget target_;
  std::optional<std::string> wanted_layer_, layer_;
  Shape layer_maps_;  // (rows, columns, channels)
  int64_t batch_;
  std::optional<SampleRun> one_, scores_, layer_gradient_, input_gradient_;
  GradientRule input_rule_ = GradientRule::kTrue;
};

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_ATTRIBUTOR_H_
