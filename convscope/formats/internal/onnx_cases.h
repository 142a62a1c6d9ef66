// Small models of every operation that an .onnx file can hold, for tests. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_CASES_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_CASES_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/formats/model_file.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/clip_operation.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/depth_to_space_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/expand_operation.h"
#include "convscope/graph/gather_operation.h"
#include "convscope/graph/global_pool_operation.h"
#include "convscope/graph/group_normalization_operation.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/local_response_normalization_operation.h"
#include "convscope/graph/lp_normalization_operation.h"
#include "convscope/graph/lp_pool_operation.h"
#include "convscope/graph/matmul_operation.h"
#include "convscope/graph/max_pool_indices_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/normalization_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/prelu_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/resize_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/slice_operation.h"
#include "convscope/graph/tile_operation.h"
#include "convscope/graph/top_k_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/unary_operation.h"
#include "convscope/graph/upsample_operation.h"
#include "convscope/graph/where_operation.h"
#include "convscope/tensor/element_type.h"

namespace convscope::internal {

inline Tensor Noise(const TensorType& type, Random& random) {
  Tensor tensor(type.shape, type.dtype);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const float value = 2 * random.Normal();
    ForElementType(type.dtype, [&](auto element) {
      using T = decltype(element);
      tensor.data<T>()[i] =
          std::is_same_v<T, bool> ? value > 0 : static_cast<T>(std::is_signed_v<T> ? value : std::abs(value));
    });
  }
  return tensor;
}

// A model in the making: each method adds a node and returns its name.
class Network {
 public:
  explicit Network(std::string name) : name_(std::move(name)) {}

  std::string Input(const std::string& name, Shape shape, DType dtype = DType::kFloat32) {
    builder_.Input(name, {shape, dtype});
    return name;
  }
  // Noise; of positive numbers, as variances are, where told so.
  std::string Parameter(const std::string& name, Shape shape, bool positive = false, DType dtype = DType::kFloat32) {
    builder_.Parameter(name, {shape, dtype});
    Random random(7, name_ + name);
    Tensor tensor = Noise({shape, dtype}, random);
    for (int64_t i = 0; positive && i < tensor.size(); ++i) {
      ForElementType(dtype, [&](auto element) {
        using T = decltype(element);
        T& value = tensor.data<T>()[i];
        value = static_cast<T>(std::abs(static_cast<double>(value)) + (std::is_floating_point_v<T> ? 0.1 : 1));
      });
    }
    parameters_[name] = Share(std::move(tensor));
    return name;
  }
  // Whole numbers.
  std::string Integers(const std::string& name, Shape shape, const std::vector<int64_t>& values) {
    builder_.Parameter(name, {shape, DType::kInt64});
    Tensor tensor(shape, DType::kInt64);
    std::copy(values.begin(), values.end(), tensor.data<int64_t>());
    parameters_[name] = Share(std::move(tensor));
    return name;
  }
  std::string Add(const std::string& name, OperationPtr operation, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs = {}) {
    builder_.Add(name, std::move(operation), inputs, outputs);
    return name;
  }

  ModelFile File() const { return {.model = Model(builder_.Build(), parameters_), .name = name_}; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  GraphBuilder builder_;
  NamedTensors parameters_;
};

inline std::vector<ModelFile> ActivationCases() {
  std::vector<ModelFile> cases;
  for (const char* text : {"linear",
                           "relu",
                           "relu6",
                           "leaky_relu:0.3",
                           "elu:0.7",
                           "selu",
                           "sigmoid",
                           "hard_sigmoid:0.3:0.4",
                           "tanh",
                           "softplus",
                           "softsign",
                           "swish",
                           "gelu",
                           "gelu:tanh",
                           "mish",
                           "exponential",
                           "softmax",
                           "hard_swish",
                           "thresholded_relu:0.5",
                           "thresholded_relu:-0.5",
                           "celu:0.7",
                           "log_softmax"}) {
    std::string name = Concat("activation_", text);
    std::replace(name.begin(), name.end(), ':', '_');
    const ActivationOp op{ParseActivation(text)};
    // Alone on rows, and between tensors that have their channels second.
    Network network(name);
    network.Input("rows", {1, 11});
    network.Input("picture", {1, 5, 4, 3});
    network.Parameter("conv/kernel", {1, 1, 3, 7});
    network.Add("rows_out", op, {"rows"});
    network.Add("picture_activated", op, {"picture"});
    network.Add("conv", ConvOp{}, {"picture_activated", "conv/kernel"});
    network.Add("conv_activated", op, {"conv"});
    cases.push_back(network.File());
  }
  return cases;
}

// Lists of one value and of one an axis, at random.
inline std::vector<int64_t> RandomList(Random& random, int rank, int64_t least, int64_t most) {
  std::vector<int64_t> list(random.Bits() % 2 == 0 ? 1 : static_cast<size_t>(rank));
  for (int64_t& value : list) value = least + random.Bits() % (most - least + 1);
  return list;
}

inline std::vector<Padding> RandomPadding(Random& random, int rank, int64_t most) {
  std::vector<Padding> list(random.Bits() % 2 == 0 ? 1 : static_cast<size_t>(rank));
  for (Padding& padding : list) {
    const uint32_t kind = random.Bits() % 3;
    if (kind == 1) padding = Padding::Same();
    if (kind == 2) padding = Padding::Explicit(random.Bits() % (most + 1), random.Bits() % (most + 1));
  }
  return list;
}

inline PadMode RandomMode(Random& random) {
  const PadMode modes[] = {PadMode::kZero, PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap};
  return modes[random.Bits() % 5];
}

inline Shape RandomPicture(Random& random, int rank, int64_t channels) {
  std::vector<int64_t> lengths = {1};
  for (int axis = 0; axis < rank; ++axis) lengths.push_back(7 + random.Bits() % 4);
  lengths.push_back(channels);
  return Shape(lengths);
}

// Attributes that do not go together throw Error; other ones are drawn until `count` models are there.
template <typename Make>
void AddRandomCases(const std::string& name, int count, Make make, std::vector<ModelFile>& cases) {
  for (uint64_t seed = 0, made = 0; made < static_cast<uint64_t>(count); ++seed) {
    Network network(Concat(name, "_", made));
    Random random(seed, name);
    try {
      make(network, random);
    } catch (const Error&) {
      ASSERT_LT(seed, 1000u) << name;
      continue;
    }
    cases.push_back(network.File());
    ++made;
  }
}

inline std::vector<ModelFile> WindowCases() {
  std::vector<ModelFile> cases;
  for (const int rank : {1, 2, 3}) {
    AddRandomCases(
        Concat("conv_", rank, "d"), rank == 2 ? 24 : 8,
        [&](Network& network, Random& random) {
          const int64_t groups = 1 + random.Bits() % 2;
          network.Input("picture", RandomPicture(random, rank, 4));
          std::vector<int64_t> kernel;
          for (int axis = 0; axis < rank; ++axis) kernel.push_back(1 + random.Bits() % 4);
          kernel.insert(kernel.end(), {4 / groups, 6});
          std::vector<std::string> inputs = {"picture", network.Parameter("conv/kernel", Shape(kernel))};
          if (random.Bits() % 2 == 0) inputs.push_back(network.Parameter("conv/bias", {6}));
          network.Add("conv",
                      ConvOp{.strides = RandomList(random, rank, 1, 3),
                             .dilations = RandomList(random, rank, 1, 2),
                             .padding = RandomPadding(random, rank, 3),
                             .pad_mode = RandomMode(random),
                             .groups = groups,
                             .flip_kernel = random.Bits() % 2 == 0},
                      inputs);
        },
        cases);
    AddRandomCases(
        Concat("lp_pool_", rank, "d"), rank == 2 ? 16 : 8,
        [&](Network& network, Random& random) {
          network.Input("picture", RandomPicture(random, rank, 3));
          network.Add("pool",
                      LpPoolOp{.p = 1 + random.Bits() % 3,
                               .sizes = RandomList(random, rank, 1, 3),
                               .strides = RandomList(random, rank, 1, 3),
                               .dilations = RandomList(random, rank, 1, 2),
                               .padding = RandomPadding(random, rank, 2),
                               .pad_mode = RandomMode(random),
                               .ceil_mode = random.Bits() % 2 == 0},
                      {"picture"});
        },
        cases);
    for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
      const std::string name = Concat(kind == PoolKind::kMax ? "max_pool_" : "average_pool_", rank, "d");
      AddRandomCases(
          name, rank == 2 ? 40 : 16,
          [&](Network& network, Random& random) {
            network.Input("picture", RandomPicture(random, rank, 3));
            network.Add("pool",
                        PoolOp{.kind = kind,
                               .sizes = RandomList(random, rank, 1, 3),
                               .strides = RandomList(random, rank, 1, 3),
                               .dilations = RandomList(random, rank, 1, 2),
                               .padding = RandomPadding(random, rank, 2),
                               .pad_mode = RandomMode(random),
                               .ceil_mode = random.Bits() % 2 == 0,
                               .count_include_pad = kind == PoolKind::kAverage && random.Bits() % 2 == 0},
                        {"picture"});
          },
          cases);
    }
  }
  return cases;
}

// Operations that are sensitive to the layout, each read from a picture with channels last and from a convolution.
inline std::vector<ModelFile> LayerCases() {
  std::vector<ModelFile> cases;
  const auto add = [&](const std::string& name, int rank, auto make) {
    for (const bool after_conv : {false, true}) {
      Network network(Concat(name, "_", rank, "d", after_conv ? "_after_conv" : ""));
      Random random(1, network.name());
      const Shape picture = RandomPicture(random, rank, 4);
      network.Input("picture", picture);
      std::string from = "picture";
      if (after_conv) {
        std::vector<int64_t> kernel(static_cast<size_t>(rank), 1);
        kernel.insert(kernel.end(), {4, 4});
        from = network.Add("conv", ConvOp{}, {from, network.Parameter("conv/kernel", Shape(kernel))});
      }
      make(network, from, picture);
      cases.push_back(network.File());
    }
  };
  const auto ends = [](const Shape& x, int64_t most) {  // 0, 1, 2, 0, ... of each axis but the first
    std::vector<int64_t> list = {0};
    for (int axis = 1; axis < x.rank(); ++axis) list.push_back((axis + x.rank()) % (most + 1));
    return list;
  };
  for (const int rank : {1, 2, 3}) {
    for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
      const std::string name = kind == PoolKind::kMax ? "max" : "average";
      add("global_" + name, rank, [&](Network& network, const std::string& from, const Shape&) {
        network.Add("pool", GlobalPoolOp{.kind = kind}, {from});
        network.Add("kept", GlobalPoolOp{.kind = kind, .keep_axes = true}, {from});
        network.Add("gate", MultiplyOp{}, {from, "kept"});
      });
    }
    for (const PadMode mode : {PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
      add(Concat("pad_", Name(mode)), rank, [&](Network& network, const std::string& from, const Shape& x) {
        const double value = mode == PadMode::kZero ? -1.5 : 0;
        network.Add("pad", PadOp{.before = ends(x, 2), .after = ends(x, 1), .mode = mode, .value = value}, {from});
        const std::vector<int64_t> none(static_cast<size_t>(x.rank()));
        network.Add("not padded", PadOp{.before = none, .after = none, .mode = mode}, {"pad"});
      });
    }
    add("crop", rank, [&](Network& network, const std::string& from, const Shape& x) {
      network.Add("crop", CropOp{.before = ends(x, 2), .after = ends(x, 1)}, {from});
      const std::vector<int64_t> none(static_cast<size_t>(x.rank()));
      network.Add("not cropped", CropOp{.before = none, .after = none}, {"crop"});
    });
    for (const auto interpolation : {UpSampleOp::Interpolation::kNearest, UpSampleOp::Interpolation::kBilinear}) {
      const bool nearest = interpolation == UpSampleOp::Interpolation::kNearest;
      add(nearest ? "nearest" : "linear", rank, [&](Network& network, const std::string& from, const Shape&) {
        std::vector<int64_t> sizes = {3, 2, 1};
        sizes.resize(static_cast<size_t>(rank));
        network.Add("up", UpSampleOp{.sizes = sizes, .interpolation = interpolation}, {from});
        network.Add("more", UpSampleOp{.interpolation = interpolation}, {"up"});
      });
    }
    add("concat", rank, [&](Network& network, const std::string& from, const Shape&) {
      network.Add("relu", ActivationOp{ParseActivation("relu")}, {"picture"});
      network.Add("channels", ConcatOp{}, {from, "relu", "picture"});
      network.Add("pixels", ConcatOp{.axis = 1}, {from, "relu"});
    });
    add("product", rank, [&](Network& network, const std::string& from, const Shape&) {
      network.Add("product", MultiplyOp{}, {from, "picture", network.Parameter("factors", {4})});
      network.Add("square", MultiplyOp{}, {from, from});
    });
    add("scale", rank, [&](Network& network, const std::string& from, const Shape&) {
      network.Add("scale", ScaleOp{.scale = 1.0 / 3, .offset = -0.25}, {from});
      network.Add("no_offset", ScaleOp{.scale = 2}, {"scale"});
    });
    add("dropout", rank, [&](Network& network, const std::string& from, const Shape&) {
      network.Add("drop", DropoutOp{.rate = 0.25}, {from});
      network.Add("spatial", DropoutOp{.spatial = true}, {"drop"});
    });
    add("transpose", rank, [&](Network& network, const std::string& from, const Shape& x) {
      std::vector<int64_t> axes = {0};
      for (int axis = x.rank() - 1; axis > 0; --axis) axes.push_back(axis);
      network.Add("transpose", TransposeOp{axes}, {from});
    });
    add("picking", rank, [&](Network& network, const std::string& from, const Shape& x) {
      const auto axes = static_cast<size_t>(x.rank());
      SliceOp slice{std::vector<int64_t>(axes), std::vector<int64_t>(axes, -1), std::vector<int64_t>(axes, 1)};
      slice.starts[1] = 6, slice.counts[1] = 4, slice.steps[1] = -2;
      slice.starts[axes - 1] = 1, slice.counts[axes - 1] = 3;
      network.Add("slice", slice, {from});
      network.Add("everything",
                  SliceOp{std::vector<int64_t>(axes), std::vector<int64_t>(axes, -1), std::vector<int64_t>(axes, 1)},
                  {"slice"});
      network.Add("gather", GatherOp{.axis = 1}, {from, network.Integers("two_by_two", {2, 2}, {0, -1, 2, 2})});
      network.Add("one", GatherOp{.axis = -1}, {from, network.Integers("last", {}, {-1})});
      std::vector<int64_t> repeats(axes, 1), shape(axes, -1);
      repeats[1] = 3, repeats[axes - 1] = 2;
      network.Add("tile", TileOp{repeats}, {from});
      network.Add("pooled", GlobalPoolOp{.keep_axes = true}, {from});
      shape[1] = 5;
      network.Add("expand", ExpandOp{shape}, {"pooled"});
      if (rank == 1) {
        network.Add("each", GatherElementsOp{.axis = 1},
                    {network.Parameter("table", {2, 3}), network.Integers("places", {2, 2}, {2, -3, 0, 0})});
      }
      if (rank != 2) return;
      network.Add("even", SliceOp{{0, 0, 1, 0}, {-1, 6, 6, -1}, {1, 1, 1, 1}}, {from});
      network.Add("deep", SpaceToDepthOp{.block = 3}, {"even"});
      network.Add("wide", DepthToSpaceOp{.block = 3}, {"deep"});
      network.Add("shuffled", DepthToSpaceOp{.depth_first = false}, {"even"});
    });
    for (const ResizeMode mode : {ResizeMode::kNearest, ResizeMode::kLinear, ResizeMode::kCubic}) {
      if (mode == ResizeMode::kCubic && rank != 2) continue;
      add(Concat("resize_", Name(mode)), rank, [&](Network& network, const std::string& from, const Shape& x) {
        const auto axes = static_cast<size_t>(x.rank());
        ResizeOp scaled{.scales = std::vector<double>(axes, 1), .mode = mode};
        scaled.scales[1] = 2, scaled.scales[axes - 2] = 1.5;
        network.Add("scaled", scaled, {from});
        ResizeOp sized{.lengths = std::vector<int64_t>(axes), .mode = mode};
        sized.lengths[1] = 5, sized.lengths[axes - 2] = 11;
        for (const ResizeCoordinates coordinates :
             {ResizeCoordinates::kHalfPixel, ResizeCoordinates::kPytorchHalfPixel, ResizeCoordinates::kAlignCorners,
              ResizeCoordinates::kAsymmetric, ResizeCoordinates::kTfHalfPixelForNn,
              ResizeCoordinates::kHalfPixelSymmetric}) {
          sized.coordinates = coordinates;
          sized.exclude_outside = mode == ResizeMode::kCubic && coordinates == ResizeCoordinates::kAsymmetric;
          network.Add(Concat("sized_", Name(coordinates)), sized, {from});
        }
        if (mode != ResizeMode::kNearest) {
          sized.coordinates = ResizeCoordinates::kHalfPixel;
          sized.antialias = true;
          network.Add("smooth", sized, {from});
        }
        if (rank != 2 || mode == ResizeMode::kCubic) return;
        ResizeOp cropped{.scales = {1, 1.5, 2, 1},
                         .mode = mode,
                         .coordinates = ResizeCoordinates::kTfCropAndResize,
                         .extrapolation = 3,
                         .roi = {0, 0.2, -0.3, 0, 1, 0.7, 0.9, 1}};
        network.Add("cropped", cropped, {from});
        network.Add(
            "symmetric",
            ResizeOp{.scales = {1, 0.7, 1.3, 1}, .mode = mode, .coordinates = ResizeCoordinates::kHalfPixelSymmetric},
            {from});
      });
    }
    for (const int64_t groups : {0, 1, 2}) {
      add(Concat("group_norm_", groups), rank, [&](Network& network, const std::string& from, const Shape&) {
        network.Add("norm", GroupNormalizationOp{.groups = groups},
                    {from, network.Parameter("norm/scale", {4}), network.Parameter("norm/bias", {4})});
      });
    }
    add("lp_norm", rank, [&](Network& network, const std::string& from, const Shape&) {
      network.Add("channels", LpNormalizationOp{}, {from});
      network.Add("pixels", LpNormalizationOp{.axis = 1, .p = 1}, {from});
    });
    add("unpool", rank, [&](Network& network, const std::string& from, const Shape& x) {
      network.Add("pool", PoolOp{.padding = {Padding::Same()}}, {from});
      network.Add("places", MaxPoolIndicesOp{.padding = {Padding::Same()}}, {from});
      network.Add("by_columns", MaxPoolIndicesOp{.sizes = {3}, .strides = {2}, .column_major = true}, {from});
      const auto lengths = x.lengths().subspan(1, static_cast<size_t>(rank));
      network.Add("unpool", MaxUnpoolOp{{lengths.begin(), lengths.end()}}, {"pool", "places"});
    });
    add("prelu", rank, [&](Network& network, const std::string& from, const Shape& x) {
      std::vector<int64_t> slopes(x.lengths().begin() + 1, x.lengths().end());
      network.Add("each", PReluOp{}, {from, network.Parameter("each/alpha", Shape(slopes))});
      std::fill(slopes.begin(), slopes.end() - 1, 1);
      network.Add("shared", PReluOp{}, {"each", network.Parameter("shared/alpha", Shape(slopes))});
      slopes.insert(slopes.begin(), 1);
      network.Add("with_batch", PReluOp{}, {"shared", network.Parameter("with_batch/alpha", Shape(slopes))});
    });
    for (const bool affine : {false, true}) {
      add(affine ? "batch_norm" : "batch_norm_bare", rank,
          [&](Network& network, const std::string& from, const Shape&) {
            std::vector<std::string> inputs = {from};
            if (affine) inputs.push_back(network.Parameter("norm/gamma", {4}));
            if (affine) inputs.push_back(network.Parameter("norm/beta", {4}));
            inputs.push_back(network.Parameter("norm/moving_mean", {4}));
            inputs.push_back(network.Parameter("norm/moving_variance", {4}, true));
            network.Add("norm", BatchNormalizationOp{.center = affine, .scale = affine}, inputs);
          });
      add(affine ? "layer_norm" : "layer_norm_bare", rank,
          [&](Network& network, const std::string& from, const Shape& x) {
            std::vector<std::string> inputs = {from};
            if (affine) inputs.push_back(network.Parameter("norm/gamma", {4}));
            if (affine) inputs.push_back(network.Parameter("norm/beta", {4}));
            network.Add("norm", LayerNormalizationOp{.center = affine, .scale = affine}, inputs);
            // Over all axes but the first; gamma in one axis, beta in theirs.
            const Shape over(x.lengths().subspan(1));
            inputs = {from};
            if (affine) inputs.push_back(network.Parameter("whole/gamma", {over.NumElements()}));
            if (affine) inputs.push_back(network.Parameter("whole/beta", over));
            network.Add("whole", LayerNormalizationOp{.axis = 1, .center = affine, .scale = affine}, inputs);
          });
    }
    add("local_response", rank, [&](Network& network, const std::string& from, const Shape&) {
      network.Add("norm", LocalResponseNormalizationOp{.size = 3, .alpha = 0.5, .beta = 0.6, .bias = 2}, {from});
    });
    add("normalization", rank, [&](Network& network, const std::string& from, const Shape&) {
      network.Parameter("norm/mean", {4});
      network.Parameter("norm/variance", {4}, true);
      network.Add("norm", NormalizationOp{}, {from, "norm/mean", "norm/variance"});
    });
    for (const bool bias : {false, true}) {
      add(bias ? "dense_bias" : "dense", rank, [&](Network& network, const std::string& from, const Shape& x) {
        std::vector<std::string> pixel = {from, network.Parameter("pixel/kernel", {4, 5})};
        if (bias) pixel.push_back(network.Parameter("pixel/bias", {5}));
        network.Add("pixel", DenseOp{}, pixel);
        network.Add("flatten", ReshapeOp{}, {from});
        std::vector<std::string> flat = {"flatten", network.Parameter("flat/kernel", {x.NumElements(), 3})};
        if (bias) flat.push_back(network.Parameter("flat/bias", {3}));
        network.Add("flat", DenseOp{}, flat);
      });
    }
    AddRandomCases(
        Concat("conv_transpose_", rank, "d"), rank == 2 ? 24 : 8,
        [&](Network& network, Random& random) {
          const int64_t groups = 1 + random.Bits() % 2;
          network.Input("picture", RandomPicture(random, rank, 4));
          std::vector<int64_t> kernel;
          for (int axis = 0; axis < rank; ++axis) kernel.push_back(1 + random.Bits() % 4);
          kernel.insert(kernel.end(), {6 / groups, 4});
          std::vector<std::string> inputs = {"picture", network.Parameter("conv/kernel", Shape(kernel))};
          if (random.Bits() % 2 == 0) inputs.push_back(network.Parameter("conv/bias", {6}));
          network.Add("conv",
                      ConvTransposeOp{.strides = RandomList(random, rank, 1, 3),
                                      .dilations = RandomList(random, rank, 1, 2),
                                      .padding = RandomPadding(random, rank, 2),
                                      .output_padding = random.Bits() % 2 == 0 ? std::vector<int64_t>{}
                                                                               : RandomList(random, rank, 0, 2),
                                      .groups = groups},
                      inputs);
        },
        cases);
  }
  {
    // Rows: every operation of them in a chain.
    Network network("rows");
    network.Input("rows", {1, 6});
    network.Add("scale", ScaleOp{.scale = 0.5}, {"rows"});
    network.Parameter("mean", {6});
    network.Parameter("variance", {6}, true);
    network.Add("normalized", NormalizationOp{.epsilon = 0.5}, {"scale", "mean", "variance"});
    network.Add("batch_norm", BatchNormalizationOp{.center = false, .scale = false},
                {"normalized", "mean", "variance"});
    network.Add("response", LocalResponseNormalizationOp{}, {"batch_norm"});
    network.Add("prelu", PReluOp{}, {"response", network.Parameter("alpha", {6})});
    network.Add("layer_norm", LayerNormalizationOp{.center = false}, {"prelu", "mean"});
    network.Add("group_norm", GroupNormalizationOp{.groups = 2}, {"layer_norm", "mean", "variance"});
    network.Add("drop", DropoutOp{}, {"group_norm"});
    network.Add("twice", ConcatOp{}, {"drop", "layer_norm"});
    network.Add("turned", TransposeOp{{0, 1}}, {"twice"});
    network.Add("dense", DenseOp{}, {"turned", network.Parameter("kernel", {12, 5}), network.Parameter("bias", {5})});
    network.Add("softmax", ActivationOp{ParseActivation("softmax")}, {"dense"});
    cases.push_back(network.File());
  }
  return cases;
}

// Functions of elements, each of a picture and of a convolution of it, with other shapes and types.
inline std::vector<ModelFile> ElementwiseCases() {
  std::vector<ModelFile> cases;
  for (int k = 0; k <= static_cast<int>(UnaryKind::kIsInf); ++k) {
    const UnaryKind kind{static_cast<uint8_t>(k)};
    Network network(Concat("unary_", OperationPtr(UnaryOp{kind})->type()));
    network.Input("x", {1, 4, 3, 2}, kind == UnaryKind::kNot ? DType::kBool : DType::kFloat32);
    if (kind == UnaryKind::kNot) {
      network.Add("y", UnaryOp{kind}, {"x"});
    } else {
      network.Add("conv", ConvOp{}, {"x", network.Parameter("kernel", {1, 1, 2, 3})});
      network.Add("y", UnaryOp{kind}, {"conv"});
      network.Add("z", UnaryOp{kind}, {"x"});
    }
    cases.push_back(network.File());
  }
  for (int k = 0; k <= static_cast<int>(BinaryKind::kXor); ++k) {
    const BinaryKind kind{static_cast<uint8_t>(k)};
    const bool logic = kind >= BinaryKind::kAnd;
    const std::string name =
        kind == BinaryKind::kRemainder ? "remainder" : std::string(OperationPtr(BinaryOp{kind})->type());
    for (const DType dtype : {DType::kFloat32, DType::kInt64}) {
      if (logic && dtype != DType::kFloat32) continue;
      Network network(Concat("binary_", name, "_", Name(dtype)));
      const DType taken = logic ? DType::kBool : dtype;
      network.Input("x", {1, 4, 3, 2}, taken);
      const bool divides = dtype == DType::kInt64 && (kind == BinaryKind::kDivide || kind == BinaryKind::kModulo ||
                                                      kind == BinaryKind::kRemainder);  // ONNX Runtime by no 0
      network.Parameter("channels", {2}, divides, taken);
      network.Parameter("rows", {4, 1, 1}, divides, taken);
      network.Add("channel_wise", BinaryOp{kind}, {"x", "channels"});
      network.Add("row_wise", BinaryOp{kind}, {divides ? "x" : "rows", divides ? "rows" : "x"});
      if (dtype == DType::kFloat32 && !logic) {
        network.Add("conv", ConvOp{}, {"x", network.Parameter("kernel", {1, 1, 2, 2})});
        network.Add("after_conv", BinaryOp{kind}, {"conv", "x"});
      }
      cases.push_back(network.File());
    }
  }
  {
    Network network("sums_of_integers");
    network.Input("x", {1, 3, 2}, DType::kInt64);
    network.Parameter("bias", {2}, false, DType::kInt64);
    network.Add("sum", AddOp{}, {"x", "bias", "x"});
    network.Add("product", MultiplyOp{}, {"sum", "bias", "x"});
    cases.push_back(network.File());
  }
  {
    Network network("clips_and_casts");
    network.Input("x", {1, 4, 3, 2});
    network.Add("both", ClipOp{.low = -0.5, .high = 0.75}, {"x"});
    network.Add("low", ClipOp{.low = 0}, {"x"});
    network.Add("high", ClipOp{.high = 0.5}, {"x"});
    network.Add("none", ClipOp{}, {"x"});
    for (const DType dtype :
         {DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt32, DType::kInt64, DType::kBool}) {
      network.Add(std::string(Name(dtype)), CastOp{dtype}, {"x"});
    }
    network.Add("int32_clipped", ClipOp{.low = -1.5, .high = 2e10}, {"int32"});
    network.Add("int64_clipped", ClipOp{.high = 1.5}, {"int64"});
    network.Add("uint8", CastOp{DType::kUInt8}, {"bool"});
    network.Add("conv", ConvOp{}, {"x", network.Parameter("kernel", {1, 1, 2, 2})});
    network.Add("conv_clipped", ClipOp{.high = 1}, {"conv"});
    network.Add("conv_cast", CastOp{DType::kFloat64}, {"conv"});
    network.Add("where", WhereOp{}, {"bool", "conv", "x"});
    network.Add("where_one", WhereOp{}, {"bool", "conv", network.Parameter("other", {2})});
    cases.push_back(network.File());
  }
  return cases;
}

// What makes fewer values of many, of a picture and of a convolution of it, axes kept and not.
inline std::vector<ModelFile> ReductionCases() {
  std::vector<ModelFile> cases;
  for (int k = 0; k <= static_cast<int>(ReduceKind::kSumSquare); ++k) {
    const ReduceKind kind{static_cast<uint8_t>(k)};
    Network network(Concat("reduction_", OperationPtr(ReduceOp{kind})->type()));
    network.Input("picture", {1, 4, 3, 2});
    network.Add("conv", ConvOp{}, {"picture", network.Parameter("kernel", {1, 1, 2, 2})});
    network.Add("x", ActivationOp{ParseActivation("softplus")}, {"conv"});
    network.Add("pixels", ReduceOp{.kind = kind, .axes = {1, 2}}, {"x"});
    network.Add("channels", ReduceOp{.kind = kind, .axes = {-1}}, {"x"});
    network.Add("pixels_gone", ReduceOp{.kind = kind, .axes = {1, 2}, .keep_axes = false}, {"x"});
    network.Add("channels_gone", ReduceOp{.kind = kind, .axes = {3}, .keep_axes = false}, {"x"});
    network.Add("same", ReduceOp{.kind = kind}, {"x"});
    network.Add("all", ReduceOp{.kind = kind, .axes = {1, 2, 3}, .keep_axes = false}, {"picture"});
    if (kind != ReduceKind::kLogSum && kind != ReduceKind::kLogSumExp) {
      network.Add("whole", CastOp{DType::kInt64}, {"conv"});
      network.Add("of_integers", ReduceOp{.kind = kind, .axes = {2}}, {"whole"});
      network.Add("same_integers", ReduceOp{.kind = kind}, {"whole"});
    }
    cases.push_back(network.File());
  }
  for (const bool least : {false, true}) {
    for (const bool keep : {false, true}) {
      Network network(Concat("arg_", least ? "min" : "max", keep ? "_kept" : ""));
      network.Input("picture", {1, 4, 3, 2});
      network.Add("conv", ConvOp{}, {"picture", network.Parameter("kernel", {1, 1, 2, 2})});
      network.Add("channel", ArgMaxOp{.keep_axis = keep, .least = least}, {"conv"});
      network.Add("row", ArgMaxOp{.axis = 1, .keep_axis = keep, .least = least, .last = true}, {"conv"});
      network.Add("column", ArgMaxOp{.axis = 2, .keep_axis = keep, .least = least}, {"picture"});
      cases.push_back(network.File());
    }
  }
  {
    Network network("top_k");
    network.Input("picture", {1, 4, 3, 5});
    network.Add("conv", ConvOp{}, {"picture", network.Parameter("kernel", {1, 1, 5, 5})});
    network.Add("top", TopKOp{.k = 3}, {"conv"}, {"values", "places"});
    network.Add("rows", TopKOp{.k = 2, .axis = 1, .largest = false}, {"picture"}, {"row_values", "row_places"});
    network.Add("relu", ActivationOp{ParseActivation("relu")}, {"values"});
    cases.push_back(network.File());
    cases.back().outputs = {"places", "relu", "row_values"};
  }
  {
    Network network("top_k_outputs");
    network.Input("picture", {1, 4, 3, 5});
    network.Add("conv", ConvOp{}, {"picture", network.Parameter("kernel", {1, 1, 5, 5})});
    network.Add("top", TopKOp{.k = 3}, {"conv"}, {"values", "places"});
    cases.push_back(network.File());
  }
  {
    Network network("products_of_matrices");
    network.Input("x", {1, 4, 3});
    network.Add("square", MatMulOp{}, {"x", network.Parameter("w", {3, 4})});
    network.Add("batches", MatMulOp{}, {"square", "x"});
    network.Add("column", MatMulOp{}, {"batches", network.Parameter("list", {3})});
    network.Add("row", MatMulOp{}, {network.Parameter("long_list", {4}), "batches"});
    network.Add("more", MatMulOp{}, {network.Parameter("many", {2, 1, 5, 4}), "batches"});
    cases.push_back(network.File());
  }
  return cases;
}

inline std::vector<ModelFile> StructureCases() {
  std::vector<ModelFile> cases;
  {
    // Two branches, joined; one parameter in two convolutions, turned around in one; tensors that are read in both
    // layouts; an output that is read again; two outputs.
    Network network("branches");
    network.Input("picture", {1, 6, 5, 3});
    network.Parameter("shared/kernel", {3, 3, 3, 3});
    network.Parameter("unused", {2, 3});
    network.Add("plain", ConvOp{.padding = {Padding::Same()}}, {"picture", "shared/kernel"});
    network.Add("turned", ConvOp{.padding = {Padding::Same()}, .flip_kernel = true}, {"plain", "shared/kernel"});
    network.Add("sum", AddOp{}, {"plain", "turned", "picture"});
    network.Add("sum of two", AddOp{}, {"sum", "plain"});
    network.Add("rows", ReshapeOp{{0, -1, 5}}, {"sum"});
    network.Add("softmax", ActivationOp{ParseActivation("softmax")}, {"rows"});
    cases.push_back(network.File());
    cases.back().outputs = {"sum", "softmax", "sum of two", "plain"};
  }
  {
    // Names that the file's own would take.
    Network network("names");
    network.Input("x", {1, 4, 4, 2});
    network.Parameter("k", {1, 1, 2, 2});
    network.Add("x/channels_first", ConvOp{}, {"x", "k"});
    network.Add("shape", ReshapeOp{{0, -1}}, {"x/channels_first"});
    network.Add("shape/shape", ReshapeOp{{0, 4, 8}}, {"shape"});
    network.Add("\"quoted\" \\ ünï", ReshapeOp{{-1, 8}}, {"shape/shape"});
    cases.push_back(network.File());
  }
  {
    // A kernel that is itself an input, and a batch that the graph fixes.
    Network network("computed_kernel");
    network.Input("x", {1, 5, 5, 2});
    network.Input("k", {3, 2, 2, 4});
    network.Add("conv", ConvOp{.flip_kernel = true}, {"x", "k"});
    cases.push_back(network.File());
  }
  {
    Network network("fixed_batch");
    network.Input("x", {2, 3, 4});
    network.Add("rows", ReshapeOp{{2, 12}}, {"x"});
    cases.push_back(network.File());
  }
  {
    Network network("double");
    network.Input("x", {1, 6}, DType::kFloat64);
    network.Add("square", ReshapeOp{{0, 2, 3}}, {"x"});
    network.Add("sum", AddOp{}, {"square", "square"});
    network.Add("relu", ActivationOp{ParseActivation("relu")}, {"sum"});
    network.Add("swish", ActivationOp{ParseActivation("swish")}, {"sum"});
    cases.push_back(network.File());
  }
  return cases;
}

inline std::vector<ModelFile> OnnxCases() {
  std::vector<ModelFile> cases;
  for (auto family : {ActivationCases, WindowCases, LayerCases, ElementwiseCases, ReductionCases, StructureCases}) {
    for (ModelFile& file : family()) cases.push_back(std::move(file));
  }
  return cases;
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_CASES_H_
