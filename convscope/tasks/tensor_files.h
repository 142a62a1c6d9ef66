// Tensors as .npy files in a folder, all of them or none.
#ifndef CONVSCOPE_TASKS_TENSOR_FILES_H_
#define CONVSCOPE_TASKS_TENSOR_FILES_H_

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

struct TensorFile {
  std::filesystem::path path;
  const Tensor* tensor;
};

// Writes every tensor beside its file; only when all have been written do they take their names, and replace what had
// them before. Throws Error, and leaves everything as it was.
void WriteTogether(std::span<const TensorFile> files, const Progress& progress);

struct NamedArray {
  std::string name;
  const Tensor* tensor;
};

// Writes each as `folder`/NAME.npy, its name made safe and unique (FileNames); the folder is made when there is none.
// Returns the files in the order of `arrays`.
std::vector<std::filesystem::path> SaveArrays(std::span<const NamedArray> arrays, const std::filesystem::path& folder,
                                              const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TENSOR_FILES_H_
