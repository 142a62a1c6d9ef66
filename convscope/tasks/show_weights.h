// The weights of a model: statistics of every parameter, and of every filter of its kernels. How they are drawn is
// weights_figure.h's business.
#ifndef CONVSCOPE_TASKS_SHOW_WEIGHTS_H_
#define CONVSCOPE_TASKS_SHOW_WEIGHTS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/inspect/filter_bank.h"
#include "convscope/inspect/filter_statistics.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

struct WeightsRequest {
  ModelChoice model;                // as OpenModel takes it
  std::vector<std::string> layers;  // nodes, parameters, or what stands before the last '/' of them; empty: all
  // Tells which filters never answer: those whose activation never exceeds 0 on these pictures.
  std::optional<OpenDataOptions> data;
  bool train = false;   // the training pictures, else the test pictures
  double alike = 0.95;  // cosine similarity from which on two filters are near-duplicates, above 0, at most 1
};

// The filters of a kernel.
struct FilterFacts {
  KernelUse use;
  std::string layer;  // "conv_1"
  int64_t rows = 1, columns = 1, channels = 1, filters = 1;
  std::vector<double> norms;                        // of each filter
  std::vector<int64_t> dead;                        // filters whose norm is 0
  std::optional<std::vector<NearDuplicate>> alike;  // none: too many filters to compare
  std::vector<NearDuplicate> opposite;              // one nearly the negative of the other
  // With data: the tensor looked at, and the filters whose largest value there does not exceed 0.
  std::string activation;
  std::vector<int64_t> silent;
};

struct WeightTensor {
  std::string name;
  Shape shape;
  ValueStatistics statistics;
  Histogram histogram;
  std::optional<FilterFacts> filters;  // of kernels
};

struct Weights {
  OpenedModel model;
  WeightsRequest request;
  std::string data;  // "2000 test pictures of mnist"; empty: none were looked at
  std::vector<WeightTensor> tensors;
};

// Of one float32 parameter of the model. Throws Error where there is no such.
WeightTensor DescribeParameter(const Model& model, const std::string& parameter, double alike = 0.95);

// Throws Error for a layer that there is not, for a threshold out of range, and as OpenModel and OpenModelData do.
Weights ShowWeights(const WeightsRequest& request);

std::string WeightsText(const Weights& weights);
std::string WeightsJson(const Weights& weights);
// Each parameter under its name, in its own shape, and NAME.norms (F,) for each kernel, as .npy files.
std::vector<std::filesystem::path> SaveWeights(const Weights& weights, const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SHOW_WEIGHTS_H_
