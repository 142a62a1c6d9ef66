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

// As FilterPictures, for one picture that is not read: options.images says nothing. No text of a kernel is taken for
// the name of a file, and the computed tensors hold at most `most_elements` values: asked before anything is computed.
FilterResult FilterPixels(const FilterOptions& options, const FilterInput& picture, int64_t most_elements);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_PIXELS_H_
