// The kernels that a formula makes. Sizes are in pixels, angles in degrees.
//
// Not here: names, defaults and ranges of the parameters (preset_table.cc); these functions trust what they get.
#ifndef CONVSCOPE_FILTERS_FORMULAS_H_
#define CONVSCOPE_FILTERS_FORMULAS_H_

#include <cstdint>
#include <string_view>

#include "convscope/filters/matrix.h"

namespace convscope {

// One 1 in the middle of size x size; size is odd.
Matrix Identity(int64_t size);

// Sums to 1, all equal.
Matrix Box(int64_t size);

// exp(-(x^2 + y^2) / (2 sigma^2)), divided by its sum. sigma 0 stands for 0.3 ((size - 1) / 2 - 1) + 0.8.
Matrix Gaussian(int64_t size, double sigma);

// The outer product of a row of Pascal's triangle with itself, divided by its sum.
Matrix Binomial(int64_t size);

// A straight line of `length` (odd) pixels through the middle, at `angle` counter-clockwise from the right: each pixel
// weighs 1 minus its distance from the line segment, at least 0. Divided by the sum; empty outer rows and columns are
// left out.
Matrix Motion(int64_t length, double angle);

// The part of each pixel's square that a disc of `radius` around the middle covers, divided by the sum.
Matrix Disc(double radius);

// (1 + amount) identity - amount gaussian: sums to 1.
Matrix Unsharp(int64_t size, double sigma, double amount);

// (x^2 + y^2 - 2 sigma^2) / sigma^4 times the Gaussian, minus its mean: sums to 0.
Matrix LaplacianOfGaussian(int64_t size, double sigma);

// The Gaussian of sigma minus the Gaussian of ratio * sigma: sums to 0.
Matrix DifferenceOfGaussians(int64_t size, double sigma, double ratio);

struct GaborOptions {
  double theta = 0;       // degrees: the direction across the stripes, clockwise from the right as seen on a screen
  double wavelength = 8;  // pixels
  double sigma = 0;       // pixels, of the envelope across the stripes; 0 stands for 0.56 wavelengths (one octave)
  double gamma = 0.5;     // the envelope's width across the stripes over its length along them
  double psi = 0;         // degrees: the phase in the middle
  int64_t size = 21;      // odd
};

// exp(-(x'^2 + gamma^2 y'^2) / (2 sigma^2)) cos(2 pi x' / wavelength + psi), with x' and y' rotated by theta; x and y
// run leftwards and upwards, as in OpenCV's getGaborKernel.
Matrix Gabor(const GaborOptions& options);

// Kirsch's compass: 5, 5, 5 towards north, -3 elsewhere, turned counter-clockwise by `steps` eighths.
Matrix Kirsch(int steps);

enum class Distribution : uint8_t {
  kNormal,         // mean 0, standard deviation 1
  kGlorotUniform,  // +- sqrt(6 / (fan in + fan out)), fan in = size^2 channels, fan out = size^2 filters
};

// (size, size), with channels or filters above 1 (size, size, channels) or (size, size, channels, filters). The same
// seed gives the same numbers.
Matrix RandomKernel(Distribution distribution, int64_t size, uint64_t seed, int64_t channels, int64_t filters);

}  // namespace convscope

#endif  // CONVSCOPE_FILTERS_FORMULAS_H_
