// The numbers of an ONNX tensor, in whichever of its fields and types they lie, as a Tensor. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_TENSOR_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_TENSOR_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "convscope/tensor/tensor.h"
#include "onnx_schema.pb.h"

namespace convscope::internal {

// The numbers of a model that lie in files of their own.
class ExternalNumbers {
 public:
  // `folder`: where the model lies, out of which no file may be; empty: there are none to be read. `most_bytes`: of all
  // that is read.
  ExternalNumbers(std::filesystem::path folder, int64_t most_bytes)
      : folder_(std::move(folder)), left_bytes_(most_bytes) {}

  // The numbers of `tensor`, which take `bytes` bytes. Throws Error naming `where` for a file that is not in the folder
  // or cannot be read, for a part of it that is not there or overlaps, but for a tensor in the very same place, another
  // one's, and where more is read than the limit.
  std::string Read(const onnx_schema::TensorProto& tensor, int64_t bytes, const std::string& where);

 private:
  void Take(const std::filesystem::path& file, int64_t offset, int64_t bytes, const std::string& where);

  std::filesystem::path folder_;
  int64_t left_bytes_;
  std::map<std::filesystem::path, std::map<int64_t, int64_t>> taken_;  // of each file: ends of parts by their beginning
};

// Our type for the numbers of ONNX' type `type`: float16 and bfloat16 become float32, the integers that Tensor has not
// int64. Throws Error naming `where` for strings, complex numbers and floats of 8 bits or less.
DType ImportedDType(int type, const std::string& where);

// "float16" and "bfloat16", which float32 stands for here; empty for the others.
std::string_view WidenedFloat(int type);

// `raw_data`: that of the tensor where it was taken out of it (see OnnxInitializer), else empty. Throws Error naming
// `where` for a type as above, for lengths that are negative or more than the numbers that are there, and as
// ExternalNumbers does.
Tensor ImportTensor(const onnx_schema::TensorProto& tensor, std::string_view raw_data, ExternalNumbers& outside,
                    const std::string& where);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_TENSOR_H_
