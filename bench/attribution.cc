#include "attribution.h"

#include <cstdio>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/inspect/attribution/attributor.h"
#include "convscope/nn/architectures.h"
#include "timing.h"

namespace convscope::bench {
namespace {

struct Row {
  const char* method;
  const char* network;
  // Pictures that it runs forward besides those of one forward and one backward pass; 0: those are all.
  int64_t pictures = 0;
};

constexpr Row kRows[] = {
    {"grad-cam", "resnet18"},         {"grad-cam", "fashion-cnn"},
    {"saliency", "resnet18"},         {"occlusion", "fashion-cnn", 170},  // 13 x 13 windows and the whole picture
    {"score-cam", "fashion-cnn", 64}, {"occlusion", "resnet18", 170},
};

Tensor Noise(const Shape& sample) {
  Tensor picture(Shape{1, sample[0], sample[1], sample[2]});
  Random random(1, "picture");
  for (float& value : picture.view().span()) value = random.Uniform(0, 1);
  return picture;
}

void PrintRow(const Row& row, int threads, double seconds) {
  Network network = MakeArchitecture(row.network);
  network.Initialize(1);
  Attributor attributor(network.model());
  const AttributionTarget& target = attributor.target();
  const AttributionMethod method = AttributionMethodOf(row.method);
  const Tensor picture = Noise(target.sample);
  SampleRun forward(network.model(), target), both(network.model(), target, {.gradient_of = target.input});
  const auto ignore = [](const SampleRun::Sample&) {};
  std::vector<double> ours, pass, passes;
  SetThreadCount(threads);
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    Measure([&] { attributor(method, picture, 3); }, seconds / kRounds, ours);
    Measure([&] { forward(picture, 3, ignore); }, seconds / kRounds, pass);
    Measure([&] { both(picture, 3, ignore); }, seconds / kRounds, passes);
  }
  const Timing t = Summarize(ours), one = Summarize(pass), two = Summarize(passes);
  std::printf("%-31s %9.3f %8.3f-%-8.3f %9.3f %9.3f",
              (std::string("attribute ") + row.method + " " + row.network).c_str(), t.median, t.low, t.high, one.median,
              two.median);
  if (row.pictures > 0) {
    std::printf(" %9ld %9.3f %6.2f", static_cast<long>(row.pictures), t.median / static_cast<double>(row.pictures),
                one.median * static_cast<double>(row.pictures) / t.median);
  } else {
    std::printf(" %9s %9s %6.2f", "-", "-", two.median / t.median);
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void PrintAttribution(int threads, double seconds, const std::string& only) {
  bool first = true;
  for (const Row& row : kRows) {
    if ((std::string("attribute ") + row.method + " " + row.network).find(only) == std::string::npos) continue;
    if (first) {
      std::printf("\n%-31s %9s %8s-%-8s %9s %9s %9s %9s %6s\n", "one picture", "median ms", "quartile", "quartile",
                  "forward", "and back", "pictures", "ms each", "ratio");
    }
    first = false;
    PrintRow(row, threads, seconds);
  }
  if (!first) {
    std::printf(
        "ratio: how much longer its passes take one by one; without pictures, than one forward and one backward pass "
        "to "
        "the input\n");
  }
}

}  // namespace convscope::bench
