// The language in which kernels are written on a command line.
//
//   expression = term { ("+" | "-") term }              kernels of one shape
//   term       = ["-"] factor { ("*" | "/") factor }    a number times a kernel, a kernel over a number
//   factor     = number | list | function "(" expression ")" | "(" expression ")" | preset
//   function   = "t" | "rot90" | "rot180" | "rot270" | "fliplr" | "flipud"
//   list       = "[" item { "," item } "]"              2, 3 or 4 levels: (R, S), (R, S, C) or (R, S, C, F)
//   item       = list | ["-"] number ["/" number]
//   preset     = name [":" argument { (":" | ",") argument }]
//   argument   = number | parameter "=" number          those without a name come first, in the preset's order
//
// t transposes, rot90 turns counter-clockwise (as NumPy does), fliplr mirrors left and right; all act on rows and
// columns. A preset's offset (its bias) is negated, scaled and added with it. A name may hold dashes ("sobel-x",
// "laplacian-4"), so a minus right behind a name would belong to the name: leave a blank before it.
//
// Examples: "gaussian:7:1.5"   "gabor:theta=45,wavelength=6"   "-t(udacity-1)"   "identity:3 + 0.5*laplacian-4"
//           "[[1,2,1],[2,4,2],[1,2,1]]/16"
//
// Not here: `crop:` and names of files, which need a picture and a disk.
#ifndef CONVSCOPE_FILTERS_EXPRESSION_H_
#define CONVSCOPE_FILTERS_EXPRESSION_H_

#include <string_view>

#include "convscope/filters/kernel.h"

namespace convscope {

// The kernel that `text` describes; its name is the text without the blanks around it. Arithmetic is done in double
// and rounded to float32 once. Throws Error that quotes the text and the character (counted from 1) where it stops
// making sense.
Kernel ParseKernel(std::string_view text);

}  // namespace convscope

#endif  // CONVSCOPE_FILTERS_EXPRESSION_H_
