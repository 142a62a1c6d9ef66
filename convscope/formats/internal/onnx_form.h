// A Graph in ONNX' own operations: the nodes, inputs, outputs and initializers that a file of ours holds, without the
// numbers. Reading a file makes its form again and compares (see onnx.h). Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_FORM_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_FORM_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "convscope/formats/internal/onnx_note.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/named_tensors.h"
#include "onnx_schema.pb.h"

namespace convscope::internal {

// Where the channels of an image tensor stand: last, as in our graph, or second, as ONNX' convolutions and pools want
// it. Of tensors of fewer than three axes both are the same.
enum class Layout : uint8_t { kOurs, kChannelsFirst };

struct StoredTensor {
  onnx_schema::TensorProto header;  // name, type, dims, the note
  int parameter = -1;               // the tensor of the graph that it holds, or -1: `constant`
  ParameterNote note;               // of a parameter
  SharedTensor constant;
};

struct OnnxForm {
  onnx_schema::GraphProto graph;      // all but the initializers
  std::vector<StoredTensor> tensors;  // parameters in the order of the graph, then constants
  std::set<std::string> functions;    // of the domain "convscope", which the nodes use
};

// The tensors whose axes stand in another order in the file, by name: axis i of the tensor of the graph is axis axes[i]
// there, as in ModelFile::axes. Inputs and outputs stand so when it is written; others where nothing is moved for it.
using BorderAxes = std::map<std::string, std::vector<int64_t>, std::less<>>;

// `outputs` are names of computed tensors. Throws Error, naming the node, where an operation has no form in ONNX, and
// for a graph that ONNX cannot hold (no node; an axis of length 0; a name that is not plain UTF-8).
OnnxForm FormOf(const Graph& graph, const std::vector<std::string>& outputs, const BorderAxes& axes = {});

// The computed tensors that no node reads.
std::vector<std::string> FinalTensors(const Graph& graph);

// ONNX' number for a type (TensorProto::FLOAT, ...), and back: throws Error for one that Tensor has not.
int OnnxType(DType dtype);
DType DTypeOfOnnx(int type, const std::string& where);

// `tensor` with its axes `flipped` turned around, then moved: axis i of the result is axis axes[i], or a new one of
// length 1 where that is -1.
Tensor Moved(const Tensor& tensor, const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped);
// Undoes Moved: the tensor from the bytes of the result, which has the lengths `moved`. The arguments are checked.
Tensor MovedBack(const std::byte* bytes, const Shape& moved, DType dtype, const ParameterNote& note,
                 const std::string& where);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_FORM_H_
