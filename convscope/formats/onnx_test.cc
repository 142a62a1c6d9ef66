#include "convscope/formats/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/random_cases_check.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_wire.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/prelu_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/run.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"
#include "convscope/train/network_rules.h"

namespace convscope {
namespace {

using internal::OnnxInitializer;
using internal::OnnxPieces;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ModelFile SmallFile() {
  GraphBuilder builder;
  builder.Input("image", {{1, 6, 6, 1}});
  builder.Parameter("conv/kernel", {{3, 3, 1, 2}});
  builder.Parameter("conv/bias", {{2}});
  builder.Add("conv/pre_activation", ConvOp{.padding = {Padding::Same()}}, {"image", "conv/kernel", "conv/bias"});
  builder.Add("conv", ActivationOp{ParseActivation("swish")}, {"conv/pre_activation"});
  builder.Add("pool", PoolOp{}, {"conv"});
  builder.Add("flatten", ReshapeOp{}, {"pool"});
  NamedTensors parameters;
  parameters["conv/kernel"] = Share(Tensor::Zeros({3, 3, 1, 2}));
  parameters["conv/bias"] = Share(Tensor::Of({2}, {1, -1}));
  return {.model = Model(builder.Build(), parameters), .name = "small"};
}

std::string Complaint(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string ComplaintAbout(const std::string& bytes, const OnnxLimits& limits = {}) {
  return Complaint([&] { ParseOnnx(bytes, "a.onnx", limits); });
}

// The bytes of the small file after `change` of its parts.
std::string Changed(const std::function<void(OnnxPieces&)>& change, const ModelFile& file = SmallFile()) {
  const std::string bytes = FormatOnnx(file);
  OnnxPieces pieces = internal::SplitOnnx(bytes, 1 << 20, "");
  change(pieces);
  const internal::OnnxBytes written(pieces);
  std::string changed;
  for (const std::string_view piece : written.pieces()) changed += piece;
  return changed;
}

TEST(Onnx, TensorsBetweenConvolutionsStayChannelsFirst) {
  const std::string bytes = FormatOnnx(SmallFile());
  const OnnxPieces pieces = internal::SplitOnnx(bytes, 1 << 20, "");
  std::vector<std::string> types, names, outputs;
  for (const auto& node : pieces.graph.node()) {
    types.push_back(node.op_type());
    names.push_back(node.name());
    outputs.push_back(node.output(0));
  }
  EXPECT_THAT(types, ElementsAre("Transpose", "Conv", "Swish", "MaxPool", "Transpose", "Reshape"));
  EXPECT_THAT(names, ElementsAre("image/channels_first", "conv/pre_activation", "conv", "pool", "pool/channels_last",
                                 "flatten"));
  EXPECT_EQ(outputs, names);
  EXPECT_THAT(pieces.initializers[0].header.dims(), ElementsAre(2, 1, 3, 3));
  EXPECT_EQ(pieces.initializers[0].header.name(), "conv/kernel");
}

TEST(Onnx, TheBatchIsOpenAndWhatFollowsItToo) {
  const std::string bytes = FormatOnnx(SmallFile());
  const OnnxPieces pieces = internal::SplitOnnx(bytes, 1 << 20, "");
  const auto& input = pieces.graph.input(0).type().tensor_type().shape();
  EXPECT_EQ(input.dim(0).dim_param(), "N");
  EXPECT_EQ(input.dim(1).dim_value(), 6);
  const auto& output = pieces.graph.output(0).type().tensor_type().shape();
  EXPECT_EQ(output.dim(0).dim_param(), "N");
  EXPECT_EQ(output.dim(1).dim_value(), 18);
}

TEST(Onnx, WhatIsKnownOfAModelTravelsWithIt) {
  ModelFile file = SmallFile();
  file.source = "trained on \"digits\"";
  file.class_names = {"zero", "ünï", ""};
  file.preprocessing = {.divisor = 1.0 / 3, .mean = {0.1, -2.5}, .deviation = {1e-300}};
  file.notes = {{"author", "somebody"}, {"empty", ""}};
  const ModelFile read = ParseOnnx(FormatOnnx(file), "a.onnx");
  EXPECT_EQ(read.name, "small");
  EXPECT_EQ(read.source, file.source);
  EXPECT_EQ(read.class_names, file.class_names);
  EXPECT_EQ(read.preprocessing, file.preprocessing);
  EXPECT_EQ(read.notes, file.notes);
  EXPECT_THAT(read.outputs, ElementsAre("flatten"));

  const ModelFile bare = ParseOnnx(FormatOnnx(SmallFile()), "a.onnx");
  EXPECT_FALSE(bare.preprocessing.has_value());
  EXPECT_TRUE(bare.class_names.empty() && bare.notes.empty() && bare.source.empty());
}

TEST(Onnx, HowPicturesArePreparedTravelsWhole) {
  ModelFile file = SmallFile();
  file.preprocessing = {.divisor = 1, .mean = {5}, .reversed = true, .fit = PictureFit::kPad, .crop = 0.875};
  EXPECT_EQ(ParseOnnx(FormatOnnx(file), "a.onnx").preprocessing, file.preprocessing);
  EXPECT_FALSE(ParseOnnx(FormatOnnx(file), "a.onnx").scaling_assumed);
  file.scaling_assumed = true;
  EXPECT_TRUE(ParseOnnx(FormatOnnx(file), "a.onnx").scaling_assumed);
  file.preprocessing = {.fit = PictureFit::kStretch};
  EXPECT_EQ(ParseOnnx(FormatOnnx(file), "a.onnx").preprocessing, file.preprocessing);
}

// What another program finds: without the mark that the file is ours.
ModelFile AsOfAnother(std::string bytes) {
  const size_t mark = bytes.find("convscope.form");
  bytes.replace(mark, 9, "otherprog");
  return ParseOnnx(bytes, "a.onnx");
}

// Maps out, and a model that came from a file with its channels second.
ModelFile FileOfAnotherOrder() {
  ModelFile file = SmallFile();
  file.outputs = {"conv", "flatten"};
  file.axes = {{"image", {0, 2, 3, 1}}, {"conv", {0, 2, 3, 1}}};
  return file;
}

TEST(Onnx, InputsAndOutputsStandAsInTheFileThatAModelCameFrom) {
  const ModelFile file = FileOfAnotherOrder();
  const std::string bytes = FormatOnnx(file);
  const OnnxPieces pieces = internal::SplitOnnx(bytes, 1 << 20, "");
  std::vector<std::string> types;
  for (const auto& node : pieces.graph.node()) types.push_back(node.op_type());
  EXPECT_THAT(types, ElementsAre("Conv", "Swish", "MaxPool", "Transpose", "Reshape"));
  const auto& input = pieces.graph.input(0).type().tensor_type().shape();
  EXPECT_EQ(input.dim(1).dim_value(), 1);
  EXPECT_EQ(input.dim(3).dim_value(), 6);
  EXPECT_EQ(pieces.graph.output(0).type().tensor_type().shape().dim(1).dim_value(), 2);
  const ModelFile read = ParseOnnx(bytes, "a.onnx");
  EXPECT_EQ(read.axes, file.axes);
  EXPECT_EQ(read.outputs, file.outputs);
  EXPECT_EQ(read.model.graph()["image"].type.shape, (Shape{1, 6, 6, 1}));
  EXPECT_EQ(AsOfAnother(bytes).axes.find("image")->second, (std::vector<int64_t>{0, 2, 3, 1}));
}

TEST(Onnx, AnyOrderOfAxesAtTheBorderIsWrittenAndRead) {
  ModelFile file = FileOfAnotherOrder();
  file.axes = {{"image", {0, 2, 1, 3}}, {"conv", {3, 1, 2, 0}}, {"flatten", {1, 0}}};
  const std::string bytes = FormatOnnx(file);
  EXPECT_EQ(ParseOnnx(bytes, "a.onnx").axes, file.axes);
  const OnnxPieces pieces = internal::SplitOnnx(bytes, 1 << 20, "");
  const auto& maps = pieces.graph.output(0).type().tensor_type().shape();
  EXPECT_EQ(maps.dim(0).dim_value(), 2);  // our last axis
  EXPECT_EQ(maps.dim(3).dim_param(), "N");
  EXPECT_EQ(pieces.graph.output(1).type().tensor_type().shape().dim(0).dim_value(), 18);
  for (const std::vector<int64_t>& wrong : {std::vector<int64_t>{0, 1}, {0, 1, 1, 2}, {0, 1, 2, 4}, {-1, 0, 1, 2}}) {
    file.axes = {{"image", wrong}};
    EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("its 4 axes stand in one order"));
  }
}

TEST(Onnx, AnExampleThatIsWrittenCanBeRead) {
  ModelFile file = FileOfAnotherOrder();
  const auto with = [&](int64_t side) {
    file.example = ModelExample{.inputs = {{"image", Share(Tensor::Zeros({1, side, side, 1}))}}, .outputs = {}};
    return FormatOnnx(file);
  };
  EXPECT_EQ(ParseOnnx(with(880), "a.onnx").example->inputs.at("image")->shape(), (Shape{1, 880, 880, 1}));
  EXPECT_THAT(Complaint([&] { with(890); }), HasSubstr("at most 3145728 bytes"));  // 4 * 890 * 890 bytes
}

TEST(Onnx, AnExampleTravelsInTheAxesOfTheFile) {
  ModelFile file = FileOfAnotherOrder();
  Tensor picture(Shape{1, 6, 6, 1}), maps(Shape{1, 6, 6, 2});
  for (int64_t i = 0; i < maps.size(); ++i) maps.data()[i] = static_cast<float>(i) / 7;
  for (int64_t i = 0; i < picture.size(); ++i) picture.data()[i] = static_cast<float>(i) / 3;
  file.example =
      ModelExample{.inputs = {{"image", Share(picture.Clone())}}, .outputs = {{"conv", Share(maps.Clone())}}};
  const std::string bytes = FormatOnnx(file);
  const ModelFile read = ParseOnnx(bytes, "a.onnx");
  ASSERT_TRUE(read.example.has_value());
  const Tensor& out = *read.example->outputs.at("conv");
  EXPECT_EQ(out.shape(), maps.shape());
  EXPECT_TRUE(std::equal(maps.data(), maps.data() + maps.size(), out.data()));
  EXPECT_TRUE(read.notes.empty());
  EXPECT_FALSE(AsOfAnother(bytes).example.has_value());

  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = bytes;
    other.replace(other.find(from), from.size(), to);
    return ComplaintAbout(other);
  };
  EXPECT_THAT(changed("example.output.conv", "example.output.corv"), HasSubstr("model's inputs and outputs"));
  EXPECT_THAT(changed("k05VTVBZ", "k05VTVB*"), HasSubstr("base64"));
  EXPECT_THAT(changed("k05VTVBZ", "k05VTVBB"), HasSubstr("convscope.example."));
  file.example->inputs["image"] = Share(Tensor::Zeros(Shape{1, 1200, 1200, 1}));
  EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("3145728 bytes"));
}

// Conv2D with all kinds of rules, a normalization that stays, one that is of constants.
Network NetworkWithRules() {
  return Sequential({8, 8, 1},
                    {Normalization{.mean = {0.5}, .variance = {2}, .name = "scale"},
                     Conv2D{.filters = 4,
                            .kernel_size = 3,
                            .kernel_regularizer = L1L2{.l1 = 0.25, .l2 = 0.1},
                            .activity_regularizer = L2{0.125},
                            .kernel_constraint = MaxNorm{.max_value = 1.5, .axes = {0, 1, 2}},
                            .bias_constraint = NonNeg{},
                            .name = "conv"},
                     DepthwiseConv2D{.kernel_size = 2,
                                     .depthwise_constraint = UnitNorm{.axes = {0, 1, 2}},
                                     .trainable = false,
                                     .name = "depthwise"},
                     BatchNormalization{.trainable = false, .name = "stays"}, BatchNormalization{.name = "moves"},
                     Flatten{}, Dense{.units = 3, .trainable = false, .name = "fixed"},
                     Dense{.units = 2, .kernel_constraint = UnitNorm{}, .name = "classes"}});
}

TEST(Onnx, TheRulesOfATrainingTravelWithTheModel) {
  Network network = NetworkWithRules();
  network.Initialize(1);
  const TrainingRules rules = RulesOf(network);
  EXPECT_EQ(rules.frozen.size(), 1u);
  EXPECT_EQ(rules.parameters.at("depthwise/kernel").constraint_shape, (Shape{2, 2, 4, 1}));
  const ModelFile read = ParseOnnx(FormatOnnx({.model = network.model(), .name = "rules", .rules = rules}), "a.onnx");
  EXPECT_EQ(read.rules, rules);
  EXPECT_TRUE(read.notes.empty());
  // The graph that is read learns what the network learns: nothing fixed moves, neither by gradients nor by itself.
  const TrainingGraph want = MakeTrainingGraph(network.graph(), {.rules = rules}, 4, true);
  const TrainingGraph made = MakeTrainingGraph(read.model.graph(), {.rules = read.rules}, 4, true);
  const auto names = [](const auto& map) {
    std::vector<std::string> list;
    for (const auto& [name, value] : map) list.push_back(name);
    return list;
  };
  EXPECT_THAT(names(made.gradients),
              ElementsAre("classes/bias", "classes/kernel", "conv/bias", "conv/kernel", "moves/beta", "moves/gamma"));
  EXPECT_EQ(names(made.gradients), names(want.gradients));
  EXPECT_THAT(names(made.updates), ElementsAre("moves/moving_mean", "moves/moving_variance"));
  EXPECT_EQ(names(made.updates), names(want.updates));
  EXPECT_EQ(made.parameter_penalties, want.parameter_penalties);
  EXPECT_EQ(made.activity_penalties, want.activity_penalties);
}

TEST(Onnx, EveryArchitectureIsTrainedOnAsItWasTrained) {
  int tried = 0;
  for (const std::string& name : ArchitectureNames()) {
    Network network = MakeArchitecture(name, {});
    if (network.ParameterCount() > 20000000) continue;  // half a gigabyte in a file shows nothing more
    SCOPED_TRACE(name);
    ++tried;
    network.Initialize(1);
    const TrainingRules rules = RulesOf(network);
    const ModelFile read = ParseOnnx(FormatOnnx({.model = network.model(), .name = name, .rules = rules}), "a.onnx");
    EXPECT_EQ(read.rules, rules);
    const TrainingGraph want = MakeTrainingGraph(network.graph(), {.rules = rules}, 2, true);
    const TrainingGraph made = MakeTrainingGraph(read.model.graph(), {.rules = read.rules}, 2, true);
    EXPECT_EQ(made.gradients, want.gradients);
    EXPECT_EQ(made.updates, want.updates);
    EXPECT_EQ(made.parameter_penalties, want.parameter_penalties);
  }
  EXPECT_GT(tried, 3);
}

TEST(Onnx, RulesThatLieAreRefused) {
  ModelFile file = SmallFile();
  file.rules.parameters["conv/kernel"].l2 = 0.5;
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string bytes = FormatOnnx(file);
    const size_t at = bytes.find(from);
    EXPECT_NE(at, std::string::npos);
    return ComplaintAbout(bytes.replace(at, from.size(), to));
  };
  EXPECT_EQ(with("\"l2\":0.5", "\"l2\":0.6"), "no error");
  EXPECT_THAT(with("{\"conv/kernel\"", "{\"conv/kermel\""), HasSubstr("did you mean conv/kernel"));
  EXPECT_THAT(with("\"l2\":0.5", "\"l2\":\"a\""), HasSubstr("training_rules: the rules of a training are the JSON"));
  EXPECT_THAT(with("\"l2\":0.5", "\"l2\":999"), "no error");
  EXPECT_THAT(with("\"parameters\":", "\"parameters\","), HasSubstr("the rules of a training are the JSON"));
  file.rules.parameters["conv/kernel"].l2 = std::numeric_limits<double>::infinity();
  EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("finite; received inf"));
  file.rules = {.frozen = {"con"}};
  EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("what is frozen is a node; received \"con\""));
}

TEST(Onnx, OutputsAreThoseAskedFor) {
  ModelFile file = SmallFile();
  file.outputs = {"conv", "flatten"};
  EXPECT_THAT(ParseOnnx(FormatOnnx(file), "a.onnx").outputs, ElementsAre("conv", "flatten"));
  file.outputs = {"image"};
  EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("output image: an output is a computed tensor"));
  file.outputs = {"conf"};
  EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("did you mean conv"));
}

TEST(Onnx, WhatHasNoFormIsRefusedByName) {
  ModelFile file = SmallFile();
  file.notes = {{"convscope.form", "2"}};
  EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("does not begin with \"convscope.\""));
  file.notes = {{"latin", "\xfc"}};
  EXPECT_THAT(Complaint([&] { FormatOnnx(file); }), HasSubstr("UTF-8"));

  GraphBuilder builder;
  builder.Input("caf\xe9", {{1, 2}});
  builder.Add("relu", ActivationOp{ParseActivation("relu")}, {"caf\xe9"});
  EXPECT_THAT(Complaint([&] { FormatOnnx({.model = Model(builder.Build(), {})}); }), HasSubstr("UTF-8"));

  GraphBuilder empty;
  empty.Input("x", {{1, 0}});
  empty.Add("relu", ActivationOp{ParseActivation("relu")}, {"x"});
  EXPECT_THAT(Complaint([&] { FormatOnnx({.model = Model(empty.Build(), {})}); }),
              HasSubstr("tensor x: no axis in an .onnx file has length 0"));
}

TEST(Onnx, AFileIsWrittenWholeOrNotAtAll) {
  const std::string path = testing::TempDir() + "/convscope_onnx_test.onnx";
  WriteOnnx(SmallFile(), path);
  ModelFile file = SmallFile();
  file.outputs = {"nothing"};
  EXPECT_THAT(Complaint([&] { WriteOnnx(file, path); }), HasSubstr(path));
  EXPECT_EQ(ReadFile(path, 1 << 20), FormatOnnx(SmallFile()));
  EXPECT_EQ(ReadOnnx(path).name, "small");
  std::filesystem::remove(path);
  EXPECT_THAT(Complaint([&] { ReadOnnx(path); }), HasSubstr(path + ": the file must exist"));
  EXPECT_THAT(Complaint([&] { WriteOnnx(SmallFile(), "/nowhere/a.onnx"); }), HasSubstr("/nowhere/a.onnx"));
}

TEST(Onnx, TruncatedFilesGiveOneError) {
  const std::string bytes = FormatOnnx(SmallFile());
  for (size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_THAT(ComplaintAbout(bytes.substr(0, length)), testing::StartsWith("a.onnx: ")) << length;
  }
  EXPECT_EQ(ComplaintAbout(""), "a.onnx: an .onnx file holds a protobuf ModelProto; received an empty file");
}

TEST(Onnx, OtherFilesAreRefused) {
  EXPECT_THAT(ComplaintAbout("\x89PNG\r\n\x1a\n"), HasSubstr("holds a protobuf ModelProto"));
  EXPECT_THAT(ComplaintAbout(std::string(1000, '\xff')), HasSubstr("holds a protobuf ModelProto"));
  const std::string bytes = FormatOnnx(SmallFile());
  EXPECT_THAT(ComplaintAbout(bytes + bytes), HasSubstr("a model has one graph"));
}

TEST(Onnx, SizesThatLieAreRefusedBeforeMemoryIsAskedFor) {
  EXPECT_THAT(
      ComplaintAbout(Changed([](OnnxPieces& pieces) { pieces.initializers[0].header.set_dims(0, int64_t{1} << 36); })),
      HasSubstr("initializer conv/kernel: a tensor (68719476736, 1, 3, 3) has as many numbers; received 72 bytes"));
  EXPECT_THAT(
      ComplaintAbout(Changed([](OnnxPieces& pieces) { pieces.initializers[0].header.set_dims(0, int64_t{1} << 62); })),
      HasSubstr("at most 2^40 elements"));
  EXPECT_THAT(ComplaintAbout(Changed([](OnnxPieces& pieces) { pieces.initializers[0].header.set_dims(1, -1); })),
              HasSubstr("no axis may be negative"));
  EXPECT_THAT(ComplaintAbout(Changed([](OnnxPieces& pieces) { pieces.initializers[0].raw_data.remove_suffix(4); })),
              HasSubstr("a tensor (2, 1, 3, 3) has as many numbers; received 68 bytes"));
  EXPECT_THAT(ComplaintAbout(Changed([](OnnxPieces& pieces) { pieces.initializers[0].header.set_data_type(17); })),
              HasSubstr("received ONNX data type 17"));
  EXPECT_THAT(ComplaintAbout(Changed([](OnnxPieces& pieces) {
                pieces.initializers[0].header.set_data_location(onnx_schema::TensorProto::EXTERNAL);
              })),
              HasSubstr("received a reference to another file"));
}

// The small file with numbers that are not 0.
ModelFile NumberedFile() {
  ModelFile file = SmallFile();
  NamedTensors parameters = file.model.parameters();
  Tensor kernel(Shape{3, 3, 1, 2});
  for (int64_t i = 0; i < kernel.size(); ++i) kernel.data()[i] = 0.1f * static_cast<float>(i % 7) - 0.3f;
  parameters["conv/kernel"] = Share(std::move(kernel));
  file.model = Model(Graph(file.model.graph()), std::move(parameters));
  file.class_names = std::vector<std::string>(18, "a class");
  file.preprocessing = {.divisor = 127.5, .mean = {1}};
  file.rules.frozen = {"conv/pre_activation"};
  return file;
}

// What the model makes of the numbers 0, 0.1, 0.2, ...
std::vector<float> Made(const ModelFile& file) {
  Tensor image(Shape{1, 6, 6, 1});
  for (int64_t i = 0; i < image.size(); ++i) image.data()[i] = 0.1f * static_cast<float>(i);
  Run run(file.model, file.outputs.empty() ? std::vector<std::string>{"flatten"} : file.outputs);
  NamedTensors inputs;
  inputs["image"] = Share(std::move(image));
  run(inputs);
  const auto values = run[file.outputs.empty() ? "flatten" : file.outputs[0]].view().span();
  return {values.begin(), values.end()};
}

ModelFile ReadChanged(const std::function<void(OnnxPieces&)>& change) {
  return ParseOnnx(Changed(change, NumberedFile()), "a.onnx");
}

void ForgetNotes(OnnxPieces& pieces) {
  for (auto& input : *pieces.graph.mutable_input()) input.clear_doc_string();
  for (auto& node : *pieces.graph.mutable_node()) node.clear_doc_string();
  for (auto& initializer : pieces.initializers) initializer.header.clear_doc_string();
}

// Whatever is written there, the nodes are what is computed.
TEST(Onnx, NotesThatLieAreNotBelieved) {
  const std::vector<float> expected = Made(NumberedFile());
  const auto check = [&](const std::function<void(OnnxPieces&)>& change, const char* where) {
    const ModelFile read = ReadChanged(change);
    EXPECT_THAT(Made(read), testing::Pointwise(testing::FloatNear(1e-5f), expected));
    EXPECT_THAT(read.assumed, ElementsAre(HasSubstr(where)));
  };
  for (const std::string& note : std::vector<std::string>{
           "{", std::string(100000, '['), "{}",
           R"({"operation": "Conf", "inputs": ["image"], "outputs": ["y"], "attributes": {}})",
           R"({"operation": "Relu", "inputs": ["imag"], "outputs": ["y"], "attributes": {}})",
           R"({"operation": "Elu", "inputs": ["image"], "outputs": ["y"], "attributes": {"alpha": 1}})",
           R"({"operation": "Relu", "inputs": ["image"], "outputs": ["y", "z"], "attributes": {}})",
           R"({"operation": "Relu", "inputs": ["image"], "outputs": ["conv/pre_activation"], "attributes": {}})",
           R"({"operation": "Reshape", "inputs": ["image"], "outputs": ["y"],
               "attributes": {"shape": [9223372036854775807, 2]}})",
           R"({"operation": "Reshape", "inputs": ["image"], "outputs": ["y"],
               "attributes": {"shape": [2147483648, 2147483648, 2147483648]}})",
           R"({"operation": "UpSample", "inputs": ["image"], "outputs": ["y"],
               "attributes": {"sizes": [2147483648, 1], "interpolation": "nearest"}})"}) {
    SCOPED_TRACE(note.substr(0, 100));
    check([&](OnnxPieces& pieces) { pieces.graph.mutable_node(1)->set_doc_string(note); }, "node");
  }
  check(
      [](OnnxPieces& pieces) {
        pieces.initializers[0].header.set_doc_string(
            R"({"parameter": "conv/kernel", "axes": [3, 3, 0, 1], "flipped": []})");
      },
      "parameter");
}

TEST(Onnx, FilesThatAnotherProgramChangedComputeTheSame) {
  const std::vector<float> expected = Made(NumberedFile());
  const std::vector<std::pair<std::string, std::function<void(OnnxPieces&)>>> changes = {
      {"no notes", ForgetNotes},
      {"another opset", [](OnnxPieces& pieces) { pieces.model.mutable_opset_import(0)->set_version(18); }},
      {"another form", [](OnnxPieces& pieces) { pieces.model.mutable_metadata_props(0)->set_value("2"); }},
      {"a node more",
       [](OnnxPieces& pieces) {
         onnx_schema::NodeProto& last = *pieces.graph.mutable_node(pieces.graph.node_size() - 1);
         last.set_output(0, "before");
         onnx_schema::NodeProto& same = *pieces.graph.add_node();
         same.set_op_type("Identity");
         same.add_input("before");
         same.add_output("flatten");
       }},
      {"a name changed",
       [](OnnxPieces& pieces) {
         pieces.graph.mutable_node(1)->set_output(0, "renamed");
         pieces.graph.mutable_node(2)->set_input(0, "renamed");
       }},
      {"a function opened up",
       [](OnnxPieces& pieces) {
         onnx_schema::NodeProto product = pieces.graph.node(2), sigmoid = product;
         sigmoid.set_op_type("Sigmoid");
         sigmoid.clear_domain();
         sigmoid.set_name("gate");
         sigmoid.set_output(0, "gate");
         product.set_op_type("Mul");
         product.clear_domain();
         product.add_input("gate");
         *pieces.graph.mutable_node(2) = sigmoid;
         *pieces.graph.add_node() = product;
         for (int i = pieces.graph.node_size() - 1; i > 3; --i) {
           pieces.graph.mutable_node()->SwapElements(i, i - 1);
         }
         pieces.model.clear_functions();
       }},
      {"a constant otherwise",
       [](OnnxPieces& pieces) {
         static const int64_t other[] = {0, 18};
         pieces.initializers.back().raw_data = {reinterpret_cast<const char*>(other), sizeof other};
       }},
  };
  for (const auto& [what, change] : changes) {
    SCOPED_TRACE(what);
    const ModelFile read = ReadChanged(change);
    EXPECT_THAT(Made(read), testing::Pointwise(testing::FloatNear(1e-5f), expected));
    EXPECT_THAT(read.missing, testing::IsEmpty());
    EXPECT_THAT(read.assumed, ElementsAre(AllOf(HasSubstr("changed the file since it was written ("),
                                                HasSubstr("; received "), Not(HasSubstr("with the version")))));
    // What is said of pictures and classes holds on, what a training needs does not.
    EXPECT_EQ(read.name, "small");
    EXPECT_EQ(read.preprocessing, NumberedFile().preprocessing);
    EXPECT_EQ(read.class_names.size(), 18);
    EXPECT_EQ(read.rules, TrainingRules{});
    EXPECT_FALSE(FormatOnnx(read).empty());
  }
  EXPECT_THAT(ReadChanged([](OnnxPieces&) {}).assumed, testing::IsEmpty());
}

// Parameters of fewer axes than the maps: a number a map, a number a column and map, one number, and one on the left.
TEST(Onnx, WhatIsBroadcastOverMapsLeavesTheirChannelsSecond) {
  GraphBuilder builder;
  builder.Input("image", {{1, 6, 6, 1}});
  builder.Parameter("kernel", {{3, 3, 1, 2}});
  builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"image", "kernel"});
  NamedTensors parameters = {{"kernel", Share(Tensor::Zeros({3, 3, 1, 2}))}};
  const auto add = [&](const std::string& name, const Shape& shape) {
    builder.Parameter(name, {shape});
    Tensor numbers(shape);
    for (int64_t i = 0; i < numbers.size(); ++i) numbers.data()[i] = 1 + static_cast<float>(i % 11) / 4;
    parameters[name] = Share(std::move(numbers));
    return name;
  };
  builder.Add("of_map", MultiplyOp{}, {"conv", add("two", {2})});
  builder.Add("of_column", AddOp{}, {"of_map", add("twelve", {6, 2}), add("seventytwo", {6, 6, 2})});
  builder.Add("of_all", BinaryOp{BinaryKind::kDivide}, {add("one", {1}), "of_column"});
  builder.Add("from_left", BinaryOp{BinaryKind::kPower}, {"two", "of_all"});
  builder.Add("slopes", PReluOp{}, {"from_left", add("slope", {6, 1, 2})});
  ModelFile file{.model = Model(builder.Build(), std::move(parameters))};
  file.axes = {{"image", {0, 2, 3, 1}}, {"slopes", {0, 2, 3, 1}}};
  file.outputs = {"slopes"};

  const std::string bytes = FormatOnnx(file);
  const OnnxPieces pieces = internal::SplitOnnx(bytes, 1 << 20, "");
  std::vector<std::string> types;
  for (const auto& node : pieces.graph.node()) types.push_back(node.op_type());
  EXPECT_THAT(types, ElementsAre("Conv", "Mul", "Sum", "Div", "Pow", "PRelu"));
  std::map<std::string, std::vector<int64_t>> dims;
  for (const OnnxInitializer& stored : pieces.initializers) {
    dims[stored.header.name()] = {stored.header.dims().begin(), stored.header.dims().end()};
  }
  EXPECT_THAT(dims["two"], ElementsAre(2, 1, 1));
  EXPECT_THAT(dims["twelve"], ElementsAre(2, 1, 6));
  EXPECT_THAT(dims["seventytwo"], ElementsAre(2, 6, 6));
  EXPECT_THAT(dims["one"], ElementsAre(1));
  EXPECT_THAT(dims["slope"], ElementsAre(2, 6, 1));

  const ModelFile read = ParseOnnx(bytes, "a.onnx");
  EXPECT_THAT(read.assumed, testing::IsEmpty());
  EXPECT_EQ(read.model.graph()["two"].type.shape, (Shape{2}));
  EXPECT_EQ(Made(read), Made(file));
  EXPECT_THAT(Made(ParseOnnx(Changed(ForgetNotes, file), "a.onnx")),
              testing::Pointwise(testing::FloatNear(1e-5f), Made(file)));
}

TEST(Onnx, TheTwoClassesOfOneScoreStayInAFileThatAnotherProgramChanged) {
  GraphBuilder builder;
  builder.Input("score", {{1, 1}});
  builder.Add("flatten", ReshapeOp{}, {"score"});
  ModelFile file{.model = Model(builder.Build(), {}), .name = "one score"};
  for (const auto& names : {std::vector<std::string>{"cat", "dog"}, {"cat", "dog", "fox"}}) {
    file.class_names = names;
    const ModelFile read = ParseOnnx(Changed(ForgetNotes, file), "a.onnx");
    EXPECT_EQ(read.assumed.size(), 1);
    EXPECT_EQ(read.class_names, names.size() == 2 ? names : std::vector<std::string>{});
  }
}

TEST(Onnx, NumbersThatWereMovedOutOfAFileAreFound) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "convscope_onnx_outside";
  std::filesystem::create_directories(folder);
  std::string numbers;
  const std::string bytes = Changed(
      [&](OnnxPieces& pieces) {
        OnnxInitializer& kernel = pieces.initializers[0];
        numbers = kernel.raw_data;
        kernel.header.set_data_location(onnx_schema::TensorProto::EXTERNAL);
        onnx_schema::StringStringEntryProto& place = *kernel.header.add_external_data();
        place.set_key("location");
        place.set_value("numbers.bin");
        kernel.raw_data = {};
      },
      NumberedFile());
  WriteFileAtomically(folder / "numbers.bin", std::vector<std::string_view>{numbers});
  WriteFileAtomically(folder / "a.onnx", std::vector<std::string_view>{bytes});
  const ModelFile read = ReadOnnx(folder / "a.onnx");
  EXPECT_THAT(Made(read), testing::Pointwise(testing::FloatNear(1e-5f), Made(NumberedFile())));
  EXPECT_THAT(read.assumed,
              ElementsAre(HasSubstr("(parameter conv/kernel: the numbers of a model lie in its own file; received "
                                    "a reference to another file):")));
  std::filesystem::remove_all(folder);
}

TEST(Onnx, FilesThatAnotherProgramMadeOtherModelsOfAreNeverMisread) {
  // The gate of the activation: x tanh(x) instead of x sigmoid(x).
  const ModelFile gated =
      ReadChanged([](OnnxPieces& pieces) { pieces.model.mutable_functions(0)->mutable_node(0)->set_op_type("Tanh"); });
  const std::vector<float> made = Made(gated);
  const ModelFile ours = NumberedFile();
  Tensor image(Shape{1, 6, 6, 1});
  for (int64_t i = 0; i < image.size(); ++i) image.data()[i] = 0.1f * static_cast<float>(i);
  const Trace trace(ours.model, {{"image", Share(std::move(image))}});
  const Tensor& sums = trace["conv/pre_activation"];
  for (int64_t p = 0; p < 18; ++p) {
    float largest = -1e9f;
    for (const int64_t at : {0, 1, 6, 7}) {
      const float sum = sums.data()[((p / 6 * 2 * 6) + p / 2 % 3 * 2 + at) * 2 + p % 2];
      largest = std::max(largest, sum * std::tanh(sum));
    }
    EXPECT_NEAR(made[static_cast<size_t>(p)], largest, 1e-5) << p;
  }
  // What does not fit together any more is left out, and told.
  const ModelFile strided = ReadChanged([](OnnxPieces& pieces) {
    pieces.graph.mutable_node(1)->mutable_attribute(1)->set_ints(0, 2);  // strides
    static const int64_t other[] = {0, 18};
    pieces.initializers.back().raw_data = {reinterpret_cast<const char*>(other), sizeof other};
  });
  EXPECT_EQ(strided.model.graph()["conv/pre_activation"].type.shape, (Shape{1, 3, 6, 2}));
  EXPECT_THAT(strided.missing, ElementsAre(HasSubstr("node flatten (Reshape)")));
  const auto complaint = [](const std::function<void(OnnxPieces&)>& change) {
    return ComplaintAbout(Changed(change, NumberedFile()));
  };
  EXPECT_THAT(complaint([](OnnxPieces& pieces) {
                for (auto& node : *pieces.graph.mutable_node()) node.set_op_type("Nothing");
                pieces.model.clear_functions();
              }),
              HasSubstr("a model computes something that convscope can"));
  // Other weights are another model of ours.
  const ModelFile other = ReadChanged([](OnnxPieces& pieces) {
    static const float bias[] = {3, 4};
    pieces.initializers[1].raw_data = {reinterpret_cast<const char*>(bias), sizeof bias};
  });
  EXPECT_THAT(other.assumed, testing::IsEmpty());
  EXPECT_EQ(other.rules, NumberedFile().rules);
}

TEST(Onnx, LimitsHold) {
  const std::string bytes = FormatOnnx(SmallFile());
  EXPECT_THAT(ComplaintAbout(bytes, {.bytes = 1000}), HasSubstr("at most 1000 bytes"));
  EXPECT_THAT(ComplaintAbout(bytes, {.structure_bytes = 1000}), HasSubstr("at most 1000 bytes; received more"));
  EXPECT_THAT(ComplaintAbout(bytes, {.nodes = 5}), HasSubstr("at most 5 nodes; received 6"));
  // Tensors of no bytes cost memory all the same.
  std::string many = "\x3a\x84\x80\x80\x01";  // the graph, 2 MiB + 4
  for (int i = 0; i < (1 << 20) + 2; ++i) many += std::string("\x2a\x00", 2);
  EXPECT_THAT(ComplaintAbout(many), HasSubstr("the structure of a model"));
}

TEST(Onnx, ModelsOfTwoGibibytesAreRefusedWhenWritten) {
  OnnxPieces pieces;
  pieces.initializers.emplace_back();
  const char byte = 0;
  // Never read: the error comes first.
  pieces.initializers[0].raw_data = std::string_view(&byte, size_t{1} << 31);
  EXPECT_THAT(Complaint([&] { internal::OnnxBytes written(pieces); }), HasSubstr("smaller than 2 GiB"));
}

// Whatever the bytes are, the reader returns or throws Error; what it returns can be written.
TEST(Onnx, RandomDamageNeverCrashes) {
  const std::string bytes = FormatOnnx(SmallFile());
  Random random(1, "damage");
  int survived = 0;
  for (int round = 0; round < RandomCases(20000); ++round) {
    std::string damaged = bytes;
    const uint32_t count = 1 + random.Bits() % 4;
    for (uint32_t i = 0; i < count; ++i) {
      const size_t place = random.Bits() % damaged.size();
      switch (random.Bits() % 4) {
        case 0:
          damaged[place] = static_cast<char>(random.Bits());
          break;
        case 1:
          damaged[place] ^= static_cast<char>(1 << random.Bits() % 8);
          break;
        case 2:
          damaged.erase(place, 1 + random.Bits() % 8);
          break;
        default:
          damaged.insert(place, damaged.substr(random.Bits() % damaged.size(), random.Bits() % 32));
      }
      if (damaged.empty()) damaged = "x";
    }
    const std::string complaint = ComplaintAbout(damaged);
    if (complaint == "no error") {
      EXPECT_FALSE(FormatOnnx(ParseOnnx(damaged, "a.onnx")).empty());
      ++survived;
    } else {
      EXPECT_THAT(complaint, testing::StartsWith("a.onnx: "));
    }
  }
  EXPECT_GT(survived, 0);  // numbers and descriptions may change
  EXPECT_LT(survived, 10000);
}

// Notes are where numbers come from: digits are changed, so that the JSON stays one.
TEST(Onnx, RandomNumbersInNotesNeverCrash) {
  const std::string bytes = FormatOnnx(SmallFile());
  Random random(2, "damage");
  for (int round = 0; round < RandomCases(20000); ++round) {
    std::string damaged = bytes;
    for (int i = 0; i < 3; ++i) {
      const size_t place = damaged.find_first_of("0123456789", random.Bits() % damaged.size());
      if (place != std::string::npos) damaged[place] = "0123456789-"[random.Bits() % 11];
    }
    try {
      ParseOnnx(damaged, "a.onnx");
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace convscope
