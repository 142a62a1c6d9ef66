// Tensors as .npy files in a folder: their names, and all of them or none.
#ifndef CONVSCOPE_TASKS_TENSOR_FILES_H_
#define CONVSCOPE_TASKS_TENSOR_FILES_H_

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/graph/trace.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// Names of files out of names of tensors: '/' becomes '.', other characters than letters, digits, '.', '-' and '_'
// become '_', none starts with '.', and none is given twice, even where upper and lower case are the same.
class FileNames {
 public:
  std::string Make(std::string_view name);

 private:
  std::vector<std::string> given_;  // in lower case
};

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

// These tensors of a trace, as NAME.npy in `folder`, which is made when there is none. Returns the files.
std::vector<std::filesystem::path> SaveTrace(const Trace& trace, const std::vector<std::string>& names,
                                             const std::filesystem::path& folder, const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TENSOR_FILES_H_
