// Turns a graph into its form in a file, node by node; keeps account of names and of how each tensor stands. The
// operations themselves are in the table; they reach this through NodeWriter. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_FORM_WRITER_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_FORM_WRITER_H_

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/formats/internal/onnx_form.h"

namespace convscope::internal {

class OnnxFormWriter {
 public:
  OnnxFormWriter(const Graph& graph, const std::vector<std::string>& outputs, const BorderAxes& axes);
  OnnxForm Write();

  const GraphTensor& Tensor(int tensor) const { return graph_.tensors()[tensor]; }
  bool StandsChannelsFirst(int tensor) const { return !values_[tensor].channels_first.empty(); }
  // Whether a tensor that stands like this stands as in the file that the model came from; inputs and outputs of a
  // model that came from none stand as ours.
  bool StandsAsInFile(int tensor, Layout layout) const;

  // The name of a tensor in this layout; adds a Transpose where it stands otherwise.
  std::string Value(int tensor, Layout layout);
  // The initializer that holds a parameter moved like this, as in ParameterNote.
  std::string Stored(int parameter, const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped);
  std::string Constant(const std::string& name, convscope::Tensor tensor);

  // Adds a node of the file with one output, a step on the way or a Transpose.
  onnx_schema::NodeProto& AddNode(const std::string& name, const std::string& type, const std::string& output);
  // Adds the node that is `node` of the graph.
  onnx_schema::NodeProto& AddMainNode(const GraphNode& node, const std::string& type, const OnnxAttributes& attributes,
                                      const std::vector<std::string>& inputs, Layout layout);
  void UseFunction(const std::string& name) { form_.functions.insert(name); }

  std::string Unused(std::string name);  // the name, with ' added until it is a new one; taken from now on

 private:
  // How a tensor can be had: the names of its value as our graph has it and with the channels second; "" = not yet.
  struct Names {
    std::string ours, channels_first;
  };
  // The length of one axis in the file: a number, the batch, or open.
  struct Length {
    int64_t value = 0;
    bool is_batch = false, is_open = false;
  };

  void CheckGraph() const;
  void FindLengths();
  void FindOrders(const BorderAxes& axes);
  void AddInFile(int tensor);
  void AddInOurOrder(int tensor, const std::string& to);
  void AddInputsAndOutputs(const std::vector<std::string>& outputs);
  std::string AddOutput(int tensor, Layout layout);
  std::string NameIn(int tensor, Layout layout);
  void AddTransposed(int tensor, const std::string& from, const std::string& to, Layout to_layout);
  void Describe(int tensor, Layout layout, onnx_schema::ValueInfoProto& info) const;
  void DescribeInFile(int tensor, onnx_schema::ValueInfoProto& info) const;
  void DescribeIn(int tensor, const std::vector<int64_t>& order, onnx_schema::ValueInfoProto& info) const;

  const Graph& graph_;
  OnnxForm form_;
  std::set<std::string, std::less<>> names_;  // of values and nodes of the file
  std::vector<Names> values_;                 // one a tensor
  std::vector<bool> is_output_;               // one a tensor
  std::vector<std::vector<Length>> lengths_;  // one a tensor
  // One a tensor: axis i in the file is axis orders_[t][i] of ours; empty: as ours.
  std::vector<std::vector<int64_t>> orders_;
  bool came_from_file_;  // with axes of its own
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_FORM_WRITER_H_
