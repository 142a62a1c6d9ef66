// Numbers to pixels: a map or a colour picture, averaged to the size that it is drawn at, in the colours of a scale.
#ifndef CONVSCOPE_FIGURES_INTERNAL_RASTER_H_
#define CONVSCOPE_FIGURES_INTERNAL_RASTER_H_

#include <cstdint>
#include <vector>

#include "convscope/figures/scale.h"
#include "convscope/figures/scene.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {

// Values (H, W, C) averaged to (rows, columns, C): each result is the mean of the values under its area, those at its
// border by the part of them that lies inside. One NaN makes its mean NaN, so that a reader sees it at any size.
// rows and columns may also be larger than H and W: values are then repeated, with a mean where two of them meet.
std::vector<float> AreaMean(TensorView<const float> values, int64_t rows, int64_t columns);

// Channel `channel` of values (rows, columns, channels) in the colours of `scale`.
Raster ColorMapOf(const std::vector<float>& values, int64_t rows, int64_t columns, int64_t channels, int64_t channel,
                  const Scale& scale);

// The colour of `value` over a photograph whose lightness there is `grey`, 0 to 1: see MapPlot::photograph.
Rgb8 OverlayColor(float value, float grey, const Scale& scale);

// Values (rows, columns) over a photograph (rows, columns, channels) of 1 or 3 channels.
Raster OverlayOf(const std::vector<float>& values, const std::vector<float>& photograph, int64_t rows, int64_t columns,
                 int64_t channels, const Scale& scale);

// Channels 3 picture to 3 picture + 2 of values (rows, columns, channels), 0 to 1, as red, green and blue.
Raster ColorPictureOf(const std::vector<float>& values, int64_t rows, int64_t columns, int64_t channels = 3,
                      int64_t picture = 0);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_RASTER_H_
