#include "convscope/formats/internal/onnx_function.h"

#include <initializer_list>
#include <numbers>

#include "convscope/base/error.h"

namespace convscope::internal {
namespace {

// The body is written line by line: each line one operation, whose result has a name.
class Body {
 public:
  explicit Body(onnx_schema::FunctionProto& function) : function_(function) {}

  void Line(const std::string& result, const std::string& type, std::initializer_list<std::string> inputs) {
    onnx_schema::NodeProto& node = *function_.add_node();
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(result);
    node.set_name(result);
    node.set_op_type(type);
  }

  // A constant of the type of X, whichever that is.
  void Constant(const std::string& result, double value) {
    Line(result + "_float", "Constant", {});
    onnx_schema::AttributeProto& attribute = *function_.mutable_node(function_.node_size() - 1)->add_attribute();
    attribute.set_name("value_float");
    attribute.set_type(onnx_schema::AttributeProto::FLOAT);
    attribute.set_f(static_cast<float>(value));
    Line(result, "CastLike", {result + "_float", "X"});
  }

 private:
  onnx_schema::FunctionProto& function_;
};

}  // namespace

onnx_schema::FunctionProto OnnxFunction(const std::string& name) {
  onnx_schema::FunctionProto function;
  function.set_name(name);
  function.set_domain(kOnnxDomain);
  function.add_input("X");
  function.add_output("Y");
  onnx_schema::OperatorSetIdProto& opset = *function.add_opset_import();
  opset.set_domain("");
  opset.set_version(kOnnxOpset);
  Body body(function);
  if (name == "Swish") {
    function.set_doc_string("x sigmoid(x)");
    body.Line("sigmoid", "Sigmoid", {"X"});
    body.Line("Y", "Mul", {"X", "sigmoid"});
  } else if (name == "Mish") {
    function.set_doc_string("x tanh(softplus(x))");
    body.Line("softplus", "Softplus", {"X"});
    body.Line("tanh", "Tanh", {"softplus"});
    body.Line("Y", "Mul", {"X", "tanh"});
  } else if (name == "Gelu") {
    function.set_doc_string("x/2 (1 + erf(x / sqrt(2)))");
    body.Constant("half", 0.5);
    body.Constant("one", 1);
    body.Constant("inverse_root", 1 / std::numbers::sqrt2);
    body.Line("scaled", "Mul", {"X", "inverse_root"});
    body.Line("erf", "Erf", {"scaled"});
    body.Line("sum", "Add", {"erf", "one"});
    body.Line("share", "Mul", {"sum", "half"});
    body.Line("Y", "Mul", {"X", "share"});
  } else if (name == "GeluTanh") {
    function.set_doc_string("x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))");
    body.Constant("half", 0.5);
    body.Constant("one", 1);
    body.Constant("cubic", 0.044715);
    body.Constant("root", std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
    body.Line("square", "Mul", {"X", "X"});
    body.Line("scaled", "Mul", {"square", "cubic"});
    body.Line("factor", "Add", {"scaled", "one"});
    body.Line("inner", "Mul", {"X", "factor"});
    body.Line("argument", "Mul", {"inner", "root"});
    body.Line("tanh", "Tanh", {"argument"});
    body.Line("sum", "Add", {"tanh", "one"});
    body.Line("share", "Mul", {"sum", "half"});
    body.Line("Y", "Mul", {"X", "share"});
  } else {
    throw Error({.where = "onnx", .rule = "convscope has functions Swish, Mish, Gelu, GeluTanh", .received = name});
  }
  return function;
}

}  // namespace convscope::internal
