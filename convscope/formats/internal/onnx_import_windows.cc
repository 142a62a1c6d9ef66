// Convolutions and pools of .onnx files.
#include <algorithm>
#include <cmath>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/global_pool_operation.h"
#include "convscope/graph/lp_pool_operation.h"
#include "convscope/graph/max_pool_indices_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"

namespace convscope::internal {
namespace {

int SpatialRank(const ImportNode& node) {
  if (node.rank() < 3 || node.rank() > 5) {
    node.Fail(Concat(node.type(), " slides over one to three axes: its input is (N, C, spatial...)"),
              node.InputShape(0).ToString());
  }
  return node.rank() - 2;
}

// A list of the file that has one entry a spatial axis; `otherwise` where there is none.
std::vector<int64_t> SpatialList(const ImportNode& node, std::string_view attribute, int64_t otherwise) {
  std::vector<int64_t> list = node.SmallIntegers(attribute);
  const auto rank = static_cast<size_t>(SpatialRank(node));
  if (list.empty()) list.assign(rank, otherwise);
  if (list.size() != rank) {
    node.Fail(Concat(attribute, " has one entry for each of the ", rank, " spatial axes"), Concat(list.size()));
  }
  return list;
}

// The sizes of a pool's window, which have no default.
std::vector<int64_t> WindowSizes(const ImportNode& node) {
  node.Require("kernel_shape");
  return SpatialList(node, "kernel_shape", 1);
}

// The norm that a pool takes: until opset 2 a float.
int64_t NormOf(const ImportNode& node) {
  if (node.opset() >= 2) return node.Integer("p", 2);
  const double p = node.Number("p", 2);
  if (!(p >= 1 && p <= 1024) || p != std::floor(p)) node.Fail("p is a whole number from 1 to 1024", Concat(p));
  return static_cast<int64_t>(p);
}

struct ImportWindow {
  std::vector<int64_t> sizes, strides, dilations;
  std::vector<Padding> padding;
};

// The beginning and the end of `total` elements of padding, the odd one where the rule has it.
Padding Halves(int64_t total, bool odd_at_end) {
  const int64_t half = total / 2;
  return odd_at_end ? Padding::Explicit(half, total - half) : Padding::Explicit(total - half, half);
}

ImportWindow WindowOf(const ImportNode& node, std::vector<int64_t> sizes) {
  ImportWindow window{.sizes = std::move(sizes),
                      .strides = SpatialList(node, "strides", 1),
                      .dilations = SpatialList(node, "dilations", 1),
                      .padding = {}};
  const size_t rank = window.sizes.size();
  // What a pool lists and works in grows with it, and a few bytes of a file can ask for any.
  constexpr int64_t kLongest = int64_t{1} << 22;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t step = std::max<int64_t>(window.dilations[i], 1);
    if (window.sizes[i] - 1 <= kLongest / step) continue;
    node.Fail(Concat("a window is at most ", kLongest, " long, with its dilation"),
              Concat(window.sizes[i], " times ", window.dilations[i]));
  }
  const std::string automatic = node.Word("auto_pad", "NOTSET");
  const std::vector<int64_t> pads = node.SmallIntegers("pads");
  if (automatic == "NOTSET" && !pads.empty() && pads.size() != 2 * rank) {
    node.Fail(Concat("pads has ", 2 * rank, " entries: the beginnings of the spatial axes, then their ends"),
              Concat(pads.size()));
  }
  for (size_t i = 0; i < rank; ++i) {
    if (automatic == "VALID" || (automatic == "NOTSET" && pads.empty())) {
      window.padding.push_back(Padding::Valid());
    } else if (automatic == "NOTSET") {
      window.padding.push_back(Padding::Explicit(pads[i], pads[rank + i]));
    } else if (automatic == "SAME_UPPER") {
      window.padding.push_back(Padding::Same());
    } else if (automatic == "SAME_LOWER") {
      const int64_t in = node.InputShape(0)[static_cast<int>(i) + 2], stride = std::max<int64_t>(window.strides[i], 1);
      const int64_t out = (in + stride - 1) / stride;
      const int64_t extent = window.dilations[i] * (window.sizes[i] - 1) + 1;
      window.padding.push_back(Halves(std::max<int64_t>(extent + (out - 1) * stride - in, 0), false));
    } else {
      node.Fail("auto_pad is NOTSET, VALID, SAME_UPPER or SAME_LOWER", automatic);
    }
  }
  return window;
}

std::vector<int64_t> KernelSizes(const ImportNode& node) {
  const Shape& kernel = node.InputShape(1);
  if (kernel.rank() != node.rank()) {
    node.Fail("the kernel has as many axes as the input",
              Concat(kernel.ToString(), " for ", node.InputShape(0).ToString()));
  }
  return {kernel.lengths().begin() + 2, kernel.lengths().end()};
}

// (spatial..., 1, 0): how our kernels lie, of those of the file (filters, channels, spatial...).
FileAxes KernelAxes(int rank) {
  FileAxes axes;
  for (int axis = 2; axis < rank; ++axis) axes.push_back(axis);
  axes.insert(axes.end(), {1, 0});
  return axes;
}

std::vector<std::string> ConvInputs(const ImportNode& node) {
  std::vector<std::string> inputs = {node.ChannelsLast(0), node.Stored(1, KernelAxes(node.rank()))};
  if (node.HasInput(2)) inputs.push_back(node.AsInFile(2));
  return inputs;
}

void ReadConv(const ImportNode& node) {
  SpatialRank(node);
  const ImportWindow window = WindowOf(node, KernelSizes(node));
  node.Add(ConvOp{.strides = window.strides,
                  .dilations = window.dilations,
                  .padding = window.padding,
                  .groups = node.Integer("group", 1)},
           ConvInputs(node), ChannelsLastAxes(node.rank()));
}

void ReadConvTranspose(const ImportNode& node) {
  const auto rank = static_cast<size_t>(SpatialRank(node));
  const std::vector<int64_t> sizes = KernelSizes(node), strides = SpatialList(node, "strides", 1);
  const std::vector<int64_t> dilations = SpatialList(node, "dilations", 1), pads = node.SmallIntegers("pads");
  std::vector<int64_t> output_padding = SpatialList(node, "output_padding", 0);
  std::vector<int64_t> shape = node.SmallIntegers("output_shape");
  if (shape.size() == rank + 2) shape.erase(shape.begin(), shape.begin() + 2);
  const std::string automatic = node.Word("auto_pad", "NOTSET");
  if ((!shape.empty() && shape.size() != rank) || (!pads.empty() && pads.size() != 2 * rank)) {
    node.Fail("output_shape has one entry a spatial axis, pads two", Concat(shape.size(), " and ", pads.size()));
  }
  std::vector<Padding> padding;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t in = node.InputShape(0)[static_cast<int>(i) + 2];
    if (shape.empty() && automatic == "NOTSET") {
      padding.push_back(pads.empty() ? Padding::Explicit(0, 0) : Padding::Explicit(pads[i], pads[rank + i]));
      continue;
    }
    if (shape.empty() && automatic == "VALID") {
      padding.push_back(Padding::Explicit(0, 0));
      continue;
    }
    const int64_t out = shape.empty() ? in * strides[i] : shape[i];
    const int64_t total = strides[i] * (in - 1) + output_padding[i] + dilations[i] * (sizes[i] - 1) + 1 - out;
    if (total < 0) output_padding[i] -= total;
    padding.push_back(Halves(std::max<int64_t>(total, 0), automatic == "SAME_UPPER"));
  }
  node.Add(ConvTransposeOp{.strides = strides,
                           .dilations = dilations,
                           .padding = padding,
                           .output_padding = output_padding,
                           .groups = node.Integer("group", 1)},
           ConvInputs(node), ChannelsLastAxes(node.rank()));
}

// The pool's input, and the same as floats where the file has integers.
std::string PoolInput(const ImportNode& node) {
  const bool floating = node.InputType(0) == DType::kFloat32 || node.InputType(0) == DType::kFloat64;
  return floating ? node.ChannelsLast(0) : node.AddStep("as_float", CastOp{DType::kFloat32}, {node.ChannelsLast(0)});
}

void AddPool(const ImportNode& node, OperationPtr operation) {
  const FileAxes axes = ChannelsLastAxes(node.rank());
  const DType dtype = node.InputType(0);
  if (dtype == DType::kFloat32 || dtype == DType::kFloat64) {
    node.Add(std::move(operation), {PoolInput(node)}, axes);
  } else {
    node.Add(CastOp{dtype}, {node.AddStep("pool", std::move(operation), {PoolInput(node)})}, axes);
  }
}

void ReadMaxPool(const ImportNode& node) {
  const ImportWindow window = WindowOf(node, WindowSizes(node));
  const bool ceil_mode = node.Integer("ceil_mode", 0) != 0;
  AddPool(node, PoolOp{.kind = PoolKind::kMax,
                       .sizes = window.sizes,
                       .strides = window.strides,
                       .dilations = window.dilations,
                       .padding = window.padding,
                       .ceil_mode = ceil_mode});
  if (!node.WantsOutput(1)) return;
  node.Add(MaxPoolIndicesOp{.sizes = window.sizes,
                            .strides = window.strides,
                            .dilations = window.dilations,
                            .padding = window.padding,
                            .ceil_mode = ceil_mode,
                            .column_major = node.Integer("storage_order", 0) != 0},
           {PoolInput(node)}, ChannelsLastAxes(node.rank()), 1);
}

void ReadAveragePool(const ImportNode& node) {
  const ImportWindow window = WindowOf(node, WindowSizes(node));
  AddPool(node, PoolOp{.kind = PoolKind::kAverage,
                       .sizes = window.sizes,
                       .strides = window.strides,
                       .dilations = window.dilations,
                       .padding = window.padding,
                       .ceil_mode = node.Integer("ceil_mode", 0) != 0,
                       .count_include_pad = node.Integer("count_include_pad", 0) != 0});
}

void ReadLpPool(const ImportNode& node) {
  const ImportWindow window = WindowOf(node, WindowSizes(node));
  node.Add(LpPoolOp{.p = NormOf(node),
                    .sizes = window.sizes,
                    .strides = window.strides,
                    .dilations = window.dilations,
                    .padding = window.padding,
                    .ceil_mode = node.Integer("ceil_mode", 0) != 0},
           {node.ChannelsLast(0)}, ChannelsLastAxes(node.rank()));
}

void ReadGlobalLpPool(const ImportNode& node) {
  SpatialRank(node);
  node.Add(LpPoolOp{.p = NormOf(node),
                    .sizes = {node.InputShape(0).lengths().begin() + 2, node.InputShape(0).lengths().end()}},
           {node.ChannelsLast(0)}, ChannelsLastAxes(node.rank()));
}

// The lengths that the pool before had without its padding; where more are asked for, zeros follow.
void ReadMaxUnpool(const ImportNode& node) {
  const int rank = SpatialRank(node);
  const std::vector<int64_t> sizes = WindowSizes(node), strides = SpatialList(node, "strides", 1);
  std::vector<int64_t> pads = node.SmallIntegers("pads"), lengths;
  if (pads.empty()) pads.resize(2 * static_cast<size_t>(rank));
  if (pads.size() != 2 * static_cast<size_t>(rank)) {
    node.Fail("pads has a beginning and an end for each spatial axis", Concat(pads.size(), " entries"));
  }
  for (int i = 0; i < rank; ++i) {
    const auto k = static_cast<size_t>(i);
    lengths.push_back((node.InputShape(0)[i + 2] - 1) * strides[k] + sizes[k] - pads[k] -
                      pads[static_cast<size_t>(rank) + k]);
  }
  const FileAxes axes = ChannelsLastAxes(node.rank());
  const std::vector<std::string> inputs = {node.ChannelsLast(0), node.ChannelsLast(1)};
  if (!node.HasInput(2)) return node.Add(MaxUnpoolOp{.lengths = lengths}, inputs, axes);
  const std::vector<int64_t> wanted = node.ConstantIntegers(2, "the shape of the result");
  PadOp pad{.before = std::vector<int64_t>(axes.size(), 0), .after = std::vector<int64_t>(axes.size(), 0)};
  const Shape& from = node.InputShape(0);
  bool fits = wanted.size() == axes.size() && wanted[0] == from[0] && wanted[1] == from[1];
  for (size_t i = 0; fits && i < lengths.size(); ++i) {
    fits = wanted[i + 2] >= lengths[i] && wanted[i + 2] <= int64_t{1} << 31;
    pad.after[i + 1] = wanted[i + 2] - lengths[i];
  }
  if (!fits) {
    node.Fail("output_shape has the samples and channels of the input, and is no smaller than what was pooled",
              Concat(wanted.size(), " lengths for an input ", from.ToString()));
  }
  node.Add(pad, {node.AddStep("unpool", MaxUnpoolOp{.lengths = lengths}, inputs)}, axes);
}

void ReadGlobalPool(const ImportNode& node) {
  node.Add(
      GlobalPoolOp{.kind = node.type() == "GlobalMaxPool" ? PoolKind::kMax : PoolKind::kAverage, .keep_axes = true},
      {node.ChannelsLast(0)}, ChannelsLastAxes(node.rank()));
}

}  // namespace

std::vector<OnnxReader> OnnxWindowReaders() {
  return {
      {"AveragePool", ImportAxes::kChannelsLast, ReadAveragePool},
      {"Conv", ImportAxes::kChannelsLast, ReadConv},
      {"ConvTranspose", ImportAxes::kChannelsLast, ReadConvTranspose},
      {"GlobalAveragePool", ImportAxes::kChannelsLast, ReadGlobalPool},
      {"GlobalLpPool", ImportAxes::kChannelsLast, ReadGlobalLpPool},
      {"GlobalMaxPool", ImportAxes::kChannelsLast, ReadGlobalPool},
      {"LpPool", ImportAxes::kChannelsLast, ReadLpPool},
      {"MaxPool", ImportAxes::kChannelsLast, ReadMaxPool},
      {"MaxUnpool", ImportAxes::kChannelsLast, ReadMaxUnpool},
  };
}

}  // namespace convscope::internal
