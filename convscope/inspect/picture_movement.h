// A picture moved by whole and parts of pixels and enlarged about its middle, and the transpose of that for gradients.
// What leaves on one side comes in on the other, as the waves of wave_basis.h do.
#ifndef CONVSCOPE_INSPECT_PICTURE_MOVEMENT_H_
#define CONVSCOPE_INSPECT_PICTURE_MOVEMENT_H_

#include <cstdint>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

class PictureMovement {
 public:
  // Pixel (y, x) of the moved picture shows ((y - middle) / scale + middle - down, ...), between pixels by linear
  // interpolation. `down` and `right` in pixels; scale above 0.
  PictureMovement(int64_t rows, int64_t columns, double down, double right, double scale);

  // Both (rows, columns, C).
  void Move(TensorView<const float> picture, TensorView<float> moved) const;
  void Gradient(TensorView<const float> moved, TensorView<float> picture) const;  // the transpose

 private:
  // Where a pixel of an axis comes from: two neighbours, and the weight of the second.
  struct Tap {
    int64_t first = 0, second = 0;
    float weight = 0;
  };
  static std::vector<Tap> Taps(int64_t length, double shift, double scale);

  std::vector<Tap> rows_, columns_;
};

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_PICTURE_MOVEMENT_H_
