// Models of other programs: what each operation means where it is easily misread, and files that were made to do harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/formats/file_axes.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/trace.h"
#include "onnx_schema.pb.h"

namespace convscope {
namespace {

using onnx_schema::AttributeProto;
using onnx_schema::NodeProto;
using onnx_schema::TensorProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// An .onnx file of another program, in the making.
class File {
 public:
  explicit File(int64_t opset = 17) {
    model_.set_ir_version(8);
    Opset("", opset);
    model_.mutable_graph()->set_name("test");
  }

  onnx_schema::ModelProto& model() { return model_; }

  void Opset(const std::string& domain, int64_t version) {
    auto& opset = *model_.add_opset_import();
    opset.set_domain(domain);
    opset.set_version(version);
  }
  File& Input(const std::string& name, const std::vector<int64_t>& lengths, int type = TensorProto::FLOAT) {
    auto& input = *model_.mutable_graph()->add_input();
    input.set_name(name);
    auto& tensor = *input.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    auto& shape = *tensor.mutable_shape();
    for (const int64_t length : lengths) shape.add_dim()->set_dim_value(length);
    return *this;
  }
  File& Output(const std::string& name) {
    model_.mutable_graph()->add_output()->set_name(name);
    return *this;
  }
  TensorProto& Initializer(const std::string& name, const std::vector<int64_t>& lengths, int type) {
    TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const int64_t length : lengths) tensor.add_dims(length);
    return tensor;
  }
  File& Floats(const std::string& name, const std::vector<int64_t>& lengths, const std::vector<float>& values) {
    TensorProto& tensor = Initializer(name, lengths, TensorProto::FLOAT);
    for (const float value : values) tensor.add_float_data(value);
    return *this;
  }
  File& Integers(const std::string& name, const std::vector<int64_t>& values) {
    TensorProto& tensor = Initializer(name, {static_cast<int64_t>(values.size())}, TensorProto::INT64);
    for (const int64_t value : values) tensor.add_int64_data(value);
    return *this;
  }
  NodeProto& Node(const std::string& type, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs) {
    NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(type);
    for (const std::string& input : inputs) node.add_input(input);
    for (const std::string& output : outputs) node.add_output(output);
    return node;
  }
  std::string Bytes() const { return model_.SerializeAsString(); }

 private:
  onnx_schema::ModelProto model_;
};

AttributeProto& Attribute(NodeProto& node, const std::string& name, AttributeProto::AttributeType type) {
  AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}
void Set(NodeProto& node, const std::string& name, int64_t value) {
  Attribute(node, name, AttributeProto::INT).set_i(value);
}
void Set(NodeProto& node, const std::string& name, const std::string& value) {
  Attribute(node, name, AttributeProto::STRING).set_s(value);
}
void Set(NodeProto& node, const std::string& name, float value) {
  Attribute(node, name, AttributeProto::FLOAT).set_f(value);
}
void Set(NodeProto& node, const std::string& name, const std::vector<int64_t>& values) {
  AttributeProto& attribute = Attribute(node, name, AttributeProto::INTS);
  for (const int64_t value : values) attribute.add_ints(value);
}

std::string Complaint(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}
std::string Complaint(const File& file, const OnnxLimits& limits = {}) {
  return Complaint([&] { ParseOnnx(file.Bytes(), "a.onnx", limits); });
}

// The first output, in the file's axes, of what is fed in under its name.
SharedTensor Computed(const ModelFile& file, const NamedTensors& fed) {
  NamedTensors inputs;
  for (const auto& [name, tensor] : fed) inputs[name] = FromFileAxes(file, name, tensor);
  return InFileAxes(file, file.outputs.at(0), Trace(file.model, inputs).Get(file.outputs.at(0)));
}
std::vector<float> Values(const Tensor& tensor) {
  return {tensor.data(), tensor.data() + tensor.size()};
}
std::vector<float> Result(const File& file, const NamedTensors& fed) {
  return Values(*Computed(ParseOnnx(file.Bytes(), "a.onnx"), fed));
}
SharedTensor Row(const std::vector<float>& values) {
  return Share(Tensor::Of({1, static_cast<int64_t>(values.size())}, values));
}

// One node of one input.
File Unary(const std::string& type, const std::vector<int64_t>& lengths, int64_t opset = 17) {
  File file(opset);
  file.Input("x", lengths).Output("y");
  file.Node(type, {"x"}, {"y"});
  return file;
}
NodeProto& Last(File& file) {
  return *file.model().mutable_graph()->mutable_node()->rbegin();
}

// ---- Attributes

TEST(OnnxImport, AnAttributeOfAnotherTypeIsAnErrorThatNamesIt) {
  File file = Unary("LeakyRelu", {1, 2});
  Set(Last(file), "alpha", int64_t{1});
  EXPECT_THAT(Complaint(file),
              HasSubstr("node y (LeakyRelu): attribute alpha of LeakyRelu is a float; received an integer"));
  File softmax = Unary("Softmax", {1, 2});
  Set(Last(softmax), "axis", std::vector<int64_t>{1});
  EXPECT_THAT(Complaint(softmax), HasSubstr("attribute axis of Softmax is an integer; received a list of integers"));
}

TEST(OnnxImport, AMissingAttributeThatHasNoDefaultIsAnErrorThatNamesIt) {
  for (const auto& [type, attribute] : std::vector<std::pair<std::string, std::string>>{{"MaxPool", "kernel_shape"},
                                                                                        {"AveragePool", "kernel_shape"},
                                                                                        {"LpPool", "kernel_shape"},
                                                                                        {"DepthToSpace", "blocksize"},
                                                                                        {"SpaceToDepth", "blocksize"},
                                                                                        {"LRN", "size"},
                                                                                        {"Concat", "axis"},
                                                                                        {"Cast", "to"}}) {
    EXPECT_THAT(Complaint(Unary(type, {1, 4, 4, 4})),
                HasSubstr("node y (" + type + "): " + type + " has an attribute " + attribute + "; received none"));
  }
}

TEST(OnnxImport, TheFirstLpPoolHasAFloatForItsNorm) {
  File file = Unary("LpPool", {1, 1, 1, 2}, 1);
  Set(Last(file), "p", 1.0f);
  Set(Last(file), "kernel_shape", std::vector<int64_t>{1, 2});
  EXPECT_THAT(Result(file, {{"x", Share(Tensor::Of({1, 1, 1, 2}, {3, -4}))}}), ElementsAre(7));
}

TEST(OnnxImport, SizesThatWouldOverflowAreRefused) {
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max(), kLargest = (int64_t{1} << 31) - 1;
  for (const char* attribute : {"dilations", "strides", "kernel_shape"}) {
    File file = Unary("MaxPool", {1, 1, 4, 4});
    Set(Last(file), attribute, std::vector<int64_t>{2, kHuge});
    if (std::string(attribute) != "kernel_shape") Set(Last(file), "kernel_shape", std::vector<int64_t>{2, 2});
    Set(Last(file), "auto_pad", "SAME_LOWER");
    EXPECT_THAT(Complaint(file), HasSubstr("is at most 2^31")) << attribute;
  }
  File pool = Unary("AveragePool", {1, 1, 1, 1});
  Set(Last(pool), "kernel_shape", std::vector<int64_t>{kLargest, 1});
  Set(Last(pool), "pads", std::vector<int64_t>{kLargest - 1, 0, 0, 0});
  EXPECT_THAT(Complaint(pool), HasSubstr("a window is at most 4194304 long"));
  File pad(10);
  pad.Input("x", {1, 4}).Output("y");
  Set(pad.Node("Pad", {"x"}, {"y"}), "pads", std::vector<int64_t>{0, std::numeric_limits<int64_t>::min(), 0, 0});
  EXPECT_THAT(Complaint(pad), HasSubstr("pads of Pad is at most 2^31"));
  EXPECT_THAT(Complaint(Unary("Relu", {1, int64_t{1} << 32})), HasSubstr("longer than 2^31"));
}

TEST(OnnxImport, NumbersThatAreNoIntegersAreRefusedWhereIntegersAreMeant) {
  File reshape;
  reshape.Input("x", {1, 2}).Floats("shape", {1}, {-1}).Output("y");
  reshape.Node("Reshape", {"x", "shape"}, {"y"});
  EXPECT_THAT(Complaint(reshape), HasSubstr("the new shape is made of integers; received float32"));
  for (const float k : {std::nanf(""), std::numeric_limits<float>::infinity(), 0.5f}) {
    File top;
    top.Input("x", {1, 2}).Floats("k", {1}, {k}).Output("y").Output("i");
    top.Node("TopK", {"x", "k"}, {"y", "i"});
    EXPECT_THAT(Complaint(top), HasSubstr("the number k is a whole number of at most 2^62")) << k;
  }
}

// ---- Meanings

TEST(OnnxImport, APowerOfIntegersWithAFloatExponentIsComputedInFloats) {
  File file;
  file.Input("x", {3}, TensorProto::INT32).Floats("e", {}, {0.5f}).Output("y");
  file.Node("Pow", {"x", "e"}, {"y"});
  Tensor x(Shape{3}, DType::kInt32);
  std::copy_n(std::vector<int32_t>{4, 9, 10}.begin(), 3, x.data<int32_t>());
  const SharedTensor y = Computed(ParseOnnx(file.Bytes(), "a.onnx"), {{"x", Share(std::move(x))}});
  ASSERT_EQ(y->dtype(), DType::kInt32);
  EXPECT_THAT(y->view<int32_t>().span(), ElementsAre(2, 3, 3));
}

TEST(OnnxImport, TheFirstCastsNameTheirType) {
  File file = Unary("Cast", {2}, 1);
  Set(Last(file), "to", "INT32");
  EXPECT_EQ(ParseOnnx(file.Bytes(), "a.onnx").model.graph()["y"].type.dtype, DType::kInt32);
  File wrong = Unary("Cast", {2}, 1);
  Set(Last(wrong), "to", "STRING");
  EXPECT_THAT(Complaint(wrong), HasSubstr("received \"STRING\""));
}

TEST(OnnxImport, OldSoftmaxTakesAnyBatch) {
  for (const char* type : {"Softmax", "LogSoftmax", "Hardmax"}) {
    File file = Unary(type, {1, 2, 2}, 11);  // over the last two axes
    const ModelFile one = ParseOnnx(file.Bytes(), "a.onnx");
    const Graph many = Rebuild(one.model.graph(), {.batch = 3}).builder.Build();
    EXPECT_EQ(many["y"].type.shape, (Shape{3, 2, 2})) << type;
    File of_second = Unary(type, {1, 2, 3, 4}, 11);
    Set(Last(of_second), "axis", int64_t{2});
    const ModelFile second = ParseOnnx(of_second.Bytes(), "a.onnx");
    EXPECT_EQ(Rebuild(second.model.graph(), {.batch = 3}).builder.Build()["y"].type.shape, (Shape{3, 2, 3, 4})) << type;
  }
}

TEST(OnnxImport, AResizeThatKeepsProportionsHasOneScaleForAllAxes) {
  File file(18);
  file.Input("x", {1, 1, 2, 4}).Integers("sizes", {3, 8}).Output("y");
  NodeProto& node = file.Node("Resize", {"x", "", "", "sizes"}, {"y"});
  Set(node, "axes", std::vector<int64_t>{2, 3});
  Set(node, "mode", "linear");
  Set(node, "keep_aspect_ratio_policy", "not_larger");
  // 1.5 on both: (3, 6); place o is (o + 0.5) / 1.5 - 0.5.
  const std::vector<float> y = Result(file, {{"x", Share(Tensor::Of({1, 1, 2, 4}, {0, 1, 2, 3, 4, 5, 6, 7}))}});
  ASSERT_EQ(y.size(), 18u);
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 6; ++column) {
      const float r = std::clamp((row + 0.5f) / 1.5f - 0.5f, 0.0f, 1.0f);
      const float c = std::clamp((column + 0.5f) / 1.5f - 0.5f, 0.0f, 3.0f);
      EXPECT_NEAR(y[static_cast<size_t>(row * 6 + column)], 4 * r + c, 1e-5) << row << ' ' << column;
    }
  }
}

onnx_schema::FunctionProto& Function(File& file, const std::string& name, const std::string& overload,
                                     const std::string& type) {
  onnx_schema::FunctionProto& function = *file.model().add_functions();
  function.set_domain("mine");
  function.set_name(name);
  function.set_overload(overload);
  function.add_input("a");
  function.add_output("b");
  NodeProto& node = *function.add_node();
  node.set_op_type(type);
  node.add_input("a");
  node.add_output("b");
  return function;
}

// Of each tensor that a file tells of, its lengths there; and the types of its nodes.
struct Told {
  std::map<std::string, std::vector<int64_t>> lengths;
  std::vector<std::string> types;
};
Told WrittenAgain(const ModelFile& file) {
  onnx_schema::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(FormatOnnx(file)));
  Told told;
  const auto tell = [&](const auto& info) {
    for (const auto& dim : info.type().tensor_type().shape().dim())
      told.lengths[info.name()].push_back(dim.dim_value());
  };
  for (const auto& info : model.graph().value_info()) tell(info);
  for (const auto& info : model.graph().output()) tell(info);
  for (const NodeProto& node : model.graph().node()) told.types.push_back(node.op_type());
  for (const TensorProto& tensor : model.graph().initializer()) {
    if (tensor.name() == "y/scales") told.lengths["y/scales"] = {tensor.raw_data().begin(), tensor.raw_data().end()};
  }
  return told;
}

// As exporters write a group normalization: maps in groups, and maps again.
TEST(OnnxImport, MapsThatWereTakenApartStandChannelsLastAgainAndAsInTheFileWhereTheyAreWritten) {
  File file;
  file.Input("x", {1, 1, 5, 4}).Output("mean").Output("relu");
  file.Floats("w", {6, 1, 1, 1}, {1, 2, 3, 4, 5, 6});
  file.Floats("scale", {6, 1, 1}, {1, 2, 3, 4, 5, 6});
  file.Integers("groups", {1, 2, -1}).Integers("maps", {1, 6, 5, 4});
  file.Node("Conv", {"x", "w"}, {"conv"});
  file.Node("Reshape", {"conv", "groups"}, {"grouped"});
  file.Node("Sqrt", {"grouped"}, {"changed"});
  file.Node("Reshape", {"changed", "maps"}, {"again"});
  file.Node("Mul", {"again", "scale"}, {"scaled"});
  file.Node("Relu", {"scaled"}, {"relu"});
  NodeProto& mean = file.Node("ReduceMean", {"relu"}, {"mean"});
  Set(mean, "axes", std::vector<int64_t>{2});
  Set(mean, "keepdims", int64_t{0});
  const ModelFile read = ParseOnnx(file.Bytes(), "a.onnx");
  for (const char* const name : {"conv", "again", "scaled", "relu"}) {
    EXPECT_EQ(read.model.graph()[name].type.shape, (Shape{1, 5, 4, 6})) << name;
    EXPECT_THAT(read.axes.at(name), ElementsAre(0, 2, 3, 1)) << name;
  }
  const Told told = WrittenAgain(read);
  for (const char* const name : {"again", "scaled", "relu"}) {
    EXPECT_THAT(told.lengths.at(name), ElementsAre(testing::_, 6, 5, 4)) << name;
  }
  EXPECT_THAT(told.lengths.at("mean"), ElementsAre(testing::_, 6, 4));
  EXPECT_THAT(told.types, testing::Contains("Identity"));  // in place of a move there and back

  Tensor x(Shape{1, 1, 5, 4});
  for (int64_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i);
  std::vector<float> expected;
  for (int64_t c = 1; c <= 6; ++c) {
    for (int64_t column = 0; column < 4; ++column) {
      float sum = 0;
      for (int64_t row = 0; row < 5; ++row) {
        sum += static_cast<float>(c) * std::sqrt(static_cast<float>(c * (4 * row + column)));
      }
      expected.push_back(sum / 5);
    }
  }
  EXPECT_THAT(Result(file, {{"x", Share(std::move(x))}}), testing::Pointwise(testing::FloatNear(1e-4f), expected));
}

TEST(OnnxImport, ANameOfTheFileIsNoTensorThatStandsOtherwiseWhereTheModelIsWritten) {
  File file;
  file.Input("x", {1, 3, 5, 4}).Output("y");
  file.Floats("w", {6, 3, 1, 1}, std::vector<float>(18, 1));
  file.Integers("axis", {2});
  file.Node("Conv", {"x", "w"}, {"conv"});
  Set(file.Node("ReduceMax", {"conv"}, {"most"}), "keepdims", int64_t{0});
  Set(Last(file), "axes", std::vector<int64_t>{2});
  file.Node("Relu", {"most"}, {"relu"});
  Set(file.Node("ReduceMax", {"relu"}, {"y"}), "keepdims", int64_t{0});
  Set(Last(file), "axes", std::vector<int64_t>{2});
  const Told told = WrittenAgain(ParseOnnx(file.Bytes(), "a.onnx"));
  for (const auto& [name, lengths] : told.lengths) {
    if (name != "most" && name != "relu") continue;
    EXPECT_THAT(lengths, ElementsAre(testing::_, 6, 4)) << name;
  }
  EXPECT_TRUE(told.lengths.contains("most") || told.lengths.contains("most/channels_last"));
  EXPECT_THAT(told.lengths.at("y"), ElementsAre(testing::_, 6));
}

TEST(OnnxImport, ANameKeepsItsAxesInAModelWithoutMapsToo) {
  File file;
  file.Input("x", {1, 2, 4, 5}).Output("y").Floats("scales", {4}, {1, 1, 2, 1});
  file.Node("Resize", {"x", "", "scales"}, {"z"});
  file.Node("Relu", {"z"}, {"relu"});
  file.Node("Reshape", {"relu", "row"}, {"y"});
  file.Integers("row", {1, -1});
  const Told told = WrittenAgain(ParseOnnx(file.Bytes(), "a.onnx"));
  for (const auto& [name, lengths] : told.lengths) {
    if (name != "z" && name != "relu") continue;
    EXPECT_THAT(lengths, ElementsAre(testing::_, 2, 8, 5)) << name;
  }
  EXPECT_TRUE(told.lengths.contains("z") || told.lengths.contains("z/channels_first"));
}

TEST(OnnxImport, AValueThatWasRolledBackIsNoConstant) {
  File file;
  file.Input("x", {1, 2}).Output("out");
  onnx_schema::FunctionProto& function = Function(file, "broken", "", "Shape");
  NodeProto& bad = *function.add_node();
  bad.set_op_type("Relu");
  bad.set_name("\xff");  // no UTF-8
  bad.add_input("b");
  bad.add_output("c");
  file.Node("broken", {"x"}, {"out"}).set_domain("mine");
  file.Node("Relu", {"x"}, {"out"});
  EXPECT_TRUE(ParseOnnx(file.Bytes(), "a.onnx").constants.empty());
}

TEST(OnnxImport, AResizeIsWrittenSoThatItsLastAxesAreThoseThatChange) {
  File file;
  file.Input("x", {1, 2, 3, 4}).Output("y").Floats("scales", {4}, {1, 1, 2, 3});
  Set(file.Node("Resize", {"x", "", "scales"}, {"y"}), "mode", "linear");
  const std::vector<float> scales = {1, 1, 2, 3};
  const auto* const bytes = reinterpret_cast<const char*>(scales.data());
  EXPECT_THAT(WrittenAgain(ParseOnnx(file.Bytes(), "a.onnx")).lengths.at("y/scales"),
              testing::ElementsAreArray(bytes, bytes + sizeof(float) * scales.size()));
}

TEST(OnnxImport, AnOutputThatNoNodeComputesIsAnErrorAndAFileWithoutOutputsIsTold) {
  File file = Unary("Relu", {1, 2});
  file.Output("z");
  EXPECT_THAT(Complaint(file), HasSubstr("output z: the outputs of a model are computed by its nodes"));
  file.model().mutable_graph()->clear_output();
  const ModelFile read = ParseOnnx(file.Bytes(), "a.onnx");
  EXPECT_THAT(read.outputs, ElementsAre("y"));
  EXPECT_THAT(read.assumed, ElementsAre(HasSubstr("names no outputs")));
}

TEST(OnnxImport, LaterOpsetsAreReadAndThatIsSaid) {
  EXPECT_THAT(ParseOnnx(Unary("Relu", {1}, 21).Bytes(), "a.onnx").assumed, IsEmpty());
  EXPECT_THAT(ParseOnnx(Unary("Relu", {1}, 23).Bytes(), "a.onnx").assumed,
              ElementsAre("the model is of opset 23; its operations are read as those of opset 21, the newest that is "
                          "known"));
}

TEST(OnnxImport, FunctionsOfOneNameAreToldApartByTheirOverload) {
  File file;
  file.Input("x", {1, 2}).Output("y");
  Function(file, "F", "one", "Neg");
  Function(file, "F", "two", "Abs");
  NodeProto& node = file.Node("F", {"x"}, {"y"});
  node.set_domain("mine");
  node.set_overload("two");
  EXPECT_THAT(Result(file, {{"x", Row({-2, 3})}}), ElementsAre(2, 3));
}

TEST(OnnxImport, AFunctionThatFailsLeavesTheOpsetOfTheModel) {
  File file(17);
  file.Input("x", {1, 2, 2}).Output("z");
  // It calls itself without end, and is of opset 7, where softmax is over all axes from the second on.
  onnx_schema::FunctionProto& function = Function(file, "F", "", "F");
  function.mutable_node(0)->set_domain("mine");
  function.add_opset_import()->set_version(7);
  NodeProto& node = file.Node("F", {"x"}, {"y"});
  node.set_domain("mine");
  Set(file.Node("Softmax", {"x"}, {"z"}), "axis", int64_t{-1});
  EXPECT_THAT(Result(file, {{"x", Share(Tensor::Of({1, 2, 2}, {0, 0, 0, 0}))}}), ElementsAre(0.5f, 0.5f, 0.5f, 0.5f));
}

TEST(OnnxImport, AnIfWhoseConditionDependsOnShapesIsTheBranchThatIsTaken) {
  for (const int64_t length : {3, 4}) {
    File file;
    file.Input("x", {1, length}).Integers("three", {3}).Integers("second", {1}).Output("y");
    file.Node("Shape", {"x"}, {"shape"});
    file.Node("Gather", {"shape", "second"}, {"length"});
    file.Node("Equal", {"length", "three"}, {"is_three"});
    NodeProto& node = file.Node("If", {"is_three"}, {"y"});
    for (const auto& [branch, type] : {std::pair("then_branch", "Neg"), std::pair("else_branch", "Abs")}) {
      onnx_schema::GraphProto& graph = *Attribute(node, branch, AttributeProto::GRAPH).mutable_g();
      TensorProto& two = *graph.add_initializer();
      two.set_name("two");
      two.set_data_type(TensorProto::FLOAT);
      two.add_float_data(2);
      NodeProto& inner = *graph.add_node();
      inner.set_op_type(type);
      inner.add_input("x");
      inner.add_output("inner");
      NodeProto& product = *graph.add_node();
      product.set_op_type("Mul");
      product.add_input("inner");
      product.add_input("two");
      product.add_output("result");
      graph.add_output()->set_name("result");
    }
    const std::vector<float> x(static_cast<size_t>(length), -1);
    EXPECT_EQ(Result(file, {{"x", Row(x)}}), std::vector<float>(static_cast<size_t>(length), 2)) << length;
    EXPECT_EQ(Result(file, {{"x", Row(std::vector<float>(static_cast<size_t>(length), 1))}})[0], length == 3 ? -2 : 2);
  }
}

// r = Neg(a), or Abs(a), by a constant condition.
void AddIf(NodeProto& node, const std::string& a, const std::string& r) {
  node.set_op_type("If");
  node.add_input("yes");
  node.add_output(r);
  for (const auto& [branch, type] : {std::pair("then_branch", "Neg"), std::pair("else_branch", "Abs")}) {
    onnx_schema::GraphProto& graph = *Attribute(node, branch, AttributeProto::GRAPH).mutable_g();
    NodeProto& inner = *graph.add_node();
    inner.set_op_type(type);
    inner.add_input(a);
    inner.add_output("q");
    graph.add_output()->set_name("q");
  }
}

// The node of a function becomes the constant "yes", which is true.
void MakeYes(NodeProto& node) {
  node.clear_input();
  node.set_output(0, "yes");
  TensorProto& value = *Attribute(node, "value", AttributeProto::TENSOR).mutable_t();
  value.set_data_type(TensorProto::BOOL);
  value.add_int32_data(1);
}

// Its branches mean the function's own "a", not the model's.
TEST(OnnxImport, ABranchInAFunctionOrInABranchReadsWhatIsAroundIt) {
  File file;
  file.Input("a", {1, 2}).Output("y").Output("t");
  file.Node("Abs", {"a"}, {"t"});
  onnx_schema::FunctionProto& function = Function(file, "F", "", "Constant");
  MakeYes(*function.mutable_node(0));
  AddIf(*function.add_node(), "a", "b");
  file.Node("F", {"t"}, {"y"}).set_domain("mine");
  EXPECT_THAT(Result(file, {{"a", Row({-1, 2})}}), ElementsAre(-1, -2));  // not 1, -2

  File nested;
  nested.Input("a", {1, 2}).Output("y").Output("t");
  nested.Node("Abs", {"a"}, {"t"});
  nested.Initializer("yes", {}, TensorProto::BOOL).add_int32_data(1);
  NodeProto& outer = nested.Node("If", {"yes"}, {"y"});
  onnx_schema::GraphProto& graph = *Attribute(outer, "then_branch", AttributeProto::GRAPH).mutable_g();
  NodeProto& own = *graph.add_node();  // made in the branch
  own.set_op_type("Neg");
  own.add_input("a");
  own.add_output("own");
  AddIf(*graph.add_node(), "own", "r");
  graph.add_output()->set_name("r");
  EXPECT_THAT(Result(nested, {{"a", Row({-1, 2})}}), ElementsAre(-1, 2));
}

// What a branch in a function makes may be called as what the function is given is outside.
TEST(OnnxImport, ABranchInAFunctionKeepsItsOwnNamesApartFromThoseOfTheCaller) {
  File file;
  file.Input("x", {1, 2}).Output("z");
  file.Node("Abs", {"x"}, {"y"});
  onnx_schema::FunctionProto& function = Function(file, "F", "", "Constant");
  MakeYes(*function.mutable_node(0));
  AddIf(*function.add_node(), "three", "b");
  onnx_schema::GraphProto& branch = *function.mutable_node(1)->mutable_attribute(0)->mutable_g();
  TensorProto& three = *branch.add_initializer();
  three.set_name("three");
  three.set_data_type(TensorProto::FLOAT);
  three.add_float_data(3);
  branch.mutable_node(0)->set_output(0, "y");  // -3
  NodeProto& product = *branch.add_node();
  product.set_op_type("Mul");
  product.add_input("a");
  product.add_input("y");
  product.add_output("q");
  file.Node("F", {"y"}, {"z"}).set_domain("mine");
  EXPECT_THAT(Result(file, {{"x", Row({-1, 2})}}), ElementsAre(-3, -6));  // not 9
}

// A function whose branch has an attribute that each call of the function gives.
TEST(OnnxImport, ABranchInAFunctionTakesTheAttributesOfTheCall) {
  File file;
  file.Input("a", {1, 2}).Output("y");
  onnx_schema::FunctionProto& function = Function(file, "F", "", "Constant");
  function.add_attribute("slope");
  MakeYes(*function.mutable_node(0));
  AddIf(*function.add_node(), "a", "b");
  NodeProto& leaky = *function.mutable_node(1)->mutable_attribute(0)->mutable_g()->mutable_node(0);
  leaky.set_op_type("LeakyRelu");
  Attribute(leaky, "alpha", AttributeProto::FLOAT).set_ref_attr_name("slope");
  NodeProto& call = file.Node("F", {"a"}, {"y"});
  call.set_domain("mine");
  Attribute(call, "slope", AttributeProto::FLOAT).set_f(0.5f);
  EXPECT_THAT(Result(file, {{"a", Row({-1, 2})}}), ElementsAre(-0.5f, 2));
}

TEST(OnnxImport, AnIfWhoseConditionIsComputedIsNamed) {
  File file;
  file.Input("x", {1, 2}).Input("c", {}, TensorProto::BOOL).Output("y").Output("z");
  file.Node("If", {"c"}, {"y"});
  file.Node("Relu", {"x"}, {"z"});
  OnnxImport given;  // what is fed in once may be another the next time
  Tensor yes(Shape{}, DType::kBool);
  *yes.data<bool>() = true;
  given.inputs["c"] = Share(std::move(yes));
  for (const OnnxImport& options : {OnnxImport{}, given}) {
    EXPECT_THAT(ParseOnnx(file.Bytes(), "a.onnx", {}, options).missing,
                ElementsAre(HasSubstr("node y (If): the condition is known")));
  }
}

TEST(OnnxImport, UnpoolingToAnotherShapeThanTheInputsIsRefused) {
  for (const std::vector<int64_t>& wanted :
       {std::vector<int64_t>{1, 1, 4}, std::vector<int64_t>{2, 1, 4, 4}, std::vector<int64_t>{1, 1, 3, 4}}) {
    File file;
    file.Input("x", {1, 1, 2, 2}).Input("i", {1, 1, 2, 2}, TensorProto::INT64).Integers("s", wanted).Output("y");
    NodeProto& node = file.Node("MaxUnpool", {"x", "i", "s"}, {"y"});
    Set(node, "kernel_shape", std::vector<int64_t>{2, 2});
    Set(node, "strides", std::vector<int64_t>{2, 2});
    EXPECT_THAT(Complaint(file), HasSubstr("output_shape has the samples and channels of the input"));
  }
}

// A detector's boxes, (1, 64, 7) of the file's (1, 7, 64): no places and channels, and so as the file has them.
TEST(OnnxImport, ATableThatIsTransposedHasTheAxesOfTheFile) {
  File file;
  file.Input("x", {1, 7, 8, 8}).Integers("shape", {1, 7, 64}).Output("boxes");
  file.Node("Relu", {"x"}, {"maps"});
  file.Node("Reshape", {"maps", "shape"}, {"rows"});
  Set(file.Node("Transpose", {"rows"}, {"boxes"}), "perm", std::vector<int64_t>{0, 2, 1});
  const ModelFile read = ParseOnnx(file.Bytes(), "a.onnx");
  EXPECT_EQ(read.model.graph()["boxes"].type.shape, Shape({1, 64, 7}));
  EXPECT_FALSE(read.axes.contains("boxes"));
  // Words on their way to a convolution along them stay where they are.
  File words;
  words.Input("x", {1, 16, 3}).Output("y");
  Set(words.Node("Transpose", {"x"}, {"turned"}), "perm", std::vector<int64_t>{0, 2, 1});
  words.Floats("kernel", {4, 3, 1}, std::vector<float>(12, 1));
  words.Node("Conv", {"turned", "kernel"}, {"y"});
  EXPECT_EQ(ParseOnnx(words.Bytes(), "a.onnx").model.graph()["turned"].type.shape, Shape({1, 16, 3}));
}

TEST(OnnxImport, AConstantThatANodeReadsTwiceIsFolded) {
  File file;
  file.Input("x", {1, 2}).Integers("one", {1}).Output("y");
  Set(file.Node("Concat", {"one", "one"}, {"shape"}), "axis", int64_t{0});
  file.Node("Expand", {"x", "shape"}, {"y"});
  EXPECT_THAT(Result(file, {{"x", Row({2, 3})}}), ElementsAre(2, 3));
}

TEST(OnnxImport, ElementsAreReplacedAtPlacesThatTheFileHolds) {
  File file(18);
  file.Input("x", {2, 3}).Input("u", {2, 3}).Output("y");
  TensorProto& indices = file.Initializer("i", {2, 1}, TensorProto::INT64);
  for (const int64_t index : {1, -1}) indices.add_int64_data(index);
  file.Node("ScatterND", {"x", "i", "u"}, {"y"});
  const NamedTensors fed = {{"x", Share(Tensor::Of({2, 3}, {1, 2, 3, 4, 5, 6}))},
                            {"u", Share(Tensor::Of({2, 3}, {7, 8, 9, 10, 11, 12}))}};
  EXPECT_THAT(Result(file, fed), ElementsAre(1, 2, 3, 10, 11, 12));  // the last of two updates
}

TEST(OnnxImport, UpdatesHaveTheShapeOfWhatTheyReplace) {
  for (const char* type : {"ScatterND", "ScatterElements"}) {
    File file(18);
    file.Input("x", {2, 3}).Input("u", {3, 2}).Output("y");
    const bool lists = std::string(type) == "ScatterND";
    TensorProto& indices = file.Initializer("i", {2, lists ? 1 : 3}, TensorProto::INT64);
    for (int i = 0; i < (lists ? 2 : 6); ++i) indices.add_int64_data(0);
    file.Node(type, {"x", "i", "u"}, {"y"});
    EXPECT_THAT(Complaint(file), HasSubstr("updates are of the data's type, and (2, 3)")) << type;
  }
}

TEST(OnnxImport, PlacesInLargeDataAreBounded) {
  File file(18);
  const int64_t rows = 1 << 20, columns = 1 << 17;
  file.Input("x", {8, rows, columns}).Input("u", {8, rows, columns}).Output("y");
  TensorProto& indices = file.Initializer("i", {8, 1}, TensorProto::INT64);
  for (int i = 0; i < 8; ++i) indices.add_int64_data(0);
  file.Node("ScatterND", {"x", "i", "u"}, {"y"});
  EXPECT_THAT(Complaint(file), HasSubstr("at most 2^26 elements"));
}

TEST(OnnxImport, WhatIsFedInIsNoConstantOfWhatIsComputed) {
  for (const char* type : {"NonZero", "CumSum"}) {
    File file;
    file.Input("x", {3}).Integers("axis", {0}).Output("y");
    file.Node(type, {"x", "axis"}, {"y"});
    OnnxImport given;
    given.inputs["x"] = Share(Tensor::Of({3}, {1, 0, 2}));
    EXPECT_THAT(Complaint([&] { ParseOnnx(file.Bytes(), "a.onnx", {}, given); }), HasSubstr("is a constant")) << type;
  }
}

// A file that is written holds for whatever is fed in next.
TEST(OnnxImport, OfWhatIsFedInTheLengthsCanBeTakenAlone) {
  File file;
  file.Input("x", {1, 0, 2}).Input("shape", {2}, TensorProto::INT64).Output("y").Output("z");
  file.Node("Reshape", {"x", "shape"}, {"y"});
  file.Node("Relu", {"x"}, {"z"});
  OnnxImport given;
  given.inputs["x"] = Share(Tensor::Zeros({1, 3, 2}));
  Tensor shape(Shape{2}, DType::kInt64);
  std::copy_n(std::vector<int64_t>{2, 3}.begin(), 2, shape.data<int64_t>());
  given.inputs["shape"] = Share(std::move(shape));
  EXPECT_THAT(ParseOnnx(file.Bytes(), "a.onnx", {}, given).missing, IsEmpty());
  given.lengths_alone = true;
  const ModelFile read = ParseOnnx(file.Bytes(), "a.onnx", {}, given);
  EXPECT_THAT(read.missing, ElementsAre(HasSubstr("node y (Reshape)")));
  EXPECT_THAT(read.assumed, ElementsAre("input x may be (1, 0, 2); it is read as (1, 3, 2)"));
}

TEST(OnnxImport, ElementsArePickedByIndicesThatAreComputed) {
  File file;
  file.Input("x", {2, 3}).Input("i", {2, 2}, TensorProto::INT64).Output("y");
  file.Node("GatherND", {"x", "i"}, {"y"});
  Tensor indices(Shape{2, 2}, DType::kInt64);
  std::copy_n(std::vector<int64_t>{1, 0, -2, -1}.begin(), 4, indices.data<int64_t>());
  EXPECT_THAT(Result(file, {{"x", Share(Tensor::Of({2, 3}, {1, 2, 3, 4, 5, 6}))}, {"i", Share(std::move(indices))}}),
              ElementsAre(4, 3));
}

// (1, 3) is past the row of 3, and yet the place of an element of the next one.
TEST(OnnxImport, EachPartOfAnIndexIsOnItsAxis) {
  File held;
  held.Input("x", {3, 3}).Output("y");
  TensorProto& wrong = held.Initializer("i", {1, 2}, TensorProto::INT64);
  for (const int64_t index : {1, 3}) wrong.add_int64_data(index);
  held.Node("GatherND", {"x", "i"}, {"y"});
  EXPECT_THAT(Complaint(held), HasSubstr("an index is on its axis of length 3; received 3"));

  File right;
  right.Input("x", {2, 3}).Output("y");
  TensorProto& indices = right.Initializer("i", {3, 1}, TensorProto::INT64);
  for (const int64_t index : {1, -2, -1}) indices.add_int64_data(index);
  right.Node("GatherND", {"x", "i"}, {"y"});
  EXPECT_THAT(Result(right, {{"x", Share(Tensor::Of({2, 3}, {1, 2, 3, 4, 5, 6}))}}),
              ElementsAre(4, 5, 6, 1, 2, 3, 4, 5, 6));

  File computed;
  computed.Input("x", {3, 3}).Input("i", {1, 2}, TensorProto::INT64).Output("y");
  computed.Node("GatherND", {"x", "i"}, {"y"});
  Tensor fed(Shape{1, 2}, DType::kInt64);
  std::copy_n(std::vector<int64_t>{1, 3}.begin(), 2, fed.data<int64_t>());
  const NamedTensors both = {{"x", Share(Tensor::Zeros({3, 3}))}, {"i", Share(std::move(fed))}};
  EXPECT_THAT(Complaint([&] { Result(computed, both); }), HasSubstr("received 3"));
}

// ---- Files that were made to do harm

TEST(OnnxImport, HostileOperandsAreRefused) {
  File gemm;
  gemm.Input("x", {1, 2}).Floats("b", {2}, {1, 2}).Output("y");
  Set(gemm.Node("Gemm", {"x", "b"}, {"y"}), "transB", int64_t{1});
  EXPECT_NE(Complaint(gemm), "no error");

  File concat;
  concat.Input("x", {1, 2}).Input("z", {1, 2, 1}).Output("y");
  Set(concat.Node("Concat", {"x", "z"}, {"y"}), "axis", int64_t{0});
  EXPECT_NE(Complaint(concat), "no error");

  File squeeze;
  squeeze.Input("x", {1, 2}).Integers("axes", {0, -2}).Output("y");
  squeeze.Node("Squeeze", {"x", "axes"}, {"y"});
  EXPECT_THAT(Complaint(squeeze), HasSubstr("an axis is named once"));

  File split;
  split.Input("x", {1, 2}).Output("x");
  split.Node("Split", {"x"}, {});
  EXPECT_THAT(ParseOnnx(split.Bytes(), "a.onnx").missing, ElementsAre(HasSubstr("a node computes something")));

  for (const char* type : {"Reshape", "Expand", "Tile", "Clip", "Pow", "Slice", "TopK", "ConstantOfShape", "Range"}) {
    File empty;
    empty.Input("x", {1, 2}).Integers("none", {}).Output("y").Output("x");
    const bool no_input = std::string(type) == "ConstantOfShape" || std::string(type) == "Range";
    empty.Node(type, {no_input ? "none" : "x", "none", "none"}, {"y"});
    Complaint(empty);  // an answer of any kind
  }
}

TEST(OnnxImport, WhatAFileOnlyDescribesIsBounded) {
  // Each is small, all together are not.
  File file;
  file.Input("x", {1}).Integers("shape", {1 << 13, 1 << 12}).Output("y");
  for (int i = 0; i < 3; ++i) file.Node("ConstantOfShape", {"shape"}, {"zeros_" + std::to_string(i)});
  file.Node("Relu", {"x"}, {"y"});
  EXPECT_THAT(ParseOnnx(file.Bytes(), "a.onnx").missing, ElementsAre(HasSubstr("at most 2^26 elements")));

  File mask = Unary("Dropout", {1 << 20, 1 << 10});
  Last(mask).add_output("mask");
  EXPECT_THAT(Complaint(mask), HasSubstr("at most 2^26 elements"));
}

TEST(OnnxImport, ConstantsAreNotComputedWithForEver) {
  File file;
  file.Input("x", {1}).Integers("shape", {1 << 12, 1 << 12}).Output("y");
  file.Node("ConstantOfShape", {"shape"}, {"square"});
  file.Node("MatMul", {"square", "square"}, {"product"});
  file.Node("Relu", {"x"}, {"y"});
  EXPECT_THAT(ParseOnnx(file.Bytes(), "a.onnx").missing, ElementsAre(HasSubstr("multiplications and additions")));
}

TEST(OnnxImport, FunctionsAreBoundedHoweverOftenTheyAreCalled) {
  File file;
  file.Input("x", {1}).Output("y");
  onnx_schema::FunctionProto& function = Function(file, "F", "", "Neg");
  NodeProto& constant = *function.add_node();
  constant.set_op_type("Constant");
  constant.add_output("c");
  TensorProto& tensor = *Attribute(constant, "value", AttributeProto::TENSOR).mutable_t();
  tensor.set_data_type(TensorProto::FLOAT);
  tensor.add_dims(1 << 18);
  tensor.set_raw_data(std::string(size_t{1} << 20, '\0'));
  for (int i = 0; i < 100; ++i) file.Node("F", {"x"}, {"f" + std::to_string(i)}).set_domain("mine");
  file.Node("Relu", {"x"}, {"y"});
  const std::vector<std::string> missing = ParseOnnx(file.Bytes(), "a.onnx").missing;
  ASSERT_EQ(missing.size(), 100u - 63u);  // of 64 MiB in all
  EXPECT_THAT(missing.front(), HasSubstr("have at most 67108864 bytes"));
}

TEST(OnnxImport, ListsOfNumbersAreNotStructure) {
  // 12 MiB of them, where structure may have 8.
  constexpr int kCount = 3 << 20;
  File file;
  file.Input("x", {1, kCount}).Floats("w", {kCount}, std::vector<float>(kCount, 2)).Output("y");
  file.Node("Mul", {"x", "w"}, {"y"});
  EXPECT_EQ(Complaint(file), "no error");
}

TEST(OnnxImport, ManyNodesThatFailCostNoMoreThanTheirNumber) {
  // A square of this number would take minutes.
  constexpr int kCount = 19000;
  File file;
  file.Input("x", {1, 2, 2, 2}).Output("y");
  for (int i = 0; i < kCount; ++i) {
    NodeProto& node = file.Node(i % 2 == 0 ? "Unknown" : "Relu",
                                {i < 2 ? "x" : "v" + std::to_string(i - 1 + i % 2 - 1)}, {"v" + std::to_string(i)});
    node.set_name("the same name");
  }
  file.Node("Relu", {"x"}, {"y"});
  const ModelFile read = ParseOnnx(file.Bytes(), "a.onnx");
  EXPECT_GT(read.model.graph().nodes().size(), 0u);
}

// Reading and, where it is small, running a file of which some bytes changed ends in a result or an Error.
TEST(OnnxImport, RandomDamageNeverCrashes) {
  File file(13);
  file.Input("x", {1, 3, 8, 8}).Output("y");
  file.Floats("w", {4, 3, 3, 3}, std::vector<float>(108, 0.5f)).Floats("c", {4}, {1, 2, 3, 4});
  file.Floats("m", {5, 64}, std::vector<float>(320, 0.1f)).Integers("shape", {0, -1});
  NodeProto& conv = file.Node("Conv", {"x", "w", "c"}, {"conv"});
  Set(conv, "pads", std::vector<int64_t>{1, 1, 1, 1});
  file.Node("BatchNormalization", {"conv", "c", "c", "c", "c"}, {"bn"});
  file.Node("Relu", {"bn"}, {"relu"});
  NodeProto& pool = file.Node("MaxPool", {"relu"}, {"pool"});
  Set(pool, "kernel_shape", std::vector<int64_t>{2, 2});
  Set(pool, "strides", std::vector<int64_t>{2, 2});
  file.Node("Reshape", {"pool", "shape"}, {"flat"});
  Set(file.Node("Gemm", {"flat", "m"}, {"y"}), "transB", int64_t{1});
  const std::string bytes = file.Bytes();
  ASSERT_EQ(Complaint(file), "no error");
  Random random(3, "damage");
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = bytes;
    for (uint32_t k = 0, count = 1 + random.Bits() % 3; k < count; ++k) {
      damaged[random.Bits() % damaged.size()] = static_cast<char>(random.Bits());
    }
    try {
      const ModelFile read = ParseOnnx(damaged, "a.onnx");
      int64_t elements = 0;
      NamedTensors inputs;
      for (const GraphTensor& tensor : read.model.graph().tensors()) {
        elements += tensor.type.shape.NumElements();
        if (elements > 1 << 20) break;
        if (tensor.role == TensorRole::kInput) {
          inputs[tensor.name] = Share(Tensor::Zeros(tensor.type.shape, tensor.type.dtype));
        }
      }
      if (elements <= 1 << 20 && read.model.graph().MultiplyAdds() < 1 << 24) Trace(read.model, inputs);
    } catch (const Error&) {
    }
  }
}

class OnnxOutside : public ::testing::Test {
 protected:
  OnnxOutside() { std::filesystem::create_directories(folder_ / "model"); }
  ~OnnxOutside() override { std::filesystem::remove_all(folder_); }

  // A model with tensors in "w.bin" beside it, from these offsets, of 4 floats each.
  std::filesystem::path Write(const std::vector<int64_t>& offsets, const std::string& location = "w.bin") const {
    File file;
    file.Input("x", {1, 4}).Output("y");
    for (size_t i = 0; i < offsets.size(); ++i) {
      TensorProto& tensor = file.Initializer("w" + std::to_string(i), {4}, TensorProto::FLOAT);
      tensor.set_data_location(TensorProto::EXTERNAL);
      for (const auto& [key, value] : {std::pair<std::string, std::string>("location", location),
                                       {"offset", std::to_string(offsets[i])},
                                       {"length", "16"}}) {
        auto& entry = *tensor.add_external_data();
        entry.set_key(key);
        entry.set_value(value);
      }
    }
    file.Node("Add", {"x", "w0"}, {"y"});
    const std::filesystem::path path = folder_ / "model" / "m.onnx";
    std::ofstream(path, std::ios::binary) << file.Bytes();
    return path;
  }
  void Numbers(const std::filesystem::path& name, size_t count) const {
    const std::vector<float> values(count, 1.5f);
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(count * sizeof(float)));
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("convscope_onnx_outside_" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
};

TEST_F(OnnxOutside, NumbersBesideAModelAreRead) {
  Numbers("model/w.bin", 8);
  const ModelFile file = ReadOnnx(Write({16}));
  EXPECT_THAT(Values(*Computed(file, {{"x", Row({1, 2, 3, 4})}})), ElementsAre(2.5f, 3.5f, 4.5f, 5.5f));
}

TEST_F(OnnxOutside, OneMatrixMayBeUsedTwiceButNoneOverlapsAnother) {
  Numbers("model/w.bin", 8);
  EXPECT_EQ(Complaint([&] { ReadOnnx(Write({0, 0, 16})); }), "no error");
  EXPECT_THAT(Complaint([&] { ReadOnnx(Write({0, 8})); }), HasSubstr("do not overlap"));
  EXPECT_THAT(Complaint([&] { ReadOnnx(Write({16, 12})); }), HasSubstr("do not overlap"));
}

TEST_F(OnnxOutside, AllNumbersTogetherAreWithinTheLimit) {
  Numbers("model/w.bin", 8);
  EXPECT_THAT(Complaint([&] {
                ReadOnnx(Write({0, 0, 0}), {.external_bytes = 40});
              }),
              HasSubstr("16 bytes more, where 8 are left"));
}

TEST_F(OnnxOutside, FilesElsewhereAreNotRead) {
  Numbers("secret.bin", 8);
  EXPECT_THAT(Complaint([&] { ReadOnnx(Write({0}, "../secret.bin")); }), HasSubstr("lie in its folder"));
  EXPECT_THAT(Complaint([&] { ReadOnnx(Write({0}, (folder_ / "secret.bin").string())); }),
              HasSubstr("lie in its folder"));
  std::filesystem::create_symlink(folder_ / "secret.bin", folder_ / "model" / "w.bin");
  EXPECT_THAT(Complaint([&] { ReadOnnx(Write({0})); }), HasSubstr("lie in its folder"));
}

}  // namespace
}  // namespace convscope
