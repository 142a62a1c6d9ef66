#include "looking_inside.h"

#include <cmath>
#include <cstdio>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/inspect/class_means.h"
#include "convscope/inspect/layer_tensors.h"
#include "convscope/nn/architectures.h"
#include "timing.h"

namespace convscope::bench {
namespace {

constexpr int64_t kPictures = 10000;

Dataset NoisePictures() {
  Tensor images({kPictures, 28, 28, 1}, DType::kUInt8);
  Random random(1, "pictures");
  for (uint8_t& value : images.view<uint8_t>().span()) value = static_cast<uint8_t>(random.Bits() & 255);
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < kPictures; ++i) labels.push_back(static_cast<int32_t>(i % 10));
  return Dataset({.name = "noise", .images = std::move(images), .labels = std::move(labels)});
}

void PrintClassMeans(int threads, double seconds) {
  Network network = MakeArchitecture("fashion-cnn");
  network.Initialize(1);
  const Model model = network.model();
  const Dataset data = NoisePictures();
  const std::vector<std::string> layers = LayerTensors(model.graph());
  const auto forward = [&] { PassOver(model, data, layers, {}, [](const Batch&, std::span<const Tensor* const>) {}); };
  const auto means = [&] { MeansOfClasses(model, data, layers); };
  SetThreadCount(threads);
  std::vector<double> forward_runs, runs;
  constexpr int kRounds = 3;  // both in turn: a shared machine's clock changes from one second to the next
  for (int round = 0; round < kRounds; ++round) {
    Measure(forward, seconds / kRounds, forward_runs);
    Measure(means, seconds / kRounds, runs);
  }
  const Timing t = Summarize(runs), alone = Summarize(forward_runs);
  std::printf("%-43s %9.1f %8.1f-%-8.1f %8ld%%\n", "class means fashion-cnn, 10,000 pictures", t.median, t.low, t.high,
              std::lround(100 * alone.median / t.median));
  std::fflush(stdout);
}

}  // namespace

void PrintLookingInside(int threads, double seconds, const std::string& only) {
  if (std::string("class means fashion-cnn").find(only) == std::string::npos) return;
  std::printf("\n%-43s %9s %8s-%-8s %9s\n", "looking inside", "median ms", "quartile", "quartile", "forward");
  PrintClassMeans(threads, seconds);
}

}  // namespace convscope::bench
