#include "top_pictures.h"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/top_activations.h"
#include "convscope/nn/architectures.h"
#include "timing.h"

namespace convscope::bench {
namespace {

Dataset Noise(int64_t pictures) {
  Tensor images(Shape{pictures, 28, 28, 1}, DType::kUInt8);
  Random random(1, "pictures");
  for (uint8_t& value : images.view<uint8_t>().span()) value = static_cast<uint8_t>(random.Bits() & 255);
  return Dataset(
      {.name = "noise", .images = std::move(images), .labels = std::vector<int32_t>(static_cast<size_t>(pictures), 0)});
}

}  // namespace

void PrintTopPictures(int threads, double seconds, const std::string& only) {
  const std::string name = "top fashion-cnn";
  if (name.find(only) == std::string::npos) return;
  Network network = MakeArchitecture("fashion-cnn");
  network.Initialize(1);
  const Model model = network.model();
  const std::string layer = MapLayer(model.graph(), "conv_layer_3");
  const Dataset data = Noise(10000);
  SetThreadCount(threads);
  std::vector<double> runs;
  Measure([&] { FindTopActivations(model, layer, data, {.least = true}); }, seconds, runs);
  const Timing timing = Summarize(runs);
  std::printf("\n%-27s %9s %8s-%-8s\n%-27s %9.1f %8.1f-%-8.1f  conv_layer_3, 64 channels, 10,000 pictures\n",
              "looking inside", "median ms", "quartile", "quartile", name.c_str(), timing.median, timing.low,
              timing.high);
  std::fflush(stdout);
}

}  // namespace convscope::bench
