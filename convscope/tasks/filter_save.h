// What a filter computed, as files: raw tensors, and the result as a picture.
#ifndef CONVSCOPE_TASKS_FILTER_SAVE_H_
#define CONVSCOPE_TASKS_FILTER_SAVE_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "convscope/tasks/filter_picture.h"

namespace convscope {

// Writes every tensor of the traces into `folder`, which is made when there is none: input.npy, kernel.npy, conv.npy
// and so on; for several pictures cat.input.npy, dog.input.npy and so on. All are written, or Error is thrown and the
// folder is as it was. Returns the files: for each picture those of its graph's tensors, in their order.
std::vector<std::vector<std::filesystem::path>> SaveTensors(const FilterResult& result,
                                                            const std::filesystem::path& folder);

// Writes the activation, or the convolution when there is none, as a picture: PNG, JPEG, WebP or TIFF by the ending.
// It must have one map (grey) or three (red, green, blue), and there must be one picture. Values are scaled so that
// white is white again. Returns how many values lay outside and were clipped. Both report to the progress of the
// result's options.
int64_t SaveResultPicture(const FilterResult& result, const std::filesystem::path& path);

// Throws the Error that SaveResultPicture would throw for this result and the ending of `path`.
void CheckResultPicture(const FilterResult& result, const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_SAVE_H_
