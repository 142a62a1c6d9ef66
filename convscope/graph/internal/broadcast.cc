#include "convscope/graph/internal/broadcast.h"

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

Shape BroadcastShape(std::span<const Shape> shapes) {
  int rank = 0;
  for (const Shape& shape : shapes) rank = std::max(rank, shape.rank());
  std::vector<int64_t> lengths(rank, 1);
  for (const Shape& shape : shapes) {
    for (int i = 0; i < shape.rank(); ++i) {
      int64_t& length = lengths[rank - 1 - i];
      if (shape.back(i) == 1 || shape.back(i) == length) continue;
      if (length != 1) {
        std::string received;
        for (const Shape& each : shapes) received += (received.empty() ? "" : " and ") + each.ToString();
        throw Error({.rule = "lengths of an axis, counted from the last one, are equal or 1", .received = received});
      }
      length = shape.back(i);
    }
  }
  return Shape(lengths);
}

Shape BroadcastShape(std::span<const TensorType> inputs) {
  return BroadcastShape(ShapesOf(inputs));
}

std::vector<Shape> ShapesOf(std::span<const TensorType> inputs) {
  std::vector<Shape> shapes;
  for (const TensorType& input : inputs) shapes.push_back(input.shape);
  return shapes;
}

std::vector<Shape> ShapesOf(std::span<const Tensor* const> inputs) {
  std::vector<Shape> shapes;
  for (const Tensor* input : inputs) shapes.push_back(input->shape());
  return shapes;
}

std::vector<InputReads> BroadcastReadsOf(std::span<const TensorType> inputs) {
  const Shape output = BroadcastShape(inputs);
  std::vector<InputReads> reads;
  for (const TensorType& input : inputs) reads.push_back(BroadcastReads(input.shape, output));
  return reads;
}

int64_t BroadcastElement(std::span<const Shape> shapes, size_t k, int64_t element) {
  const Shape output = BroadcastShape(shapes);
  return ElementsRead(BroadcastReads(shapes[k], output), shapes[k], output, element)[0];
}

Broadcast::Broadcast(std::span<const Shape> operands) : strides_(operands.size()), steps_(operands.size()) {
  const Shape common = BroadcastShape(operands);
  size_ = common.NumElements();
  // From the last axis on. An axis goes on with the one after it where every operand does: a tensor moves through both
  // as through one, a repeated one stays in both.
  std::vector<int64_t> elements(operands.size(), 1);  // of each operand below this axis
  std::vector<int64_t> lengths;
  std::vector<std::vector<int64_t>> strides(operands.size());  // last axis first
  for (int i = 0; i < common.rank(); ++i) {
    const int64_t length = common.back(i);
    if (length == 1) continue;
    bool goes_on = !lengths.empty();
    std::vector<int64_t> here;
    for (size_t k = 0; k < operands.size(); ++k) {
      const bool moves = i < operands[k].rank() && operands[k].back(i) != 1;
      here.push_back(moves ? elements[k] : 0);
      if (moves) elements[k] *= length;
      goes_on = goes_on && here[k] == strides[k].back() * lengths.back();
    }
    if (goes_on) {
      lengths.back() *= length;
    } else {
      lengths.push_back(length);
      for (size_t k = 0; k < operands.size(); ++k) strides[k].push_back(here[k]);
    }
  }
  if (lengths.empty()) return;
  run_ = lengths[0];
  lengths_.assign(lengths.rbegin(), lengths.rend() - 1);
  for (size_t k = 0; k < operands.size(); ++k) {
    steps_[k] = strides[k][0];
    strides_[k].assign(strides[k].rbegin(), strides[k].rend() - 1);
  }
}

}  // namespace convscope
