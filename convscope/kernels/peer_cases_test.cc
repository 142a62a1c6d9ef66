// Kernels against PyTorch and OpenCV: the cases of testdata/, and those in the folder that CONVSCOPE_PEER_CASES names.
// scripts/make_torch_fixtures.py writes both and describes the files.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/text.h"
#include "convscope/kernels/activation.h"
#include "convscope/kernels/conv.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/pool.h"
#include "convscope/kernels/reference/activation.h"
#include "convscope/kernels/reference/conv.h"
#include "convscope/kernels/reference/pool.h"

namespace convscope {
namespace {

using Values = std::vector<float>;

// One line of the index; its numbers are taken from `values` in the order of Take's calls.
class Case {
 public:
  Case(std::string line, const Values& values, size_t& used) : line_(std::move(line)), values_(values), used_(used) {
    std::istringstream words(line_);
    words >> what_;
    for (std::string word; words >> word;) {
      const size_t equals = word.find('=');
      fields_[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }

  const std::string& line() const { return line_; }
  const std::string& what() const { return what_; }
  const std::string& Text(const std::string& key) const { return fields_.at(key); }
  int64_t Number(const std::string& key) const { return ParseInteger(Text(key), key); }

  // The last `rank` of the three axes of a window.
  std::array<WindowAxis, 3> Axes(bool ceil_mode) const {
    const auto rank = static_cast<size_t>(Number("rank"));
    const auto at = [&](const char* key, size_t i) { return ParseInteger(Split(Text(key), ',').at(i), key); };
    std::array<WindowAxis, 3> axes;
    for (size_t i = 0; i < rank; ++i) {
      axes[3 - rank + i] = {.in = at("in", i),
                            .size = at("size", i),
                            .stride = at("stride", i),
                            .dilation = at("dilation", i),
                            .pad_before = at("before", i),
                            .pad_after = at("after", i),
                            .ceil_mode = ceil_mode};
      EXPECT_EQ(axes[3 - rank + i].out(), at("out", i)) << "the peer's output has another length on axis " << i;
    }
    return axes;
  }

  Values Take(int64_t count) const {
    const auto begin = values_.begin() + static_cast<int64_t>(used_);
    used_ += static_cast<size_t>(count);
    EXPECT_LE(used_, values_.size()) << "the values end before the index does";
    return used_ <= values_.size() ? Values(begin, begin + count) : Values(static_cast<size_t>(count));
  }

 private:
  std::string line_, what_;
  std::map<std::string, std::string> fields_;
  const Values& values_;
  size_t& used_;
};

std::vector<double> Wide(const Values& values, bool absolute = false) {
  std::vector<double> wide(values.begin(), values.end());
  if (absolute) std::transform(wide.begin(), wide.end(), wide.begin(), [](double v) { return std::abs(v); });
  return wide;
}

// |got - want| <= tolerance[i], equal infinities allowed.
void ExpectNear(const Values& got, const Values& want, const std::vector<double>& tolerance, const char* who) {
  for (size_t i = 0; i < want.size(); ++i) {
    if (got[i] == want[i]) continue;
    ASSERT_NEAR(got[i], want[i], tolerance[i]) << who << ", element " << i;
  }
}

// Every element within 1e-5 of the same convolution of absolute values.
void CheckConv(const Case& test) {
  const ConvSpec spec{.rank = static_cast<int>(test.Number("rank")),
                      .axes = test.Axes(false),
                      .batch = test.Number("batch"),
                      .channels = test.Number("channels"),
                      .filters = test.Number("filters"),
                      .groups = test.Number("groups"),
                      .pad_mode = ParsePadMode(test.Text("mode"), "mode"),
                      .flip_kernel = test.Number("flip") == 1};
  const Values input = test.Take(spec.InputShape().NumElements());
  const Values kernel = test.Take(spec.KernelShape().NumElements());
  const bool has_bias = test.Number("bias") == 1;
  const Values bias = test.Take(has_bias ? spec.filters : 0);
  const Values want = test.Take(spec.OutputShape().NumElements());

  std::vector<double> tolerance(want.size());
  const std::vector<double> absolute_bias = Wide(bias, true);
  reference::Conv(spec, Wide(input, true).data(), Wide(kernel, true).data(), has_bias ? absolute_bias.data() : nullptr,
                  tolerance.data());
  for (double& value : tolerance) value *= 1e-5;

  Values got(want.size());
  const float* bias_or_null = has_bias ? bias.data() : nullptr;
  reference::Conv(spec, input.data(), kernel.data(), bias_or_null, got.data());
  ExpectNear(got, want, tolerance, "reference");
  ForEachTarget([&](const char* target) {
    const Convolution convolution(spec, kernel.data(), bias_or_null);
    SCOPED_TRACE(Name(convolution.path()));
    std::fill(got.begin(), got.end(), 1e30f);
    convolution(input.data(), got.data());
    ExpectNear(got, want, tolerance, target);
  });
}

// The maximum is exact; an average may differ by the rounding of its sum.
void CheckPool(const Case& test) {
  const PoolSpec spec{.kind = test.Text("kind") == "max" ? PoolKind::kMax : PoolKind::kAverage,
                      .rank = static_cast<int>(test.Number("rank")),
                      .axes = test.Axes(test.Number("ceil") == 1),
                      .batch = test.Number("batch"),
                      .channels = test.Number("channels"),
                      .pad_mode = ParsePadMode(test.Text("mode"), "mode"),
                      .count_include_pad = test.Number("include") == 1};
  const Values input = test.Take(spec.InputShape().NumElements());
  const Values want = test.Take(spec.OutputShape().NumElements());
  std::vector<double> tolerance(want.size(), 0.0);
  if (spec.kind == PoolKind::kAverage) {
    reference::Pool(spec, Wide(input, true).data(), tolerance.data());
    for (double& value : tolerance) value *= 1e-5;
  }
  Values got(want.size());
  reference::Pool(spec, input.data(), got.data());
  ExpectNear(got, want, tolerance, "reference");
  ForEachTarget([&](const char* target) {
    std::fill(got.begin(), got.end(), 1e30f);
    Pool(spec, input.data(), got.data());
    ExpectNear(got, want, tolerance, target);
  });
}

void CheckActivation(const Case& test) {
  const Activation activation = ParseActivation(test.Text("name"));
  const int64_t row = test.Number("row"), count = row * test.Number("rows");
  const Values input = test.Take(count), want = test.Take(count);
  // Of values up to some 20; what each activation promises is tested beside it.
  std::vector<double> tolerance = Wide(want, true);
  for (double& value : tolerance) value = 1e-5 * value + 1e-7;
  Values got(want.size());
  reference::Activate(activation, input.data(), got.data(), count, row);
  ExpectNear(got, want, tolerance, "reference");
  ForEachTarget([&](const char* target) {
    Activate(activation, input.data(), got.data(), count, row);
    ExpectNear(got, want, tolerance, target);
  });
}

// Returns how many cases there were.
int CheckFolder(const std::filesystem::path& folder) {
  constexpr int64_t kLimit = int64_t{4} << 30;  // bytes
  const std::string bytes = ReadFile(folder / "peer_cases.bin", kLimit);
  Values values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  std::istringstream index(ReadFile(folder / "peer_cases.txt", kLimit));
  size_t used = 0;
  int cases = 0;
  for (std::string line; std::getline(index, line); ++cases) {
    const Case test(line, values, used);
    SCOPED_TRACE(Concat("case ", cases + 1, ": ", line));
    if (test.what() == "conv") {
      CheckConv(test);
    } else if (test.what() == "pool") {
      CheckPool(test);
    } else if (test.what() == "activation") {
      CheckActivation(test);
    } else {
      ADD_FAILURE() << "unknown kind of case";
    }
    if (::testing::Test::HasFailure()) break;  // one case tells enough
  }
  EXPECT_TRUE(used == values.size() || ::testing::Test::HasFailure()) << "values without a case";
  return cases;
}

TEST(PeerCases, CommittedCasesMatchPyTorchAndOpenCV) {
  EXPECT_GE(CheckFolder(internal::SourceFile("convscope/kernels/testdata")), 400);
}

TEST(PeerCases, CasesOfTheEnvironmentMatchToo) {
  const char* folder = std::getenv("CONVSCOPE_PEER_CASES");
  if (folder == nullptr) GTEST_SKIP() << "CONVSCOPE_PEER_CASES names no folder";
  EXPECT_GE(CheckFolder(folder), 1);
}

}  // namespace
}  // namespace convscope
