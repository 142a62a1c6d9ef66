#include "convscope/data/augmentation.h"

#include <cmath>
#include <numbers>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

void CheckAmount(double value, double most, bool below, const char* name) {
  if (value >= 0 && (below ? value < most : value <= most)) return;
  throw Error({.where = "augmentation",
               .rule = Concat(name, " must be 0 to ", below ? "below " : "", ShortestText(most)),
               .received = ShortestText(value)});
}

// The pixel that position i of an axis of n shows, however far outside; -1 for none. kernels/window.h's SourceIndex
// reaches no further than a window does.
int64_t PixelAt(int64_t i, int64_t n, PadMode fill) {
  if (i >= 0 && i < n) return i;
  switch (fill) {
    case PadMode::kZero:
      return -1;
    case PadMode::kEdge:
      return i < 0 ? 0 : n - 1;
    case PadMode::kReflect: {
      if (n == 1) return 0;
      const int64_t period = 2 * (n - 1);
      const int64_t within = (i % period + period) % period;
      return within < n ? within : period - within;
    }
    case PadMode::kWrap:
      return (i % n + n) % n;
  }
  return -1;
}

// One axis of a place between pixels.
struct Taps {
  int64_t first, second;  // pixels, -1 for none
  float weight;           // of the second
};

Taps TapsAt(float place, int64_t n, PadMode fill) {
  const float below = std::floor(place);
  const auto i = static_cast<int64_t>(below);
  const float weight = place - below;
  // A second pixel of no weight is left out, so that its NaN or infinity stays away.
  return {PixelAt(i, n, fill), weight > 0 ? PixelAt(i + 1, n, fill) : -1, weight};
}

}  // namespace

void Check(const Augmentation& augmentation) {
  CheckAmount(augmentation.shift, 1, false, "shift");
  CheckAmount(augmentation.rotate, 180, false, "rotate");
  CheckAmount(augmentation.zoom, 1, true, "zoom");
  if (!(augmentation.noise >= 0) || !std::isfinite(augmentation.noise)) {
    throw Error({.where = "augmentation",
                 .rule = "noise must be a standard deviation, 0 or more",
                 .received = ShortestText(augmentation.noise)});
  }
}

Placement DrawPlacement(const Augmentation& augmentation, int64_t height, int64_t width, Random& random) {
  const auto either = [&](double most) { return static_cast<float>(most) * random.Uniform(-1.0f, 1.0f); };
  const float down = either(augmentation.shift) * static_cast<float>(height);
  const float right = either(augmentation.shift) * static_cast<float>(width);
  const float degrees = either(augmentation.rotate);
  const float larger = 1.0f + either(augmentation.zoom);
  const bool mirror = random.Uniform() < 0.5f && augmentation.flip_horizontal;
  const bool upside_down = random.Uniform() < 0.5f && augmentation.flip_vertical;

  // The picture is flipped, turned, enlarged, then shifted; a pixel's origin is found the other way round.
  const float angle = degrees * std::numbers::pi_v<float> / 180.0f;
  const float c = std::cos(angle) / larger, s = std::sin(angle) / larger;
  const float vertical = upside_down ? -1.0f : 1.0f, horizontal = mirror ? -1.0f : 1.0f;
  Placement placement{.matrix = {{vertical * c, vertical * s}, {horizontal * -s, horizontal * c}}};
  for (int axis = 0; axis < 2; ++axis) {
    placement.offset[axis] = -(placement.matrix[axis][0] * down + placement.matrix[axis][1] * right);
  }
  return placement;
}

void Move(TensorView<const float> in, const Placement& placement, PadMode fill, TensorView<float> out) {
  const int64_t h = in.shape()[0], w = in.shape()[1], channels = in.shape()[2];
  const float centre_y = static_cast<float>(h - 1) / 2, centre_x = static_cast<float>(w - 1) / 2;
  const auto pixel = [&](int64_t y, int64_t x) { return in.data() + (y * w + x) * channels; };
  float* to = out.data();
  for (int64_t y = 0; y < h; ++y) {
    for (int64_t x = 0; x < w; ++x, to += channels) {
      const float v = static_cast<float>(y) - centre_y, u = static_cast<float>(x) - centre_x;
      const Taps rows =
          TapsAt(centre_y + (placement.matrix[0][0] * v + placement.matrix[0][1] * u + placement.offset[0]), h, fill);
      const Taps columns =
          TapsAt(centre_x + (placement.matrix[1][0] * v + placement.matrix[1][1] * u + placement.offset[1]), w, fill);
      for (int64_t c = 0; c < channels; ++c) to[c] = 0;
      const auto add = [&](int64_t row, int64_t column, float weight) {
        if (row < 0 || column < 0) return;
        const float* const from = pixel(row, column);
        for (int64_t c = 0; c < channels; ++c) to[c] += weight * from[c];
      };
      add(rows.first, columns.first, (1 - rows.weight) * (1 - columns.weight));
      add(rows.first, columns.second, (1 - rows.weight) * columns.weight);
      add(rows.second, columns.first, rows.weight * (1 - columns.weight));
      add(rows.second, columns.second, rows.weight * columns.weight);
    }
  }
}

void AddNoise(TensorView<float> picture, double deviation, Random& random) {
  for (float& value : picture.span()) value += static_cast<float>(deviation) * random.Normal();
}

}  // namespace convscope
