// A matrix of numbers written as text: .csv and .txt files.
//
// One row a line; between the values one comma, semicolon or tab (blanks around it do not matter), or blanks alone.
// Empty lines and what follows a '#' are left out. Numbers have a decimal point in every language.
//
// Not here: header lines, quoted cells, missing values.
#ifndef CONVSCOPE_FORMATS_MATRIX_TEXT_H_
#define CONVSCOPE_FORMATS_MATRIX_TEXT_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "convscope/tensor/tensor.h"

namespace convscope {

// (rows, columns) float32 from file `path`. Throws Error naming the file, the line and the column (both count from 1)
// when a value is missing or no number, or the rows differ in length; and when there is no value at all.
Tensor ReadMatrixText(const std::filesystem::path& path);

// The same for text in hand; `where` names it in errors.
Tensor ParseMatrixText(std::string_view text, const std::string& where);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_MATRIX_TEXT_H_
