// The speed of the convolutions, of whole steps of training, of what looks inside a network, of whole networks and of
// the program as a whole process, beside the machine's own limits and the peers, all in one run. kHelp below says how.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "cases.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/tensor/tensor.h"
#include "layers.h"
#include "looking_inside.h"
#include "machine.h"
#include "networks.h"
#include "peers.h"
#include "processes.h"
#include "timing.h"
#include "training.h"

namespace convscope::bench {
namespace {

struct Options {
  int threads = 0;
  double seconds = 1;
  std::string only, python, peers, program, picture, models;
  bool steps = false;
  std::string self;  // this program
};

Tensor RandomTensor(Shape shape, const char* purpose) {
  Tensor tensor(shape);
  ParallelRanges(tensor.size(), 1 << 16, [&](int64_t begin, int64_t end) {
    Random random(1, purpose, 0, static_cast<uint64_t>(begin));
    for (int64_t i = begin; i < end; ++i) tensor.data()[i] = random.Uniform(-0.5f, 0.5f);
  });
  return tensor;
}

// Random, but the same for each channel where a channel has one filter of its own; or a column times a row.
Tensor KernelOf(const Case& test) {
  Tensor kernel = RandomTensor(test.spec.KernelShape(), "kernel");
  const int64_t filters = test.spec.filters, size = test.spec.columns().size;
  if (test.spec.channels_per_group() > 1) return kernel;
  for (int64_t i = 0; i < kernel.size(); ++i) {
    const int64_t tap = i / filters;
    if (test.separable) {
      kernel.data()[i] = static_cast<float>(std::exp(-0.1 * static_cast<double>(tap / size)) *
                                            std::cos(0.3 * static_cast<double>(tap % size)));
    } else if (test.spec.groups == test.spec.channels && test.spec.channels == 3) {
      kernel.data()[i] = kernel.data()[tap * filters];
    }
  }
  return kernel;
}

void PrintCase(const Case& test, const Options& options, Peers& peers) {
  const Tensor input = RandomTensor(test.spec.InputShape(), "input");
  Tensor output = Tensor::Zeros(test.spec.OutputShape());
  const Convolution convolution(test.spec, KernelOf(test).data(), nullptr);
  std::vector<double> ours, alone, theirs, peak, copy_one, copy_all;
  const auto run = [&] { convolution(input.data(), output.data()); };
  SetThreadCount(options.threads);
  run();
  ResetPeakMemory();
  const double before = PeakMemory();
  run();
  const double workspace = PeakMemory() - before;
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    // The limits are taken anew each time: a shared machine's clock changes from one second to the next.
    if (test.bound == Bound::kArithmetic) peak.push_back(PeakGflops(options.threads));
    if (test.bound == Bound::kMemory) {
      copy_one.push_back(CopyGigabytes(1));
      copy_all.push_back(CopyGigabytes(options.threads));
    }
    SetThreadCount(options.threads);
    Measure(run, options.seconds / kRounds, ours);
    SetThreadCount(1);
    Measure(run, options.seconds / kRounds, alone);
    peers.Measure(test.peer, options.seconds / kRounds, theirs);
    // A peer's threads may spin for a while after their work.
    if (!theirs.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  const Timing t = Summarize(ours), one = Summarize(alone), peer = Summarize(theirs);
  const double gflops = 2e-6 * static_cast<double>(test.spec.MultiplyAdds()) / t.median;
  const double gigabytes = static_cast<double>(input.SizeInBytes() + output.SizeInBytes()) / t.median / 1e6;
  const auto percent = [](double rate, const std::vector<double>& limit) {
    return std::to_string(std::lround(100 * rate / Summarize(limit).median)) + "%";
  };
  const std::string share = test.bound == Bound::kMemory
                                ? percent(gigabytes, copy_one) + ", " + percent(gigabytes, copy_all) + " of copy"
                                : percent(gflops, peak) + " of peak";
  std::printf("%-27s %-9s %9.3f %8.3f-%-8.3f %7.1f %6.1f %18s %5.2f %6.1f", test.name.c_str(),
              std::string(Name(convolution.path())).c_str(), t.median, t.low, t.high, gflops, gigabytes, share.c_str(),
              one.median / t.median, workspace / (1 << 20));
  if (peer.runs > 0) std::printf(" %9.3f %6.2f", peer.median, peer.median / t.median);
  std::printf("\n");
  std::fflush(stdout);
}

int Main(Options options) {
  if (options.threads == 0) options.threads = static_cast<int>(std::thread::hardware_concurrency());
  const int threads = options.threads;
  const double copy_one = CopyGigabytes(1), copy_all = CopyGigabytes(threads);
  const double peak_one = PeakGflops(1), peak_all = PeakGflops(threads);
  std::printf("%d threads, %s: %.0f GFLOP/s multiply-add peak (one thread %.0f); copy %.1f GB/s (one thread %.1f)\n",
              threads, TargetName(), peak_all, peak_one, copy_all, copy_one);
  Peers peers(options.python, options.peers, threads, "cv2,torch");
  Peers keras(options.python, options.peers, threads, "tensorflow");
  Peers onnxruntime(options.python, options.peers, threads, "onnxruntime");
  std::printf(
      "of copy: GB/s over those of a plain copy (memcpy) on one thread, then on %d; of peak: GFLOP/s over the peak on "
      "%d "
      "threads\ntimes and copies are medians; the peak is the best of 7 runs, taken three times a row (the median)\n",
      threads, threads);
  std::string versions;
  for (const Peers* some : {&peers, &keras, &onnxruntime}) {
    if (!some->versions().empty()) versions += (versions.empty() ? "" : ", ") + some->versions();
  }
  std::printf("peers: %s\n\n", versions.empty() ? "none here" : versions.c_str());
  std::printf("%-27s %-9s %9s %8s-%-8s %7s %6s %18s %5s %6s %9s %6s\n", "float32", "path", "median ms", "quartile",
              "quartile", "GFLOP/s", "GB/s", "share", "x one", "MB ws", "peer ms", "ratio");
  for (const Case& test : Cases()) {
    if (test.name.find(options.only) != std::string::npos) PrintCase(test, options, peers);
  }
  PrintLayers(threads, options.seconds, options.only);
  PrintTraining(threads, options.seconds, options.only, peers, keras, options.self);
  PrintLookingInside(threads, options.seconds, options.only, peers);
  PrintNetworks(threads, options.seconds, options.only, options.models, options.steps, onnxruntime);
  if (!options.program.empty()) PrintProcesses(options.program, options.picture);
  return 0;
}

}  // namespace
}  // namespace convscope::bench

constexpr char kHelp[] =
    "convscope_bench [OPTION VALUE]...: how fast convscope is on this machine, beside the machine's own limits and\n"
    "peers; medians of runs that are measured in turn\n\n"
    "  --only TEXT        only the rows whose name contains TEXT, such as \"train lenet\" or \"attribute\"\n"
    "  --seconds S        about so long a row and side (default 1)\n"
    "  --threads N        default: all that the machine has\n"
    "  --python PYTHON    with --peers: a Python that has OpenCV, PyTorch, TensorFlow or ONNX Runtime, to measure\n"
    "  --peers FILE       bench/peers.py\n"
    "  --models FOLDER    .onnx files to run beside ONNX Runtime; bench/export_models.py makes those of torchvision\n"
    "  --steps 1          tells each step of these networks\n"
    "  --program FILE     with --picture: the program convscope, measured as a whole process\n"
    "  --picture FILE     that it filters\n"
    "  --help             this text\n\n"
    "Example: convscope_bench --only \"attribute grad-cam\" --python venv/bin/python --peers bench/peers.py\n";

int main(int count, char** words) {
  convscope::bench::Options options;
  options.self = words[0];
  std::string training_memory;
  for (int i = 1; i < count; i += 2) {
    const std::string name = words[i];
    if (name == "--help" || name == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    if (i + 1 == count) {
      std::fprintf(stderr, "convscope_bench: %s: an option has a value; see --help\n", name.c_str());
      return 2;
    }
    const std::string value = words[i + 1];
    if (name == "--threads")
      options.threads = std::atoi(value.c_str());
    else if (name == "--seconds")
      options.seconds = std::atof(value.c_str());
    else if (name == "--only")
      options.only = value;
    else if (name == "--python")
      options.python = value;
    else if (name == "--peers")
      options.peers = value;
    else if (name == "--models")
      options.models = value;
    else if (name == "--steps")
      options.steps = value != "0";
    else if (name == "--program")
      options.program = value;
    else if (name == "--picture")
      options.picture = value;
    else if (name == "--training-memory")
      training_memory = value;
    else {
      std::fprintf(stderr, "convscope_bench: unknown option %s; see --help\n", name.c_str());
      return 2;
    }
  }
  if (!training_memory.empty()) {
    convscope::bench::PrintTrainingMemory(options.threads, training_memory);
    return 0;
  }
  return convscope::bench::Main(options);
}
