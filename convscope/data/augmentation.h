// Random changes to the pictures of a training set, so that a network sees no picture twice: shift, flip, rotation,
// zoom, noise.
//
// What happens to a picture is a function of (seed, epoch, sample) alone: neither the order of the batches nor the
// number of threads matters. Pictures are float here; scaling is batches.h's business.
#ifndef CONVSCOPE_DATA_AUGMENTATION_H_
#define CONVSCOPE_DATA_AUGMENTATION_H_

#include <cstdint>
#include <string>

#include "convscope/base/random.h"
#include "convscope/kernels/window.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// Each amount is the most in either direction; what a picture gets is drawn evenly from that range.
struct Augmentation {
  double shift = 0;              // of the height and of the width, 0 to 1: 0.1 moves up to a tenth of the picture
  double rotate = 0;             // degrees, 0 to 180
  double zoom = 0;               // 0 to below 1: 0.1 makes it 0.9 to 1.1 times as large
  bool flip_horizontal = false;  // left and right change sides in half of the pictures
  bool flip_vertical = false;    // top and bottom
  double noise = 0;              // standard deviation of what is added to each value; the values are 0 to 1 where 8-bit
  PadMode fill = PadMode::kZero;  // what is seen where the picture ended

  bool moves() const { return shift != 0 || rotate != 0 || zoom != 0 || flip_horizontal || flip_vertical; }
  bool any() const { return moves() || noise != 0; }
};

// Throws Error for an amount out of range.
void Check(const Augmentation& augmentation);

// Where a pixel of the changed picture comes from: (y, x) of the original, relative to its centre, is
// matrix * ((y, x) relative to the centre) + offset, in pixels.
struct Placement {
  float matrix[2][2] = {{1, 0}, {0, 1}};
  float offset[2] = {0, 0};
};

// What one picture of `height` x `width` gets. Draws the same numbers from `random` whatever is switched on, so that
// one kind of change does not alter the others.
Placement DrawPlacement(const Augmentation& augmentation, int64_t height, int64_t width, Random& random);

// Writes the moved picture. Between pixels it is bilinear; where a place falls onto a pixel, it is that pixel exactly.
// in and out: (H, W, C), different memory.
void Move(TensorView<const float> in, const Placement& placement, PadMode fill, TensorView<float> out);

// Adds noise to every value of `picture`.
void AddNoise(TensorView<float> picture, double deviation, Random& random);

}  // namespace convscope

#endif  // CONVSCOPE_DATA_AUGMENTATION_H_
