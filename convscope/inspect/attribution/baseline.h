// Pictures with nothing in them: what attributions compare with and what hides pixels. All (1, H, W, C), of the input
// as the model is fed it; since a preprocessing shifts and scales each channel, the mean of an input is that of its
// picture.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_BASELINE_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_BASELINE_H_

#include "convscope/tensor/tensor.h"

namespace convscope {

// The mean of each channel, everywhere.
Tensor MeanBaseline(const Tensor& input);

// Blurred by a Gaussian of this standard deviation in pixels, cut off after three of them; at the border, by what lies
// inside. Throws Error unless it is above 0 and finite.
Tensor BlurBaseline(const Tensor& input, double sigma);

// That of BlurBaseline which leaves no shape in a picture of this size: a quarter of its larger side, at least 2.
double UsualBlur(const Tensor& input);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_BASELINE_H_
