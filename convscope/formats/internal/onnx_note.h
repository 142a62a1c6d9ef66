// What an .onnx file of ours says in its doc_strings: which node of our graph a node of the file is, with the
// attributes that ONNX has no word for (padding "same"; a kernel turned around), which parameter an initializer holds
// and how its axes were moved. One line of JSON each, so that Netron shows it beside the node. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_NOTE_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_NOTE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/formats/internal/onnx_attributes.h"
#include "convscope/tensor/shape.h"

namespace convscope::internal {

// {"operation": "Conv", "inputs": ["x", "conv/kernel"], "outputs": ["conv"], "attributes": {"strides": [1], ...}}
struct NodeNote {
  std::string operation;  // Operation::type()
  std::vector<std::string> inputs, outputs;
  OnnxAttributes attributes;
};

// {"parameter": "conv/kernel", "axes": [3, 2, 0, 1], "flipped": [0, 1]}: axis i of the initializer is axis axes[i] of
// the parameter, or one of length 1 that is new where axes[i] is -1; its axes `flipped` were turned around.
struct ParameterNote {
  std::string parameter;
  std::vector<int64_t> axes, flipped;
  bool operator==(const ParameterNote&) const = default;
};

// {"shape": [1, 28, 28, 1]}: of an input, whose first axis the file leaves open.
struct InputNote {
  std::vector<int64_t> shape;
};

// Throw Error where a name is not UTF-8.
std::string Text(const NodeNote& note);
std::string Text(const ParameterNote& note);
std::string Text(const InputNote& note);

// Throw Error naming `where` when `text` is not such a note, and where a name is empty.
NodeNote ParseNodeNote(const std::string& text, const std::string& where);
ParameterNote ParseParameterNote(const std::string& text, const std::string& where);
InputNote ParseInputNote(const std::string& text, const std::string& where);

// Lists for metadata_props: ["T-shirt", "Trouser"]. The reader throws Error naming `where`.
std::string TextOfNames(const std::vector<std::string>& names);
std::vector<std::string> ParseNames(const std::string& text, const std::string& where);

// {"scale": 0.00392..., "mean": [], "deviation": []}
struct NumbersNote {
  std::vector<std::pair<std::string, std::vector<double>>> lists;
};
std::string Text(const NumbersNote& note);
// The lists called `names`, in that order; throws Error naming `where` unless all are there.
std::vector<std::vector<double>> ParseNumbers(const std::string& text, const std::vector<std::string>& names,
                                              const std::string& where);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_NOTE_H_
