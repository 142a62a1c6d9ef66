// What a screen shows of a network and of what it computes of a picture: described, looked at, its maps, its filters,
// its attributions. As JSON, and as the bytes of safetensors files (float32) whose metadata hold JSON under "report",
// so that a page has the numbers themselves.
#ifndef CONVSCOPE_TASKS_NETWORK_VIEW_H_
#define CONVSCOPE_TASKS_NETWORK_VIEW_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/figures/scale.h"
#include "convscope/graph/trace.h"
#include "convscope/tasks/attribute_picture.h"
#include "convscope/tasks/explain_value.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

// What SummaryJson tells, and besides: "title"; "classes" (0 for no classifier); of each of "layers" "tensor" (what it
// computes and can be looked at, or null) with "before" (what an activation made that of), "maps" ("rows", "columns",
// "channels", "places": whether those are the picture's) and "kernel" (its parameter), each where there is one; "input"
// ("name", "shape"); "cam_layers", those that class activation maps can be made of; "graph", the places of boxes and
// arrows as a figure has them ("width", "height", "nodes", "edges", "groups"), each node with the "tensor" that stands
// for it, or null where the network has too many boxes; "remarks", what was assumed and what is missing, a line each.
// `model` is for one picture.
std::string NetworkJson(const OpenedModel& model, const std::vector<std::string>& remarks = {});

// What looking may cost; checked before anything is computed.
struct LookLimits {
  int64_t elements;       // of the computed tensors together
  int64_t multiply_adds;  // of one picture
};

// A model on a picture: every tensor.
struct NetworkLook {
  std::shared_ptr<const OpenedModel> model;
  ModelPicture shown;
  std::shared_ptr<const Trace> trace;
  std::set<std::string> never_negative;
  std::map<std::string, ValueRange> ranges;  // of all tensors that can be looked at
  ValueRange all;                            // of the layers together: one scale for the network

  int64_t elements() const;  // of the computed tensors
};

// Throws Error for a model that is shown no pictures or beyond the limits.
NetworkLook LookAt(std::shared_ptr<const OpenedModel> model, ModelPicture shown, const LookLimits& limits,
                   const Progress& progress = {});

// "picture" (H, W, C), 0 to 1, as the model sees it; told are "source", "note" and "truth" of it, "tensors": of each
// that can be looked at "name", "shape", its range ("low", "high", "count", "not_finite", "usual"), "signs", "mean",
// "deviation", "zeros" (a share), "dead" maps; "prediction" (null: no classifier): "probabilities", "nothing" and "top"
// ("class", "name", "score"), the `top` likeliest; "milliseconds" of computing.
std::string LookBytes(const NetworkLook& look, int64_t top);

struct MapsChoice {
  std::string tensor;
  std::vector<int64_t> channels;  // none: all
  int64_t side = 1024;            // most rows and columns; of larger maps every n-th value of every n-th row is shown
};

// "maps" (channels, rows, columns); told are "tensor", "rows", "columns" and "step", "channels", "signs", and the
// ranges "maps" (of each chosen one), "layer" and "network". Throws Error for a tensor or a channel that there is not.
std::string MapsBytes(const NetworkLook& look, const MapsChoice& choice);

// The kernel of a layer: "filters" (filters, channels, rows, columns), of many only the first of both, so that they are
// at most `most` numbers; told are what `weights --json` tells of the parameter, "shown", and "range".
std::string FiltersBytes(const OpenedModel& model, const std::string& parameter, int64_t most);

// Why a value is what it is: ExplainTraced of the picture that was looked at.
ExplainedValue ExplainLook(const NetworkLook& look, const ExplainRequest& request);

// What speaks for a class: AttributeShown of it.
AttributedPicture AttributeLook(const NetworkLook& look, const AttributeRequest& request);

// One tensor (H, W) for each map, named METHOD or METHOD.CLASS; told is what AttributeJson tells, and of each of
// "attributions" also "tensor", "signed", "of_layer" and "range".
std::string AttributionBytes(const AttributedPicture& picture);

// "methods": "name", "of_layer", "knows_class", "signed".
std::string AttributionMethodsJson();

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_NETWORK_VIEW_H_
