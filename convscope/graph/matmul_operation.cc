#include "convscope/graph/matmul_operation.h"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/graph/internal/product_sum.h"
#include "convscope/graph/prepared_conv.h"

namespace convscope {
namespace {

// A product of (rows, depth) and (depth, columns), over batches that each of the three tensors may share.
struct Product {
  Product(const Shape& a, const Shape& b)
      : a_batch(BatchOf(a)),
        b_batch(BatchOf(b)),
        batch(BroadcastShape(std::vector<Shape>{a_batch, b_batch})),
        rows(a.rank() < 2 ? 1 : a.back(1)),
        depth(a.back()),
        columns(b.rank() < 2 ? 1 : b.back()) {
    // One b for all of a: a product of more rows.
    together = b_batch.NumElements() == 1;
  }

  static Shape BatchOf(const Shape& shape) {
    return shape.rank() < 2 ? Shape{} : Shape(shape.lengths().first(static_cast<size_t>(shape.rank() - 2)));
  }
  static Shape With(const Shape& batch, std::initializer_list<int64_t> last) {
    std::vector<int64_t> lengths(batch.lengths().begin(), batch.lengths().end());
    lengths.insert(lengths.end(), last);
    return Shape(lengths);
  }

  // A product of matrices is a convolution of pictures of one pixel each, with a kernel of one.
  ConvSpec Spec() const {
    return {.rank = 1,
            .axes = {},
            .batch = together ? a_batch.NumElements() * rows : rows,
            .channels = depth,
            .filters = columns};
  }
  int64_t batches() const { return together ? 1 : batch.NumElements(); }

  // Where the matrix of each batch begins, in elements, in a tensor of these batches and matrices of so many elements.
  std::vector<int64_t> Offsets(const Shape& of, int64_t matrix) const {
    if (together) return {0};
    const Broadcast broadcast(std::vector<Shape>{of, batch});
    std::vector<int64_t> offsets;
    broadcast.ForRuns(0, broadcast.size(), [&](int64_t, const int64_t* first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) offsets.push_back((first[0] + i * broadcast.step(0)) * matrix);
    });
    return offsets;
  }

  Shape a_batch, b_batch, batch;
  int64_t rows, depth, columns;
  bool together;
};

// One product after the other, each on all cores.
class PreparedProducts : public PreparedOperation {
 public:
  PreparedProducts(std::unique_ptr<PreparedOperation> one, DType dtype, std::vector<std::vector<int64_t>> inputs,
                   std::vector<int64_t> output)
      : one_(std::move(one)),
        size_(static_cast<int64_t>(SizeInBytes(dtype))),
        inputs_(std::move(inputs)),
        output_(std::move(output)) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    std::vector<const void*> from(inputs_.size());
    for (size_t i = 0; i < output_.size(); ++i) {
      for (size_t k = 0; k < from.size(); ++k) {
        from[k] = static_cast<const std::byte*>(inputs[k]) + inputs_[k][i] * size_;
      }
      void* to = static_cast<std::byte*>(outputs[0]) + output_[i] * size_;
      (*one_)(from, {&to, 1});
    }
  }

  std::string_view path() const override { return one_->path(); }

 private:
  std::unique_ptr<PreparedOperation> one_;
  int64_t size_;
  std::vector<std::vector<int64_t>> inputs_;  // of each input, where each matrix begins, in elements
  std::vector<int64_t> output_;
};

// Inputs the gradient of the product (..., M, N), a and b, with their own shapes; output the gradient of one of them as
// it is repeated to all batches: (batches..., M, K) or (batches..., K, N). Where b is one for all, its own shape.
class MatMulGradientOperation : public Operation {
 public:
  explicit MatMulGradientOperation(int side) : side_(side) {}

  std::string_view type() const override { return "MatMulGradient"; }
  std::vector<Attribute> attributes() const override { return {{"side", int64_t{side_}}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 3, 3);
    CheckFloating(inputs);
    const Product product(inputs[1].shape, inputs[2].shape);
    if (product.together) return {{inputs[1 + static_cast<size_t>(side_)].shape, inputs[0].dtype}};
    const Shape whole = side_ == 0 ? Product::With(product.batch, {product.rows, product.depth})
                                   : Product::With(product.batch, {product.depth, product.columns});
    return {{whole, inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override {
    const Product product(inputs[1].shape, inputs[2].shape);
    return product.Spec().MultiplyAdds() * product.batches();
  }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Product product(inputs[1].shape, inputs[2].shape);
    const ConvSpec spec = product.Spec();
    const DType dtype = inputs[0].dtype;
    const std::vector<int64_t> dy = product.Offsets(product.batch, product.rows * product.columns);
    if (side_ == 0) {
      return WithInputs({0, 2}, std::make_unique<PreparedProducts>(
                                    PrepareConvInputGradient(spec, dtype), dtype,
                                    std::vector<std::vector<int64_t>>{
                                        dy, product.Offsets(product.b_batch, product.depth * product.columns)},
                                    product.Offsets(product.batch, product.rows * product.depth)));
    }
    return WithInputs({1, 0}, std::make_unique<PreparedProducts>(
                                  PrepareConvKernelGradient(spec, dtype), dtype,
                                  std::vector<std::vector<int64_t>>{
                                      product.Offsets(product.a_batch, product.rows * product.depth), dy},
                                  product.Offsets(product.batch, product.depth * product.columns)));
  }

 private:
  // `products` called with these of the inputs.
  static std::unique_ptr<PreparedOperation> WithInputs(std::array<size_t, 2> read,
                                                       std::unique_ptr<PreparedProducts> products) {
    const std::shared_ptr<PreparedProducts> shared = std::move(products);
    return PreparedFrom([read, shared](std::span<const void* const> from, std::span<void* const> to) {
      const void* const inputs[] = {from[read[0]], from[read[1]]};
      (*shared)(inputs, to);
    });
  }

  int side_;
};

class MatMulOperation : public Operation {
 public:
  std::string_view type() const override { return "MatMul"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    const Shape &a = inputs[0].shape, &b = inputs[1].shape;
    for (const TensorType& input : inputs) {
      if (input.shape.rank() > 0 && input.shape.NumElements() > 0) continue;
      throw Error({.rule = "a matrix has rows and columns, none of length 0", .received = input.ToString()});
    }
    const int64_t depth = b.rank() < 2 ? b.back() : b.back(1);
    if (a.back() != depth) {
      throw Error({.rule = "the first input has as many columns as the second has rows",
                   .received = Concat(a.ToString(), " and ", b.ToString())});
    }
    const Product product(a, b);
    std::vector<int64_t> lengths(product.batch.lengths().begin(), product.batch.lengths().end());
    if (a.rank() > 1) lengths.push_back(product.rows);
    if (b.rank() > 1) lengths.push_back(product.columns);
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override {
    const Product product(inputs[0].shape, inputs[1].shape);
    return product.Spec().MultiplyAdds() * product.batches();
  }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs,
                                             std::span<const Tensor* const> constants,
                                             Epilogue epilogue) const override {
    const Product product(inputs[0].shape, inputs[1].shape);
    const DType dtype = inputs[0].dtype;
    if (product.together) return PrepareConv(product.Spec(), dtype, constants, std::move(epilogue));
    const Tensor* const changing[] = {nullptr, nullptr};  // another matrix for each batch
    return std::make_unique<PreparedProducts>(
        PrepareConv(product.Spec(), dtype, changing, std::move(epilogue)), dtype,
        std::vector<std::vector<int64_t>>{product.Offsets(product.a_batch, product.rows * product.depth),
                                          product.Offsets(product.b_batch, product.depth * product.columns)},
        product.Offsets(product.batch, product.rows * product.columns));
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape output = Infer(inputs)[0].shape;
    const int batch = Product(inputs[0].shape, inputs[1].shape).batch.rank();
    const int last[] = {batch, output.rank() - 1};  // the output's axis of rows, that of columns
    std::vector<InputReads> reads;
    for (const size_t k : {0, 1}) {
      const Shape& shape = inputs[k].shape;
      InputReads of{.kind = InputReads::Kind::kAxes};
      for (int axis = 0; axis + 2 < shape.rank(); ++axis) {
        const int output_axis = axis + batch - (shape.rank() - 2);
        of.axes.push_back(shape[axis] == 1 ? AxisReads::All(1) : AxisReads::Same(output_axis));
      }
      if (k == 0 && shape.rank() > 1) of.axes.push_back(AxisReads::Same(last[0]));
      of.axes.push_back(AxisReads::All(k == 0 || shape.rank() < 2 ? shape.back() : shape.back(1)));
      if (k == 1 && shape.rank() > 1) of.axes.push_back(AxisReads::Same(last[1]));
      reads.push_back(std::move(of));
    }
    return reads;
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    std::vector<TensorType> types;
    for (const Tensor* input : inputs) types.push_back({input->shape(), input->dtype()});
    const Shape output = Infer(types)[0].shape;
    const std::vector<InputReads> reads = Reads(types);
    const std::vector<int64_t> row = ElementsRead(reads[0], types[0].shape, output, element);
    const std::vector<int64_t> column = ElementsRead(reads[1], types[1].shape, output, element);
    Arithmetic sum{.formula = "sum of a row of the first x a column of the second",
                   .window = Shape{static_cast<int64_t>(row.size())}};
    for (size_t i = 0; i < row.size(); ++i) sum.terms.push_back(TermOf(inputs, 0, row[i], 1, column[i]));
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  // A row of the product is a pixel; without columns there are none.
  bool TakesEpilogue(std::span<const TensorType> inputs) const override {
    return inputs[0].dtype == DType::kFloat32 && inputs[1].shape.rank() > 1;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> gradients(2);
    const auto shape = [&](size_t i) { return node.builder.graph()[node.inputs[i]].type.shape; };
    for (const size_t i : {0, 1}) {
      const std::string& name = node.names[i];
      if (name.empty()) continue;
      const OperationPtr back = std::make_shared<MatMulGradientOperation>(static_cast<int>(i));
      const std::vector<std::string> inputs = {node.output_gradients[0], node.inputs[0], node.inputs[1]};
      const Product product(shape(0), shape(1));
      const bool repeated = !product.together && (i == 0 ? product.a_batch : product.b_batch) != product.batch;
      const std::string whole = repeated ? name + "/repeated" : name;
      node.builder.Add(whole, back, inputs);
      if (repeated) node.builder.Add(name, ProductSum(shape(i)), {whole});
      gradients[i] = name;
    }
    return gradients;
  }
};

}  // namespace

MatMulOp::operator OperationPtr() const {
  return std::make_shared<MatMulOperation>();
}

}  // namespace convscope
