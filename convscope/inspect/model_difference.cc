#include "convscope/inspect/model_difference.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tensor/element_type.h"

namespace convscope {
namespace {

std::string NameOf(const Graph& graph, int tensor) {
  return graph.tensors()[tensor].name;
}

std::vector<std::string> NamesOf(const Graph& graph, const std::vector<int>& tensors) {
  std::vector<std::string> names;
  for (const int tensor : tensors) names.push_back(NameOf(graph, tensor));
  return names;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

std::string TypeOf(const Graph& graph, const GraphNode& node) {
  return graph.tensors()[node.outputs[0]].type.ToString();
}

std::string AttributeText(const std::vector<Attribute>& attributes, const std::string& name) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return attribute.ValueText();
  }
  return "none";
}

// What is another in two nodes of one name; empty: nothing.
std::string ChangeOf(const Graph& a, const GraphNode& left, const Graph& b, const GraphNode& right) {
  std::vector<std::string> changes;
  const auto compare = [&](const std::string& what, const std::string& x, const std::string& y) {
    if (x != y) changes.push_back(Concat(what, what.empty() ? "" : " ", x, " -> ", y));
  };
  compare("", std::string(left.operation->type()), std::string(right.operation->type()));
  if (changes.empty()) {
    const std::vector<Attribute> x = left.operation->attributes(), y = right.operation->attributes();
    for (const Attribute& attribute : x)
      compare(attribute.name, attribute.ValueText(), AttributeText(y, attribute.name));
    for (const Attribute& attribute : y) {
      if (AttributeText(x, attribute.name) == "none") compare(attribute.name, "none", attribute.ValueText());
    }
  }
  compare("reads", Joined(NamesOf(a, left.inputs)), Joined(NamesOf(b, right.inputs)));
  compare("output", TypeOf(a, left), TypeOf(b, right));
  std::string text;
  for (const std::string& change : changes) text += (text.empty() ? "" : "; ") + change;
  return text;
}

void CompareGiven(const Graph& a, const Graph& b, std::vector<StructureChange>* changes) {
  const auto what = [](const GraphTensor& tensor) {
    return Concat(tensor.role == TensorRole::kInput ? "input " : "parameter ", tensor.type.ToString());
  };
  for (const GraphTensor& tensor : a.tensors()) {
    if (tensor.role == TensorRole::kComputed) continue;
    if (!b.Has(tensor.name)) {
      changes->push_back({"removed", tensor.name, what(tensor)});
    } else if (what(tensor) != what(b[tensor.name])) {
      changes->push_back({"changed", tensor.name, what(tensor) + " -> " + what(b[tensor.name])});
    }
  }
  for (const GraphTensor& tensor : b.tensors()) {
    if (tensor.role != TensorRole::kComputed && !a.Has(tensor.name)) {
      changes->push_back({"added", tensor.name, what(tensor)});
    }
  }
}

void CompareNodes(const Graph& a, const Graph& b, std::vector<StructureChange>* changes) {
  std::map<std::string, const GraphNode*> left, right;
  for (const GraphNode& node : a.nodes()) left[node.name] = &node;
  for (const GraphNode& node : b.nodes()) right[node.name] = &node;
  const auto alone = [](const Graph& graph, const GraphNode& node) {
    return Concat(node.operation->type(), " ", TypeOf(graph, node));
  };
  for (const GraphNode& node : a.nodes()) {
    const auto found = right.find(node.name);
    if (found == right.end()) {
      changes->push_back({"removed", node.name, alone(a, node)});
    } else if (std::string change = ChangeOf(a, node, b, *found->second); !change.empty()) {
      changes->push_back({"changed", node.name, std::move(change)});
    }
  }
  for (const GraphNode& node : b.nodes()) {
    if (!left.contains(node.name)) changes->push_back({"added", node.name, alone(b, node)});
  }
}

template <typename T>
void Measure(const T* a, const T* b, int64_t count, ArrayDifference* difference) {
  double sum = 0, squares = 0, a_squares = 0, b_squares = 0, products = 0;
  int64_t finite = 0;  // pairs
  for (int64_t i = 0; i < count; ++i) {
    const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    // An infinity that both have is no difference, nor a NaN.
    const double apart = x == y || (std::isnan(x) && std::isnan(y)) ? 0 : std::abs(x - y);
    if (apart > difference->largest || std::isnan(apart)) difference->largest = apart;
    for (const double value : {x, y}) {
      if (std::isfinite(value)) difference->magnitude = std::max(difference->magnitude, std::abs(value));
    }
    sum += apart;
    squares += apart * apart;
    // Beside an infinity all other values would be nothing.
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    ++finite;
    a_squares += x * x;
    b_squares += y * y;
    products += x * y;
  }
  if (std::isnan(sum)) difference->largest = sum;
  difference->mean = count == 0 ? 0 : sum / static_cast<double>(count);
  const double norm = std::sqrt(a_squares);
  difference->relative = squares == 0                        ? 0
                         : norm == 0 && !std::isnan(squares) ? std::numeric_limits<double>::infinity()
                                                             : std::sqrt(squares) / norm;
  if (!difference->equal && finite == 0) {
    difference->cosine = std::numeric_limits<double>::quiet_NaN();
  } else if (difference->equal || (a_squares == 0 && b_squares == 0)) {
    difference->cosine = 1;
  } else {
    difference->cosine = a_squares == 0 || b_squares == 0 ? 0 : products / std::sqrt(a_squares) / std::sqrt(b_squares);
  }
}

}  // namespace

bool ModelDifference::identical() const {
  return structure.empty() &&
         std::all_of(parameters.begin(), parameters.end(), [](const ArrayDifference& d) { return d.equal; });
}

ArrayDifference CompareArrays(std::string name, const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) {
    throw Error({.where = name,
                 .rule = "arrays that are compared have one shape and type",
                 .received = TensorType{a.shape(), a.dtype()}.ToString() + " and " +
                             TensorType{b.shape(), b.dtype()}.ToString()});
  }
  ArrayDifference difference{.name = std::move(name), .shape = a.shape()};
  difference.equal = std::memcmp(a.bytes(), b.bytes(), static_cast<size_t>(a.SizeInBytes())) == 0;
  ForElementType(a.dtype(), [&](auto type) {
    Measure(a.data<decltype(type)>(), b.data<decltype(type)>(), a.size(), &difference);
  });
  return difference;
}

ModelDifference CompareModels(const Model& a, const Model& b) {
  ModelDifference difference;
  CompareGiven(a.graph(), b.graph(), &difference.structure);
  CompareNodes(a.graph(), b.graph(), &difference.structure);
  for (const GraphTensor& tensor : a.graph().tensors()) {
    if (tensor.role != TensorRole::kParameter) continue;
    const auto other = b.parameters().find(tensor.name);
    if (other == b.parameters().end()) continue;
    const Tensor &left = *a.parameters().find(tensor.name)->second, &right = *other->second;
    if (left.shape() != right.shape() || left.dtype() != right.dtype()) continue;  // told as structure
    difference.parameters.push_back(CompareArrays(tensor.name, left, right));
  }
  return difference;
}

TraceDifference CompareTraces(const Trace& a, const Trace& b, double tolerance) {
  TraceDifference difference;
  for (const GraphTensor& tensor : a.graph().tensors()) {
    if (tensor.role != TensorRole::kComputed || !b.graph().Has(tensor.name)) continue;
    const Tensor &left = a[tensor.name], &right = b[tensor.name];
    if (left.shape() != right.shape() || left.dtype() != right.dtype()) continue;
    difference.tensors.push_back(CompareArrays(tensor.name, left, right));
    const ArrayDifference& last = difference.tensors.back();
    // Roundings are of floats: two indexes are the same or not.
    const bool floats = left.dtype() == DType::kFloat32 || left.dtype() == DType::kFloat64;
    const bool within = last.equal || (floats && last.largest <= tolerance * last.magnitude);
    if (!difference.parting && !within) difference.parting = difference.tensors.size() - 1;
  }
  return difference;
}

}  // namespace convscope
