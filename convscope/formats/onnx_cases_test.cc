// Small models of every operation, there and back through .onnx files. scripts/check_onnx_with_runtime.py holds the
// same files against ONNX' own checker and ONNX Runtime: with CONVSCOPE_ONNX_CASES=FOLDER in the environment they stay
// there, each NAME.onnx with inputs and what our graph makes of them, as it is (1) and for batches of 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/formats/npy.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/trace.h"

namespace convscope {
namespace {

Tensor Noise(const TensorType& type, Random& random) {
  Tensor tensor(type.shape, type.dtype);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const float value = 2 * random.Normal();
    if (type.dtype == DType::kFloat64) {
      tensor.data<double>()[i] = value;
    } else {
      tensor.data()[i] = value;
    }
  }
  return tensor;
}

// A model in the making: each method adds a node and returns its name.
class Network {
 public:
  explicit Network(std::string name) : name_(std::move(name)) {}

  std::string Input(const std::string& name, Shape shape, DType dtype = DType::kFloat32) {
    builder_.Input(name, {shape, dtype});
    return name;
  }
  // Noise; of positive numbers, as variances are, where told so.
  std::string Parameter(const std::string& name, Shape shape, bool positive = false, DType dtype = DType::kFloat32) {
    builder_.Parameter(name, {shape, dtype});
    Random random(7, name_ + name);
    Tensor tensor = Noise({shape, dtype}, random);
    for (int64_t i = 0; positive && i < tensor.size(); ++i) {
      dtype == DType::kFloat64 ? tensor.data<double>()[i] = std::abs(tensor.data<double>()[i]) + 0.1
                               : tensor.data()[i] = std::abs(tensor.data()[i]) + 0.1f;
    }
    parameters_[name] = Share(std::move(tensor));
    return name;
  }
  std::string Add(const std::string& name, OperationPtr operation, const std::vector<std::string>& inputs) {
    builder_.Add(name, std::move(operation), inputs);
    return name;
  }

  ModelFile File() const { return {.model = Model(builder_.Build(), parameters_), .name = name_}; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  GraphBuilder builder_;
  NamedTensors parameters_;
};

std::vector<ModelFile> ActivationCases() {
  std::vector<ModelFile> cases;
  for (const char* text :
       {"linear", "relu", "relu6", "leaky_relu:0.3", "elu:0.7", "selu", "sigmoid", "hard_sigmoid:0.3:0.4", "tanh",
        "softplus", "softsign", "swish", "gelu", "gelu:tanh", "mish", "exponential", "softmax"}) {
    std::string name = Concat("activation_", text);
    std::replace(name.begin(), name.end(), ':', '_');
    const ActivationOp op{ParseActivation(text)};
    // Alone on rows, and between tensors that have their channels second.
    Network network(name);
    network.Input("rows", {1, 11});
    network.Input("picture", {1, 5, 4, 3});
    network.Parameter("conv/kernel", {1, 1, 3, 7});
    network.Add("rows_out", op, {"rows"});
    network.Add("picture_activated", op, {"picture"});
    network.Add("conv", ConvOp{}, {"picture_activated", "conv/kernel"});
    network.Add("conv_activated", op, {"conv"});
    cases.push_back(network.File());
  }
  return cases;
}

// Lists of one value and of one an axis, at random.
std::vector<int64_t> RandomList(Random& random, int rank, int64_t least, int64_t most) {
  std::vector<int64_t> list(random.Bits() % 2 == 0 ? 1 : static_cast<size_t>(rank));
  for (int64_t& value : list) value = least + random.Bits() % (most - least + 1);
  return list;
}

std::vector<Padding> RandomPadding(Random& random, int rank, int64_t most) {
  std::vector<Padding> list(random.Bits() % 2 == 0 ? 1 : static_cast<size_t>(rank));
  for (Padding& padding : list) {
    const uint32_t kind = random.Bits() % 3;
    if (kind == 1) padding = Padding::Same();
    if (kind == 2) padding = Padding::Explicit(random.Bits() % (most + 1), random.Bits() % (most + 1));
  }
  return list;
}

PadMode RandomMode(Random& random) {
  const PadMode modes[] = {PadMode::kZero, PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap};
  return modes[random.Bits() % 5];
}

Shape RandomPicture(Random& random, int rank, int64_t channels) {
  std::vector<int64_t> lengths = {1};
  for (int axis = 0; axis < rank; ++axis) lengths.push_back(7 + random.Bits() % 4);
  lengths.push_back(channels);
  return Shape(lengths);
}

// Attributes that do not go together throw Error; other ones are drawn until `count` models are there.
template <typename Make>
void AddRandomCases(const std::string& name, int count, Make make, std::vector<ModelFile>& cases) {
  for (uint64_t seed = 0, made = 0; made < static_cast<uint64_t>(count); ++seed) {
    Network network(Concat(name, "_", made));
    Random random(seed, name);
    try {
      make(network, random);
    } catch (const Error&) {
      ASSERT_LT(seed, 1000u) << name;
      continue;
    }
    cases.push_back(network.File());
    ++made;
  }
}

std::vector<ModelFile> WindowCases() {
  std::vector<ModelFile> cases;
  for (const int rank : {1, 2, 3}) {
    AddRandomCases(
        Concat("conv_", rank, "d"), rank == 2 ? 24 : 8,
        [&](Network& network, Random& random) {
          const int64_t groups = 1 + random.Bits() % 2;
          network.Input("picture", RandomPicture(random, rank, 4));
          std::vector<int64_t> kernel;
          for (int axis = 0; axis < rank; ++axis) kernel.push_back(1 + random.Bits() % 4);
          kernel.insert(kernel.end(), {4 / groups, 6});
          std::vector<std::string> inputs = {"picture", network.Parameter("conv/kernel", Shape(kernel))};
          if (random.Bits() % 2 == 0) inputs.push_back(network.Parameter("conv/bias", {6}));
          network.Add("conv",
                      ConvOp{.strides = RandomList(random, rank, 1, 3),
                             .dilations = RandomList(random, rank, 1, 2),
                             .padding = RandomPadding(random, rank, 3),
                             .pad_mode = RandomMode(random),
                             .groups = groups,
                             .flip_kernel = random.Bits() % 2 == 0},
                      inputs);
        },
        cases);
    for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
      const std::string name = Concat(kind == PoolKind::kMax ? "max_pool_" : "average_pool_", rank, "d");
      AddRandomCases(
          name, rank == 2 ? 40 : 16,
          [&](Network& network, Random& random) {
            network.Input("picture", RandomPicture(random, rank, 3));
            network.Add("pool",
                        PoolOp{.kind = kind,
                               .sizes = RandomList(random, rank, 1, 3),
                               .strides = RandomList(random, rank, 1, 3),
                               .dilations = RandomList(random, rank, 1, 2),
                               .padding = RandomPadding(random, rank, 2),
                               .pad_mode = RandomMode(random),
                               .ceil_mode = random.Bits() % 2 == 0,
                               .count_include_pad = kind == PoolKind::kAverage && random.Bits() % 2 == 0},
                        {"picture"});
          },
          cases);
    }
  }
  return cases;
}

std::vector<ModelFile> StructureCases() {
  std::vector<ModelFile> cases;
  {
    // Two branches, joined; one parameter in two convolutions, turned around in one; tensors that are read in both
    // layouts; an output that is read again; two outputs.
    Network network("branches");
    network.Input("picture", {1, 6, 5, 3});
    network.Parameter("shared/kernel", {3, 3, 3, 3});
    network.Parameter("unused", {2, 3});
    network.Add("plain", ConvOp{.padding = {Padding::Same()}}, {"picture", "shared/kernel"});
    network.Add("turned", ConvOp{.padding = {Padding::Same()}, .flip_kernel = true}, {"plain", "shared/kernel"});
    network.Add("sum", AddOp{}, {"plain", "turned", "picture"});
    network.Add("sum of two", AddOp{}, {"sum", "plain"});
    network.Add("rows", ReshapeOp{{0, -1, 5}}, {"sum"});
    network.Add("softmax", ActivationOp{ParseActivation("softmax")}, {"rows"});
    cases.push_back(network.File());
    cases.back().outputs = {"sum", "softmax", "sum of two", "plain"};
  }
  {
    // Names that the file's own would take.
    Network network("names");
    network.Input("x", {1, 4, 4, 2});
    network.Parameter("k", {1, 1, 2, 2});
    network.Add("x/channels_first", ConvOp{}, {"x", "k"});
    network.Add("shape", ReshapeOp{{0, -1}}, {"x/channels_first"});
    network.Add("shape/shape", ReshapeOp{{0, 4, 8}}, {"shape"});
    network.Add("\"quoted\" \\ ünï", ReshapeOp{{-1, 8}}, {"shape/shape"});
    cases.push_back(network.File());
  }
  {
    // A kernel that is itself an input, and a batch that the graph fixes.
    Network network("computed_kernel");
    network.Input("x", {1, 5, 5, 2});
    network.Input("k", {3, 2, 2, 4});
    network.Add("conv", ConvOp{.flip_kernel = true}, {"x", "k"});
    cases.push_back(network.File());
  }
  {
    Network network("fixed_batch");
    network.Input("x", {2, 3, 4});
    network.Add("rows", ReshapeOp{{2, 12}}, {"x"});
    cases.push_back(network.File());
  }
  {
    Network network("double");
    network.Input("x", {1, 6}, DType::kFloat64);
    network.Add("square", ReshapeOp{{0, 2, 3}}, {"x"});
    network.Add("sum", AddOp{}, {"square", "square"});
    network.Add("relu", ActivationOp{ParseActivation("relu")}, {"sum"});
    network.Add("swish", ActivationOp{ParseActivation("swish")}, {"sum"});
    cases.push_back(network.File());
  }
  return cases;
}

std::vector<ModelFile> Cases() {
  std::vector<ModelFile> cases;
  for (auto family : {ActivationCases, WindowCases, StructureCases}) {
    for (ModelFile& file : family()) cases.push_back(std::move(file));
  }
  return cases;
}

std::vector<std::string> Names(const Graph& graph, const std::vector<int>& tensors) {
  std::vector<std::string> names;
  for (const int tensor : tensors) names.push_back(graph.tensors()[tensor].name);
  return names;
}

std::vector<GraphTensor> InRole(const Graph& graph, TensorRole role) {
  std::vector<GraphTensor> tensors;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == role) tensors.push_back(tensor);
  }
  return tensors;
}

void ExpectSameModel(const Model& actual, const Model& expected) {
  const Graph &a = actual.graph(), &b = expected.graph();
  for (const TensorRole role : {TensorRole::kInput, TensorRole::kParameter, TensorRole::kComputed}) {
    const std::vector<GraphTensor> as = InRole(a, role), bs = InRole(b, role);
    ASSERT_EQ(as.size(), bs.size());
    for (size_t i = 0; i < as.size(); ++i) {
      EXPECT_EQ(as[i].name, bs[i].name);
      EXPECT_EQ(as[i].type, bs[i].type) << as[i].name;
    }
  }
  ASSERT_EQ(a.nodes().size(), b.nodes().size());
  for (size_t i = 0; i < a.nodes().size(); ++i) {
    const GraphNode &left = a.nodes()[i], &right = b.nodes()[i];
    EXPECT_EQ(left.name, right.name);
    EXPECT_EQ(left.operation->type(), right.operation->type());
    EXPECT_EQ(Names(a, left.inputs), Names(b, right.inputs));
    EXPECT_EQ(Names(a, left.outputs), Names(b, right.outputs));
    const std::vector<Attribute> ours = left.operation->attributes(), theirs = right.operation->attributes();
    ASSERT_EQ(ours.size(), theirs.size());
    for (size_t k = 0; k < ours.size(); ++k) {
      EXPECT_EQ(ours[k].name, theirs[k].name);
      EXPECT_TRUE(ours[k].value == theirs[k].value) << left.name << " " << ours[k].name;
    }
  }
  ASSERT_EQ(actual.parameters().size(), expected.parameters().size());
  for (const auto& [name, tensor] : expected.parameters()) {
    const Tensor& other = *actual.parameters().find(name)->second;
    ASSERT_EQ(other.SizeInBytes(), tensor->SizeInBytes()) << name;
    EXPECT_EQ(std::memcmp(other.bytes(), tensor->bytes(), static_cast<size_t>(tensor->SizeInBytes())), 0) << name;
  }
}

// The same model for another batch; none where the graph fixes it.
std::optional<Model> WithBatch(const Model& model, int64_t batch) {
  std::set<int64_t> batches;
  for (const GraphTensor& input : InRole(model.graph(), TensorRole::kInput)) batches.insert(input.type.shape[0]);
  if (batches.size() != 1) return std::nullopt;
  try {
    return Model(Rebuild(model.graph(), {.batch = batch}).builder.Build(), model.parameters());
  } catch (const Error&) {
    return std::nullopt;
  }
}

// STEM.onnx is there; writes inputs and outputs beside it, STEM.BATCH.in.0.npy and so on.
void WriteNumbers(const Model& model, const ModelFile& file, const std::string& stem) {
  Random random(3, file.name);
  NamedTensors inputs;
  int count = 0;
  for (const GraphTensor& tensor : InRole(model.graph(), TensorRole::kInput)) {
    inputs[tensor.name] = Share(Noise(tensor.type, random));
    WriteNpy(*inputs[tensor.name], Concat(stem, ".in.", count++, ".npy"));
  }
  const Trace trace(model, inputs);
  for (size_t i = 0; i < file.outputs.size(); ++i) {
    WriteNpy(trace[file.outputs[i]], Concat(stem, ".out.", i, ".npy"));
  }
}

TEST(OnnxCases, EveryModelIsTheSameFromItsFile) {
  const char* kept = std::getenv("CONVSCOPE_ONNX_CASES");
  const std::filesystem::path folder = kept != nullptr ? kept : testing::TempDir() + "/convscope_onnx_cases";
  std::filesystem::create_directories(folder);
  std::set<std::string> seen;
  for (const ModelFile& written : Cases()) {
    SCOPED_TRACE(written.name);
    ASSERT_TRUE(seen.insert(written.name).second) << "a second case of this name";
    const std::string stem = (folder / written.name).string();
    WriteOnnx(written, stem + ".onnx");
    const ModelFile read = ReadOnnx(stem + ".onnx");
    ExpectSameModel(read.model, written.model);
    EXPECT_EQ(read.name, written.name);
    EXPECT_EQ(FormatOnnx(read), FormatOnnx(written));
    if (kept == nullptr) continue;
    WriteNumbers(read.model, read, stem + ".1");
    const std::optional<Model> three = WithBatch(read.model, 3);
    if (three) WriteNumbers(*three, read, stem + ".3");
  }
  if (kept == nullptr) std::filesystem::remove_all(folder);
}

TEST(OnnxCases, ThereIsOneForEveryOperationInTheTable) {
  std::set<std::string> types;
  for (const ModelFile& file : Cases()) {
    for (const GraphNode& node : file.model.graph().nodes()) types.emplace(node.operation->type());
  }
  const std::vector<std::string> table = internal::OnnxOperationTypes();
  EXPECT_THAT(types, testing::ElementsAreArray(table));
}

// Operations that are in graphs of a training step alone, which have no form in ONNX.
bool IsForTraining(const std::string& type) {
  return type.find("Gradient") != std::string::npos || type.find("Loss") != std::string::npos;
}

// Nothing lists the operations of the graph, so this reads their sources: what each type() returns.
TEST(OnnxCases, EveryOperationOfTheGraphIsInTheTable) {
  const std::vector<std::string> table = internal::OnnxOperationTypes();
  const std::regex function(R"(type\(\) const override \{([^}]*)\})"), literal(R"_("(\w+)")_");
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CONVSCOPE_SOURCE_DIR "/convscope/graph")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".cc") || name.ends_with("_test.cc")) continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator match(source.begin(), source.end(), function), end; match != end; ++match) {
      const std::string body = (*match)[1];
      int literals = 0;
      for (std::sregex_iterator type(body.begin(), body.end(), literal); type != end; ++type, ++literals) {
        if (IsForTraining((*type)[1])) continue;
        EXPECT_THAT(table, testing::Contains((*type)[1].str())) << "no form in ONNX for an operation of " << name;
        ++found;
      }
      // Activations make the names of their types; all kinds are looked at below.
      if (literals == 0) {
        EXPECT_EQ(name, "activation_operation.cc") << "what does " << body << " return?";
      }
    }
  }
  EXPECT_GE(found, 5);
  for (const std::string& name : ActivationNames()) {
    const OperationPtr operation = ActivationOp{ParseActivation(name)};
    EXPECT_THAT(table, testing::Contains(std::string(operation->type())));
  }
}

}  // namespace
}  // namespace convscope
