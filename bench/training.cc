#include "training.h"

#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/nn/architectures.h"
#include "convscope/train/network_rules.h"
#include "convscope/train/training_step.h"
#include "machine.h"
#include "timing.h"

extern char** environ;

namespace convscope::bench {
namespace {

constexpr int64_t kBatch = 32;
constexpr const char* kNetworks[] = {"fashion-cnn", "keras-mnist", "lenet", "alexnet-torch"};

// A network that learns one batch of noise over and over.
class Trainer {
 public:
  explicit Trainer(const std::string& name) : Trainer(MakeArchitecture(name)) {}

  void operator()() { step_.Learn(kBatch, {.seed = 1, .first_sample = kBatch * steps_++}, 1e-5); }

 private:
  explicit Trainer(const Network& network)
      : step_(network.graph(), {.rules = RulesOf(network)}, network.InitialWeights(1), Adam{}) {
    const TrainingStep::Inputs inputs = step_.LearningInputs(kBatch);
    Random random(1, "batch", 0, 0);
    for (float& value : inputs.pictures.view().span()) value = random.Uniform(0, 1);
    for (int64_t i = 0; i < kBatch; ++i) inputs.target.data<int32_t>()[i] = static_cast<int32_t>(random.Bits() % 10);
  }

  TrainingStep step_;
  int64_t steps_ = 0;
};

// Of a step of kBatch pictures, in GFLOP.
double GigaflopsOf(const std::string& name) {
  const Graph graph = MakeArchitecture(name).graph();
  int64_t first = 0;
  for (const GraphNode& node : graph.nodes()) {
    if (first == 0) first = node.operation->MultiplyAdds(graph.InputTypes(node));
  }
  return 2e-9 * static_cast<double>(kBatch * (3 * graph.MultiplyAdds() - first));
}

void PrintPeer(const Timing& peer, double ours) {
  if (peer.runs > 0) {
    std::printf(" %10.3f %6.2f", peer.median, peer.median / ours);
  } else {
    std::printf(" %10s %6s", "-", "-");
  }
}

void PrintRow(const std::string& network, int threads, double seconds, Peers& torch, Peers& keras) {
  Trainer trainer(network);
  std::vector<double> ours, torch_runs, keras_runs, peak;
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    peak.push_back(PeakGflops(threads));
    SetThreadCount(threads);
    Measure([&] { trainer(); }, seconds / kRounds, ours);
    const std::string question = "-train " + network + " " + std::to_string(kBatch);
    torch.Measure("torch" + question, seconds / kRounds, torch_runs);
    // A peer's threads may spin for a while after their work.
    if (!torch_runs.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    keras.Measure("keras" + question, seconds / kRounds, keras_runs);
    if (!keras_runs.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  const Timing t = Summarize(ours);
  const double gigaflops = GigaflopsOf(network), limit = Summarize(peak).median;
  const double rate = gigaflops / t.median * 1e3;
  std::printf("%-27s %9.3f %8.3f-%-8.3f %7.1f %5ld%% of peak %9.3f", ("train " + network).c_str(), t.median, t.low,
              t.high, rate, std::lround(100 * rate / limit), gigaflops / limit * 1e3);
  PrintPeer(Summarize(torch_runs), t.median);
  PrintPeer(Summarize(keras_runs), t.median);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void PrintTrainingMemory(int threads, const std::string& network) {
  SetThreadCount(threads);
  Trainer trainer(network);
  for (int step = 0; step < 20; ++step) trainer();
  std::printf("peak resident memory of a process that trains %s alone: %.1f MB\n", network.c_str(), PeakMemory() / 1e6);
}

void PrintTraining(int threads, double seconds, const std::string& only, Peers& torch, Peers& keras,
                   const std::string& self) {
  bool first = true;
  for (const std::string network : kNetworks) {
    if (("train " + network).find(only) == std::string::npos) continue;
    if (first) {
      std::printf("\n%-27s %9s %8s-%-8s %7s %14s %9s %10s %6s %10s %6s\n", "32 pictures, Adam", "median ms", "quartile",
                  "quartile", "GFLOP/s", "share", "at peak", "PyTorch ms", "ratio", "Keras ms", "ratio");
    }
    first = false;
    PrintRow(network, threads, seconds, torch, keras);
    if (network != kNetworks[0]) continue;
    std::string arguments[] = {self, "--threads", std::to_string(threads), "--training-memory", network};
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    pid_t pid = 0;
    int status = 0;
    if (posix_spawnp(&pid, self.c_str(), nullptr, nullptr, words.data(), environ) == 0) waitpid(pid, &status, 0);
  }
}

}  // namespace convscope::bench
