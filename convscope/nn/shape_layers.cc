#include "convscope/nn/shape_layers.h"

#include <array>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/upsample_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {
namespace {

struct BeforeAfter {
  std::vector<int64_t> before, after;  // of N, H, W, C
};
BeforeAfter OfAllAxes(const Sides2D& sides) {
  return {{0, sides.top, sides.left, 0}, {0, sides.bottom, sides.right, 0}};
}

}  // namespace

template <>
struct internal::LayerTraits<Flatten> {
  static constexpr std::string_view kName = "Flatten";
  static void Fields(auto& layer, auto& field) { field("data_format", layer.data_format); }

  static std::string Call(const Flatten& layer, LayerCall& call) {
    call.ExpectOneInput();
    // A sample without channels of its own has nothing to turn.
    const DataFormat format = call.input_shape().rank() > 2 ? layer.data_format : DataFormat::kChannelsLast;
    return call.Finish(ReshapeOp{{0, -1}}, {call.ChannelsLast(format)}, {}, false);
  }
};

template <>
struct internal::LayerTraits<Reshape> {
  static constexpr std::string_view kName = "Reshape";
  static void Fields(auto& layer, auto& field) { field("target_shape", layer.target_shape); }

  static std::string Call(const Reshape& layer, LayerCall& call) {
    call.ExpectOneInput();
    std::vector<int64_t> shape = {0};  // the batch stays
    for (const int64_t length : layer.target_shape) {
      if (length < 1 && length != -1) {
        throw Error(
            {.rule = "the lengths of target_shape are at least 1, or -1 once", .received = std::to_string(length)});
      }
      shape.push_back(length);
    }
    return call.Finish(ReshapeOp{std::move(shape)}, {call.input()});
  }
};

template <>
struct internal::LayerTraits<Permute> {
  static constexpr std::string_view kName = "Permute";
  static void Fields(auto& layer, auto& field) { field("dims", layer.dims); }

  static std::string Call(const Permute& layer, LayerCall& call) {
    call.ExpectOneInput();
    std::vector<int64_t> axes = {0};
    axes.insert(axes.end(), layer.dims.begin(), layer.dims.end());
    return call.Finish(TransposeOp{std::move(axes)}, {call.input()});
  }
};

template <>
struct internal::LayerTraits<ZeroPadding2D> {
  static constexpr std::string_view kName = "ZeroPadding2D";
  static void Fields(auto& layer, auto& field) {
    field("padding", layer.padding);
    field("data_format", layer.data_format);
  }

  static std::string Call(const ZeroPadding2D& layer, LayerCall& call) {
    call.ExpectRank(4);
    const BeforeAfter sides = OfAllAxes(layer.padding);
    return call.Finish(PadOp{.before = sides.before, .after = sides.after}, {call.ChannelsLast(layer.data_format)});
  }
};

template <>
struct internal::LayerTraits<Cropping2D> {
  static constexpr std::string_view kName = "Cropping2D";
  static void Fields(auto& layer, auto& field) {
    field("cropping", layer.cropping);
    field("data_format", layer.data_format);
  }

  static std::string Call(const Cropping2D& layer, LayerCall& call) {
    call.ExpectRank(4);
    const BeforeAfter sides = OfAllAxes(layer.cropping);
    return call.Finish(CropOp{.before = sides.before, .after = sides.after}, {call.ChannelsLast(layer.data_format)});
  }
};

template <>
struct internal::LayerTraits<UpSampling2D> {
  static constexpr std::string_view kName = "UpSampling2D";
  static void Fields(auto& layer, auto& field) {
    field("size", layer.size);
    field("data_format", layer.data_format);
    field("interpolation", layer.interpolation);
  }

  static std::string Call(const UpSampling2D& layer, LayerCall& call) {
    call.ExpectRank(4);
    const bool nearest = layer.interpolation == Interpolation::kNearest;
    const UpSampleOp operation{
        .sizes = layer.size.values(),
        .interpolation = nearest ? UpSampleOp::Interpolation::kNearest : UpSampleOp::Interpolation::kBilinear};
    return call.Finish(operation, {call.ChannelsLast(layer.data_format)});
  }
};

Flatten::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Reshape::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Permute::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
ZeroPadding2D::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Cropping2D::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
UpSampling2D::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

std::span<const internal::LayerClass> internal::ShapeLayers() {
  static constexpr std::array kClasses = {ClassOf<Flatten>(),       ClassOf<Reshape>(),    ClassOf<Permute>(),
                                          ClassOf<ZeroPadding2D>(), ClassOf<Cropping2D>(), ClassOf<UpSampling2D>()};
  return kClasses;
}

}  // namespace convscope
