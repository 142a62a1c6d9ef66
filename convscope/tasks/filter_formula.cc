#include "convscope/tasks/filter_formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "convscope/base/text.h"
#include "convscope/kernels/window.h"

namespace convscope {
namespace {

constexpr int64_t kMostLines = 15, kMostTerms = 15;  // of a written sum

// "2 y + r - 1": the input index that window `outer` and element `inner` meet.
std::string IndexText(const char* outer, const char* inner, const WindowAxis& axis) {
  std::string text = axis.stride == 1 ? outer : fmt::format("{} {}", axis.stride, outer);
  if (axis.size > 1)
    text += axis.dilation == 1 ? fmt::format(" + {}", inner) : fmt::format(" + {} {}", axis.dilation, inner);
  if (axis.pad_before > 0) text += fmt::format(" - {}", axis.pad_before);
  return text;
}

// A (1, H, W, C) tensor of the trace, read as its window sees it: padding included.
struct Source {
  const Tensor& tensor;
  PadMode pad_mode;

  // Nothing where zero padding is.
  std::optional<float> At(int64_t y, int64_t x, int64_t c) const {
    const Shape& shape = tensor.shape();
    const int64_t row = SourceIndex(y, shape[1], pad_mode), column = SourceIndex(x, shape[2], pad_mode);
    if (row < 0 || column < 0) return std::nullopt;
    return tensor.data()[(row * shape[2] + column) * shape[3] + c];
  }
};

// Rows of terms with `joint` between them and `line_break` between rows; what is too much is counted, not written.
std::string TermsText(const std::vector<std::vector<std::string>>& rows, const char* joint, const char* line_break) {
  std::string text = "\n      ";
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) text += line_break;
    if (i == kMostLines) return text + fmt::format("... ({} more rows)", rows.size() - i);
    for (size_t k = 0; k < rows[i].size(); ++k) {
      if (k > 0) text += joint;
      if (k == kMostTerms) {
        text += fmt::format("... ({} more)", rows[i].size() - k);
        break;
      }
      text += rows[i][k];
    }
  }
  return text;
}

std::string ResultText(const Tensor& tensor, int64_t y, int64_t x) {
  return ShortestText(tensor.data()[(y * tensor.shape()[2] + x) * tensor.shape()[3]]);
}

// `zeros`: what is said of zero padding, which a convolution multiplies and a pool leaves out.
std::string PaddedBy(const WindowAxis& rows, const WindowAxis& columns, PadMode mode, const char* zeros) {
  if (rows.pad_before + rows.pad_after + columns.pad_before + columns.pad_after == 0) return "";
  return fmt::format("  with padding ({}): {} above, {} below, {} left, {} right\n",
                     mode == PadMode::kZero ? zeros : Name(mode), rows.pad_before, rows.pad_after, columns.pad_before,
                     columns.pad_after);
}

std::string ConvFormula(const FilterResult& result, const Trace& trace) {
  const FilterOptions& options = result.options;
  const Tensor& input = trace["input"];
  const Tensor& kernel = trace["kernel"];
  const Tensor& output = trace["conv"];
  const Shape& k = kernel.shape();
  const int64_t channels = input.shape()[3];
  const int64_t filters = result.bank.filters();
  const bool alone = k[2] == 1 && channels > 1;
  std::array<WindowAxis, 2> axes;
  for (size_t i = 0; i < 2; ++i) {
    axes[i] = MakeWindowAxis(input.shape()[static_cast<int>(i) + 1], k[static_cast<int>(i)], options.stride[i],
                             options.dilation[i], options.padding[i], options.pad_mode, false);
  }

  // Axes of length one are left out of the formula.
  const std::string map = alone ? (filters > 1 ? fmt::format(", {} c + f", filters) : ", c") : filters > 1 ? ", f" : "";
  const std::string in_map = channels > 1 ? ", c" : "";
  std::string kernel_index = options.flip_kernel ? fmt::format("{} - r, {} - s", k[0] - 1, k[1] - 1) : "r, s";
  if (k[2] > 1) kernel_index += ", c";
  if (filters > 1) kernel_index += ", f";
  std::string text =
      fmt::format("conv[y, x{}] = {}sum over r = 0..{}, s = 0..{}{} of input[{}, {}{}] * kernel[{}]\n", map,
                  trace.graph().Has("bias") ? fmt::format("bias[{}] + ", map.empty() ? "0" : map.substr(2)) : "",
                  k[0] - 1, k[1] - 1, k[2] > 1 ? fmt::format(", c = 0..{}", k[2] - 1) : "",
                  IndexText("y", "r", axes[0]), IndexText("x", "s", axes[1]), in_map, kernel_index);
  text += PaddedBy(axes[0], axes[1], options.pad_mode, "zero");

  const int64_t y = output.shape()[1] / 2, x = output.shape()[2] / 2;
  const Source source{input, options.pad_mode};
  std::vector<std::vector<std::string>> rows;
  for (int64_t r = 0; r < k[0]; ++r) {
    for (int64_t c = 0; c < k[2]; ++c) {
      std::vector<std::string>& row = rows.emplace_back();
      for (int64_t s = 0; s < k[1]; ++s) {
        const float pixel = source
                                .At(y * axes[0].stride + r * axes[0].dilation - axes[0].pad_before,
                                    x * axes[1].stride + s * axes[1].dilation - axes[1].pad_before, c)
                                .value_or(0.0f);
        const int64_t kr = options.flip_kernel ? k[0] - 1 - r : r, ks = options.flip_kernel ? k[1] - 1 - s : s;
        const float weight = kernel.data()[((kr * k[1] + ks) * k[2] + c) * k[3]];
        row.push_back(fmt::format("{} * {}", ShortestText(pixel), ShortestText(weight)));
      }
    }
  }
  if (trace.graph().Has("bias")) rows.push_back({ShortestText(trace["bias"].data()[0])});
  text += fmt::format("conv[{}, {}{}] ={}\n    = {}\n", y, x, map.empty() ? "" : ", 0",
                      TermsText(rows, " + ", "\n    + "), ResultText(output, y, x));
  return text;
}

std::string ActivationFormula(const FilterResult& result, const Trace& trace) {
  const Tensor& output = trace["activation"];
  const int64_t y = output.shape()[1] / 2, x = output.shape()[2] / 2;
  const char* map = output.shape()[3] > 1 ? ", 0" : "";
  return fmt::format("activation = f(conv), {}\nactivation[{}, {}{}] = f({}) = {}\n",
                     Formula(*result.options.activation), y, x, map, ResultText(trace["conv"], y, x),
                     ResultText(output, y, x));
}

std::string PoolFormula(const FilterResult& result, const FilterPool& pool, const std::string& name,
                        const Trace& trace) {
  const std::string_view from = ResultStage(trace.graph());
  const Tensor& input = trace[from];
  const Tensor& output = trace[name];
  std::array<WindowAxis, 2> axes;
  for (size_t i = 0; i < 2; ++i) {
    axes[i] = MakeWindowAxis(input.shape()[static_cast<int>(i) + 1], pool.size[i], pool.stride[i], 1,
                             PoolPadding(result.options.padding[i]), result.options.pad_mode, false);
  }
  const bool maximum = pool.kind == PoolKind::kMax;
  const char* map = output.shape()[3] > 1 ? ", c" : "";
  std::string text = fmt::format("{}[y, x{}] = {} over r = 0..{}, s = 0..{} of {}[{}, {}{}]\n", name, map,
                                 maximum ? "maximum" : "mean", pool.size[0] - 1, pool.size[1] - 1, from,
                                 IndexText("y", "r", axes[0]), IndexText("x", "s", axes[1]), map);
  text += PaddedBy(axes[0], axes[1], result.options.pad_mode, "empty: it is left out of the window");

  const int64_t y = output.shape()[1] / 2, x = output.shape()[2] / 2;
  const Source source{input, result.options.pad_mode};
  std::vector<std::vector<std::string>> rows;
  for (int64_t r = 0; r < pool.size[0]; ++r) {
    std::vector<std::string> row;
    for (int64_t s = 0; s < pool.size[1]; ++s) {
      // Zero padding takes no part in a pool: neither in the maximum nor in the count of the mean.
      const std::optional<float> value =
          source.At(y * pool.stride[0] + r - axes[0].pad_before, x * pool.stride[1] + s - axes[1].pad_before, 0);
      if (value) row.push_back(ShortestText(*value));
    }
    if (!row.empty()) rows.push_back(std::move(row));
  }
  text += fmt::format("{}[{}, {}{}] = {} of{}\n    = {}\n", name, y, x, output.shape()[3] > 1 ? ", 0" : "",
                      maximum ? "maximum" : "mean", TermsText(rows, ", ", ",\n      "), ResultText(output, y, x));
  return text;
}

}  // namespace

std::string FilterFormula(const FilterResult& result, const FilteredPicture& picture) {
  std::string text = ConvFormula(result, picture.trace);
  if (result.options.activation) text += ActivationFormula(result, picture.trace);
  const std::vector<std::string> stages = StageNames(picture.trace.graph());
  const size_t first_pool = stages.size() - result.options.pools.size();
  for (size_t i = 0; i < result.options.pools.size(); ++i) {
    text += PoolFormula(result, result.options.pools[i], stages[first_pool + i], picture.trace);
  }
  return text;
}

}  // namespace convscope
