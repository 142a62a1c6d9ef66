// Small models of every operation, there and back through .onnx files. scripts/check_onnx_with_runtime.py holds the
// same files against ONNX' own checker and ONNX Runtime: with CONVSCOPE_ONNX_CASES=FOLDER in the environment they stay
// there, each NAME.onnx with inputs and what our graph makes of them, as it is (1) and for batches of 3.
#include "convscope/formats/internal/onnx_cases.h"

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
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/formats/file_axes.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/formats/internal/onnx_wire.h"
#include "convscope/formats/npy.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/trace.h"
#include "convscope/tensor/element_type.h"

namespace convscope {
namespace {

using internal::Noise;

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
  for (const ModelFile& written : internal::OnnxCases()) {
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

// The bytes of a file as another program would have written it: without a word of ours.
std::string WithoutNotes(const std::string& bytes) {
  internal::OnnxPieces pieces = internal::SplitOnnx(bytes, int64_t{1} << 24, "");
  pieces.model.clear_metadata_props();
  for (auto& node : *pieces.graph.mutable_node()) node.clear_doc_string();
  for (auto& input : *pieces.graph.mutable_input()) input.clear_doc_string();
  for (internal::OnnxInitializer& initializer : pieces.initializers) initializer.header.clear_doc_string();
  const internal::OnnxBytes written(pieces);
  std::string bare;
  for (const std::string_view piece : written.pieces()) bare += piece;
  return bare;
}

double LargestOf(const Tensor& tensor) {
  double largest = 0;
  ForElementType(tensor.dtype(), [&](auto type) {
    for (const auto value : tensor.view<decltype(type)>().span()) {
      if (std::isfinite(static_cast<double>(value))) {
        largest = std::max(largest, std::abs(static_cast<double>(value)));
      }
    }
  });
  return largest;
}

// What we write of each operation and what we read of every program's files mean the same.
TEST(OnnxCases, EveryModelIsReadByItsNodesAlone) {
  for (const ModelFile& written : internal::OnnxCases()) {
    SCOPED_TRACE(written.name);
    Random random(4, written.name);
    OnnxImport given;
    for (const GraphTensor& tensor : InRole(written.model.graph(), TensorRole::kInput)) {
      given.inputs[tensor.name] = Share(Noise(tensor.type, random));
    }
    const ModelFile read = ParseOnnx(WithoutNotes(FormatOnnx(written)), "bare.onnx", {}, given);
    if (written.name.starts_with("unpool")) {  // ONNX' own unpooling knows no batch of ours, so it is written otherwise
      EXPECT_THAT(read.missing, testing::ElementsAre(testing::HasSubstr("ScatterElements")));
      continue;
    }
    ASSERT_THAT(read.missing, testing::IsEmpty());
    NamedTensors inputs;
    for (const auto& [name, tensor] : given.inputs) inputs[name] = FromFileAxes(read, name, tensor);
    const Trace ours(written.model, given.inputs), theirs(read.model, inputs);
    const std::vector<std::string> outputs =
        written.outputs.empty() ? internal::FinalTensors(written.model.graph()) : written.outputs;
    ASSERT_EQ(read.outputs.size(), outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      const Tensor& expected = ours[outputs[i]];
      const SharedTensor actual = InFileAxes(read, read.outputs[i], theirs.Get(read.outputs[i]));
      ASSERT_EQ(actual->shape(), expected.shape());
      ASSERT_EQ(actual->dtype(), expected.dtype());
      const double tolerance = 1e-5 * LargestOf(expected);
      ForElementType(expected.dtype(), [&](auto type) {
        using T = decltype(type);
        for (int64_t k = 0; k < expected.size(); ++k) {
          const auto a = static_cast<double>(actual->data<T>()[k]), b = static_cast<double>(expected.data<T>()[k]);
          if (a == b || (std::isnan(a) && std::isnan(b))) continue;
          ASSERT_NEAR(a, b, tolerance) << outputs[i] << " element " << k;
        }
      });
    }
  }
}

TEST(OnnxCases, ThereIsOneForEveryOperationInTheTable) {
  std::set<std::string> types;
  for (const ModelFile& file : internal::OnnxCases()) {
    for (const GraphNode& node : file.model.graph().nodes()) types.emplace(node.operation->type());
  }
  const std::vector<std::string> table = internal::OnnxOperationTypes();
  EXPECT_THAT(types, testing::ElementsAreArray(table));
}

// Operations that are in graphs of a training step alone, which have no form in ONNX.
bool IsForTraining(const std::string& type) {
  static const std::set<std::string> others = {"BatchNormalizationTraining", "DropoutMask", "DropoutProduct",
                                               "ProductSum"};
  return type.find("Gradient") != std::string::npos || others.contains(type);
}

// Nothing lists the operations of the graph, so this reads their sources: what each type() returns.
TEST(OnnxCases, EveryOperationOfTheGraphIsInTheTable) {
  const std::vector<std::string> table = internal::OnnxOperationTypes();
  const std::regex function(R"(type\(\) const override \{([^}]*)\})"), literal(R"_("(\w+)")_");
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(internal::SourceFile("convscope/graph"))) {
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
      // Activations make the names of their types, and all kinds are looked at below; losses are for training.
      if (literals == 0) {
        EXPECT_THAT(name, testing::AnyOf("activation_operation.cc", "loss_operation.cc"))
            << "what does " << body << " return?";
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
