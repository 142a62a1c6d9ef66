// Tensors of a model in the order of axes that its file has them in, and back: for who feeds in and takes out raw
// arrays. See ModelFile::axes; tensors that it does not name are the same in both.
#ifndef CONVSCOPE_FORMATS_FILE_AXES_H_
#define CONVSCOPE_FORMATS_FILE_AXES_H_

#include <string_view>

#include "convscope/formats/model_file.h"
#include "convscope/graph/named_tensors.h"

namespace convscope {

Shape InFileAxes(const ModelFile& file, std::string_view name, const Shape& shape);
SharedTensor InFileAxes(const ModelFile& file, std::string_view name, SharedTensor tensor);

// Back. Throws Error for another number of axes than the file's.
SharedTensor FromFileAxes(const ModelFile& file, std::string_view name, SharedTensor tensor);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_FILE_AXES_H_
