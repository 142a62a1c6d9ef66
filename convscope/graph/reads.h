// Which elements of an input an element of a node's output is computed from: structure alone, whatever the numbers
// are. It is the product of lists, one an axis: of window places along rows and columns, of a group's channels.
//
// Not here: how much each of them counts; that is arithmetic.h.
#ifndef CONVSCOPE_GRAPH_READS_H_
#define CONVSCOPE_GRAPH_READS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope {

// The places of an axis that output place o would read if the axis had no ends: from floor((step o + first) / per) to
// floor((step o + last) / per), none where that is less. Some of them may lie in padding.
struct PlaceRun {
  int64_t step = 1, per = 1;
  int64_t first = 0, last = 0;
  // A window of a convolution, a pool, an enlargement; else the same places under other numbers (padding, cropping).
  bool window = false;

  static PlaceRun Shifted(int64_t by) { return {.first = by, .last = by}; }
  int64_t First(int64_t output_place) const;
  int64_t Last(int64_t output_place) const;
};

// Along one axis of an input: the places that an output element depends on, by its own place on one axis of the output.
struct AxisReads {
  int output_axis = -1;  // below 0: it depends on none, and `lists` has one list for all
  bool same = false;     // the same place; `lists` is empty
  std::vector<std::vector<int64_t>> lists;
  std::vector<int32_t> list_of;  // of each output place; empty: place i has list i
  // By which rule the lists were made, where there is one: what they are beyond the ends of the axis.
  std::optional<PlaceRun> run;

  static AxisReads Same(int output_axis) { return {.output_axis = output_axis, .same = true}; }
  static AxisReads All(int64_t length);  // all places, whatever the output's
  static AxisReads By(int output_axis, std::vector<std::vector<int64_t>> lists,
                      std::optional<PlaceRun> run = std::nullopt) {
    return {.output_axis = output_axis, .lists = std::move(lists), .run = run};
  }
  // Place o of `outputs` reads the run of `inputs` places that its share of them is: groups of channels.
  static AxisReads Groups(int output_axis, int64_t outputs, int64_t inputs, int64_t groups);

  // Of an output place. `buffer` is used where there is no list in memory.
  std::span<const int64_t> Places(int64_t output_place, int64_t& buffer) const;
};

struct InputReads {
  enum class Kind : uint8_t {
    kEverything,    // each element depends on all of the input, as far as is known
    kNothing,       // none depends on it
    kSameElements,  // element i on element i, in the order of memory
    kAxes,          // by axis
  };
  Kind kind = Kind::kEverything;
  std::vector<AxisReads> axes = {};  // one an axis of the input; no two of one output axis
};

// Element by element, the input repeated to the output's shape as NumPy does.
InputReads BroadcastReads(const Shape& input, const Shape& output);

// The elements of the input that element `element` of the output depends on, in the order of memory as the lists have
// them.
std::vector<int64_t> ElementsRead(const InputReads& reads, const Shape& input, const Shape& output, int64_t element);

// Which elements of a tensor are meant, 1 or 0 each.
using ElementMask = std::vector<uint8_t>;

// Adds to `read` (one an element of the input) what the elements of the output that `wanted` holds depend on.
void AddElementsRead(const InputReads& reads, const Shape& input, const Shape& output, const ElementMask& wanted,
                     ElementMask& read);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_READS_H_
