// The graph that is being made of an .onnx file: what each value of the file has become. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORTER_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORTER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/formats/onnx.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/named_tensors.h"

namespace convscope::internal {

// The order of the axes of a tensor of ours: its axis i is axis axes[i] of the file's.
using FileAxes = std::vector<int64_t>;

FileAxes SameAxes(int rank);
FileAxes ChannelsLastAxes(int rank);  // of (N, C, spatial...): the file's axes 0, 2, ..., 1
bool IsSame(const FileAxes& axes);
// Where each axis of the file stands in ours.
FileAxes Inverse(const FileAxes& axes);
// `values`, one an axis of the file, in our order; and a shape.
std::vector<int64_t> InOrder(const FileAxes& axes, const std::vector<int64_t>& values);
Shape InOrder(const FileAxes& axes, const Shape& shape);

// A value of the file: a constant, a tensor of our graph, or both.
struct ImportedValue {
  TensorType type;        // with the file's axes
  std::string tensor;     // of our graph; empty: there is none yet
  FileAxes axes;          // of `tensor`
  SharedTensor constant;  // with the file's axes; null: not known before the model runs
};

class OnnxImporter {
 public:
  // `made_elements`: how many elements may still be made of no numbers of the file, by constants that it only
  // describes, and by what is computed while it is read. It outlives the importer.
  explicit OnnxImporter(int64_t& made_elements) : made_elements_(made_elements) {}

  GraphBuilder& builder() { return builder_; }
  const NamedTensors& parameters() const { return parameters_; }
  const std::map<std::string, FileAxes, std::less<>>& axes() const { return axes_; }

  bool Has(std::string_view value) const { return values_.contains(value); }
  // Throws Error for a value that no node before has computed.
  const ImportedValue& Get(std::string_view value) const;

  void AddInput(const std::string& value, TensorType type, FileAxes axes);
  void AddConstant(const std::string& value, SharedTensor constant);
  // The value is what `tensor`, computed or fed in, holds.
  void AddComputed(const std::string& value, const std::string& tensor, FileAxes axes);

  // Whether maps of this shape, in the file's order, stand channels last already.
  bool HasMapsOf(const Shape& shape) const { return maps_.contains({shape.lengths().begin(), shape.lengths().end()}); }

  // How the axes of a tensor of ours stand, for who reads the graph.
  void SetAxes(const std::string& tensor, const FileAxes& axes);

  // The name of a tensor of ours that holds the value with its axes in this order; it is made where there is none.
  std::string Stored(const std::string& value, const FileAxes& axes);
  // A parameter that holds `constant`.
  std::string Parameter(const std::string& name, SharedTensor constant);
  // The name of the tensor that was made of `what` with its axes in this order; empty, to be set, where there is none.
  std::string& Made(const std::string& what, const FileAxes& axes);
  // Adds a node of one output and returns its name; both are named `name` or, where there is one, by a number more.
  std::string AddNode(const std::string& name, OperationPtr operation, const std::vector<std::string>& inputs);

  // The same with outputs of these names. A node that has another's name gets a number too.
  void AddNode(const std::string& name, OperationPtr operation, const std::vector<std::string>& inputs,
               const std::vector<std::string>& outputs);

  // `name` or, where a tensor has it, the first of name_1, name_2, ... that none has.
  std::string FreeName(const std::string& name) const;

  // Throws Error where no more may be made.
  void Spend(int64_t elements);

  // What there was at some time, and going back to it: all that was added since is forgotten.
  struct Mark {
    size_t tensors, nodes, values, stored, axes;
  };
  Mark Here() const;
  void RollBack(const Mark& mark);

 private:
  void CheckNew(const std::string& value) const;
  // No axis is longer than 2^31, so that products of a length and an attribute stay in 64 bits.
  void CheckLengths(const Shape& shape) const;
  template <typename IsTaken>
  static std::string Numbered(const std::string& name, std::map<std::string, int, std::less<>>& next,
                              const IsTaken& is_taken);

  int64_t& made_elements_;
  GraphBuilder builder_;
  std::set<std::string> node_names_;
  NamedTensors parameters_;
  std::map<std::string, ImportedValue, std::less<>> values_;
  std::map<std::pair<std::string, FileAxes>, std::string> stored_;  // tensors by what they hold
  std::set<std::vector<int64_t>> maps_;  // shapes of maps that stand channels last, those that are rolled back too
  std::map<std::string, FileAxes, std::less<>> axes_;  // of the tensors of ours that stand otherwise
  // The keys of these maps in the order in which they came, which is how the last ones are found again.
  std::vector<std::string> value_order_, axes_order_;
  std::vector<std::pair<std::string, FileAxes>> stored_order_;
  // From which number on a name may be free: many nodes can have one name.
  mutable std::map<std::string, int, std::less<>> next_tensor_, next_node_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORTER_H_
