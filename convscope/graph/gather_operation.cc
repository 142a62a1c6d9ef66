#include "convscope/graph/gather_operation.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/axis_rule.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

int64_t IndexAt(const void* indices, DType dtype, int64_t i) {
  return dtype == DType::kInt64 ? static_cast<const int64_t*>(indices)[i] : static_cast<const int32_t*>(indices)[i];
}

int64_t Counted(int64_t index, int64_t length) {
  return index < 0 ? index + length : index;
}

// The places that `count` indices mean on an axis of `length`.
std::vector<int64_t> PlacesOfIndices(const void* indices, DType dtype, int64_t count, int64_t length) {
  std::vector<int64_t> places(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = IndexAt(indices, dtype, i);
    if (index < -length || index >= length) {
      throw Error({.where = "gather",
                   .rule = length == 0 ? std::string("an index picks from an axis that has elements")
                                       : Concat("an index is on the axis, ", -length, " to ", length - 1),
                   .received = Concat(index, " as index ", i)});
    }
    places[i] = Counted(index, length);
  }
  return places;
}

void CheckIndices(std::span<const TensorType> inputs) {
  CheckInputCount(inputs, 2, 2);
  if (inputs[1].dtype != DType::kInt32 && inputs[1].dtype != DType::kInt64) {
    throw Error({.rule = "indices, the second input, are int32 or int64", .received = inputs[1].ToString()});
  }
}

std::optional<Arithmetic> PickedElement(std::span<const Tensor* const> inputs, int64_t element, int64_t index) {
  if (inputs[0]->dtype() != DType::kFloat32 && inputs[0]->dtype() != DType::kFloat64) return std::nullopt;
  Arithmetic picked{.formula = "the element of the first input that the index names, unchanged",
                    .terms = {TermOf(inputs, 0, element)},
                    .window = Shape{1},
                    .numbers = {{"index", static_cast<double>(index)}},
                    .through = 0};
  picked.value = picked.terms[0].value;
  return picked;
}

// The data's shape with as many samples as there are now, when the axis is not that of the samples.
Shape DataShape(const Shape& data, int axis, int64_t samples) {
  std::vector<int64_t> lengths(data.lengths().begin(), data.lengths().end());
  if (axis > 0) lengths[0] = samples;
  return Shape(lengths);
}

// Data (outer, length, inner), output (outer, picked, inner), in elements.
struct GatherSizes {
  int64_t outer = 1, length = 1, inner = 1, picked = 1;
};

GatherSizes SizesOf(const Shape& data, const Shape& indices, int axis) {
  GatherSizes sizes{.length = data[axis], .picked = indices.NumElements()};
  for (int i = 0; i < data.rank(); ++i) {
    if (i != axis) (i < axis ? sizes.outer : sizes.inner) *= data[i];
  }
  return sizes;
}

// Inputs: the gradient of the output, and the indices.
class GatherGradient : public Operation {
 public:
  GatherGradient(int axis, const Shape& data) : axis_(axis), data_(data) {}

  std::string_view type() const override { return "GatherGradient"; }
  std::vector<Attribute> attributes() const override { return {{"axis", int64_t{axis_}}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckIndices(inputs);
    CheckFloating(inputs.first(1));
    return {{DataShape(data_, axis_, inputs[0].shape.rank() > 0 ? inputs[0].shape[0] : 1), inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const GatherSizes sizes = SizesOf(Infer(inputs)[0].shape, inputs[1].shape, axis_);
    return PreparedFrom([sizes, dtype = inputs[0].dtype, index_type = inputs[1].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const std::vector<int64_t> places = PlacesOfIndices(from[1], index_type, sizes.picked, sizes.length);
      dtype == DType::kFloat32 ? Scatter<float>(sizes, places, from[0], to[0])
                               : Scatter<double>(sizes, places, from[0], to[0]);
    });
  }

 private:
  // Each thread owns columns of the data, so that what is picked twice is summed in the order of the indices.
  template <typename T>
  static void Scatter(const GatherSizes& sizes, const std::vector<int64_t>& places, const void* from, void* to) {
    constexpr int64_t kColumns = 256;
    const int64_t strips = (sizes.inner + kColumns - 1) / kColumns;
    ParallelFor(sizes.outer * strips, [&](int64_t i) {
      const int64_t outer = i / strips, first = i % strips * kColumns;
      const int64_t count = std::min(kColumns, sizes.inner - first);
      T* data = static_cast<T*>(to) + outer * sizes.length * sizes.inner + first;
      const T* g = static_cast<const T*>(from) + outer * sizes.picked * sizes.inner + first;
      for (int64_t row = 0; row < sizes.length; ++row) std::fill_n(data + row * sizes.inner, count, T{0});
      for (int64_t k = 0; k < sizes.picked; ++k) {
        T* target = data + places[k] * sizes.inner;
        for (int64_t j = 0; j < count; ++j) target[j] += g[k * sizes.inner + j];
      }
    });
  }

  int axis_;
  Shape data_;
};

class GatherOperation : public Operation {
 public:
  explicit GatherOperation(const GatherOp& op) : op_(op) {}

  std::string_view type() const override { return "Gather"; }
  std::vector<Attribute> attributes() const override { return {{"axis", op_.axis}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckIndices(inputs);
    const Shape &data = inputs[0].shape, &indices = inputs[1].shape;
    const int axis = CheckedAxis(op_.axis, data);
    std::vector<int64_t> lengths(data.lengths().begin(), data.lengths().end());
    lengths.erase(lengths.begin() + axis);
    lengths.insert(lengths.begin() + axis, indices.lengths().begin(), indices.lengths().end());
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const GatherSizes sizes = SizesOf(inputs[0].shape, inputs[1].shape, Axis(inputs));
    return PreparedFrom([sizes, size = SizeInBytes(inputs[0].dtype), index_type = inputs[1].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const std::vector<int64_t> places = PlacesOfIndices(from[1], index_type, sizes.picked, sizes.length);
      const auto* data = static_cast<const std::byte*>(from[0]);
      auto* target = static_cast<std::byte*>(to[0]);
      const int64_t bytes = sizes.inner * static_cast<int64_t>(size);
      ParallelRanges(sizes.outer * sizes.picked, kGrain / std::max<int64_t>(sizes.inner, 1) + 1,
                     [&](int64_t begin, int64_t end) {
                       for (int64_t i = begin; i < end; ++i) {
                         const int64_t row = i / sizes.picked * sizes.length + places[i % sizes.picked];
                         std::memcpy(target + i * bytes, data + row * bytes, static_cast<size_t>(bytes));
                       }
                     });
    });
  }

  // Of the data, each element that an index might name.
  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const int axis = Axis(inputs), picked = inputs[1].shape.rank();
    InputReads data{.kind = InputReads::Kind::kAxes}, indices{.kind = InputReads::Kind::kAxes};
    for (int i = 0; i < inputs[0].shape.rank(); ++i) {
      data.axes.push_back(i == axis ? AxisReads::All(inputs[0].shape[i])
                                    : AxisReads::Same(i < axis ? i : i + picked - 1));
    }
    for (int i = 0; i < picked; ++i) indices.axes.push_back(AxisReads::Same(axis + i));
    return {std::move(data), std::move(indices)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Shape &data = inputs[0]->shape(), &indices = inputs[1]->shape();
    const GatherSizes sizes = SizesOf(data, indices, AxisOf(op_.axis, data.rank()));
    const int64_t column = element % sizes.inner, at = element / sizes.inner % sizes.picked;
    const int64_t outer = element / sizes.inner / sizes.picked;
    const int64_t index = IndexAt(inputs[1]->bytes(), inputs[1]->dtype(), at);
    const int64_t row = outer * sizes.length + Counted(index, sizes.length);
    return PickedElement(inputs, row * sizes.inner + column, index);
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    if (node.names[0].empty()) return {"", ""};
    const Shape data = node.builder.graph()[node.inputs[0]].type.shape;
    node.builder.Add(node.names[0], std::make_shared<GatherGradient>(AxisOf(op_.axis, data.rank()), data),
                     {node.output_gradients[0], node.inputs[1]});
    return {node.names[0], ""};
  }

 private:
  int Axis(std::span<const TensorType> inputs) const { return AxisOf(op_.axis, inputs[0].shape.rank()); }

  GatherOp op_;
};

// Calls body(place in the indices, place in the data) for the elements of `indices` whose outer place, on the axes
// before `axis`, is `outer`.
template <typename Body>
void ForElements(const Shape& data, const Shape& indices, int axis, int64_t outer, std::span<const int64_t> places,
                 const Body& body) {
  int64_t inner = 1, base = 0, stride = 1;
  for (int i = data.rank(); --i > axis;) stride *= data[i];  // of the axis, in the data
  int64_t above = stride * data[axis], rest = outer;
  for (int i = axis; i-- > 0; rest /= indices[i], above *= data[i]) base += rest % indices[i] * above;
  for (int i = axis + 1; i < indices.rank(); ++i) inner *= indices[i];
  const int64_t first = outer * indices[axis] * inner;
  for (int64_t column = 0; column < inner; ++column) {
    int64_t offset = base, below = 1, left = column;
    for (int i = indices.rank(); --i > axis; left /= indices[i], below *= data[i]) offset += left % indices[i] * below;
    for (int64_t k = 0; k < indices[axis]; ++k) {
      const int64_t element = first + k * inner + column;
      body(element, offset + places[element] * stride);
    }
  }
}

int64_t OuterPlaces(const Shape& indices, int axis) {
  int64_t outer = 1;
  for (int i = 0; i < axis; ++i) outer *= indices[i];
  return outer;
}

// Inputs: the gradient of the output, and the indices.
class GatherElementsGradient : public Operation {
 public:
  GatherElementsGradient(int axis, const Shape& data) : axis_(axis), data_(data) {}

  std::string_view type() const override { return "GatherElementsGradient"; }
  std::vector<Attribute> attributes() const override { return {{"axis", int64_t{axis_}}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckIndices(inputs);
    CheckFloating(inputs.first(1));
    return {{data_, inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([axis = axis_, data = data_, indices = inputs[1].shape, dtype = inputs[0].dtype,
                         index_type = inputs[1].dtype](std::span<const void* const> from, std::span<void* const> to) {
      const std::vector<int64_t> places = PlacesOfIndices(from[1], index_type, indices.NumElements(), data[axis]);
      const auto scatter = [&](auto zero) {
        using T = decltype(zero);
        T* target = static_cast<T*>(to[0]);
        std::fill_n(target, data.NumElements(), zero);
        // Elements of different outer places are different ones of the data.
        ParallelFor(OuterPlaces(indices, axis), [&](int64_t outer) {
          ForElements(data, indices, axis, outer, places, [&](int64_t element, int64_t picked) {
            target[picked] += static_cast<const T*>(from[0])[element];
          });
        });
      };
      dtype == DType::kFloat32 ? scatter(0.0f) : scatter(0.0);
    });
  }

 private:
  int axis_;
  Shape data_;
};

class GatherElementsOperation : public Operation {
 public:
  explicit GatherElementsOperation(const GatherElementsOp& op) : op_(op) {}

  std::string_view type() const override { return "GatherElements"; }
  std::vector<Attribute> attributes() const override { return {{"axis", op_.axis}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckIndices(inputs);
    const Shape &data = inputs[0].shape, &indices = inputs[1].shape;
    const int axis = CheckedAxis(op_.axis, data);
    bool fits = indices.rank() == data.rank();
    for (int i = 0; fits && i < data.rank(); ++i) fits = i == axis || indices[i] <= data[i];
    if (!fits) {
      throw Error({.rule = Concat("indices have the axes of the data, and are no longer but along axis ", axis),
                   .received = Concat(indices.ToString(), " for ", data.ToString())});
    }
    return {{indices, inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([axis = Axis(inputs), data = inputs[0].shape, indices = inputs[1].shape,
                         size = SizeInBytes(inputs[0].dtype),
                         index_type = inputs[1].dtype](std::span<const void* const> from, std::span<void* const> to) {
      const std::vector<int64_t> places = PlacesOfIndices(from[1], index_type, indices.NumElements(), data[axis]);
      const auto copy = [&](auto zero) {
        using T = decltype(zero);
        ParallelFor(OuterPlaces(indices, axis), [&](int64_t outer) {
          ForElements(data, indices, axis, outer, places, [&](int64_t element, int64_t picked) {
            static_cast<T*>(to[0])[element] = static_cast<const T*>(from[0])[picked];
          });
        });
      };
      size == 1 ? copy(uint8_t{}) : size == 4 ? copy(uint32_t{}) : copy(uint64_t{});
    });
  }

  // Of the data, each element that an index might name.
  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape &data = inputs[0].shape, &indices = inputs[1].shape;
    InputReads reads{.kind = InputReads::Kind::kAxes};
    for (int i = 0; i < data.rank(); ++i) {
      if (i == Axis(inputs)) {
        reads.axes.push_back(AxisReads::All(data[i]));
      } else if (data[i] == indices[i]) {
        reads.axes.push_back(AxisReads::Same(i));
      } else {
        std::vector<std::vector<int64_t>> lists;
        for (int64_t place = 0; place < indices[i]; ++place) lists.push_back({place});
        reads.axes.push_back(AxisReads::By(i, std::move(lists)));
      }
    }
    return {std::move(reads), {InputReads::Kind::kSameElements}};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Shape &data = inputs[0]->shape(), &indices = inputs[1]->shape();
    const int axis = AxisOf(op_.axis, data.rank());
    const int64_t index = IndexAt(inputs[1]->bytes(), inputs[1]->dtype(), element);
    std::vector<int64_t> at = PlacesOf(element, indices);
    at[axis] = Counted(index, data[axis]);
    int64_t picked = 0;
    for (int i = 0; i < data.rank(); ++i) picked = picked * data[i] + at[i];
    return PickedElement(inputs, picked, index);
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    if (node.names[0].empty()) return {"", ""};
    const Shape data = node.builder.graph()[node.inputs[0]].type.shape;
    node.builder.Add(node.names[0], std::make_shared<GatherElementsGradient>(AxisOf(op_.axis, data.rank()), data),
                     {node.output_gradients[0], node.inputs[1]});
    return {node.names[0], ""};
  }

 private:
  int Axis(std::span<const TensorType> inputs) const { return AxisOf(op_.axis, inputs[0].shape.rank()); }

  GatherElementsOp op_;
};

}  // namespace

GatherOp::operator OperationPtr() const {
  return std::make_shared<GatherOperation>(*this);
}

GatherElementsOp::operator OperationPtr() const {
  return std::make_shared<GatherElementsOperation>(*this);
}

}  // namespace convscope
