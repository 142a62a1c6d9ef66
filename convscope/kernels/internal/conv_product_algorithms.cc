// Products of matrices as algorithms of convolution and of its gradient to the input.
#include <utility>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/conv_algorithm.h"
#include "convscope/kernels/internal/conv_gradient_algorithm.h"
#include "convscope/kernels/internal/conv_product.h"

namespace convscope::internal {
namespace {

class ProductConvolution : public ConvAlgorithm {
 public:
  explicit ProductConvolution(ConvProblem problem)
      : problem_(std::move(problem)),
        shape_(*AsProduct(problem_.spec)),
        product_(shape_.pixels, shape_.channels, shape_.filters, false) {
    product_.SetLimits(problem_.epilogue.limits);
    if (problem_.trains) return;
    product_.SetWeights(problem_.kernel.data());
    product_.SetBias(problem_.bias.data());
    problem_.kernel = {};  // packed by now
  }

  ConvPath path() const override { return ConvPath::kTile; }

  void SetWeights(const float* kernel, const float* bias) override {
    kernel_ = kernel;  // read in place
    product_.SetBias(bias);
  }

  void Run(const float* input, float* output) const override {
    product_(input, kernel_, output);
    if (!problem_.epilogue.then) return;
    ParallelRanges(shape_.pixels, 1, [&](int64_t begin, int64_t end) {
      problem_.epilogue.then(output + begin * shape_.filters, (end - begin) * shape_.filters);
    });
  }

 private:
  ConvProblem problem_;
  ProductShape shape_;
  MatrixProduct product_;
  const float* kernel_ = nullptr;
};

class ProductInputGradient : public InputGradientAlgorithm {
 public:
  explicit ProductInputGradient(const ProductShape& shape)
      : product_(shape.pixels, shape.filters, shape.channels, true) {}
  void Run(const float* dy, const float* kernel, float* dx) override { product_(dy, kernel, dx); }

 private:
  MatrixProduct product_;
};

class FewRowsInputGradient : public InputGradientAlgorithm {
 public:
  explicit FewRowsInputGradient(const ProductShape& shape) : product_(shape.pixels, shape.filters, shape.channels) {}
  void Run(const float* dy, const float* kernel, float* dx) override { product_(dy, kernel, dx); }

 private:
  FewRowsProduct product_;
};

}  // namespace

std::unique_ptr<ConvAlgorithm> MakeProductConvolution(ConvProblem problem) {
  return std::make_unique<ProductConvolution>(std::move(problem));
}

std::unique_ptr<InputGradientAlgorithm> MakeProductInputGradient(const ConvSpec& spec) {
  const ProductShape shape = *AsProduct(spec);
  // What has to be turned over: dY and dX, or the kernel.
  const int64_t values = shape.pixels * (shape.channels + shape.filters), weights = shape.channels * shape.filters;
  if (values < weights) return std::make_unique<FewRowsInputGradient>(shape);
  return std::make_unique<ProductInputGradient>(shape);
}

}  // namespace convscope::internal
