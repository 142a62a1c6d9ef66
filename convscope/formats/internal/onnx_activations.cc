// Activations in ONNX. Those that opset 17 has take one node, the others a function of ours.
#include "convscope/base/error.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/prelu_operation.h"

namespace convscope::internal {
namespace {

// Template arguments are objects with a name.
constexpr char kIdentity[] = "Identity", kRelu[] = "Relu", kLeakyRelu[] = "LeakyRelu", kElu[] = "Elu",
               kSigmoid[] = "Sigmoid", kTanh[] = "Tanh", kSoftplus[] = "Softplus", kSoftsign[] = "Softsign",
               kExp[] = "Exp", kSwish[] = "Swish", kMish[] = "Mish", kSoftmax[] = "Softmax",
               kLogSoftmax[] = "LogSoftmax", kHardSwish[] = "HardSwish", kThresholdedRelu[] = "ThresholdedRelu",
               kCelu[] = "Celu";

// One node of this type, without attributes.
template <const char* kType>
void WriteSame(NodeWriter& node) {
  const Layout layout = node.Following();
  node.Add(kType, {node.Input(0, layout)}, layout);
}

template <const char* kName>
void WriteFunction(NodeWriter& node) {
  const Layout layout = node.Following();
  node.AddFunction(kName, {node.Input(0, layout)}, layout);
}

template <ActivationKind kKind>
OperationPtr Read(const OnnxAttributes&) {
  return ActivationOp{MakeActivation(kKind)};
}

template <ActivationKind kKind>
OperationPtr ReadWithAlpha(const OnnxAttributes& attributes) {
  Activation activation = MakeActivation(kKind);
  activation.alpha = static_cast<float>(attributes.Number("alpha"));
  return ActivationOp{activation};
}

// "LeakyRelu", "Elu" and others alike.
template <const char* kType>
void WriteWithAlpha(NodeWriter& node) {
  const Layout layout = node.Following();
  Set(node.Add(kType, {node.Input(0, layout)}, layout), "alpha", static_cast<float>(node.attributes().Number("alpha")));
}

void WriteRelu6(NodeWriter& node) {
  const Layout layout = node.Following();
  node.Add("Clip", {node.Input(0, layout), node.Number("min", 0), node.Number("max", 6)}, layout);
}

void WriteSelu(NodeWriter& node) {
  const Layout layout = node.Following();
  Set(Set(node.Add("Selu", {node.Input(0, layout)}, layout), "alpha", static_cast<float>(kSeluAlpha)), "gamma",
      static_cast<float>(kSeluScale));
}

void WriteHardSigmoid(NodeWriter& node) {
  const Layout layout = node.Following();
  Set(Set(node.Add("HardSigmoid", {node.Input(0, layout)}, layout), "alpha",
          static_cast<float>(node.attributes().Number("alpha"))),
      "beta", static_cast<float>(node.attributes().Number("beta")));
}

OperationPtr ReadHardSigmoid(const OnnxAttributes& attributes) {
  Activation activation = MakeActivation(ActivationKind::kHardSigmoid);
  activation.alpha = static_cast<float>(attributes.Number("alpha"));
  activation.beta = static_cast<float>(attributes.Number("beta"));
  return ActivationOp{activation};
}

void WriteGelu(NodeWriter& node) {
  const Layout layout = node.Following();
  node.AddFunction(node.attributes().Flag("approximate") ? "GeluTanh" : "Gelu", {node.Input(0, layout)}, layout);
}

OperationPtr ReadGelu(const OnnxAttributes& attributes) {
  Activation activation = MakeActivation(ActivationKind::kGelu);
  activation.approximate = attributes.Flag("approximate");
  return ActivationOp{activation};
}

// ONNX' Celu is of float32 alone.
void WriteCelu(NodeWriter& node) {
  if (node.InputType(0).dtype != DType::kFloat32) {
    throw Error({.rule = "celu is of float32 in ONNX", .received = node.InputType(0).ToString()});
  }
  WriteWithAlpha<kCelu>(node);
}

// Along the channels, wherever they stand: "Softmax" and "LogSoftmax" alike.
template <const char* kType>
void WriteSoftmax(NodeWriter& node) {
  const Layout layout = node.Following();
  const int64_t axis = NodeWriter::AxisIn(layout, -1, node.rank());
  Set(node.Add(kType, {node.Input(0, layout)}, layout), "axis", axis);
}

// Slopes stand beside the pixels that they are for, without the batch or with it.
void WritePRelu(NodeWriter& node) {
  const Layout layout = node.FollowingBroadcast();
  const std::string x = node.Term(0, layout);
  node.Add("PRelu", {x, node.Term(1, layout)}, layout);
}

OperationPtr ReadPRelu(const OnnxAttributes&) {
  return PReluOp{};
}

}  // namespace

std::vector<OnnxOperation> OnnxActivations() {
  return {
      {"Linear", WriteSame<kIdentity>, Read<ActivationKind::kLinear>},
      {"Relu", WriteSame<kRelu>, Read<ActivationKind::kRelu>},
      {"Relu6", WriteRelu6, Read<ActivationKind::kRelu6>},
      {"LeakyRelu", WriteWithAlpha<kLeakyRelu>, ReadWithAlpha<ActivationKind::kLeakyRelu>},
      {"Elu", WriteWithAlpha<kElu>, ReadWithAlpha<ActivationKind::kElu>},
      {"Selu", WriteSelu, Read<ActivationKind::kSelu>},
      {"Sigmoid", WriteSame<kSigmoid>, Read<ActivationKind::kSigmoid>},
      {"HardSigmoid", WriteHardSigmoid, ReadHardSigmoid},
      {"Tanh", WriteSame<kTanh>, Read<ActivationKind::kTanh>},
      {"Softplus", WriteSame<kSoftplus>, Read<ActivationKind::kSoftplus>},
      {"Softsign", WriteSame<kSoftsign>, Read<ActivationKind::kSoftsign>},
      {"Swish", WriteFunction<kSwish>, Read<ActivationKind::kSwish>},
      {"Gelu", WriteGelu, ReadGelu},
      {"Mish", WriteFunction<kMish>, Read<ActivationKind::kMish>},
      {"Exponential", WriteSame<kExp>, Read<ActivationKind::kExponential>},
      {"Softmax", WriteSoftmax<kSoftmax>, Read<ActivationKind::kSoftmax>},
      {"LogSoftmax", WriteSoftmax<kLogSoftmax>, Read<ActivationKind::kLogSoftmax>},
      {"HardSwish", WriteSame<kHardSwish>, Read<ActivationKind::kHardSwish>},
      {"ThresholdedRelu", WriteWithAlpha<kThresholdedRelu>, ReadWithAlpha<ActivationKind::kThresholdedRelu>},
      {"Celu", WriteCelu, ReadWithAlpha<ActivationKind::kCelu>},
      {"PRelu", WritePRelu, ReadPRelu},
  };
}

}  // namespace convscope::internal
