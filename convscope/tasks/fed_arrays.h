// Raw arrays that are fed into a model: read from .npy files, named, checked, and brought from the axes of the model's
// file into those of its graph.
#ifndef CONVSCOPE_TASKS_FED_ARRAYS_H_
#define CONVSCOPE_TASKS_FED_ARRAYS_H_

#include <string>
#include <vector>

#include "convscope/formats/model_file.h"
#include "convscope/graph/named_tensors.h"

namespace convscope {

// Of "NAME=FILE.npy", or "FILE.npy" for the only input, which has no name yet. Throws Error for a name given twice, and
// as ReadNpy does; `option` is what a user wrote it behind.
NamedTensors ReadFedArrays(const std::vector<std::string>& given, const std::string& option);

// The model for the batch of what is fed in, which is named and turned into the graph's axes. Throws Error for an input
// that the model has not, with those that it has, and for another shape, all of them in the file's axes.
Model ModelFor(const ModelFile& file, NamedTensors& fed, const std::string& option);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FED_ARRAYS_H_
