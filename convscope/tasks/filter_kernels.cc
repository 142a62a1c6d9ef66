#include "convscope/tasks/filter_kernels.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/filters/expression.h"
#include "convscope/filters/kernel.h"
#include "convscope/formats/matrix_text.h"
#include "convscope/formats/npy.h"
#include "convscope/tasks/internal/kernel_texts.h"

namespace convscope {
namespace {

constexpr std::string_view kCrop = "crop:";

// A .npy file that could hold a kernel: the widest elements, and a header of generous length.
constexpr NpyLimits kKernelFile{.bytes = 8 * kMaxKernelElements + (1 << 16), .elements = kMaxKernelElements};

CropArea ParseCrop(std::string_view text, const Shape& picture) {
  const std::string where(text);
  const std::vector<std::string> pieces = Split(text.substr(kCrop.size()), ',');
  if (pieces.size() != 4) {
    throw Error({.where = "kernel " + where,
                 .rule = "a crop is crop:y,x,h,w: the row and column of its upper left pixel, its height and width",
                 .received = Concat(pieces.size(), " numbers")});
  }
  std::array<int64_t, 4> n;
  for (size_t i = 0; i < 4; ++i) n[i] = ParseInteger(pieces[i], "kernel " + where);
  const CropArea area{.y = n[0], .x = n[1], .height = n[2], .width = n[3]};
  // Compared without sums, which could overflow.
  if (area.y < 0 || area.x < 0 || area.height < 1 || area.width < 1 || area.height > picture[0] ||
      area.width > picture[1] || area.y > picture[0] - area.height || area.x > picture[1] - area.width) {
    throw Error({.where = "kernel " + where,
                 .rule = Concat("a crop lies within the picture, ", picture[0], " rows and ", picture[1], " columns"),
                 .received = Concat("rows ", area.y, " and on, ", area.height, " of them, columns ", area.x,
                                    " and on, ", area.width, " of them")});
  }
  return area;
}

// (h, w) of a grey picture, else (h, w, C).
Tensor Crop(TensorView<const float> picture, const CropArea& area) {
  const int64_t columns = picture.shape()[1], channels = picture.shape()[2];
  Tensor cut =
      channels == 1 ? Tensor(Shape{area.height, area.width}) : Tensor(Shape{area.height, area.width, channels});
  for (int64_t row = 0; row < area.height; ++row) {
    const float* from = picture.data() + ((area.y + row) * columns + area.x) * channels;
    std::copy_n(from, area.width * channels, cut.data() + row * area.width * channels);
  }
  return cut;
}

Kernel Resolve(const std::string& text, TensorView<const float> picture, bool files, std::vector<CropArea>& crops) {
  if (files && text.ends_with(".npy")) return MakeKernel(text, ReadNpy(text, kKernelFile));
  if (files && (text.ends_with(".csv") || text.ends_with(".txt"))) return MakeKernel(text, ReadMatrixText(text));
  if (text.starts_with(kCrop)) {
    const CropArea area = ParseCrop(text, picture.shape());
    // Checked before the piece is copied: a crop of the whole of a large picture is no kernel.
    CheckKernelShape({area.height, area.width, picture.shape()[2]}, "kernel " + text);
    crops.push_back(area);
    return MakeKernel(text, Crop(picture, area));
  }
  return ParseKernel(text);
}

// (R, S), (R, S, C) or (R, S, C, F) as (R, S, C, F).
Shape FourAxes(const Shape& shape) {
  return {shape[0], shape[1], shape.rank() > 2 ? shape[2] : 1, shape.rank() > 3 ? shape[3] : 1};
}

}  // namespace

KernelBank ResolveKernels(const std::vector<std::string>& texts, const Tensor& picture) {
  return internal::ResolveKernels(texts, picture.view(), true);
}

KernelBank internal::ResolveKernels(const std::vector<std::string>& texts, TensorView<const float> picture,
                                    bool files) {
  if (texts.empty()) {
    throw Error({.where = "filter",
                 .rule = "a filter needs a kernel",
                 .received = "none",
                 .fix = "name one; convscope kernels lists the presets"});
  }
  KernelBank bank;
  std::vector<Tensor> pieces;
  int64_t filters = 0;
  for (const std::string& text : texts) {
    Kernel kernel = Resolve(text, picture, files, bank.crops);
    const Shape shape = FourAxes(kernel.values.shape());
    pieces.push_back(std::move(kernel.values).Reshaped(shape));
    const Shape& first = pieces.front().shape();
    if (!std::equal(shape.lengths().begin(), shape.lengths().begin() + 3, first.lengths().begin())) {
      const auto size = [](const Shape& s) { return Concat(s[0], " x ", s[1], s[2] > 1 ? Concat(" x ", s[2]) : ""); };
      throw Error({.where = "kernel " + text,
                   .rule = Concat("the kernels of a bank have one size, here ", size(first), " of ", texts.front()),
                   .received = size(shape),
                   .fix = "filter with each size by itself"});
    }
    for (int64_t f = 0; f < shape[3]; ++f) {
      bank.names.push_back(shape[3] == 1 ? kernel.name : Concat(kernel.name, " ", f));
      bank.bias.push_back(kernel.bias);
    }
    filters += shape[3];
  }

  const Shape& shape = pieces.front().shape();
  bank.values = Tensor(Shape{shape[0], shape[1], shape[2], filters});
  int64_t first = 0;
  for (const Tensor& piece : pieces) {
    const int64_t own = piece.shape()[3];
    for (int64_t cell = 0; cell < shape[0] * shape[1] * shape[2]; ++cell) {
      std::copy_n(piece.data() + cell * own, own, bank.values.data() + cell * filters + first);
    }
    first += own;
  }
  return bank;
}

}  // namespace convscope
