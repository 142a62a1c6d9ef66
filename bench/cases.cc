#include "cases.h"

#include "convscope/base/text.h"

namespace convscope::bench {
namespace {

constexpr int64_t kRows = 3000, kColumns = 4000;  // 12 megapixels

struct Sizes {
  int64_t rows, columns, channels, filters, groups, kernel;
  int64_t stride = 1;
  Padding padding = Padding::Valid();
};

ConvSpec Spec(const Sizes& s) {
  ConvSpec spec{.channels = s.channels, .filters = s.filters, .groups = s.groups};
  spec.axes[1] = MakeWindowAxis(s.rows, s.kernel, s.stride, 1, s.padding, spec.pad_mode);
  spec.axes[2] = MakeWindowAxis(s.columns, s.kernel, s.stride, 1, s.padding, spec.pad_mode);
  return spec;
}

// A photograph and one kernel, each channel alone; OpenCV's filter2D is the peer.
Case Filter(const std::string& name, int64_t channels, int64_t kernel, bool separable = false) {
  return {.name = Concat(name, " 12 MP ", kernel, "x", kernel, separable ? " separable" : ""),
          .spec = Spec({kRows, kColumns, channels, channels, channels, kernel}),
          .bound = kernel == 3 ? Bound::kMemory : Bound::kArithmetic,
          .separable = separable,
          .peer = Concat("filter2D ", kRows, " ", kColumns, " ", channels, " ", kernel, " ", separable ? 1 : 0)};
}

// A layer; PyTorch's conv2d is the peer. Square pictures are named by one side.
Case Layer(const std::string& name, const Sizes& s) {
  const ConvSpec spec = Spec(s);
  return {.name = name,
          .spec = spec,
          .peer = Concat("conv2d ", s.rows, " ", s.columns, " ", s.channels, " ", s.filters, " ", s.groups, " ",
                         s.kernel, " ", s.stride, " ", spec.rows().pad_before)};
}

}  // namespace

std::vector<Case> Cases() {
  const Padding same = Padding::Same();
  return {
      Filter("grey", 1, 3),
      Filter("RGB", 3, 3),
      Filter("grey", 1, 5),
      Filter("grey", 1, 7),
      Filter("grey", 1, 11),
      Filter("grey", 1, 15),
      Filter("grey", 1, 5, true),
      Filter("grey", 1, 15, true),
      Layer("64->64 3x3 on 56x56", {56, 56, 64, 64, 1, 3, 1, same}),
      Layer("64->64 3x3 on 13x13", {13, 13, 64, 64, 1, 3, 1, same}),
      Layer("512->512 3x3 on 7x7", {7, 7, 512, 512, 1, 3, 1, same}),
      Layer("1->64 3x3 on 28x28", {28, 28, 1, 64, 1, 3}),
      Layer("3->16 3x3 on 512x512", {512, 512, 3, 16, 1, 3}),
      Layer("3->16 3x3 on 12 MP", {kRows, kColumns, 3, 16, 1, 3}),
      Layer("3->96 11x11/4 on 227x227", {227, 227, 3, 96, 1, 11, 4}),
      Layer("64->128 1x1 on 56x56", {56, 56, 64, 128, 1, 1}),
      Layer("128 depthwise 3x3 on 56x56", {56, 56, 128, 128, 128, 3, 1, same}),
  };
}

}  // namespace convscope::bench
