// How much memory a convolution touches besides its input and output, read from the process's own account.
#include <gtest/gtest.h>

#ifdef __linux__
#include <fstream>
#include <string>

#include "convscope/kernels/conv.h"
#include "convscope/tensor/tensor.h"

namespace convscope {
namespace {

// A value of /proc/self/status in bytes: VmRSS is the memory held now, VmHWM the most since the last reset.
int64_t StatusBytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) * 1024;
  }
  return -1;
}

struct Sizes {
  int64_t rows, columns, channels, filters, groups, kernel, stride;
};

// What one call adds at most to the memory that is held before it.
int64_t BytesOfOneCall(const Sizes& s) {
  ConvSpec spec{.channels = s.channels, .filters = s.filters, .groups = s.groups};
  spec.axes[1] = MakeWindowAxis(s.rows, s.kernel, s.stride, 1, Padding::Same(), spec.pad_mode);
  spec.axes[2] = MakeWindowAxis(s.columns, s.kernel, s.stride, 1, Padding::Same(), spec.pad_mode);
  const Tensor input = Tensor::Zeros(spec.InputShape());
  Tensor kernel = Tensor::Zeros(spec.KernelShape());
  for (int64_t i = 0; i < kernel.size(); ++i) kernel.data()[i] = static_cast<float>(i % 7) - 3;
  Tensor output = Tensor::Zeros(spec.OutputShape());
  const Convolution convolution(spec, kernel.data(), nullptr);
  std::ofstream("/proc/self/clear_refs") << 5;  // VmHWM starts again from VmRSS
  const int64_t before = StatusBytes("VmRSS");
  convolution(input.data(), output.data());
  return StatusBytes("VmHWM") - before;
}

TEST(ConvolutionMemory, ACallTakesAtMostSixteenMebibytes) {
  constexpr int64_t kMost = int64_t{16} << 20;
  EXPECT_LE(BytesOfOneCall({3000, 4000, 1, 1, 1, 15, 1}), kMost);   // plane
  EXPECT_LE(BytesOfOneCall({3000, 4000, 3, 3, 3, 3, 2}), kMost);    // plane, packed phases
  EXPECT_LE(BytesOfOneCall({1000, 1000, 3, 16, 1, 7, 1}), kMost);   // tile
  EXPECT_LE(BytesOfOneCall({56, 56, 512, 512, 512, 7, 1}), kMost);  // depthwise
  EXPECT_LE(BytesOfOneCall({14, 2000, 512, 32, 1, 3, 1}), kMost);   // tile, long rows of many channels
}

}  // namespace
}  // namespace convscope
#endif
