// Models that other programs wrote as .onnx files, as a Graph of ours. Not for users, who call ReadOnnx.
//
// ONNX has the channels of a picture second, our graphs have them last. So each tensor of the file becomes a tensor of
// ours of the same name whose axes may stand in another order, which ModelFile::axes tells: pictures and maps have
// their channels last from the first convolution to the last one, weights lie as our operations want them, and what has
// channels in no particular place stays as it is. A Transpose of the file that leads to our order and back costs
// nothing; where an operation needs the file's own order (a flattening), a Transpose of ours is added. Thus everything
// that knows how to look into a network of ours can look into any.
//
// Shapes are known before anything runs: lengths that the file leaves open are chosen when it is read, and what is
// computed from constants and shapes alone is computed then.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_H_

#include <filesystem>

#include "convscope/formats/internal/onnx_wire.h"
#include "convscope/formats/model_file.h"
#include "convscope/formats/onnx.h"

namespace convscope::internal {

// `folder`: where the model lies, for numbers in files beside it; empty: none are read. Throws Error for a file that is
// no ONNX model and for one of whose nodes none can be taken over; see ModelFile::missing for those that take part.
ModelFile ImportOnnx(const OnnxPieces& pieces, const std::filesystem::path& folder, const OnnxLimits& limits,
                     const OnnxImport& options);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_H_
