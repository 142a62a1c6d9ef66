// Activations of .onnx files.
#include <cmath>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/clip_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/prelu_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/where_operation.h"

namespace convscope::internal {
namespace {

void AddActivation(const ImportNode& node, Activation activation) {
  const FileAxes axes = node.AxesOf(0);
  node.Add(ActivationOp{activation}, {node.Stored(0, axes)}, axes);
}

template <ActivationKind kind>
void ReadPlain(const ImportNode& node) {
  AddActivation(node, MakeActivation(kind));
}

template <ActivationKind kind>
void ReadWithAlpha(const ImportNode& node) {
  const double otherwise = kind == ActivationKind::kLeakyRelu ? 0.01 : 1;
  Activation activation = MakeActivation(kind);
  activation.alpha = static_cast<float>(node.Number("alpha", otherwise));
  AddActivation(node, activation);
}

void ReadHardSigmoid(const ImportNode& node) {
  AddActivation(node, {.kind = ActivationKind::kHardSigmoid,
                       .alpha = static_cast<float>(node.Number("alpha", 0.2)),
                       .beta = static_cast<float>(node.Number("beta", 0.5))});
}

void ReadGelu(const ImportNode& node) {
  AddActivation(node, {.kind = ActivationKind::kGelu, .approximate = node.Word("approximate", "none") == "tanh"});
}

// Ours has fixed constants; others make it of an elu, gamma * (x above 0, alpha (e^x - 1) below).
void ReadSelu(const ImportNode& node) {
  const double alpha = node.Number("alpha", kSeluAlpha), gamma = node.Number("gamma", kSeluScale);
  if (std::abs(alpha - kSeluAlpha) < 1e-5 && std::abs(gamma - kSeluScale) < 1e-5) {
    return AddActivation(node, MakeActivation(ActivationKind::kSelu));
  }
  const FileAxes axes = node.AxesOf(0);
  const Activation elu{.kind = ActivationKind::kElu, .alpha = static_cast<float>(alpha)};
  node.Add(ScaleOp{.scale = gamma}, {node.AddStep("elu", ActivationOp{elu}, {node.Stored(0, axes)})}, axes);
}

void ReadClip(const ImportNode& node) {
  ClipOp clip;
  if (node.opset() < 11) {
    clip = {.low = node.Number("min", clip.low), .high = node.Number("max", clip.high)};
  } else {
    if (node.HasInput(1)) clip.low = node.ConstantNumber(1, "the lower bound");
    if (node.HasInput(2)) clip.high = node.ConstantNumber(2, "the upper bound");
  }
  const FileAxes axes = node.AxesOf(0);
  const bool relu6 = clip.low == 0 && clip.high == 6 && node.InputType(0) == DType::kFloat32;
  node.Add(relu6 ? OperationPtr(ActivationOp{MakeActivation(ActivationKind::kRelu6)}) : OperationPtr(clip),
           {node.Stored(0, axes)}, axes);
}

// 0 between -lambd and lambd, and moved by the bias outside.
void ReadShrink(const ImportNode& node) {
  const double lambd = node.Number("lambd", 0.5), bias = node.Number("bias", 0);
  const FileAxes axes = node.AxesOf(0);
  const std::string x = node.Stored(0, axes);
  const std::string below = node.AddStep("below", BinaryOp{BinaryKind::kLess}, {x, node.AddNumber("least", -lambd)});
  const std::string above = node.AddStep("above", BinaryOp{BinaryKind::kGreater}, {x, node.AddNumber("most", lambd)});
  const std::string up = node.AddStep("up", ScaleOp{.scale = 1, .offset = bias}, {x});
  const std::string down = node.AddStep("down", ScaleOp{.scale = 1, .offset = -bias}, {x});
  const std::string rest = node.AddStep("rest", WhereOp{}, {above, down, node.AddNumber("zero", 0)});
  node.Add(WhereOp{}, {below, up, rest}, axes);
}

// Swish with a factor: x * sigmoid(alpha x).
void ReadSwish(const ImportNode& node) {
  const double alpha = node.Number("alpha", 1);
  if (alpha == 1) return AddActivation(node, MakeActivation(ActivationKind::kSwish));
  const FileAxes axes = node.AxesOf(0);
  const std::string x = node.Stored(0, axes);
  const std::string scaled = node.AddStep("scaled", ScaleOp{.scale = alpha}, {x});
  const std::string gate = node.AddStep("sigmoid", ActivationOp{MakeActivation(ActivationKind::kSigmoid)}, {scaled});
  node.Add(MultiplyOp{}, {x, gate}, axes);
}

void ReadPRelu(const ImportNode& node) {
  const FileAxes axes = node.AxesOf(0);
  // Before opset 7 a list of slopes was one a channel. Ours has all axes of x, or all but the first.
  const bool of_channels = node.opset() < 7 && node.InputShape(1).rank() == 1 && node.rank() > 1;
  std::string alpha = node.Broadcasting(1, axes, of_channels ? 1 : -1);
  const Shape stored = node.importer().builder().graph()[alpha].type.shape;
  if (stored.rank() < node.rank() - 1) {
    std::vector<int64_t> lengths(static_cast<size_t>(node.rank() - stored.rank()), 1);
    lengths.insert(lengths.end(), stored.lengths().begin(), stored.lengths().end());
    alpha = node.AddStep("slope", ReshapeOp{lengths}, {alpha});
  }
  node.Add(PReluOp{}, {node.Stored(0, axes), alpha}, axes);
}

// Over one axis; ours runs over the last. Before opset 13 it was over that axis and all that follow, as one.
void ReadSoftmax(const ImportNode& node) {
  const bool one_axis = node.opset() >= 13;
  const auto axis = static_cast<int>(node.Axis(node.Integer("axis", one_axis ? -1 : 1)));
  const Activation softmax =
      MakeActivation(node.type() == "Softmax" ? ActivationKind::kSoftmax : ActivationKind::kLogSoftmax);
  bool rest_is_one = true;  // whether what follows has length 1, so that both rules are the same
  for (int i = axis + 1; i < node.rank(); ++i) rest_is_one = rest_is_one && node.InputShape(0)[i] == 1;
  if (one_axis || rest_is_one) {
    FileAxes axes = node.AxesOf(0);
    if (axes.back() != axis) {
      axes = SameAxes(node.rank());
      axes.erase(axes.begin() + axis);
      axes.push_back(axis);
    }
    return node.Add(ActivationOp{softmax}, {node.Stored(0, axes)}, axes);
  }
  const Shape& shape = node.InputShape(0);
  // Where the first axis is not among them it stays by itself, however many samples there are.
  std::vector<int64_t> as_rows = {axis == 0 ? 1 : 0, -1}, back(shape.lengths().begin(), shape.lengths().end());
  if (axis > 1) {
    as_rows[1] = 1;
    for (int i = 1; i < axis; ++i) as_rows[1] *= shape[i];
    as_rows.push_back(-1);
  }
  if (axis > 0) back[0] = 0;
  const std::string flat = node.AddStep("rows", ReshapeOp{as_rows}, {node.AsInFile(0)});
  const std::string result = node.AddStep("of_rows", ActivationOp{softmax}, {flat});
  node.Add(ReshapeOp{back}, {result}, SameAxes(node.rank()));
}

void ReadIdentity(const ImportNode& node) {
  node.AddSame(0, node.Stored(0, node.AxesOf(0)), node.AxesOf(0));
}

// Nothing is dropped where nothing learns.
void ReadDropout(const ImportNode& node) {
  double rate = node.Number("ratio", 0.5);
  if (node.opset() >= 12) {
    if (node.HasInput(1)) rate = node.ConstantNumber(1, "the ratio of dropout");
    if (node.HasInput(2) && node.ConstantInteger(2, "the training mode") != 0) {
      node.Fail("a network that is looked at does not drop at random", "training_mode true");
    }
  }
  const FileAxes axes = node.AxesOf(0);
  if (rate >= 0 && rate < 1) {
    node.Add(DropoutOp{.rate = rate}, {node.Stored(0, axes)}, axes);
  } else {
    ReadIdentity(node);
  }
  if (!node.WantsOutput(1)) return;
  node.Spend(node.InputShape(0).NumElements());
  Tensor mask(node.InputShape(0), DType::kBool);
  std::fill_n(mask.data<bool>(), mask.size(), true);
  node.AddKnown(1, std::move(mask));
}

}  // namespace

std::vector<OnnxReader> OnnxActivationReaders() {
  using Kind = ActivationKind;
  constexpr ImportAxes kAny = ImportAxes::kFollowing;
  return {
      {"Celu", kAny, ReadWithAlpha<Kind::kCelu>},
      {"Clip", kAny, ReadClip},
      {"Dropout", kAny, ReadDropout},
      {"Elu", kAny, ReadWithAlpha<Kind::kElu>},
      {"Exp", kAny, ReadPlain<Kind::kExponential>},
      {"Gelu", kAny, ReadGelu},
      {"HardSigmoid", kAny, ReadHardSigmoid},
      {"HardSwish", kAny, ReadPlain<Kind::kHardSwish>},
      {"Identity", kAny, ReadIdentity},
      {"LeakyRelu", kAny, ReadWithAlpha<Kind::kLeakyRelu>},
      {"LogSoftmax", kAny, ReadSoftmax},
      {"Mish", kAny, ReadPlain<Kind::kMish>},
      {"PRelu", kAny, ReadPRelu},
      {"Relu", kAny, ReadPlain<Kind::kRelu>},
      {"Selu", kAny, ReadSelu},
      {"Sigmoid", kAny, ReadPlain<Kind::kSigmoid>},
      {"Shrink", kAny, ReadShrink},
      {"Softmax", kAny, ReadSoftmax},
      {"Softplus", kAny, ReadPlain<Kind::kSoftplus>},
      {"Softsign", kAny, ReadPlain<Kind::kSoftsign>},
      {"Swish", kAny, ReadSwish},
      {"Tanh", kAny, ReadPlain<Kind::kTanh>},
      {"ThresholdedRelu", kAny, ReadWithAlpha<Kind::kThresholdedRelu>},
  };
}

}  // namespace convscope::internal
