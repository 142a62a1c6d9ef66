#include "convscope/graph/reads.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace convscope {
namespace {

// One axis of `mask`, (outer, old length, inner), exchanged for that of the input.
ElementMask AlongAxis(const ElementMask& mask, const AxisReads& reads, int64_t outer, int64_t old_length, int64_t inner,
                      int64_t new_length) {
  ElementMask result(static_cast<size_t>(outer * new_length * inner));
  ElementMask of_lists(reads.lists.size() * static_cast<size_t>(inner));
  const auto add = [inner](const uint8_t* from, uint8_t* to) {
    for (int64_t i = 0; i < inner; ++i) to[i] |= from[i];
  };
  for (int64_t block = 0; block < outer; ++block) {
    const uint8_t* from = mask.data() + block * old_length * inner;
    uint8_t* to = result.data() + block * new_length * inner;
    std::fill(of_lists.begin(), of_lists.end(), 0);
    for (int64_t place = 0; place < old_length; ++place) {
      const int64_t list = reads.output_axis < 0 ? 0 : reads.list_of.empty() ? place : reads.list_of[place];
      add(from + place * inner, of_lists.data() + list * inner);
    }
    for (size_t list = 0; list < reads.lists.size(); ++list) {
      const uint8_t* of_list = of_lists.data() + list * static_cast<size_t>(inner);
      if (std::all_of(of_list, of_list + inner, [](uint8_t one) { return one == 0; })) continue;
      for (const int64_t place : reads.lists[list]) add(of_list, to + place * inner);
    }
  }
  return result;
}

int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

int64_t PlaceRun::First(int64_t output_place) const {
  return FloorDivide(step * output_place + first, per);
}

int64_t PlaceRun::Last(int64_t output_place) const {
  return FloorDivide(step * output_place + last, per);
}

AxisReads AxisReads::All(int64_t length) {
  AxisReads reads{.lists = {std::vector<int64_t>(static_cast<size_t>(length))}};
  std::iota(reads.lists[0].begin(), reads.lists[0].end(), 0);
  return reads;
}

AxisReads AxisReads::Groups(int output_axis, int64_t outputs, int64_t inputs, int64_t groups) {
  AxisReads reads{.output_axis = output_axis, .lists = std::vector<std::vector<int64_t>>(groups)};
  const int64_t share = inputs / groups;
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t i = 0; i < share; ++i) reads.lists[g].push_back(g * share + i);
  }
  for (int64_t o = 0; o < outputs; ++o) reads.list_of.push_back(static_cast<int32_t>(o / (outputs / groups)));
  return reads;
}

std::span<const int64_t> AxisReads::Places(int64_t output_place, int64_t& buffer) const {
  if (same) {
    buffer = output_place;
    return {&buffer, 1};
  }
  if (output_axis < 0) return lists[0];
  return lists[list_of.empty() ? output_place : list_of[output_place]];
}

InputReads BroadcastReads(const Shape& input, const Shape& output) {
  if (input == output) return {InputReads::Kind::kSameElements};
  InputReads reads{.kind = InputReads::Kind::kAxes};
  for (int axis = 0; axis < input.rank(); ++axis) {
    reads.axes.push_back(input[axis] == 1 ? AxisReads::All(1) : AxisReads::Same(axis + output.rank() - input.rank()));
  }
  return reads;
}

std::vector<int64_t> ElementsRead(const InputReads& reads, const Shape& input, const Shape& output, int64_t element) {
  std::vector<int64_t> elements;
  switch (reads.kind) {
    case InputReads::Kind::kNothing:
      return {};
    case InputReads::Kind::kSameElements:
      return {element};
    case InputReads::Kind::kEverything:
      elements.resize(static_cast<size_t>(input.NumElements()));
      std::iota(elements.begin(), elements.end(), 0);
      return elements;
    case InputReads::Kind::kAxes:
      break;
  }
  std::vector<int64_t> places(output.rank());
  for (int axis = output.rank(); axis-- > 0; element /= output[axis]) places[axis] = element % output[axis];
  elements = {0};
  for (int axis = 0; axis < input.rank(); ++axis) {
    const AxisReads& of_axis = reads.axes[axis];
    int64_t buffer = 0;
    const auto here = of_axis.Places(of_axis.output_axis < 0 ? 0 : places[of_axis.output_axis], buffer);
    std::vector<int64_t> further;
    for (const int64_t so_far : elements) {
      for (const int64_t place : here) further.push_back(so_far * input[axis] + place);
    }
    elements = std::move(further);
  }
  return elements;
}

void AddElementsRead(const InputReads& reads, const Shape& input, const Shape& output, const ElementMask& wanted,
                     ElementMask& read) {
  if (reads.kind == InputReads::Kind::kNothing) return;
  if (reads.kind == InputReads::Kind::kSameElements) {
    for (size_t i = 0; i < read.size(); ++i) read[i] |= wanted[i];
    return;
  }
  if (std::all_of(wanted.begin(), wanted.end(), [](uint8_t one) { return one == 0; })) return;
  if (reads.kind == InputReads::Kind::kEverything) {
    std::fill(read.begin(), read.end(), 1);
    return;
  }
  // Axis by axis, the last one first: what depends on a product of lists depends on one list after the other.
  std::vector<int64_t> lengths(output.lengths().begin(), output.lengths().end());
  std::vector<int> input_axis(lengths.size(), -1);  // that is made of each output axis
  for (int axis = 0; axis < input.rank(); ++axis) {
    if (reads.axes[axis].output_axis >= 0) input_axis[reads.axes[axis].output_axis] = axis;
  }
  ElementMask mask = wanted;
  const AxisReads gone{.lists = {{0}}};
  for (size_t axis = lengths.size(); axis-- > 0;) {
    const int to = input_axis[axis];
    const AxisReads& of_axis = to < 0 ? gone : reads.axes[to];
    if (of_axis.same) continue;
    int64_t outer = 1, inner = 1;
    for (size_t i = 0; i < axis; ++i) outer *= lengths[i];
    for (size_t i = axis + 1; i < lengths.size(); ++i) inner *= lengths[i];
    const int64_t new_length = to < 0 ? 1 : input[to];
    mask = AlongAxis(mask, of_axis, outer, lengths[axis], inner, new_length);
    lengths[axis] = new_length;
  }
  // The input's axes in their order; along one that no axis of the output decides, all its list.
  std::vector<int64_t> strides(lengths.size(), 1);
  for (size_t axis = lengths.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * lengths[axis];
  std::vector<ElementMask> held(input.rank());
  std::vector<int64_t> steps(input.rank());
  for (int axis = 0; axis < input.rank(); ++axis) {
    const AxisReads& of_axis = reads.axes[axis];
    if (of_axis.output_axis >= 0) {
      steps[axis] = strides[of_axis.output_axis];
      continue;
    }
    held[axis].resize(static_cast<size_t>(input[axis]));
    for (const int64_t place : of_axis.lists[0]) held[axis][place] = 1;
  }
  std::vector<int64_t> places(input.rank());
  for (uint8_t& one : read) {
    int64_t from = 0;
    bool inside = true;
    for (int axis = 0; axis < input.rank(); ++axis) {
      from += places[axis] * steps[axis];
      inside = inside && (held[axis].empty() || held[axis][places[axis]] != 0);
    }
    if (inside) one |= mask[from];
    for (int axis = input.rank(); axis-- > 0;) {
      if (++places[axis] < input[axis]) break;
      places[axis] = 0;
    }
  }
}

}  // namespace convscope
