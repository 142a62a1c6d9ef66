#include "convscope/image/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// The elements of an axis that one element of the resized axis is made of.
struct Taps {
  int64_t first = 0;
  std::vector<float> weights;  // of first, first + 1, ...; their sum is 1
};

std::vector<Taps> TapsOf(int64_t in, int64_t out) {
  const double step = static_cast<double>(in) / static_cast<double>(out);
  const double reach = std::max(step, 1.0);
  std::vector<Taps> taps(static_cast<size_t>(out));
  for (int64_t i = 0; i < out; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * step;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(std::floor(centre - reach)));
    const int64_t last = std::min(in - 1, static_cast<int64_t>(std::ceil(centre + reach)));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t k = first; k <= last; ++k) {
      weights.push_back(std::max(0.0, 1 - std::abs(static_cast<double>(k) + 0.5 - centre) / reach));
      sum += weights.back();
    }
    taps[static_cast<size_t>(i)].first = first;
    for (const double weight : weights)
      taps[static_cast<size_t>(i)].weights.push_back(static_cast<float>(weight / sum));
  }
  return taps;
}

// (outer, in, inner) as (outer, taps.size(), inner).
Tensor Along(const float* data, int64_t outer, int64_t in, int64_t inner, const std::vector<Taps>& taps) {
  const auto out = static_cast<int64_t>(taps.size());
  Tensor result = Tensor::Zeros(Shape{outer, out, inner});
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < out; ++i) {
      float* const to = result.data() + (o * out + i) * inner;
      const Taps& tap = taps[static_cast<size_t>(i)];
      for (size_t k = 0; k < tap.weights.size(); ++k) {
        if (tap.weights[k] == 0) continue;
        const float* const from = data + (o * in + tap.first + static_cast<int64_t>(k)) * inner;
        for (int64_t c = 0; c < inner; ++c) to[c] += tap.weights[k] * from[c];
      }
    }
  }
  return result;
}

void CheckSizes(const Shape& shape, int64_t height, int64_t width) {
  if (shape.rank() == 3 && shape.NumElements() > 0 && height >= 1 && width >= 1) return;
  throw Error({.where = "resize",
               .rule = "a picture (rows, columns, channels) can be resized to 1 row and 1 column or more",
               .received = Concat(shape.ToString(), " to ", height, " x ", width)});
}

}  // namespace

Tensor Resize(TensorView<const float> picture, int64_t height, int64_t width) {
  const Shape& shape = picture.shape();
  CheckSizes(shape, height, width);
  const int64_t h = shape[0], w = shape[1], channels = shape[2];
  const Tensor rows = Along(picture.data(), 1, h, w * channels, TapsOf(h, height));
  Tensor resized = Along(rows.data(), height, w, channels, TapsOf(w, width)).Reshaped({height, width, channels});
  // A mean is within what it is of; its rounding may be just outside, and a picture then not within 0 to 1.
  const auto [low, high] = std::minmax_element(picture.data(), picture.data() + picture.size());
  for (float& value : resized.view().span()) value = std::clamp(value, *low, *high);
  return resized;
}

Tensor ResizeAndCrop(TensorView<const float> picture, int64_t height, int64_t width, double part) {
  const Shape& shape = picture.shape();
  CheckSizes(shape, height, width);
  // The whole is scaled first: of a smaller part it would be hundreds of times as large as what is left of it.
  constexpr double kLeastPart = 1.0 / 16;
  if (!(part >= kLeastPart && part <= 1)) {
    throw Error({.where = "resize",
                 .rule = "the part of a picture that is cut out is at least 1/16 and at most 1",
                 .received = ShortestText(part)});
  }
  // The side that just covers is what is asked for, of the other one the rest is cut off.
  const bool rows_cover = static_cast<double>(height) * static_cast<double>(shape[1]) >=
                          static_cast<double>(width) * static_cast<double>(shape[0]);
  const auto covering = [&](int64_t length) { return std::llround(static_cast<double>(length) / part); };
  const auto other = [](int64_t scaled, int64_t length, int64_t of, int64_t least) {
    return std::max(least, scaled * length / of);
  };
  const int64_t h = rows_cover ? covering(height) : other(covering(width), shape[0], shape[1], height);
  const int64_t w = rows_cover ? other(covering(height), shape[1], shape[0], width) : covering(width);
  const int64_t channels = shape[2];
  const Tensor whole = Resize(picture, h, w);
  Tensor middle(Shape{height, width, channels});
  const int64_t top = std::lrint(static_cast<double>(h - height) / 2);
  const int64_t left = std::lrint(static_cast<double>(w - width) / 2);
  for (int64_t y = 0; y < height; ++y) {
    std::copy_n(whole.data() + ((top + y) * w + left) * channels, width * channels,
                middle.data() + y * width * channels);
  }
  return middle;
}

Tensor ResizeAndPad(TensorView<const float> picture, int64_t height, int64_t width) {
  const Shape& shape = picture.shape();
  CheckSizes(shape, height, width);
  const double scale = std::min(static_cast<double>(height) / static_cast<double>(shape[0]),
                                static_cast<double>(width) / static_cast<double>(shape[1]));
  const auto scaled = [&](int64_t length, int64_t most) {
    return std::clamp<int64_t>(std::llround(scale * static_cast<double>(length)), 1, most);
  };
  const int64_t h = scaled(shape[0], height), w = scaled(shape[1], width), channels = shape[2];
  const Tensor whole = Resize(picture, h, w);
  Tensor padded = Tensor::Zeros(Shape{height, width, channels});
  const int64_t top = (height - h) / 2, left = (width - w) / 2;
  for (int64_t y = 0; y < h; ++y) {
    std::copy_n(whole.data() + y * w * channels, w * channels, padded.data() + ((top + y) * width + left) * channels);
  }
  return padded;
}

Tensor FitPicture(TensorView<const float> picture, int64_t height, int64_t width, PictureFit fit, double crop) {
  if (fit == PictureFit::kStretch) return Resize(picture, height, width);
  if (fit == PictureFit::kPad) return ResizeAndPad(picture, height, width);
  return ResizeAndCrop(picture, height, width, crop);
}

std::string FitText(PictureFit fit, int64_t from_rows, int64_t from_columns, int64_t rows, int64_t columns) {
  const char* what = "scaled and cut";
  if (fit == PictureFit::kStretch) what = "stretched";
  if (fit == PictureFit::kPad) what = "scaled and padded";
  return Concat(what, " from ", from_rows, " x ", from_columns, " to ", rows, " x ", columns);
}

}  // namespace convscope
