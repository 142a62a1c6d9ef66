// One node of an .onnx file while it is turned into nodes of our graph: what the readers in the table work with. Not
// for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_NODE_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_NODE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/formats/internal/onnx_importer.h"
#include "convscope/formats/internal/onnx_tensor.h"
#include "onnx_schema.pb.h"

namespace convscope::internal {

// See OnnxPieces.
using AttributeData = std::map<std::pair<std::string, std::string>, std::string_view>;

class ImportNode {
 public:
  // `opset`: of the domain that the node is of. `outside` as in ImportTensor; `name` is the node's own here; `known`:
  // what will be fed in, as far as it is known; `wants_last`: values that lead to an operation that wants channels
  // last.
  ImportNode(OnnxImporter& importer, const onnx_schema::NodeProto& node, std::string name, int64_t opset,
             const AttributeData& data, ExternalNumbers& outside, const NamedTensors& known,
             const std::set<std::string_view>& wants_last)
      : importer_(importer),
        node_(node),
        name_(std::move(name)),
        opset_(opset),
        data_(data),
        outside_(outside),
        known_(known),
        wants_last_(wants_last) {}

  const std::string& type() const { return node_.op_type(); }
  int64_t opset() const { return opset_; }

  // Attributes of the file, or what stands for one that is missing. Throw Error for one of another type; where nothing
  // can stand for it, for one that is missing.
  bool Has(std::string_view attribute) const { return Find(attribute) != nullptr; }
  int64_t Integer(std::string_view attribute, int64_t otherwise) const;
  int64_t Integer(std::string_view attribute) const;
  double Number(std::string_view attribute, double otherwise) const;
  std::string Word(std::string_view attribute, std::string_view otherwise) const;
  std::vector<int64_t> Integers(std::string_view attribute) const;  // empty where there is none
  // The same of places and sizes: none is larger than 2^31, so that products of one and a length stay in 64 bits.
  std::vector<int64_t> SmallIntegers(std::string_view attribute) const;
  std::vector<double> Numbers(std::string_view attribute) const;
  // Throws Error where there is no such attribute.
  void Require(std::string_view attribute) const;
  // A tensor; none where there is no such attribute.
  std::optional<Tensor> TensorOf(const std::string& attribute) const;

  // Inputs. One that is left out at the end, or has an empty name, is not there.
  size_t input_count() const { return static_cast<size_t>(node_.input_size()); }
  bool HasInput(size_t i) const { return i < input_count() && !node_.input(static_cast<int>(i)).empty(); }
  const ImportedValue& Input(size_t i) const;  // throws Error where it is not there
  const Shape& InputShape(size_t i) const { return Input(i).type.shape; }
  DType InputType(size_t i) const { return Input(i).type.dtype; }
  int rank() const { return InputShape(0).rank(); }
  // `axis` of input 0, or of `rank`, from 0 on; throws Error where it is not there.
  int64_t Axis(int64_t axis, int rank) const;
  int64_t Axis(int64_t axis) const { return Axis(axis, rank()); }

  // Throws Error for a value larger than 2^31, as SmallIntegers does.
  void CheckSmall(std::string_view what, const std::vector<int64_t>& values) const;

  // What input i holds, where that must be known before the model runs; throws Error where it is not.
  SharedTensor Constant(size_t i, std::string_view what) const;
  std::vector<int64_t> ConstantIntegers(size_t i, std::string_view what) const;
  std::vector<double> ConstantNumbers(size_t i, std::string_view what) const;
  double ConstantNumber(size_t i, std::string_view what) const;    // one
  int64_t ConstantInteger(size_t i, std::string_view what) const;  // one, of any type, whole

  // The order in which input i lies already.
  FileAxes AxesOf(size_t i) const;
  // Of the first input that is computed and stands otherwise than in the file, and has the rank of the result; else the
  // file's: what an operation on elements takes over.
  FileAxes Following(int rank) const;
  // Names of tensors of ours that hold input i.
  std::string Stored(size_t i, const FileAxes& axes) const;
  std::string AsInFile(size_t i) const { return Stored(i, SameAxes(InputShape(i).rank())); }
  std::string ChannelsLast(size_t i) const { return Stored(i, ChannelsLastAxes(InputShape(i).rank())); }
  // A tensor, of any shape with the same first axis, that holds the elements of input i in the file's order.
  std::string ElementsInFileOrder(size_t i) const;
  // Input i under the shape that broadcasting to `axes.size()` axes gives it, in their order. `first`: the axis of the
  // result that its first one is, where it is not aligned at the last (as opset 6 can have it).
  std::string Broadcasting(size_t i, const FileAxes& axes, int64_t first = -1) const;

  // A constant of ours, called NODE/purpose.
  std::string AddConstant(std::string_view purpose, Tensor tensor) const;
  // A number of the type of input 0.
  std::string AddNumber(std::string_view purpose, double value) const;
  // A node called NODE/step with one output of that name, which is returned.
  std::string AddStep(std::string_view step, OperationPtr operation, const std::vector<std::string>& inputs) const;

  // Takes `elements` out of what may be made of no numbers of the file; throws Error where there is no more.
  void Spend(int64_t elements) const { importer_.Spend(elements); }

  // Outputs.
  size_t output_count() const { return static_cast<size_t>(node_.output_size()); }
  bool WantsOutput(size_t i) const { return i < output_count() && !node_.output(static_cast<int>(i)).empty(); }
  // Whether output i goes, through operations that follow their input, to one that wants channels last.
  bool LeadsToChannelsLast(size_t i) const {
    return WantsOutput(i) && wants_last_.contains(node_.output(static_cast<int>(i)));
  }
  // The node itself, its outputs from output `first` on called as in the file; `axes` is how all of them lie.
  void Add(OperationPtr operation, const std::vector<std::string>& inputs, const FileAxes& axes, size_t first = 0,
           size_t count = 1) const;
  // Output i is known already.
  void AddKnown(size_t i, Tensor tensor) const;
  // Output i is what `tensor` of ours holds, under its own name.
  void AddSame(size_t i, const std::string& tensor, const FileAxes& axes) const;

  [[noreturn]] void Fail(std::string rule, std::string received) const;
  OnnxImporter& importer() const { return importer_; }

 private:
  const onnx_schema::AttributeProto* Find(std::string_view name) const;
  const onnx_schema::AttributeProto* Find(std::string_view name, onnx_schema::AttributeProto::AttributeType type) const;
  const std::string& InputName(size_t i) const;

  OnnxImporter& importer_;
  const onnx_schema::NodeProto& node_;
  std::string name_;
  int64_t opset_;
  const AttributeData& data_;
  ExternalNumbers& outside_;
  const NamedTensors& known_;
  const std::set<std::string_view>& wants_last_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_NODE_H_
