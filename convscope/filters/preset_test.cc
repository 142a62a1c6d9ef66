#include "convscope/filters/preset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/filters/expression.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

std::vector<float> Values(const Kernel& kernel) {
  const auto span = kernel.values.view().span();
  return {span.begin(), span.end()};
}

double SumOf(const Kernel& kernel) {
  double sum = 0;
  for (const float value : Values(kernel)) sum += value;
  return sum;
}

Kernel Named(std::string_view name) {
  return BuildPreset(FindPreset(name));
}

TEST(PresetTable, HoldsAtLeastThirtyPresetsEachNamedOnceDescribedAndCited) {
  std::set<std::string_view> names;
  for (const Preset& preset : Presets()) {
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    EXPECT_FALSE(preset.family.empty()) << preset.name;
    EXPECT_FALSE(preset.source.empty()) << preset.name;
    ASSERT_FALSE(preset.description.empty()) << preset.name;
    EXPECT_EQ(preset.description.back(), '.') << preset.name;
  }
  EXPECT_GE(names.size(), 30u);
}

TEST(PresetTable, EveryNameIsReadAsANameByTheExpressionLanguage) {
  for (const Preset& preset : Presets()) {
    const Kernel parsed = ParseKernel(preset.name);
    EXPECT_EQ(Values(parsed), Values(BuildPreset(preset))) << preset.name;
    EXPECT_EQ(parsed.bias, BuildPreset(preset).bias) << preset.name;
  }
}

TEST(PresetTable, EveryPresetIsBuiltWithEachParameterAtEitherEnd) {
  for (const Preset& preset : Presets()) {
    for (size_t i = 0; i < preset.parameters.size(); ++i) {
      for (const double value : {preset.parameters[i].low, preset.parameters[i].high}) {
        std::vector<double> arguments;
        for (const PresetParameter& parameter : preset.parameters) arguments.push_back(parameter.standard);
        arguments[i] = value;
        EXPECT_NO_THROW(BuildPreset(preset, arguments)) << preset.name << " " << preset.parameters[i].name << value;
      }
    }
  }
}

TEST(PresetTable, EveryParameterRefusesWhatIsBeyondItsRange) {
  for (const Preset& preset : Presets()) {
    for (size_t i = 0; i < preset.parameters.size(); ++i) {
      const PresetParameter& parameter = preset.parameters[i];
      std::vector<double> beyond = {parameter.low - 2, parameter.high + 2, NAN};
      if (parameter.kind != PresetParameter::Kind::kReal) beyond.push_back(parameter.low + 0.5);
      if (parameter.kind == PresetParameter::Kind::kOdd) beyond.push_back(4);
      for (const double value : beyond) {
        std::vector<double> arguments;
        for (const PresetParameter& other : preset.parameters) arguments.push_back(other.standard);
        arguments[i] = value;
        EXPECT_THROW(BuildPreset(preset, arguments), Error) << preset.name << " " << parameter.name << " " << value;
      }
    }
  }
}

TEST(PresetTable, BlursAndSharpeningSumToOneAtAnySize) {
  for (const char* text : {"identity:7",
                           "box:3",
                           "box:4",
                           "box:255",
                           "gaussian",
                           "gaussian:3",
                           "gaussian:4:0.0001",
                           "gaussian:255:1000",
                           "gaussian:7:1.5",
                           "binomial:2",
                           "binomial:5",
                           "binomial:255",
                           "blur",
                           "motion",
                           "motion:1",
                           "motion:15:30",
                           "motion:255:-77",
                           "disc",
                           "disc:0.5",
                           "disc:0.6",
                           "disc:2.3",
                           "disc:127",
                           "sharpen",
                           "unsharp",
                           "unsharp:9:2:3",
                           "emboss",
                           "gimp-sharpen",
                           "gimp-blur",
                           "gimp-emboss"}) {
    EXPECT_NEAR(SumOf(ParseKernel(text)), 1, 1e-4) << text;
  }
}

TEST(PresetTable, EdgesAndDerivativesSumToZero) {
  for (const char* text :
       {"edge",       "laplacian-4", "laplacian-8", "log",       "log:15:2",         "log:3:0.1",        "dog",
        "dog:15:2:3", "sobel-x",     "sobel-y",     "scharr-x",  "prewitt-y",        "roberts-x",        "roberts-y",
        "kirsch-n",   "kirsch-se",   "udacity-1",   "udacity-4", "gimp-edge-detect", "gimp-edge-enhance"}) {
    EXPECT_NEAR(SumOf(ParseKernel(text)), 0, 1e-5) << text;
  }
}

struct Cited {
  const char* name;
  std::vector<float> values;
};

TEST(PresetTable, FixedMatricesAreThoseOfTheirSources) {
  const std::vector<Cited> cited = {
      {"edge", {-1, -1, -1, -1, 8, -1, -1, -1, -1}},
      {"emboss", {-2, -1, 0, -1, 1, 1, 0, 1, 2}},
      {"sharpen", {0, -1, 0, -1, 5, -1, 0, -1, 0}},
      {"blur", {0.0625, 0.125, 0.0625, 0.125, 0.25, 0.125, 0.0625, 0.125, 0.0625}},
      {"laplacian-4", {0, 1, 0, 1, -4, 1, 0, 1, 0}},
      {"laplacian-8", {1, 1, 1, 1, -8, 1, 1, 1, 1}},
      {"sobel-x", {-1, 0, 1, -2, 0, 2, -1, 0, 1}},
      {"sobel-y", {-1, -2, -1, 0, 0, 0, 1, 2, 1}},
      {"scharr-x", {-3, 0, 3, -10, 0, 10, -3, 0, 3}},
      {"scharr-y", {-3, -10, -3, 0, 0, 0, 3, 10, 3}},
      {"prewitt-x", {-1, 0, 1, -1, 0, 1, -1, 0, 1}},
      {"prewitt-y", {-1, -1, -1, 0, 0, 0, 1, 1, 1}},
      {"roberts-x", {1, 0, 0, -1}},
      {"roberts-y", {0, 1, -1, 0}},
      {"kirsch-n", {5, 5, 5, -3, 0, -3, -3, -3, -3}},
      {"kirsch-nw", {5, 5, -3, 5, 0, -3, -3, -3, -3}},
      {"kirsch-e", {-3, -3, 5, -3, 0, 5, -3, -3, 5}},
      {"kirsch-s", {-3, -3, -3, -3, 0, -3, 5, 5, 5}},
      {"gimp-sharpen", {0, -1, 0, -1, 5, -1, 0, -1, 0}},
      {"gimp-edge-enhance", {0, 0, 0, -1, 1, 0, 0, 0, 0}},
      {"gimp-edge-detect", {0, 1, 0, 1, -4, 1, 0, 1, 0}},
      {"gimp-emboss", {-2, -1, 0, -1, 1, 1, 0, 1, 2}},
      {"udacity-1", {-1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1}},
      {"udacity-4", {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1}},
  };
  for (const Cited& c : cited) EXPECT_EQ(Values(Named(c.name)), c.values) << c.name;
}

TEST(PresetTable, OffsetsOfGimpBecomeABiasOnTheScaleOfOne) {
  EXPECT_FLOAT_EQ(Named("gimp-edge-detect").bias, 128.0f / 255.0f);
  EXPECT_FLOAT_EQ(Named("gimp-edge-enhance").bias, 128.0f / 255.0f);
  for (const char* name : {"gimp-sharpen", "gimp-blur", "gimp-emboss", "edge"}) EXPECT_EQ(Named(name).bias, 0) << name;
  for (const float value : Values(Named("gimp-blur"))) EXPECT_EQ(value, 1.0f / 9.0f);
}

TEST(PresetTable, DirectionsAreTurnsOfEachOther) {
  const std::vector<std::pair<const char*, const char*>> same = {
      {"sobel-y", "t(sobel-x)"},          {"scharr-y", "t(scharr-x)"},       {"prewitt-y", "t(prewitt-x)"},
      {"roberts-y", "-rot90(roberts-x)"}, {"udacity-2", "-udacity-1"},       {"udacity-3", "t(udacity-1)"},
      {"udacity-4", "-t(udacity-1)"},     {"kirsch-w", "rot90(kirsch-n)"},   {"kirsch-s", "rot180(kirsch-n)"},
      {"kirsch-e", "rot270(kirsch-n)"},   {"kirsch-sw", "rot90(kirsch-nw)"}, {"kirsch-se", "rot180(kirsch-nw)"},
      {"kirsch-ne", "rot270(kirsch-nw)"}, {"edge", "-laplacian-8"},
  };
  for (const auto& [one, other] : same) EXPECT_EQ(Values(ParseKernel(one)), Values(ParseKernel(other))) << one;
}

// The digits that MATLAB's documentation and users show for fspecial('gaussian', 3, 0.5), ('disk', 1) and ('log', 5,
// 0.5), rounded to four places there.
TEST(PresetTable, FormulasGiveTheNumbersOfFspecial) {
  EXPECT_THAT(Values(ParseKernel("gaussian:3:0.5")),
              Pointwise(FloatNear(5.1e-5f), std::vector<float>{0.0113f, 0.0838f, 0.0113f, 0.0838f, 0.6193f, 0.0838f,
                                                               0.0113f, 0.0838f, 0.0113f}));
  EXPECT_THAT(Values(ParseKernel("disc:1")),
              Pointwise(FloatNear(5.1e-5f), std::vector<float>{0.0251f, 0.1453f, 0.0251f, 0.1453f, 0.3183f, 0.1453f,
                                                               0.0251f, 0.1453f, 0.0251f}));
  const std::vector<float> log = Values(ParseKernel("log:5:0.5"));
  EXPECT_NEAR(log[0], 0.0448, 5.1e-5);
  EXPECT_NEAR(log[1], 0.0468, 5.1e-5);
  EXPECT_NEAR(log[2], 0.0564, 5.1e-5);
  EXPECT_NEAR(log[6], 0.3167, 5.1e-5);
  EXPECT_NEAR(log[7], 0.7146, 5.1e-5);
  EXPECT_NEAR(log[12], -4.9048, 5.1e-5);
}

TEST(PresetTable, SymmetricKernelsAreSymmetric) {
  for (const char* text : {"gaussian:6:2", "binomial:4", "box:5", "disc:2.7", "unsharp", "log", "dog", "laplacian-8"}) {
    const std::vector<float> values = Values(ParseKernel(text));
    for (const char* turned : {"t(", "fliplr(", "flipud(", "rot90("}) {
      EXPECT_THAT(Values(ParseKernel(turned + std::string(text) + ")")), Pointwise(FloatNear(1e-7f), values))
          << turned << text;
    }
  }
}

TEST(PresetTable, TheStandardSigmaOfAGaussianFollowsItsSize) {
  EXPECT_EQ(Values(ParseKernel("gaussian:7")), Values(ParseKernel("gaussian:7:1.4")));
  EXPECT_EQ(Values(ParseKernel("gaussian:3")), Values(ParseKernel("gaussian:3:0.8")));
}

TEST(PresetTable, ABinomialOfThreeIsTheBlurOfTheTable) {
  EXPECT_EQ(Values(ParseKernel("binomial:3")), Values(Named("blur")));
  EXPECT_EQ(ParseKernel("16*binomial:5 * 16").values.data()[12], 36);
}

TEST(PresetTable, MotionSmearsAlongItsAngle) {
  const Kernel flat = ParseKernel("motion:5:0");
  EXPECT_EQ(flat.values.shape(), (Shape{1, 5}));
  EXPECT_EQ(Values(flat), std::vector<float>(5, 0.2f));
  EXPECT_EQ(ParseKernel("motion:5:90").values.shape(), (Shape{5, 1}));
  // Counter-clockwise: at 45 degrees from the bottom left to the top right.
  const Kernel rising = ParseKernel("motion:5:45");
  const std::vector<float> values = Values(rising);
  const int64_t columns = rising.values.shape()[1];
  EXPECT_GT(values[columns - 1], values[0]);
  EXPECT_THAT(Values(ParseKernel("fliplr(motion:5:45)")),
              Pointwise(FloatNear(1e-7f), Values(ParseKernel("motion:5:135"))));
}

TEST(PresetTable, GaborFollowsItsFormula) {
  const auto at = [](const Kernel& kernel, int y, int x) {  // from the middle, downwards and rightwards
    const int64_t size = kernel.values.shape()[0];
    return kernel.values.data()[(size / 2 + y) * size + size / 2 + x];
  };
  const Kernel plain = ParseKernel("gabor:wavelength=8,sigma=4,gamma=0.5,size=21");
  EXPECT_FLOAT_EQ(at(plain, 0, 0), 1);
  EXPECT_FLOAT_EQ(at(plain, 0, 4), -std::exp(-0.5));  // half a wavelength across: cos 180 degrees
  EXPECT_EQ(at(plain, 0, 2), 0);                      // a quarter of it: a table of its numbers says 0
  EXPECT_FLOAT_EQ(at(plain, 8, 0), std::exp(-0.5));   // along the stripes only the envelope, twice as long
  const Kernel turned = ParseKernel("gabor:theta=90,wavelength=8,sigma=4,gamma=0.5,size=21");
  EXPECT_THAT(Values(turned), Pointwise(FloatNear(1e-6f), Values(ParseKernel("t(gabor:0:8:4:0.5:0:21)"))));
  // As cv2.getGaborKernel((21, 21), 4, 0, 8, 0.5, pi / 2): positive on the right.
  EXPECT_FLOAT_EQ(at(ParseKernel("gabor:0:8:4:0.5:90:21"), 0, 2), std::exp(-0.125));
  // 45 degrees is clockwise on the screen: across is right and down, along is right and up.
  const Kernel oblique = ParseKernel("gabor:theta=45,wavelength=8,sigma=4,gamma=0.1,size=21");
  EXPECT_GT(at(oblique, -5, 5), 0.9f);
  EXPECT_LT(at(oblique, 3, 3), -0.5f);
}

TEST(PresetTable, RandomKernelsDependOnTheSeedAlone) {
  EXPECT_EQ(Values(ParseKernel("random:4:7")), Values(ParseKernel("random:4:7")));
  EXPECT_NE(Values(ParseKernel("random:4:7")), Values(ParseKernel("random:4:8")));
}

TEST(PresetTable, RandomKernelsHaveTheShapeOfABank) {
  EXPECT_EQ(ParseKernel("random:4").values.shape(), (Shape{4, 4}));
  EXPECT_EQ(ParseKernel("random:4:1:3").values.shape(), (Shape{4, 4, 3}));
  EXPECT_EQ(ParseKernel("random:size=4,filters=15").values.shape(), (Shape{4, 4, 1, 15}));
  EXPECT_EQ(ParseKernel("random-glorot:5:1:3:6").values.shape(), (Shape{5, 5, 3, 6}));
  EXPECT_THROW(ParseKernel("random:255:1:4096:4096"), Error);
}

// Means and deviations of n samples stray by about 1/sqrt(n); five times that is allowed.
TEST(PresetTable, RandomKernelsHaveTheirDistribution) {
  const std::vector<float> normal = Values(ParseKernel("random:100:3"));
  double sum = 0, squares = 0;
  for (const float value : normal) sum += value, squares += value * value;
  EXPECT_NEAR(sum / 1e4, 0, 0.05);
  EXPECT_NEAR(squares / 1e4, 1, 0.08);

  const double limit = std::sqrt(6.0 / (5 * 5 * (3 + 400)));
  double largest = 0;
  for (const float value : Values(ParseKernel("random-glorot:5:1:3:400"))) {
    EXPECT_LE(std::abs(value), limit);
    largest = std::max<double>(largest, std::abs(value));
  }
  EXPECT_GT(largest, 0.99 * limit);
}

TEST(FindPreset, OffersTheNearestNames) {
  try {
    FindPreset("gausian");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("received \"gausian\""), HasSubstr("did you mean gaussian")));
  }
}

TEST(BuildPreset, NamesPresetParameterRangeAndValueInItsError) {
  const std::vector<double> even = {4};
  try {
    BuildPreset(FindPreset("identity"), even);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "identity: size must be an odd number from 1 to 255 pixels; received 4");
  }
}

TEST(MakeKernel, TakesAnyElementTypeAndRefusesWhatIsNoKernel) {
  Tensor bytes(Shape{1, 2}, DType::kUInt8);
  bytes.data<uint8_t>()[0] = 3;
  bytes.data<uint8_t>()[1] = 255;
  EXPECT_EQ(Values(MakeKernel("k", bytes)), (std::vector<float>{3, 255}));
  EXPECT_THROW(MakeKernel("k", Tensor::Of({1, 2}, {1, NAN})), Error);
  EXPECT_THROW(MakeKernel("k", Tensor::Of({1, 2}, {1, INFINITY})), Error);
  EXPECT_THROW(MakeKernel("k", Tensor::Zeros({3})), Error);
  EXPECT_THROW(MakeKernel("k", Tensor::Zeros({3, 0})), Error);
  EXPECT_THROW(MakeKernel("k", Tensor::Zeros({256, 1})), Error);
  EXPECT_THROW(MakeKernel("k", Tensor::Zeros({1, 1, 1, 1, 1})), Error);
}

}  // namespace
}  // namespace convscope
