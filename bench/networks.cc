#include "networks.h"

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iomanip>
#include <limits>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/formats/file_axes.h"
#include "convscope/formats/npy.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/only_input.h"
#include "convscope/graph/run.h"
#include "convscope/nn/architectures.h"
#include "machine.h"
#include "timing.h"

namespace convscope::bench {
namespace {

namespace fs = std::filesystem;

// A folder for as long as this lives.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "convscope-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error({.where = name, .rule = "a folder is made", .received = "none"});
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Network {
  std::string name;
  fs::path file;  // .onnx
};

// Where the time of one network went, by type of operation, in the order in which they were met.
struct Shares {
  std::string name;
  std::vector<std::pair<std::string, double>> ms;  // medians
};

double MultiplyAdds(const Run& run) {
  double sum = 0;
  for (const RunStep& step : run.Steps()) sum += static_cast<double>(step.multiply_adds);
  return sum;
}

std::string TypeOf(const RunStep& step) {
  return step.path.empty() || step.path == "tile" ? step.type : step.type + " " + step.path;
}

// Medians of each step of a run, in milliseconds.
std::vector<double> StepTimes(Run& run, const NamedTensors& inputs) {
  constexpr int kRuns = 15;
  std::vector<std::vector<double>> times;
  for (int i = 0; i < kRuns; ++i) {
    const std::vector<double> ms = run.Timed(inputs);
    times.resize(ms.size());
    for (size_t s = 0; s < ms.size(); ++s) times[s].push_back(ms[s]);
  }
  std::vector<double> medians;
  for (std::vector<double>& runs : times) medians.push_back(Summarize(std::move(runs)).median);
  return medians;
}

Shares SharesOf(const std::string& name, const std::vector<RunStep>& steps, const std::vector<double>& times) {
  Shares shares{.name = name, .ms = {}};
  for (size_t s = 0; s < steps.size(); ++s) {
    const std::string type = TypeOf(steps[s]);
    auto at = std::find_if(shares.ms.begin(), shares.ms.end(), [&](const auto& entry) { return entry.first == type; });
    if (at == shares.ms.end()) at = shares.ms.insert(at, {type, 0});
    at->second += times[s];
  }
  return shares;
}

// The largest difference over the largest value; empty where there is nothing to compare.
std::string Difference(const Tensor& ours, const fs::path& theirs) {
  if (!fs::exists(theirs)) return "";
  const Tensor other = ReadNpy(theirs);
  if (other.shape() != ours.shape()) return other.shape().ToString();
  float largest = std::numeric_limits<float>::min(), apart = 0;
  for (int64_t i = 0; i < ours.size(); ++i) {
    if (std::isnan(ours.data()[i]) != std::isnan(other.data()[i])) return "nan";
    largest = std::max(largest, std::abs(other.data()[i]));
    apart = std::max(apart, std::abs(other.data()[i] - ours.data()[i]));
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.0e", apart / largest);
  return text;
}

// A line for each step, where somebody wants to see more than the shares.
void PrintSteps(const std::vector<RunStep>& steps, const std::vector<double>& times, double peak) {
  for (size_t s = 0; s < steps.size(); ++s) {
    std::string fused;
    for (const std::string& type : steps[s].fused) fused += " + " + type;
    std::printf("    %9.3f ms %5.0f%% of peak  %s: %s%s\n", times[s],
                100 * 2e-6 * static_cast<double>(steps[s].multiply_adds) / times[s] / peak, steps[s].node.c_str(),
                TypeOf(steps[s]).c_str(), fused.c_str());
  }
}

Shares PrintNetwork(const Network& network, int threads, double seconds, bool steps, const fs::path& folder,
                    Peers& peer) {
  const ModelFile file = ReadOnnx(network.file);
  OnlyInput(file.model.graph(), {.where = network.file.string(), .rule = "a network that is timed has one input"});
  std::vector<std::string> outputs = file.outputs;
  if (outputs.empty())
    outputs.push_back(file.model.graph().tensors()[file.model.graph().nodes().back().outputs[0]].name);
  NamedTensors inputs;
  fs::path input_file = folder / "x.npy", output_file = folder / "y.npy";
  fs::remove(output_file);
  for (const GraphTensor& tensor : file.model.graph().tensors()) {
    if (tensor.role != TensorRole::kInput) continue;
    Tensor x(tensor.type.shape, tensor.type.dtype);
    Random random(1, "picture");
    for (int64_t i = 0; i < x.size(); ++i) x.data()[i] = random.Uniform(0, 1);
    inputs[tensor.name] = Share(std::move(x));
    WriteNpy(*InFileAxes(file, tensor.name, inputs[tensor.name]), input_file);
  }
  std::ostringstream question;
  question << "onnx " << std::quoted(network.file.string()) << ' ' << std::quoted(input_file.string()) << ' '
           << std::quoted(output_file.string());

  Run run(file.model, outputs);
  std::vector<double> ours, theirs, peak;
  SetThreadCount(threads);
  constexpr int kRounds = 5;  // in turn: a shared machine's clock changes from one second to the next
  for (int round = 0; round < kRounds; ++round) {
    peak.push_back(PeakGflops(threads));
    Measure([&] { run(inputs); }, seconds / kRounds, ours);
    const size_t before = theirs.size();
    peer.Measure(question.str(), seconds / kRounds, theirs);
    // A peer's threads may spin for a while after their work.
    if (theirs.size() > before) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  const Timing t = Summarize(ours), other = Summarize(theirs);
  const double gflops = 2e-6 * MultiplyAdds(run) / t.median, limit = Summarize(peak).median;
  std::printf("%-31s %9.3f %8.3f-%-8.3f %7.1f %5ld%% of peak", network.name.c_str(), t.median, t.low, t.high, gflops,
              std::lround(100 * gflops / limit));
  if (other.runs > 0) {
    const SharedTensor unowned(SharedTensor(), &run[outputs[0]]);
    const std::string difference = Difference(*InFileAxes(file, outputs[0], unowned), output_file);
    std::printf(" %9.3f %8.3f-%-8.3f %6.2f %9s", other.median, other.low, other.high, t.median / other.median,
                difference.c_str());
  }
  std::printf("\n");
  const std::vector<RunStep> list = run.Steps();
  const std::vector<double> times = StepTimes(run, inputs);
  if (steps) PrintSteps(list, times, limit);
  std::fflush(stdout);
  return SharesOf(network.name, list, times);
}

std::vector<Network> Networks(const std::string& only, const std::string& models, const fs::path& folder) {
  std::vector<Network> networks;
  const auto wanted = [&](const std::string& name) { return name.find(only) != std::string::npos; };
  for (const std::string built_in : {"alexnet-torch", "mobilenet-v1", "resnet18", "vgg16"}) {
    const std::string name = "forward " + built_in;
    if (!wanted(name)) continue;
    auto network = MakeArchitecture(built_in);
    network.Initialize(1);
    networks.push_back({name, folder / (built_in + ".onnx")});
    WriteOnnx({.model = network.model(), .name = built_in}, networks.back().file);
  }
  if (models.empty()) return networks;
  std::vector<fs::path> files;
  if (!fs::is_directory(models)) {
    throw Error({.where = models, .rule = "--models names a folder of .onnx files", .received = "no folder"});
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(models)) {
    if (entry.path().extension() == ".onnx") files.push_back(fs::absolute(entry.path()));
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::string name = "forward " + file.filename().string();
    if (wanted(name)) networks.push_back({name, file});
  }
  return networks;
}

}  // namespace

void PrintNetworks(int threads, double seconds, const std::string& only, const std::string& models, bool steps,
                   Peers& onnxruntime) {
  const TemporaryFolder folder;
  std::vector<Shares> all;
  bool first = true;
  for (const Network& network : Networks(only, models, folder.path())) {
    if (std::exchange(first, false)) {
      std::printf("\n%-31s %9s %8s-%-8s %7s %14s %9s %8s-%-8s %6s %9s\n", "one picture forward", "median ms",
                  "quartile", "quartile", "GFLOP/s", "share", "peer ms", "quartile", "quartile", "ratio", "apart");
    }
    try {
      all.push_back(PrintNetwork(network, threads, seconds, steps, folder.path(), onnxruntime));
    } catch (const Error& error) {  // of a file that is no network of one picture
      std::printf("%-31s %s\n", network.name.c_str(), error.what());
    }
  }
  if (all.empty()) return;
  std::printf(
      "share: of the multiply-adds that the definition has, so that Winograd's convolutions may pass the peak; ratio: "
      "our time over ONNX Runtime's; apart: largest difference over largest value\n\ntime by operation:\n");
  for (const Shares& shares : all) {
    double sum = 0;
    for (const auto& [type, ms] : shares.ms) sum += ms;
    std::printf("%-31s", shares.name.c_str());
    std::vector<std::pair<std::string, double>> sorted = shares.ms;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [type, ms] : sorted) {
      if (ms / sum >= 0.005) std::printf("  %s %.0f%%", type.c_str(), 100 * ms / sum);
    }
    std::printf("\n");
  }
}

}  // namespace convscope::bench
