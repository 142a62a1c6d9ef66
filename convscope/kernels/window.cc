#include "convscope/kernels/window.h"

#include <algorithm>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// Larger values are mistakes, and keep every product below far from overflow.
constexpr int64_t kMost = int64_t{1} << 31;

void CheckRange(const char* name, int64_t value, int64_t least) {
  if (value < least || value > kMost) {
    throw Error({.rule = Concat(name, " must be from ", least, " to 2^31"), .received = std::to_string(value)});
  }
}

}  // namespace

std::string_view Name(PadMode mode) {
  switch (mode) {
    case PadMode::kZero:
      return "zero";
    case PadMode::kEdge:
      return "edge";
    case PadMode::kReflect:
      return "reflect";
    case PadMode::kWrap:
      return "wrap";
  }
  return "";
}

PadMode ParsePadMode(std::string_view name, std::string_view where) {
  for (const PadMode mode : {PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
    if (Name(mode) == name) return mode;
  }
  throw Error({.where = std::string(where),
               .rule = "the padding mode is zero, edge, reflect or wrap",
               .received = Concat('"', name, '"')});
}

Shape SpatialShape(std::initializer_list<int64_t> before, const std::array<int64_t, 3>& lengths, int rank,
                   std::initializer_list<int64_t> after) {
  std::vector<int64_t> all(before);
  all.insert(all.end(), lengths.end() - rank, lengths.end());
  all.insert(all.end(), after);
  return Shape(all);
}

std::string Text(const Padding& padding) {
  switch (padding.kind) {
    case Padding::Kind::kValid:
      return "valid";
    case Padding::Kind::kSame:
      return "same";
    case Padding::Kind::kExplicit:
      return Concat(padding.before, ":", padding.after);
  }
  return "";
}

int64_t WindowAxis::out() const {
  const int64_t room = in + pad_before + pad_after - extent();
  if (!ceil_mode) return room / stride + 1;
  int64_t windows = (room + stride - 1) / stride + 1;
  if ((windows - 1) * stride >= in + pad_before) --windows;
  return windows;
}

WindowAxis MakeWindowAxis(int64_t in, int64_t size, int64_t stride, int64_t dilation, Padding padding, PadMode mode,
                          bool ceil_mode) {
  WindowAxis axis{.in = in, .size = size, .stride = stride, .dilation = dilation, .ceil_mode = ceil_mode};
  CheckRange("the input's length", in, 1);
  CheckRange("the window's size", size, 1);
  CheckRange("stride", stride, 1);
  CheckRange("dilation", dilation, 1);
  if (padding.kind == Padding::Kind::kExplicit) {
    axis.pad_before = padding.before;
    axis.pad_after = padding.after;
  } else if (padding.kind == Padding::Kind::kSame) {
    const int64_t out = (in + stride - 1) / stride;
    const int64_t total = std::max<int64_t>(0, axis.extent() + (out - 1) * stride - in);
    axis.pad_before = total / 2;
    axis.pad_after = total - total / 2;
  }
  Check(axis, mode);
  return axis;
}

void Check(const WindowAxis& axis, PadMode mode) {
  CheckRange("the input's length", axis.in, 1);
  CheckRange("the window's size", axis.size, 1);
  CheckRange("stride", axis.stride, 1);
  CheckRange("dilation", axis.dilation, 1);
  CheckRange("padding", axis.pad_before, 0);
  CheckRange("padding", axis.pad_after, 0);
  const int64_t padded = axis.in + axis.pad_before + axis.pad_after;
  if (axis.extent() > padded) {
    throw Error(
        {.rule = Concat("the window, ", axis.extent(), " long with its dilation, must fit into the padded input"),
         .received = Concat("an input of ", axis.in, " padded to ", padded),
         .fix = "use a smaller kernel or dilation, or more padding"});
  }
  const int64_t widest = std::max(axis.pad_before, axis.pad_after);
  const int64_t reach = mode == PadMode::kReflect ? axis.in - 1 : axis.in;
  if ((mode == PadMode::kReflect || mode == PadMode::kWrap) && widest > reach) {
    throw Error({.rule = Concat(Name(mode), " padding of an input of ", axis.in, " reaches at most ", reach),
                 .received = std::to_string(widest),
                 .fix = "use less padding, or the mode edge or zero"});
  }
}

}  // namespace convscope
