// Normalizations of .onnx files.
#include <algorithm>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/group_normalization_operation.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/local_response_normalization_operation.h"
#include "convscope/graph/lp_normalization_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/unary_operation.h"

namespace convscope::internal {
namespace {

void ReadBatchNormalization(const ImportNode& node) {
  const bool training = node.opset() >= 14  ? node.Integer("training_mode", 0) != 0
                        : node.opset() >= 7 ? node.WantsOutput(1)
                                            : node.Integer("is_test", 0) == 0;
  if (training) node.Fail("a network that is looked at normalizes by its stored statistics", "training mode");
  if (node.opset() < 9 && node.Integer("spatial", 1) == 0) {
    node.Fail("a channel is normalized as a whole", "spatial 0, a mean for each pixel");
  }
  std::vector<std::string> inputs = {node.ChannelsLast(0)};
  for (size_t i = 1; i < 5; ++i) inputs.push_back(node.AsInFile(i));
  node.Add(BatchNormalizationOp{.epsilon = node.Number("epsilon", 1e-5), .momentum = node.Number("momentum", 0.9)},
           inputs, ChannelsLastAxes(node.rank()));
}

void ReadInstanceNormalization(const ImportNode& node) {
  node.Add(GroupNormalizationOp{.groups = 0, .epsilon = node.Number("epsilon", 1e-5)},
           {node.ChannelsLast(0), node.AsInFile(1), node.AsInFile(2)}, ChannelsLastAxes(node.rank()));
}

// One value for each channel, of one for each group (opset 18).
std::string OfChannels(const ImportNode& node, size_t i, std::string_view what, int64_t channels) {
  const int64_t given = node.InputShape(i).NumElements();
  if (given == channels || given == 0 || channels % given != 0) return node.AsInFile(i);
  const std::vector<double> groups = node.ConstantNumbers(i, what);
  node.Spend(channels);
  Tensor values(Shape{channels});
  for (int64_t c = 0; c < channels; ++c) {
    values.data()[c] = static_cast<float>(groups[static_cast<size_t>(c / (channels / given))]);
  }
  return node.AddConstant(what, std::move(values));
}

void ReadGroupNormalization(const ImportNode& node) {
  const int64_t channels = node.InputShape(0)[1];
  node.Add(GroupNormalizationOp{.groups = node.Integer("num_groups"), .epsilon = node.Number("epsilon", 1e-5)},
           {node.ChannelsLast(0), OfChannels(node, 1, "scale", channels), OfChannels(node, 2, "bias", channels)},
           ChannelsLastAxes(node.rank()));
}

// The statistics are outputs where the file asks for them.
void ReadLayerNormalization(const ImportNode& node) {
  const int64_t axis = node.Axis(node.Integer("axis", -1));
  const double epsilon = node.Number("epsilon", 1e-5);
  const FileAxes same = SameAxes(node.rank());
  const std::string x = node.AsInFile(0);
  std::vector<std::string> inputs = {x};
  for (size_t i = 1; i < 3; ++i) {
    if (node.HasInput(i))
      inputs.push_back(node.AddStep(i == 1 ? "gamma" : "beta", ReshapeOp{{-1}}, {node.AsInFile(i)}));
  }
  node.Add(
      LayerNormalizationOp{.axis = axis, .epsilon = epsilon, .center = node.HasInput(2), .scale = node.HasInput(1)},
      inputs, same);
  if (!node.WantsOutput(1) && !node.WantsOutput(2)) return;
  std::vector<int64_t> axes;
  for (int64_t i = axis; i < node.rank(); ++i) axes.push_back(i);
  node.Add(ReduceOp{.kind = ReduceKind::kMean, .axes = axes}, {x}, same, 1);
  if (!node.WantsOutput(2)) return;
  const std::string mean = node.AddStep("mean", ReduceOp{.kind = ReduceKind::kMean, .axes = axes}, {x});
  const std::string centred = node.AddStep("centred", BinaryOp{BinaryKind::kSubtract}, {x, mean});
  const std::string square = node.AddStep("square", MultiplyOp{}, {centred, centred});
  const std::string variance = node.AddStep("variance", ReduceOp{.kind = ReduceKind::kMean, .axes = axes}, {square});
  const std::string above = node.AddStep("above_zero", ScaleOp{.scale = 1, .offset = epsilon}, {variance});
  const std::string deviation = node.AddStep("deviation", UnaryOp{UnaryKind::kSqrt}, {above});
  node.Add(UnaryOp{UnaryKind::kReciprocal}, {deviation}, same, 2);
}

// (x - mean) / (deviation + 1e-9) over the axes given.
void ReadMeanVariance(const ImportNode& node) {
  std::vector<int64_t> over = node.Has("axes") ? node.Integers("axes") : std::vector<int64_t>{0, 2, 3};
  const FileAxes axes = node.AxesOf(0), places = Inverse(axes);
  for (int64_t& axis : over) axis = places[static_cast<size_t>(node.Axis(axis))];
  std::sort(over.begin(), over.end());
  const ReduceOp mean_op{.kind = ReduceKind::kMean, .axes = over};
  const std::string x = node.Stored(0, axes), mean = node.AddStep("mean", mean_op, {x});
  const std::string centred = node.AddStep("centred", BinaryOp{BinaryKind::kSubtract}, {x, mean});
  const std::string square = node.AddStep("square", MultiplyOp{}, {centred, centred});
  const std::string variance = node.AddStep("variance", mean_op, {square});
  const std::string deviation = node.AddStep("deviation", UnaryOp{UnaryKind::kSqrt}, {variance});
  const std::string above = node.AddStep("above_zero", ScaleOp{.scale = 1, .offset = 1e-9}, {deviation});
  node.Add(BinaryOp{BinaryKind::kDivide}, {centred, above}, axes);
}

void ReadLocalResponse(const ImportNode& node) {
  node.Add(LocalResponseNormalizationOp{.size = node.Integer("size"),
                                        .alpha = node.Number("alpha", 1e-4),
                                        .beta = node.Number("beta", 0.75),
                                        .bias = node.Number("bias", 1)},
           {node.ChannelsLast(0)}, ChannelsLastAxes(node.rank()));
}

void ReadLpNormalization(const ImportNode& node) {
  const FileAxes axes = node.AxesOf(0);
  const int64_t axis = node.Axis(node.Integer("axis", -1));
  node.Add(LpNormalizationOp{.axis = Inverse(axes)[static_cast<size_t>(axis)], .p = node.Integer("p", 2)},
           {node.Stored(0, axes)}, axes);
}

}  // namespace

std::vector<OnnxReader> OnnxNormalizationReaders() {
  constexpr ImportAxes kLast = ImportAxes::kChannelsLast;
  return {
      {"BatchNormalization", kLast, ReadBatchNormalization},
      {"GroupNormalization", kLast, ReadGroupNormalization},
      {"InstanceNormalization", kLast, ReadInstanceNormalization},
      {"LRN", kLast, ReadLocalResponse},
      {"LayerNormalization", ImportAxes::kFile, ReadLayerNormalization},
      {"LpNormalization", ImportAxes::kFollowing, ReadLpNormalization},
      {"MeanVarianceNormalization", ImportAxes::kFollowing, ReadMeanVariance},
  };
}

}  // namespace convscope::internal
