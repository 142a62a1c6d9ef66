#include "convscope/inspect/picture_movement.h"

#include <algorithm>
#include <cmath>

namespace convscope {

std::vector<PictureMovement::Tap> PictureMovement::Taps(int64_t length, double shift, double scale) {
  std::vector<Tap> taps;
  const double middle = static_cast<double>(length - 1) / 2;
  for (int64_t i = 0; i < length; ++i) {
    const double source = (static_cast<double>(i) - middle) / scale + middle - shift;
    const double below = std::floor(source);
    const auto around = [&](int64_t place) { return (place % length + length) % length; };
    const auto first = static_cast<int64_t>(below);
    taps.push_back({around(first), around(first + 1), static_cast<float>(source - below)});
  }
  return taps;
}

PictureMovement::PictureMovement(int64_t rows, int64_t columns, double down, double right, double scale)
    : rows_(Taps(rows, down, scale)), columns_(Taps(columns, right, scale)) {}

void PictureMovement::Move(TensorView<const float> picture, TensorView<float> moved) const {
  const int64_t channels = picture.shape()[2];
  const auto columns = static_cast<int64_t>(columns_.size());
  float* out = moved.data();
  for (const Tap& row : rows_) {
    for (const Tap& column : columns_) {
      const float* const corners[] = {picture.data() + (row.first * columns + column.first) * channels,
                                      picture.data() + (row.first * columns + column.second) * channels,
                                      picture.data() + (row.second * columns + column.first) * channels,
                                      picture.data() + (row.second * columns + column.second) * channels};
      for (int64_t c = 0; c < channels; ++c) {
        const float upper = (1 - column.weight) * corners[0][c] + column.weight * corners[1][c];
        const float lower = (1 - column.weight) * corners[2][c] + column.weight * corners[3][c];
        *out++ = (1 - row.weight) * upper + row.weight * lower;
      }
    }
  }
}

void PictureMovement::Gradient(TensorView<const float> moved, TensorView<float> picture) const {
  const int64_t channels = picture.shape()[2];
  const auto columns = static_cast<int64_t>(columns_.size());
  std::fill_n(picture.data(), picture.size(), 0.0f);
  const float* in = moved.data();
  for (const Tap& row : rows_) {
    for (const Tap& column : columns_) {
      float* const corners[] = {picture.data() + (row.first * columns + column.first) * channels,
                                picture.data() + (row.first * columns + column.second) * channels,
                                picture.data() + (row.second * columns + column.first) * channels,
                                picture.data() + (row.second * columns + column.second) * channels};
      for (int64_t c = 0; c < channels; ++c) {
        const float value = *in++;
        corners[0][c] += (1 - row.weight) * (1 - column.weight) * value;
        corners[1][c] += (1 - row.weight) * column.weight * value;
        corners[2][c] += row.weight * (1 - column.weight) * value;
        corners[3][c] += row.weight * column.weight * value;
      }
    }
  }
}

}  // namespace convscope
