#include "layers.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/kernels/conv_gradient.h"
#include "convscope/tensor/tensor.h"
#include "machine.h"
#include "timing.h"

namespace convscope::bench {
namespace {

struct Layer {
  std::string name;
  ConvSpec spec;
  bool first = false;  // nothing before it wants a gradient
};

ConvSpec Square(int64_t side, int64_t channels, int64_t filters) {
  ConvSpec spec{.batch = 32, .channels = channels, .filters = filters};
  spec.axes[1] = spec.axes[2] = MakeWindowAxis(side, 3, 1, 1, Padding::Valid(), spec.pad_mode);
  return spec;
}

std::vector<Layer> Layers() {
  return {{"32 x 1->64 3x3 on 28x28", Square(28, 1, 64), true},
          {"32 x 64->64 3x3 on 13x13", Square(13, 64, 64)},
          {"32 x 1600->128 dense", {.rank = 1, .batch = 32, .channels = 1600, .filters = 128}},
          {"32 x 128->10 dense", {.rank = 1, .batch = 32, .channels = 128, .filters = 10}}};
}

Tensor RandomTensor(Shape shape, const char* purpose) {
  Tensor tensor(shape);
  Random random(1, purpose, 0, 0);
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = random.Uniform(-0.5f, 0.5f);
  return tensor;
}

// Medians, and what was multiplied in them.
struct Sum {
  double ms = 0, gigaflops = 0;
};

void PrintRow(const std::string& name, const char* pass, const Timing& timing, double gigaflops, double peak) {
  const double rate = gigaflops / timing.median * 1e3;
  std::printf("%-27s %-15s %9.4f %8.4f-%-8.4f %7.1f %5ld%% of peak\n", name.c_str(), pass, timing.median, timing.low,
              timing.high, rate, std::lround(100 * rate / peak));
  std::fflush(stdout);
}

void PrintLayer(const Layer& layer, int threads, double seconds, std::vector<double>& peaks, Sum& sum) {
  const ConvSpec& spec = layer.spec;
  const Tensor x = RandomTensor(spec.InputShape(), "x"), dy = RandomTensor(spec.OutputShape(), "dy");
  const Tensor kernel = RandomTensor(spec.KernelShape(), "kernel"), bias = RandomTensor(Shape{spec.filters}, "bias");
  Tensor y(spec.OutputShape()), dx(spec.InputShape()), dkernel(spec.KernelShape()), dbias(Shape{spec.filters});
  Convolution forward(spec);
  ConvInputGradient input_gradient(spec);
  ConvKernelGradient kernel_gradient(spec);
  struct Pass {
    const char* name;
    std::function<void()> run;
    std::vector<double> runs_ms = {};
  };
  std::vector<Pass> passes = {
      {"forward", [&] { forward(x.data(), kernel.data(), bias.data(), y.data()); }},
      {"input gradient", [&] { input_gradient(dy.data(), kernel.data(), dx.data()); }},
      {"kernel gradient", [&] { kernel_gradient(x.data(), dy.data(), dkernel.data(), dbias.data()); }}};
  if (layer.first) passes.erase(passes.begin() + 1);
  constexpr int kRounds = 3;
  std::vector<double> peak;
  for (int round = 0; round < kRounds; ++round) {
    peak.push_back(PeakGflops(threads));
    SetThreadCount(threads);
    for (Pass& pass : passes) Measure(pass.run, seconds / kRounds, pass.runs_ms);
  }
  const double gigaflops = 2e-9 * static_cast<double>(spec.MultiplyAdds());
  const double limit = Summarize(peak).median;
  peaks.push_back(limit);
  for (const Pass& pass : passes) {
    const Timing timing = Summarize(pass.runs_ms);
    PrintRow(layer.name, pass.name, timing, gigaflops, limit);
    sum.ms += timing.median;
    sum.gigaflops += gigaflops;
  }
}

}  // namespace

void PrintLayers(int threads, double seconds, const std::string& only) {
  std::vector<double> peaks;
  Sum sum;
  const std::vector<Layer> layers = Layers();
  for (const Layer& layer : layers) {
    if (layer.name.find(only) == std::string::npos) continue;
    if (peaks.empty()) {
      std::printf("\n%-27s %-15s %9s %8s-%-8s %7s %14s\n", "a step of training", "pass", "median ms", "quartile",
                  "quartile", "GFLOP/s", "share");
    }
    PrintLayer(layer, threads, seconds, peaks, sum);
  }
  if (peaks.size() != layers.size()) return;
  const double limit = Summarize(peaks).median;
  std::printf("%-27s %-15s %9.4f %17s %7.1f %5ld%% of peak: %.2f times its arithmetic, %.4f ms\n", "all layers", "all",
              sum.ms, "", sum.gigaflops / sum.ms * 1e3, std::lround(100 * sum.gigaflops / sum.ms * 1e3 / limit),
              sum.ms / (sum.gigaflops / limit * 1e3), sum.gigaflops / limit * 1e3);
}

}  // namespace convscope::bench
