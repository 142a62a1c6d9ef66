// One input of a model with its output, in the metadata of an .onnx file of ours: each tensor is an .npy file in
// base64, in the axes of the .onnx file, under the key convscope.example.input.NAME or convscope.example.output.NAME.
// Metadata, since every runtime passes over them in silence; of initializers that no node reads some warn. Not for
// users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_EXAMPLE_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_EXAMPLE_H_

#include <functional>
#include <string>
#include <string_view>

#include "convscope/formats/model_file.h"

namespace convscope::internal {

inline constexpr std::string_view kExampleKey = "convscope.example.";

// Calls `add` with each key and text. Throws Error where its numbers take more than 3 MiB.
void WriteExample(const ModelFile& file, const std::function<void(const std::string&, const std::string&)>& add);

// Takes one such entry into file.example; the axes of the file must be known. Throws Error for a key of another kind,
// for a tensor that the model has not and for one that is no .npy file.
void ReadExample(std::string_view key, std::string_view text, ModelFile& file);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_EXAMPLE_H_
