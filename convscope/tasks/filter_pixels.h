// A filter on a picture in hand, asked for by somebody who is not trusted: a page, say.
#ifndef CONVSCOPE_TASKS_FILTER_PIXELS_H_
#define CONVSCOPE_TASKS_FILTER_PIXELS_H_

#include <cstdint>
#include <string>

#include "convscope/tasks/filter_picture.h"

namespace convscope {

struct FilterInput {
  std::string source;   // what it is called
  SharedTensor pixels;  // (1, H, W, C), as ReadPicture gives (H, W, C) with the colour and scale of the options
};

// What one filter may ask for; checked before anything is computed.
struct FilterLimits {
  int64_t elements;  // of the computed tensors together
  int64_t steps;     // values under all windows together: what the computation takes time for
};

// As FilterPictures, for one picture that is not read: options.images says nothing. No text of a kernel is taken for
// the name of a file.
FilterResult FilterPixels(const FilterOptions& options, const FilterInput& picture, const FilterLimits& limits);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_PIXELS_H_
