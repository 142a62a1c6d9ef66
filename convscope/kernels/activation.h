// Activation functions, forward, float32: the fast twin of reference/activation.h.
#ifndef CONVSCOPE_KERNELS_ACTIVATION_H_
#define CONVSCOPE_KERNELS_ACTIVATION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace convscope {

// Keras' names, and ONNX' where Keras has none. Formulas stand beside the reference.
enum class ActivationKind : uint8_t {
  kLinear,
  kRelu,
  kRelu6,
  kLeakyRelu,
  kElu,
  kSelu,
  kSigmoid,
  kHardSigmoid,
  kTanh,
  kSoftplus,
  kSoftsign,
  kSwish,
  kGelu,
  kMish,
  kExponential,
  kSoftmax,
  kHardSwish,
  kThresholdedRelu,
  kCelu,
  kLogSoftmax,
};

// Whether an output depends on its whole row: softmax and log_softmax.
constexpr bool IsOfRows(ActivationKind kind) {
  return kind == ActivationKind::kSoftmax || kind == ActivationKind::kLogSoftmax;
}

struct Activation {
  ActivationKind kind = ActivationKind::kLinear;
  // leaky_relu: slope below 0 (Keras 3: 0.2); elu: scale below 0 (1); hard_sigmoid: slope (Keras 3: 1/6); celu: scale
  // below 0 (1), above 0 itself; thresholded_relu: where it begins (ONNX: 1).
  float alpha = 0;
  float beta = 0;            // hard_sigmoid: value at 0 (0.5)
  bool approximate = false;  // gelu: by tanh instead of erf

  bool operator==(const Activation&) const = default;
};

// The constants of selu, which has no parameters.
inline constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
inline constexpr double kSeluScale = 1.0507009873554804934193349852946;

// `kind` with Keras 3's default parameters.
Activation MakeActivation(ActivationKind kind);

std::string_view Name(ActivationKind kind);  // "relu", "leaky_relu", ...
std::vector<std::string> ActivationNames();

// "relu", "leaky_relu:0.1", "elu:0.5", "celu:0.5", "thresholded_relu:2", "hard_sigmoid:0.2:0.5", "gelu:tanh". Throws
// Error naming `where`, for an unknown name with the nearest ones.
Activation ParseActivation(std::string_view text, std::string_view where = "activation");

// "f(x) = max(x, 0)", with the activation's own parameters as numbers.
std::string Formula(const Activation& activation);

// output[i] = f(input[i]) for i in [0, count); in place when both are the same. Softmax and log_softmax run over rows
// of `row` values (count is a multiple of row); the others ignore `row`. Runs in the calling thread: callers choose how
// to split, and no split changes a bit.
//
// Relative error: within 4 units in the last place (2^-23), gelu within 10; gelu:tanh within 4 + 3 |2u|, since it puts
// the rounding of its argument u into an exponent; hard_sigmoid absolute, near its lower bend. Infinities give the
// limits that the reference names; a NaN comes out as it went in.
void Activate(const Activation& activation, const float* input, float* output, int64_t count, int64_t row);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_ACTIVATION_H_
