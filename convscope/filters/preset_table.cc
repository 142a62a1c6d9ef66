// The table of presets: one entry each. Matrices are written as they are multiplied with the picture (convolution is
// cross-correlation here), rows from the top. A new preset is one entry here; one with a formula also needs it in
// formulas.h.
#include "convscope/filters/formulas.h"
#include "convscope/filters/preset.h"

namespace convscope {
namespace {

using Arguments = std::span<const double>;
using Kind = PresetParameter::Kind;

int64_t Whole(double value) {
  return static_cast<int64_t>(value);
}

constexpr PresetParameter Size(double standard) {
  return {"size", standard, 1, kMaxKernelSide, Kind::kWhole, "pixels", "rows and columns"};
}

constexpr PresetParameter OddSize(double standard) {
  return {"size", standard, 1, kMaxKernelSide, Kind::kOdd, "pixels", "rows and columns"};
}

constexpr PresetParameter Sigma(double standard) {
  return {"sigma", standard, 0.1, 1000, Kind::kReal, "pixels", "standard deviation"};
}

constexpr PresetParameter kAngle = {
    "angle", 0, -360, 360, Kind::kReal, "degrees", "direction, counter-clockwise from the right"};

constexpr PresetParameter kIdentity[] = {OddSize(3)};
constexpr PresetParameter kBox[] = {Size(3)};
constexpr PresetParameter kGaussian[] = {
    Size(5), {"sigma", 0, 0, 1000, Kind::kReal, "pixels", "standard deviation; 0: 0.3 ((size - 1) / 2 - 1) + 0.8"}};
constexpr PresetParameter kMotion[] = {{"length", 9, 1, kMaxKernelSide, Kind::kOdd, "pixels", "length of the line"},
                                       kAngle};
constexpr PresetParameter kDisc[] = {{"radius", 3, 0.5, 127, Kind::kReal, "pixels", "radius of the disc"}};
constexpr PresetParameter kUnsharp[] = {
    OddSize(5), Sigma(1), {"amount", 1, 0, 100, Kind::kReal, "", "how much of what the blur removes is added"}};
constexpr PresetParameter kLog[] = {OddSize(9), Sigma(1.4)};
constexpr PresetParameter kDog[] = {
    OddSize(9), Sigma(1), {"ratio", 1.6, 1, 100, Kind::kReal, "", "of the second sigma to the first"}};
constexpr PresetParameter kGabor[] = {
    {"theta", 0, -360, 360, Kind::kReal, "degrees", "direction across the stripes, clockwise from the right"},
    {"wavelength", 8, 0.5, 1000, Kind::kReal, "pixels", "from stripe to stripe"},
    {"sigma", 0, 0, 1000, Kind::kReal, "pixels", "width of the envelope; 0: 0.56 wavelengths"},
    {"gamma", 0.5, 0.01, 100, Kind::kReal, "", "width of the envelope across over along the stripes"},
    {"psi", 0, -360, 360, Kind::kReal, "degrees", "phase in the middle"},
    OddSize(21)};
constexpr PresetParameter kRandom[] = {
    Size(3),
    {"seed", 1, 0, 9007199254740992, Kind::kWhole, "", "another seed, other numbers"},
    {"channels", 1, 1, 4096, Kind::kWhole, "", "channels in"},
    {"filters", 1, 1, 4096, Kind::kWhole, "", "filters in the bank"}};

constexpr std::string_view kGimp =
    "GIMP user manual 2.10, Convolution Matrix; divisor and offset as its Normalise option sets them";
constexpr std::string_view kSobelSource = "Sobel and Feldman, 1968; as in OpenCV's Sobel";
constexpr std::string_view kScharrSource = "Scharr, Optimale Operatoren in der digitalen Bildverarbeitung, 2000";
constexpr std::string_view kPrewittSource = "Prewitt, Object enhancement and extraction, 1970";
constexpr std::string_view kRobertsSource = "Roberts, Machine perception of three-dimensional solids, 1963";
constexpr std::string_view kKirschSource = "Kirsch, Computer determination of the constituent structure, 1971";
constexpr std::string_view kMarrHildreth = "Marr and Hildreth, Theory of edge detection, 1980";
constexpr std::string_view kGonzalez = "Gonzalez and Woods, Digital Image Processing, chapter 3";
constexpr std::string_view kUdacity = "Udacity, Deep Learning Nanodegree, notebook conv_visualization";

Matrix SobelX(Arguments) {
  return Rows({{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}});
}
Matrix ScharrX(Arguments) {
  return Rows({{-3, 0, 3}, {-10, 0, 10}, {-3, 0, 3}});
}
Matrix PrewittX(Arguments) {
  return Rows({{-1, 0, 1}, {-1, 0, 1}, {-1, 0, 1}});
}
Matrix LeftDarkRightBright(Arguments) {
  return Rows({{-1, -1, 1, 1}, {-1, -1, 1, 1}, {-1, -1, 1, 1}, {-1, -1, 1, 1}});
}
Matrix Emboss(Arguments) {
  return Rows({{-2, -1, 0}, {-1, 1, 1}, {0, 1, 2}});
}
Matrix Sharpen(Arguments) {
  return Rows({{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}});
}
Matrix Laplacian4(Arguments) {
  return Rows({{0, 1, 0}, {1, -4, 1}, {0, 1, 0}});
}

template <Matrix (*kMatrix)(Arguments)>
Matrix TransposeOf(Arguments arguments) {
  return Transposed(kMatrix(arguments));
}
template <Matrix (*kMatrix)(Arguments)>
Matrix NegativeOf(Arguments arguments) {
  return Scaled(kMatrix(arguments), -1);
}
template <int kSteps>
Matrix KirschTowards(Arguments) {
  return Kirsch(kSteps);
}
template <Distribution kDistribution>
Matrix RandomFrom(Arguments a) {
  return RandomKernel(kDistribution, Whole(a[0]), static_cast<uint64_t>(a[1]), Whole(a[2]), Whole(a[3]));
}

// clang-format off
constexpr Preset kPresets[] = {
    {.name = "identity", .family = "identity", .description = "Changes nothing.",
     .source = "the unit of convolution", .parameters = kIdentity,
     .matrix = [](Arguments a) { return Identity(Whole(a[0])); }},

    {.name = "box", .family = "blur", .description = "Averages a square.",
     .source = kGonzalez, .parameters = kBox,
     .matrix = [](Arguments a) { return Box(Whole(a[0])); }},
    {.name = "gaussian", .family = "blur", .description = "Averages with weights that fall off as a bell; sums to 1.",
     .source = "Gonzalez and Woods, chapter 3; the standard sigma is that of OpenCV's getGaussianKernel",
     .parameters = kGaussian,
     .matrix = [](Arguments a) { return Gaussian(Whole(a[0]), a[1]); }},
    {.name = "binomial", .family = "blur", .description = "Averages with weights from Pascal's triangle; sums to 1.",
     .source = "Crowley, A representation for visual information, 1981", .parameters = kBox,
     .matrix = [](Arguments a) { return Binomial(Whole(a[0])); }},
    {.name = "blur", .family = "blur", .description = "Averages 3 x 3 pixels, the nearer ones more.",
     .source = "Mourafiq, Playing with convolutions in TensorFlow, 2016", .divisor = 16,
     .matrix = [](Arguments) { return Rows({{1, 2, 1}, {2, 4, 2}, {1, 2, 1}}); }},
    {.name = "motion", .family = "blur", .description = "Smears along a line, as a moving camera does; sums to 1.",
     .source = "MATLAB, fspecial('motion')", .parameters = kMotion,
     .matrix = [](Arguments a) { return Motion(Whole(a[0]), a[1]); }},
    {.name = "disc", .family = "blur", .description = "Averages a disc, as a lens out of focus does; sums to 1.",
     .source = "MATLAB, fspecial('disk')", .parameters = kDisc,
     .matrix = [](Arguments a) { return Disc(a[0]); }},

    {.name = "sharpen", .family = "sharpen", .description = "Adds what the four neighbours differ by.",
     .source = "Mourafiq, Playing with convolutions in TensorFlow, 2016, after GIMP's user manual",
     .matrix = Sharpen},
    {.name = "unsharp", .family = "sharpen", .description = "Adds what a Gaussian blur removes; sums to 1.",
     .source = kGonzalez, .parameters = kUnsharp,
     .matrix = [](Arguments a) { return Unsharp(Whole(a[0]), a[1], a[2]); }},

    {.name = "edge", .family = "edge", .description = "Outlines: what differs from its eight neighbours.",
     .source = "Wikipedia, Kernel (image processing)",
     .matrix = [](Arguments) { return Rows({{-1, -1, -1}, {-1, 8, -1}, {-1, -1, -1}}); }},
    {.name = "laplacian-4", .family = "edge", .description = "Second derivative, from four neighbours; sums to 0.",
     .source = kGonzalez, .matrix = Laplacian4},
    {.name = "laplacian-8", .family = "edge", .description = "Second derivative, from eight neighbours; sums to 0.",
     .source = kGonzalez, .matrix = [](Arguments) { return Rows({{1, 1, 1}, {1, -8, 1}, {1, 1, 1}}); }},
    {.name = "log", .family = "edge", .description = "Laplacian of a Gaussian: edges of one scale; sums to 0.",
     .source = "Marr and Hildreth, Theory of edge detection, 1980; sampled as MATLAB's fspecial('log')",
     .parameters = kLog, .matrix = [](Arguments a) { return LaplacianOfGaussian(Whole(a[0]), a[1]); }},
    {.name = "dog", .family = "edge", .description = "Difference of two Gaussians: blobs of one scale; sums to 0.",
     .source = kMarrHildreth, .parameters = kDog,
     .matrix = [](Arguments a) { return DifferenceOfGaussians(Whole(a[0]), a[1], a[2]); }},
    {.name = "emboss", .family = "edge", .description = "A relief lit from the bottom right; sums to 1.",
     .source = "GIMP user manual 2.10, Convolution Matrix", .matrix = Emboss},

    {.name = "gimp-sharpen", .family = "gimp", .description = "Sharpens.", .source = kGimp, .matrix = Sharpen},
    {.name = "gimp-blur", .family = "gimp", .description = "Averages 3 x 3 pixels.", .source = kGimp, .divisor = 9,
     .matrix = [](Arguments) { return Rows({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}); }},
    {.name = "gimp-edge-enhance", .family = "gimp", .description = "What differs from the left neighbour, on grey.",
     .source = kGimp, .offset = 128, .matrix = [](Arguments) { return Rows({{0, 0, 0}, {-1, 1, 0}, {0, 0, 0}}); }},
    {.name = "gimp-edge-detect", .family = "gimp", .description = "What differs from the four neighbours, on grey.",
     .source = kGimp, .offset = 128, .matrix = Laplacian4},
    {.name = "gimp-emboss", .family = "gimp", .description = "A relief lit from the bottom right.", .source = kGimp,
     .matrix = Emboss},

    {.name = "sobel-x", .family = "derivative", .description = "Brighter towards the right, smoothed.",
     .source = kSobelSource, .matrix = SobelX},
    {.name = "sobel-y", .family = "derivative", .description = "Brighter towards the bottom, smoothed.",
     .source = kSobelSource, .matrix = TransposeOf<SobelX>},
    {.name = "scharr-x", .family = "derivative", .description = "Brighter towards the right, in any direction alike.",
     .source = kScharrSource, .matrix = ScharrX},
    {.name = "scharr-y", .family = "derivative", .description = "Brighter towards the bottom, in any direction alike.",
     .source = kScharrSource, .matrix = TransposeOf<ScharrX>},
    {.name = "prewitt-x", .family = "derivative", .description = "Brighter towards the right, averaged.",
     .source = kPrewittSource, .matrix = PrewittX},
    {.name = "prewitt-y", .family = "derivative", .description = "Brighter towards the bottom, averaged.",
     .source = kPrewittSource, .matrix = TransposeOf<PrewittX>},
    {.name = "roberts-x", .family = "derivative", .description = "Brighter towards the top left.",
     .source = kRobertsSource, .matrix = [](Arguments) { return Rows({{1, 0}, {0, -1}}); }},
    {.name = "roberts-y", .family = "derivative", .description = "Brighter towards the top right.",
     .source = kRobertsSource, .matrix = [](Arguments) { return Rows({{0, 1}, {-1, 0}}); }},

    {.name = "kirsch-n", .family = "compass", .description = "Edges with the bright side up.",
     .source = kKirschSource, .matrix = KirschTowards<0>},
    {.name = "kirsch-nw", .family = "compass", .description = "Edges with the bright side up left.",
     .source = kKirschSource, .matrix = KirschTowards<1>},
    {.name = "kirsch-w", .family = "compass", .description = "Edges with the bright side left.",
     .source = kKirschSource, .matrix = KirschTowards<2>},
    {.name = "kirsch-sw", .family = "compass", .description = "Edges with the bright side down left.",
     .source = kKirschSource, .matrix = KirschTowards<3>},
    {.name = "kirsch-s", .family = "compass", .description = "Edges with the bright side down.",
     .source = kKirschSource, .matrix = KirschTowards<4>},
    {.name = "kirsch-se", .family = "compass", .description = "Edges with the bright side down right.",
     .source = kKirschSource, .matrix = KirschTowards<5>},
    {.name = "kirsch-e", .family = "compass", .description = "Edges with the bright side right.",
     .source = kKirschSource, .matrix = KirschTowards<6>},
    {.name = "kirsch-ne", .family = "compass", .description = "Edges with the bright side up right.",
     .source = kKirschSource, .matrix = KirschTowards<7>},

    {.name = "gabor", .family = "texture", .description = "Stripes of one direction and width.",
     .source = "Petkov and Kruizinga, 1997; laid out as OpenCV's getGaborKernel", .parameters = kGabor,
     .matrix = [](Arguments a) {
       return Gabor({.theta = a[0], .wavelength = a[1], .sigma = a[2], .gamma = a[3], .psi = a[4], .size = Whole(a[5])});
     }},

    {.name = "udacity-1", .family = "first filters", .description = "Dark at the left, bright at the right.",
     .source = kUdacity, .matrix = LeftDarkRightBright},
    {.name = "udacity-2", .family = "first filters", .description = "Bright at the left, dark at the right.",
     .source = kUdacity, .matrix = NegativeOf<LeftDarkRightBright>},
    {.name = "udacity-3", .family = "first filters", .description = "Dark at the top, bright at the bottom.",
     .source = kUdacity, .matrix = TransposeOf<LeftDarkRightBright>},
    {.name = "udacity-4", .family = "first filters", .description = "Bright at the top, dark at the bottom.",
     .source = kUdacity, .matrix = NegativeOf<TransposeOf<LeftDarkRightBright>>},

    {.name = "random", .family = "random", .description = "Normal numbers of mean 0 and standard deviation 1.",
     .source = "Box and Muller, 1958; the seed decides", .parameters = kRandom,
     .matrix = RandomFrom<Distribution::kNormal>},
    {.name = "random-glorot", .family = "random", .description = "What a layer starts from: Glorot's uniform numbers.",
     .source = "Glorot and Bengio, Understanding the difficulty of training deep feedforward networks, 2010",
     .parameters = kRandom, .matrix = RandomFrom<Distribution::kGlorotUniform>},
};
// clang-format on

}  // namespace

std::span<const Preset> Presets() {
  return kPresets;
}

}  // namespace convscope
