// Names, parameters and formulas of activations: everything of activation.h but the arithmetic.
#include <array>
#include <cmath>
#include <cstddef>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/kernels/activation.h"

namespace convscope {
namespace {

struct Entry {
  ActivationKind kind;
  std::string_view name;
};

constexpr std::array kEntries = {
    Entry{ActivationKind::kLinear, "linear"},
    Entry{ActivationKind::kRelu, "relu"},
    Entry{ActivationKind::kRelu6, "relu6"},
    Entry{ActivationKind::kLeakyRelu, "leaky_relu"},
    Entry{ActivationKind::kElu, "elu"},
    Entry{ActivationKind::kSelu, "selu"},
    Entry{ActivationKind::kSigmoid, "sigmoid"},
    Entry{ActivationKind::kHardSigmoid, "hard_sigmoid"},
    Entry{ActivationKind::kTanh, "tanh"},
    Entry{ActivationKind::kSoftplus, "softplus"},
    Entry{ActivationKind::kSoftsign, "softsign"},
    Entry{ActivationKind::kSwish, "swish"},
    Entry{ActivationKind::kGelu, "gelu"},
    Entry{ActivationKind::kMish, "mish"},
    Entry{ActivationKind::kExponential, "exponential"},
    Entry{ActivationKind::kSoftmax, "softmax"},
    Entry{ActivationKind::kHardSwish, "hard_swish"},
    Entry{ActivationKind::kThresholdedRelu, "thresholded_relu"},
    Entry{ActivationKind::kCelu, "celu"},
    Entry{ActivationKind::kLogSoftmax, "log_softmax"},
};

float ParseParameter(const std::string& text, const std::string& where) {
  const auto value = static_cast<float>(ParseNumber(text, where));
  if (!std::isfinite(value)) {
    throw Error({.where = where, .rule = "the parameter must be a finite number", .received = '"' + text + '"'});
  }
  return value;
}

}  // namespace

Activation MakeActivation(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kLeakyRelu:
      return {.kind = kind, .alpha = 0.2f};
    case ActivationKind::kElu:
    case ActivationKind::kThresholdedRelu:
    case ActivationKind::kCelu:
      return {.kind = kind, .alpha = 1};
    case ActivationKind::kHardSigmoid:
      return {.kind = kind, .alpha = 1.0f / 6, .beta = 0.5f};
    default:
      return {.kind = kind};
  }
}

std::string_view Name(ActivationKind kind) {
  for (const Entry& entry : kEntries) {
    if (entry.kind == kind) return entry.name;
  }
  return "";
}

std::vector<std::string> ActivationNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kEntries) names.emplace_back(entry.name);
  return names;
}

Activation ParseActivation(std::string_view text, std::string_view where) {
  const std::vector<std::string> pieces = Split(text, ':');
  const std::string& name = pieces[0];
  const Entry* found = nullptr;
  for (const Entry& entry : kEntries) {
    if (entry.name == name) found = &entry;
  }
  if (found == nullptr) {
    std::string fix = DidYouMean(name, ActivationNames());
    if (fix.empty()) {
      for (const Entry& entry : kEntries) fix += Concat(fix.empty() ? "there are: " : ", ", entry.name);
    }
    throw Error({.where = std::string(where),
                 .rule = "the activation must be one that exists",
                 .received = Concat('"', name, '"'),
                 .fix = fix});
  }

  Activation activation = MakeActivation(found->kind);
  const std::string place = Concat(where, " ", name);
  const size_t given = pieces.size() - 1;
  if (found->kind == ActivationKind::kGelu) {
    if (given > 1 || (given == 1 && pieces[1] != "tanh")) {
      throw Error(
          {.where = place, .rule = "gelu is exact, or approximated as gelu:tanh", .received = Concat('"', text, '"')});
    }
    activation.approximate = given == 1;
    return activation;
  }
  const bool has_alpha = found->kind == ActivationKind::kLeakyRelu || found->kind == ActivationKind::kElu ||
                         found->kind == ActivationKind::kHardSigmoid || found->kind == ActivationKind::kCelu ||
                         found->kind == ActivationKind::kThresholdedRelu;
  const size_t most = found->kind == ActivationKind::kHardSigmoid ? 2 : has_alpha ? 1 : 0;
  if (given > most) {
    throw Error({.where = place,
                 .rule = most == 0 ? "it has no parameters" : Concat("it has at most ", most, " parameters"),
                 .received = Concat('"', text, '"')});
  }
  if (given > 0) activation.alpha = ParseParameter(pieces[1], place);
  if (found->kind == ActivationKind::kCelu && activation.alpha <= 0) {
    throw Error({.where = place, .rule = "its parameter is above 0", .received = Concat('"', text, '"')});
  }
  if (given > 1) activation.beta = ParseParameter(pieces[2], place);
  return activation;
}

std::string Formula(const Activation& activation) {
  const std::string alpha = ShortestText(activation.alpha);
  switch (activation.kind) {
    case ActivationKind::kLinear:
      return "f(x) = x";
    case ActivationKind::kRelu:
      return "f(x) = max(x, 0)";
    case ActivationKind::kRelu6:
      return "f(x) = min(max(x, 0), 6)";
    case ActivationKind::kLeakyRelu:
      return "f(x) = x for x >= 0, " + alpha + " x for x < 0";
    case ActivationKind::kElu:
      return "f(x) = x for x >= 0, " + alpha + " (e^x - 1) for x < 0";
    case ActivationKind::kSelu:
      return Concat("f(x) = ", ShortestText(static_cast<float>(kSeluScale)), " x for x >= 0, ",
                    ShortestText(static_cast<float>(kSeluScale * kSeluAlpha)), " (e^x - 1) for x < 0");
    case ActivationKind::kSigmoid:
      return "f(x) = 1 / (1 + e^-x)";
    case ActivationKind::kHardSigmoid:
      return Concat("f(x) = min(max(", alpha, " x + ", ShortestText(activation.beta), ", 0), 1)");
    case ActivationKind::kTanh:
      return "f(x) = tanh(x)";
    case ActivationKind::kSoftplus:
      return "f(x) = log(1 + e^x)";
    case ActivationKind::kSoftsign:
      return "f(x) = x / (1 + |x|)";
    case ActivationKind::kSwish:
      return "f(x) = x / (1 + e^-x)";
    case ActivationKind::kGelu:
      return activation.approximate ? "f(x) = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))"
                                    : "f(x) = x/2 (1 + erf(x / sqrt(2)))";
    case ActivationKind::kMish:
      return "f(x) = x tanh(log(1 + e^x))";
    case ActivationKind::kExponential:
      return "f(x) = e^x";
    case ActivationKind::kSoftmax:
      return "f(x)_i = e^x_i / sum over channels j of e^x_j";
    case ActivationKind::kHardSwish:
      return "f(x) = x min(max(x + 3, 0), 6) / 6";
    case ActivationKind::kThresholdedRelu:
      return "f(x) = x for x > " + alpha + ", else 0";
    case ActivationKind::kCelu:
      return "f(x) = x for x >= 0, " + alpha + " (e^(x / " + alpha + ") - 1) for x < 0";
    case ActivationKind::kLogSoftmax:
      return "f(x)_i = x_i - log(sum over channels j of e^x_j)";
  }
  return "";
}

}  // namespace convscope
