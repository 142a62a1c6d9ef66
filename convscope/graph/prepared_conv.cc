#include "convscope/graph/prepared_conv.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "convscope/base/parallel.h"
#include "convscope/kernels/conv_gradient.h"
#include "convscope/kernels/pooled_conv.h"
#include "convscope/kernels/reference/conv.h"
#include "convscope/kernels/reference/conv_gradient.h"
#include "convscope/kernels/winograd.h"

namespace convscope {
namespace {

constexpr std::string_view kWinograd = "winograd";

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

bool AreConstant(std::span<const Tensor* const> weights) {
  return std::ranges::find(weights, nullptr) == weights.end();
}

const float* BiasOf(std::span<const Tensor* const> constants) {
  return constants.size() > 2 ? constants[2]->data() : nullptr;
}

class Conv32 : public PreparedOperation {
 public:
  Conv32(const ConvSpec& spec, std::span<const Tensor* const> constants, Epilogue epilogue)
      : trains_(!AreConstant(constants.subspan(1))),
        conv_(trains_ ? Convolution(spec, std::move(epilogue))
                      : Convolution(spec, constants[1]->data(), BiasOf(constants), std::move(epilogue))) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    const auto* input = static_cast<const float*>(inputs[0]);
    auto* output = static_cast<float*>(outputs[0]);
    if (trains_) {
      const auto* bias = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
      conv_(input, static_cast<const float*>(inputs[1]), bias, output);
    } else {
      std::as_const(conv_)(input, output);
    }
  }

  std::string_view path() const override { return Name(conv_.path()); }

 private:
  bool trains_;  // kernel or bias are computed, so that they come with every call
  Convolution conv_;
};

class FastConv32 : public PreparedOperation {
 public:
  FastConv32(const ConvSpec& spec, std::span<const Tensor* const> constants, Epilogue epilogue)
      : conv_(spec, constants[1]->data(), BiasOf(constants), std::move(epilogue)) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    conv_(static_cast<const float*>(inputs[0]), static_cast<float*>(outputs[0]));
  }

  std::string_view path() const override { return kWinograd; }

 private:
  WinogradConvolution conv_;
};

class PooledConv32 : public PreparedOperation {
 public:
  PooledConv32(const ConvSpec& spec, ConvRows rows, std::string_view path, const PoolSpec& pool)
      : conv_(spec, std::move(rows), pool), path_(path) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    conv_(static_cast<const float*>(inputs[0]), static_cast<float*>(outputs[0]));
  }

  std::string_view path() const override { return path_; }

 private:
  PooledConvolution conv_;
  std::string_view path_;
};

class Conv64 : public PreparedOperation {
 public:
  explicit Conv64(const ConvSpec& spec) : spec_(spec) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    const auto* bias = inputs.size() > 2 ? static_cast<const double*>(inputs[2]) : nullptr;
    reference::Conv(spec_, static_cast<const double*>(inputs[0]), static_cast<const double*>(inputs[1]), bias,
                    static_cast<double*>(outputs[0]));
  }

  std::string_view path() const override { return "reference"; }

 private:
  ConvSpec spec_;
};

// values (pixels, count of bias), each pixel plus the bias.
template <typename T>
void AddBias(const T* bias, int64_t channels, T* values, int64_t pixels) {
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t c = 0; c < channels; ++c) values[p * channels + c] += bias[c];
  }
}

class InputGradient32 : public PreparedOperation {
 public:
  InputGradient32(const ConvSpec& spec, Epilogue epilogue)
      : gradient_(spec), epilogue_(std::move(epilogue)), pixels_(spec.InputShape().NumElements() / spec.channels) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    auto* output = static_cast<float*>(outputs[0]);
    gradient_(static_cast<const float*>(inputs[0]), static_cast<const float*>(inputs[1]), output);
    if (inputs.size() == 2 && !epilogue_) return;
    const int64_t channels = gradient_.spec().channels;
    ParallelRanges(pixels_, kGrain / channels + 1, [&](int64_t begin, int64_t end) {
      float* values = output + begin * channels;
      if (inputs.size() > 2) AddBias(static_cast<const float*>(inputs[2]), channels, values, end - begin);
      if (epilogue_) epilogue_(values, (end - begin) * channels);
    });
  }

 private:
  ConvInputGradient gradient_;
  Epilogue epilogue_;
  int64_t pixels_;
};

class InputGradient64 : public PreparedOperation {
 public:
  explicit InputGradient64(const ConvSpec& spec) : spec_(spec) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    auto* output = static_cast<double*>(outputs[0]);
    reference::ConvInputGradient(spec_, static_cast<const double*>(inputs[0]), static_cast<const double*>(inputs[1]),
                                 output);
    if (inputs.size() == 2) return;
    AddBias(static_cast<const double*>(inputs[2]), spec_.channels, output,
            spec_.InputShape().NumElements() / spec_.channels);
  }

  std::string_view path() const override { return "reference"; }

 private:
  ConvSpec spec_;
};

class KernelGradient32 : public PreparedOperation {
 public:
  explicit KernelGradient32(const ConvSpec& spec) : gradient_(spec) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    gradient_(static_cast<const float*>(inputs[0]), static_cast<const float*>(inputs[1]),
              static_cast<float*>(outputs[0]), outputs.size() > 1 ? static_cast<float*>(outputs[1]) : nullptr);
  }

 private:
  ConvKernelGradient gradient_;
};

class KernelGradient64 : public PreparedOperation {
 public:
  explicit KernelGradient64(const ConvSpec& spec) : spec_(spec) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    reference::ConvKernelGradient(spec_, static_cast<const double*>(inputs[0]), static_cast<const double*>(inputs[1]),
                                  static_cast<double*>(outputs[0]),
                                  outputs.size() > 1 ? static_cast<double*>(outputs[1]) : nullptr);
  }

  std::string_view path() const override { return "reference"; }

 private:
  ConvSpec spec_;
};

bool TakesWinograd(const ConvSpec& spec, DType dtype, std::span<const Tensor* const> constants) {
  if (dtype != DType::kFloat32 || !AreConstant(constants.subspan(1)) || !WinogradConvolution::Pays(spec)) return false;
  // Sums of weights are among its own, and may be 9/4 of the largest.
  const auto is_small = [](float weight) { return std::abs(weight) <= std::numeric_limits<float>::max() / 4; };
  return std::ranges::all_of(constants[1]->view<float>().span(), is_small);
}

}  // namespace

std::unique_ptr<PreparedOperation> PrepareConv(const ConvSpec& spec, DType dtype,
                                               std::span<const Tensor* const> constants, Epilogue epilogue) {
  if (dtype == DType::kFloat64) return std::make_unique<Conv64>(spec);
  return std::make_unique<Conv32>(spec, constants, std::move(epilogue));
}

std::unique_ptr<PreparedOperation> PrepareFastConv(const ConvSpec& spec, DType dtype,
                                                   std::span<const Tensor* const> constants, Epilogue& epilogue) {
  if (!TakesWinograd(spec, dtype, constants)) return nullptr;
  return std::make_unique<FastConv32>(spec, constants, std::move(epilogue));
}

std::unique_ptr<PreparedOperation> PreparePooledConv(const ConvSpec& spec, DType dtype,
                                                     std::span<const Tensor* const> constants, Epilogue& epilogue,
                                                     const PoolSpec& pool) {
  if (dtype != DType::kFloat32 || !AreConstant(constants.subspan(1)) || !PooledConvolution::Takes(spec, pool) ||
      !PooledConvolution::Pays(spec, pool)) {
    return nullptr;
  }
  const auto pooled = [&](const auto& conv, std::string_view path) {
    epilogue = {};
    const auto rows = [conv](const float* input, int64_t begin, int64_t end, float* output) {
      conv->Rows(input, begin, end, output);
    };
    return std::make_unique<PooledConv32>(spec, rows, path, pool);
  };
  const float* const kernel = constants[1]->data();
  const float* const bias = BiasOf(constants);
  if (TakesWinograd(spec, dtype, constants)) {
    return pooled(std::make_shared<const WinogradConvolution>(spec, kernel, bias, epilogue), kWinograd);
  }
  const auto direct = std::make_shared<const Convolution>(spec, kernel, bias, epilogue);
  if (!direct->GivesRows()) return nullptr;
  return pooled(direct, Name(direct->path()));
}

std::unique_ptr<PreparedOperation> PrepareConvInputGradient(const ConvSpec& spec, DType dtype, Epilogue epilogue) {
  if (dtype == DType::kFloat64) return std::make_unique<InputGradient64>(spec);
  return std::make_unique<InputGradient32>(spec, std::move(epilogue));
}

std::unique_ptr<PreparedOperation> PrepareConvKernelGradient(const ConvSpec& spec, DType dtype) {
  if (dtype == DType::kFloat64) return std::make_unique<KernelGradient64>(spec);
  return std::make_unique<KernelGradient32>(spec);
}

}  // namespace convscope
