// What in a picture speaks for a class: attributions of one picture by several methods, for several classes, and how
// faithful they are. In words and as JSON; attribute_figure.h draws them.
#ifndef CONVSCOPE_TASKS_ATTRIBUTE_PICTURE_H_
#define CONVSCOPE_TASKS_ATTRIBUTE_PICTURE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/inspect/attribution/attributor.h"
#include "convscope/inspect/attribution/faithfulness.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

struct MethodChoice {
  std::vector<AttributionMethod> methods;  // each once
  bool all = false;                        // whether "all" was named
};

// Of names of AttributionMethods() or "all", with commas between them; of none, grad-cam. Throws Error for another
// name.
MethodChoice ParseMethods(const std::vector<std::string>& texts);

struct AttributeRequest {
  ModelChoice model;      // as OpenModel takes it
  PictureChoice picture;  // one
  // Names of AttributionMethods(); or "all": those that the model takes, the others are told of.
  std::vector<std::string> methods;  // none: grad-cam, or saliency where no layer has rows and columns
  // Numbers or names, or several with commas between them; empty: the predicted class.
  std::vector<std::string> classes;
  std::optional<std::string> layer;  // of class activation maps
  // What a picture with nothing in it is: "zero" (of what the model is fed), "black", "mean" (colour of the picture),
  // "blur", or a picture file. Empty: black for integrated gradients, mean for occlusion and deletion, blur for
  // insertion.
  std::string baseline;
  SmoothGradOptions smooth_grad;
  IntegratedGradientsOptions integration;
  std::optional<int64_t> window, stride;  // of occlusion, in pixels
  int64_t curve_steps = 0;                // of deletion and insertion; 0: no curves
  Progress progress = {};
};

struct AttributedClass {
  int64_t number = 0;
  std::string name;
  float logit = 0;
  double probability = 0;
};

struct FaithfulnessCurves {
  FaithfulnessCurve deletion, insertion;
};

struct AttributedMap {
  Attribution attribution;
  size_t for_class = 0;  // of AttributedPicture::classes; 0 for a method that knows none
  std::optional<FaithfulnessCurves> curves;
};

struct AttributedPicture {
  std::string model;
  bool trained = true;
  bool rectified = true;  // else guided backpropagation and deconvolution are the gradient
  ModelPicture shown;
  AttributedClass predicted;               // the first of the highest
  int64_t equals = 1;                      // classes that share the highest score with it, itself among them
  std::vector<AttributedClass> classes;    // that were asked for
  std::string layer;                       // of class activation maps; empty: none was made
  Shape layer_maps;                        // (rows, columns, channels)
  std::vector<AttributedMap> maps;         // method by method, within each class by class
  std::vector<FaithfulnessCurves> random;  // of random orders, one a class; empty: no curves
  std::string integration_baseline, occlusion_baseline, deletion_baseline, insertion_baseline;  // in words
  std::vector<std::string> left_out;  // of "all": method and reason
};

// Throws Error for a model that is no classifier of pictures, an unknown method or class (with those that there are), a
// layer without rows and columns, and what OpenModel, ReadModelPictures and the methods throw.
AttributedPicture AttributePicture(const AttributeRequest& request);

// The same of a picture in hand; `model` is for one picture. The request's model and picture say nothing, its baseline
// is none or a word.
AttributedPicture AttributeShown(const OpenedModel& model, ModelPicture shown, const AttributeRequest& request);

// "grad-cam of Sneaker", "eigen-cam".
std::string NameOf(const AttributedPicture& picture, const AttributedMap& map);

std::string AttributeText(const AttributedPicture& picture);
std::string AttributeJson(const AttributedPicture& picture);

// Writes two files a map into `folder`: METHOD.CLASS.npy with the raw values, at the layer's size for class activation
// maps, and METHOD.CLASS.map.npy (H, W), one value a pixel. All or none. Returns the files.
std::vector<std::filesystem::path> SaveAttributions(const AttributedPicture& picture,
                                                    const std::filesystem::path& folder, const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_ATTRIBUTE_PICTURE_H_
