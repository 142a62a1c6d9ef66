// What a user asks of a filter: pictures, kernels, and how they are convolved. Not how the result is shown.
#ifndef CONVSCOPE_TASKS_FILTER_OPTIONS_H_
#define CONVSCOPE_TASKS_FILTER_OPTIONS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/image/picture.h"
#include "convscope/kernels/activation.h"
#include "convscope/kernels/pool.h"
#include "convscope/kernels/window.h"

namespace convscope {

// A pool on the last stage before it: the activation, or the convolution when there is none.
struct FilterPool {
  PoolKind kind = PoolKind::kMax;
  std::array<int64_t, 2> size = {2, 2};    // rows, columns
  std::array<int64_t, 2> stride = {2, 2};  // rows, columns
};

struct FilterOptions {
  std::vector<std::string> images;  // picture files; "-" is standard input
  // Each a preset or an expression (filters/), a matrix literal, a .npy, .csv or .txt file, or crop:y,x,h,w: rows y to
  // y + h and columns x to x + w of the first picture. Several make a bank; they must have the same size.
  std::vector<std::string> kernels;

  ReadOptions::Colour colour = ReadOptions::Colour::kKeep;
  double scale = 255;         // pixels become float by division by this
  std::vector<int> channels;  // of the picture, to be convolved; empty: all

  std::array<int64_t, 2> stride = {1, 1};    // rows, columns
  std::array<int64_t, 2> dilation = {1, 1};  // rows, columns
  std::array<Padding, 2> padding;            // rows, columns
  PadMode pad_mode = PadMode::kZero;
  bool flip_kernel = false;
  std::vector<float> bias;  // one a kernel, or one for all; empty: what the kernels bring along

  std::optional<Activation> activation;
  std::vector<FilterPool> pools;  // each padded by PoolPadding, in the convolution's padding mode

  Progress progress;
};

// What a pool pads where the convolution pads so: valid and same fit any window, numbers only the window they were
// chosen for.
Padding PoolPadding(const Padding& convolution);

// The texts of the command line; each throws Error naming `where`.
std::array<int64_t, 2> ParseRowsColumns(std::string_view text, const std::string& where);  // "2", "2,3" or "2x3", >= 1
std::array<Padding, 2> ParsePadding(std::string_view text, const std::string& where);      // "same", "1,2", "1,1,2,2"
FilterPool ParsePool(std::string_view text, const std::string& where);                     // "max:3", "average:2x3:2"
std::vector<int> ParseChannels(std::string_view text, const std::string& where);           // "r,b" or "0,2"
std::vector<float> ParseNumbers(std::string_view text, const std::string& where);          // "0.5,1"

// Throws Error naming `where` unless pixels can be divided by it: above 0, and finite.
void CheckScale(double scale, const std::string& where);

// "valid", "same", or the numbers: what ParsePadding reads.
std::string PaddingText(const std::array<Padding, 2>& padding);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_OPTIONS_H_
