// A share of a whole in words, for every text and figure: "12.5 %".
#ifndef CONVSCOPE_BASE_SHARE_TEXT_H_
#define CONVSCOPE_BASE_SHARE_TEXT_H_

#include <string>

namespace convscope {

// `share` (1 is the whole) with `decimals` digits behind the point. What is not all is not rounded to all, nor what is
// not nothing to nothing: 0.9996 is "> 99.9 %", 0.0001 "< 0.1 %", but 1 "100 %" and 0 "0 %". NaN and infinity: "NaN",
// "inf".
std::string ShareText(double share, int decimals = 1);

}  // namespace convscope

#endif  // CONVSCOPE_BASE_SHARE_TEXT_H_
