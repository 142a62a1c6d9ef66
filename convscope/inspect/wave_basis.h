// Pictures as sums of waves, the coarse ones loud and the fine ones quiet, as they are in photographs: what dreams are
// made in, so that no fine noise outgrows what can be recognised.
//
// The basis is Hartley's, the real twin of Fourier's: along an axis of n pixels wave k is
// (cos(2 pi k i / n) + sin(2 pi k i / n)) / sqrt(n), and a picture's waves are products of two such. The transform is
// its own inverse and its own transpose, so gradients go through it as pictures do. Waves k and n - k are equally fast.
#ifndef CONVSCOPE_INSPECT_WAVE_BASIS_H_
#define CONVSCOPE_INSPECT_WAVE_BASIS_H_

#include <cstdint>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

class WaveBasis {
 public:
  WaveBasis(int64_t rows, int64_t columns);

  // picture (rows, columns, C) = the sum of its waves, each times `amplitudes` (rows, columns, C) and its loudness.
  void Compose(TensorView<const float> amplitudes, TensorView<float> picture) const;

  // The transpose of Compose: from the gradient with respect to the picture the one with respect to the amplitudes.
  void Gradient(TensorView<const float> picture, TensorView<float> amplitudes) const;

  // The inverse of Compose.
  void Decompose(TensorView<const float> picture, TensorView<float> amplitudes) const;

 private:
  void Transform(TensorView<const float> from, TensorView<float> to) const;

  int64_t rows_, columns_;
  std::vector<float> along_rows_, along_columns_;  // (rows, rows) and (columns, columns), both symmetric
  // (rows, columns): 1 / (4 a wave's frequency), in waves a pixel and not below one wave a picture: the parametrisation
  // of Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017, in the numbers of their program.
  std::vector<float> loudness_;
};

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_WAVE_BASIS_H_
