#include "looking_inside.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/inspect/attribution/attributor.h"
#include "convscope/inspect/class_means.h"
#include "convscope/inspect/layer_tensors.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/top_activations.h"
#include "convscope/nn/architectures.h"
#include "timing.h"

namespace convscope::bench {
namespace {

constexpr int64_t kPictures = 10000;

// What is timed, and the passes through the network that it cannot do without.
struct Work {
  std::function<void()> run, passes;
  double passes_count = 1;  // how many times `passes` is needed
};

struct Row {
  std::string name;
  std::string passes;  // what the passes are
  std::string peer;    // the question for PyTorch; empty: it has nothing like it
  std::function<Work()> make;
};

Model ModelOf(const std::string& name) {
  Network network = MakeArchitecture(name);
  network.Initialize(1);
  return network.model();
}

Dataset NoisePictures() {
  Tensor images({kPictures, 28, 28, 1}, DType::kUInt8);
  Random random(1, "pictures");
  for (uint8_t& value : images.view<uint8_t>().span()) value = static_cast<uint8_t>(random.Bits() & 255);
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < kPictures; ++i) labels.push_back(static_cast<int32_t>(i % 10));
  return Dataset({.name = "noise", .images = std::move(images), .labels = std::move(labels)});
}

void PassAlone(const Model& model, const Dataset& data, const std::vector<std::string>& tensors) {
  PassOver(model, data, tensors, {}, [](const Batch&, std::span<const Tensor* const>) {});
}

Work ClassMeansWork() {
  const Model model = ModelOf("fashion-cnn");
  const auto data = std::make_shared<const Dataset>(NoisePictures());
  const std::vector<std::string> layers = LayerTensors(model.graph());
  return {.run = [=] { MeansOfClasses(model, *data, layers); }, .passes = [=] { PassAlone(model, *data, layers); }};
}

Work TopPicturesWork() {
  const Model model = ModelOf("fashion-cnn");
  const auto data = std::make_shared<const Dataset>(NoisePictures());
  const std::string layer = MapLayer(model.graph(), "conv_layer_3");
  return {.run = [=] { FindTopActivations(model, layer, *data, {.least = true}); },
          .passes = [=] { PassAlone(model, *data, {layer}); }};
}

// `pictures`: that the method runs forward; 0: it is one forward and one backward pass.
Work AttributionWork(const std::string& method_name, const std::string& network, int64_t pictures) {
  const auto attributor = std::make_shared<Attributor>(ModelOf(network));
  const AttributionTarget& target = attributor->target();
  const AttributionMethod method = AttributionMethodOf(method_name);
  const auto picture = std::make_shared<Tensor>(Shape{1, target.sample[0], target.sample[1], target.sample[2]});
  Random random(1, "picture");
  for (float& value : picture->view().span()) value = random.Uniform(0, 1);
  SampleRunOptions options;
  if (pictures == 0) options.gradient_of = target.input;
  const auto passes = std::make_shared<SampleRun>(attributor->model(), target, options);
  return {.run = [=] { (*attributor)(method, *picture, 3); },
          .passes = [=] { (*passes)(*picture, 3, [](const SampleRun::Sample&) {}); },
          .passes_count = pictures == 0 ? 1 : static_cast<double>(pictures)};
}

Row AttributionRow(const std::string& method, const std::string& network, int64_t pictures = 0) {
  return {.name = "attribute " + method + " " + network,
          .passes = pictures == 0 ? "forward and backward" : "forward x " + std::to_string(pictures),
          .peer = method + " " + network,
          .make = [=] { return AttributionWork(method, network, pictures); }};
}

std::vector<Row> Rows() {
  return {{.name = "class means fashion-cnn",
           .passes = "forward x 10,000",
           .peer = "class-means fashion-cnn " + std::to_string(kPictures),
           .make = ClassMeansWork},
          {.name = "top fashion-cnn", .passes = "forward x 10,000", .peer = "", .make = TopPicturesWork},
          AttributionRow("grad-cam", "fashion-cnn"),
          AttributionRow("grad-cam", "resnet18"),
          AttributionRow("saliency", "resnet18"),
          // 13 x 13 windows and the whole picture; a picture for each of 64 channels.
          AttributionRow("occlusion", "fashion-cnn", 170),
          AttributionRow("score-cam", "fashion-cnn", 64),
          AttributionRow("occlusion", "resnet18", 170)};
}

void PrintRow(const Row& row, int threads, double seconds, Peers& torch) {
  SetThreadCount(threads);
  const Work work = row.make();
  std::vector<double> ours, passes, theirs;
  constexpr int kRounds = 3;  // in turn: a shared machine's clock changes from one second to the next
  for (int round = 0; round < kRounds; ++round) {
    Measure(work.run, seconds / kRounds, ours);
    Measure(work.passes, seconds / kRounds, passes);
    const size_t before = theirs.size();
    torch.Measure(row.peer, seconds / kRounds, theirs);
    // A peer's threads may spin for a while after their work.
    if (theirs.size() > before) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  const Timing t = Summarize(ours), one = Summarize(passes), peer = Summarize(theirs);
  const double needed = one.median * work.passes_count;
  std::printf("%-31s %9.2f %8.2f-%-8.2f %-21s %9.2f %6.2f", row.name.c_str(), t.median, t.low, t.high,
              row.passes.c_str(), needed, needed / t.median);
  if (peer.runs > 0) std::printf(" %9.2f %6.2f", peer.median, peer.median / t.median);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void PrintLookingInside(int threads, double seconds, const std::string& only, Peers& torch) {
  bool first = true;
  for (const Row& row : Rows()) {
    if (row.name.find(only) == std::string::npos) continue;
    if (first) {
      std::printf("\n%-31s %9s %8s-%-8s %-21s %9s %6s %9s %6s\n", "looking inside", "median ms", "quartile", "quartile",
                  "its passes", "ms", "ratio", "peer ms", "ratio");
    }
    first = false;
    PrintRow(row, threads, seconds, torch);
  }
  if (first) return;
  std::printf(
      "ratio: how much longer the passes through the network take one by one (over a data set: in batches, nothing "
      "done with them; backward: to the input), and how much longer the peer\n");
}

}  // namespace convscope::bench
