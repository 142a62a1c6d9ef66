// Models in .onnx files (https://onnx.ai), written so that every ONNX runtime computes what our graph does, and read
// back to exactly the same model: names, attributes, the bits of its parameters, the rules of its training.
//
// Opset 17, IR version 8. Our graphs have channels last and kernels (rows, columns, channels, filters), ONNX has
// channels second and kernels (filters, channels, rows, columns). So a file keeps the tensors between its convolutions
// channels first, as files of every other framework do, and transposes where our order is what counts: after inputs,
// before outputs, flattening and dense layers. Inputs and outputs have our axes or ModelFile::axes, names ours, kernels
// are stored as ONNX wants them. Two other ways lost: a pair of transposes around every operation buries the network in
// Netron and relies on an optimiser to go away; a function of ours for every operation reads well, but is lost on the
// runtimes that know no functions. Only activations that opset 17 lacks (swish, mish, gelu) are functions.
//
// What ONNX has no word for stands in the doc_string of each node, one line of JSON (the node of our graph: operation,
// inputs, outputs, attributes) that Netron shows. Reading builds the graph from these lines, writes its form once more
// and compares: a file that another program changed (an optimizer, a converter of versions, one that moves numbers out)
// is read by its nodes alone, as that program's own, never misread; ModelFile::assumed says so. What it tells of
// pictures and classes holds on; what a training needs to go on does not.
//
// The first axis of inputs and outputs is "N", any batch, unless the graph itself fixes the batch; numbers are stored
// as they are; kernels that a node turns around (flip_kernel) are stored turned.
//
// Not here: models that other programs wrote; tensors in files of their own, so nothing of 2 GiB or more; graphs of a
// training step (gradients, losses, dropout masks), which have no form in ONNX.
#ifndef CONVSCOPE_FORMATS_ONNX_H_
#define CONVSCOPE_FORMATS_ONNX_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "convscope/formats/model_file.h"

namespace convscope {

struct OnnxLimits {
  int64_t bytes = (int64_t{1} << 31) - 1;  // of the file: what protobuf can hold
  // Of all but the numbers; a ResNet-152 has half a million. Memory while reading is up to some hundred times as much.
  int64_t structure_bytes = int64_t{1} << 23;
  int64_t nodes = 20000;  // of the file, and as many tensors
  // Of all numbers in files beside the model, however many of its tensors name the same ones.
  int64_t external_bytes = int64_t{1} << 33;
};

// How a model of another program is read, where its file leaves something open.
struct OnnxImport {
  // What will be fed in, by the names of the file (none: into the only input), with the file's axes: their shapes
  // become those of the inputs, but for a first axis that the file tells, and where a shape inside the model depends on
  // numbers that are fed in, it is made of these.
  NamedTensors inputs = {};
  bool lengths_alone = false;  // of these their shapes are used, and nothing that they hold
  // Rows and columns of pictures that may have any size; 0: 224.
  int64_t rows = 0, columns = 0;
};

// Writes `file` to `path`, whole or not at all. Throws Error for an operation that has no form in ONNX, naming its
// node, for outputs that the graph does not compute, and for a model that is too large.
void WriteOnnx(const ModelFile& file, const std::filesystem::path& path);

// The same as bytes.
std::string FormatOnnx(const ModelFile& file);

// The model in file `path`. Throws Error naming `path` when the file is missing, damaged or larger than the limits.
//
// Of a file by WriteOnnx the graph equals the one written, but that its tensors are in the order inputs, parameters,
// computed ones. A file by another program, or changed by one, gives a graph of our operations with the names of the
// file; opsets 1 to 21, later ones read as 21. Pictures and maps have their channels last in it, see ModelFile::axes. A
// node that cannot be taken over is named in ModelFile::missing, with what depends on it left out; Error is thrown
// where nothing is left. Float16 and bfloat16 are computed in float32.
ModelFile ReadOnnx(const std::filesystem::path& path, const OnnxLimits& limits = {}, const OnnxImport& options = {});

// The same for the bytes of a file; `where` names them in errors. Numbers in files beside a model are not read.
ModelFile ParseOnnx(std::string_view bytes, const std::string& where, const OnnxLimits& limits = {},
                    const OnnxImport& options = {});

// "3.21.12": of protobuf, which reads and writes the files.
std::string ProtobufVersion();

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_ONNX_H_
