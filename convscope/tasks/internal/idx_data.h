// A small data set in files, for tests of what opens data by its path. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_IDX_DATA_H_
#define CONVSCOPE_TASKS_INTERNAL_IDX_DATA_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "convscope/base/file.h"

namespace convscope::internal {

// Grey pictures of `rows` x `columns` in IDX files in `folder`: `count` for training and the same for testing, labels
// 0, 1, 0, 1, ... `pixel` of (picture, row, column) is the value of a pixel.
inline void WriteIdxData(const std::filesystem::path& folder, int64_t count, int64_t rows, int64_t columns,
                         const std::function<uint8_t(int64_t picture, int64_t row, int64_t column)>& pixel) {
  const auto header = [](std::initializer_list<int64_t> lengths) {
    std::string text{'\0', '\0', '\x08', static_cast<char>(lengths.size())};
    for (const int64_t length : lengths) {
      for (const int shift : {24, 16, 8, 0}) text += static_cast<char>((length >> shift) & 255);
    }
    return text;
  };
  std::string images = header({count, rows, columns}), labels = header({count});
  for (int64_t i = 0; i < count; ++i) {
    labels += static_cast<char>(i % 2);
    for (int64_t y = 0; y < rows; ++y) {
      for (int64_t x = 0; x < columns; ++x) images += static_cast<char>(pixel(i, y, x));
    }
  }
  std::filesystem::create_directories(folder);
  for (const char* const part : {"train", "t10k"}) {
    for (const auto& [kind, bytes] : {std::pair{"-images-idx3-ubyte", &images}, {"-labels-idx1-ubyte", &labels}}) {
      const std::string_view pieces[] = {*bytes};
      WriteFileAtomically(folder / (std::string(part) + kind), pieces);
    }
  }
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_IDX_DATA_H_
