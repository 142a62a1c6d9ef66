#include "convscope/formats/file_axes.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/internal/onnx_importer.h"

namespace convscope {

Shape InFileAxes(const ModelFile& file, std::string_view name, const Shape& shape) {
  const auto axes = file.axes.find(name);
  return axes == file.axes.end() ? shape : internal::InOrder(internal::Inverse(axes->second), shape);
}

SharedTensor InFileAxes(const ModelFile& file, std::string_view name, SharedTensor tensor) {
  const auto axes = file.axes.find(name);
  if (axes == file.axes.end()) return tensor;
  return Share(internal::Moved(*tensor, internal::Inverse(axes->second), {}));
}

SharedTensor FromFileAxes(const ModelFile& file, std::string_view name, SharedTensor tensor) {
  const auto axes = file.axes.find(name);
  if (axes == file.axes.end()) return tensor;
  if (tensor->shape().rank() != static_cast<int>(axes->second.size())) {
    throw Error({.where = Concat("input ", name),
                 .rule = Concat("it has ", axes->second.size(), " axes"),
                 .received = tensor->shape().ToString()});
  }
  return Share(internal::Moved(*tensor, axes->second, {}));
}

}  // namespace convscope
