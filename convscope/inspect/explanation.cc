#include "convscope/inspect/explanation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/maps.h"

namespace convscope {
namespace {

// The axes that a place is told of: not the batch, where there is one sample.
int FirstAxis(const Shape& shape) {
  return shape.rank() > 1 && shape[0] == 1 ? 1 : 0;
}

std::string AxisName(const Shape& shape, int axis) {
  const int first = FirstAxis(shape), axes = shape.rank() - first;
  if (first == 0 || axes > 4) return Concat("axis ", axis);
  if (axes == 1) return "units";
  static constexpr const char* kNames[] = {"slices", "rows", "columns", "channels"};
  return kNames[axis - first + 4 - axes];
}

const GraphNode& NodeOf(const Graph& graph, int tensor) {
  for (const GraphNode& node : graph.nodes()) {
    if (std::find(node.outputs.begin(), node.outputs.end(), tensor) != node.outputs.end()) return node;
  }
  constexpr size_t kMostListed = 20;
  const std::vector<std::string> computed = MapTensors(graph);
  std::string list;
  for (size_t i = 0; i < std::min(computed.size(), kMostListed); ++i) list += (i == 0 ? "" : ", ") + computed[i];
  if (computed.size() > kMostListed) list += Concat(" and ", computed.size() - kMostListed, " more");
  throw Error({.where = graph.tensors()[tensor].name,
               .rule = "what is explained is computed",
               .received = "a tensor that is given to the network",
               .fix = list.empty() ? "" : "it computes " + list});
}

}  // namespace

std::string PlacesText(const Shape& shape) {
  std::string text;
  for (int axis = FirstAxis(shape); axis < shape.rank(); ++axis) {
    text += Concat(text.empty() ? "" : ", ", AxisName(shape, axis), " 0 to ", shape[axis] - 1);
  }
  return text;
}

std::string Text(const ValuePlace& place, const Shape& shape) {
  const std::vector<int64_t> places = PlacesOf(place.element, shape);
  std::string text = place.tensor;
  for (int axis = FirstAxis(shape); axis < shape.rank(); ++axis) {
    text += (axis == FirstAxis(shape) ? ":" : ",") + std::to_string(places[axis]);
  }
  return text;
}

ValuePlace ParseValuePlace(const Graph& graph, std::string_view text) {
  const std::string where(text);
  const size_t colon = text.rfind(':');
  // A tensor alone is met often: then its places are what is asked for. A name may have colons of its own.
  const bool known = graph.Has(text) && (colon == std::string_view::npos || !graph.Has(text.substr(0, colon)));
  if (known || colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    throw Error({.where = where,
                 .rule = known ? Concat("a value is TENSOR:y,x,c or, of units, TENSOR:c; this tensor has ",
                                        PlacesText(graph[text].type.shape))
                               : "a value is TENSOR:y,x,c or, of units, TENSOR:c",
                 .fix = "give its place, for example conv_1:12,3,5"});
  }
  const std::string_view tensor = text.substr(0, colon);
  const Shape& shape = graph[tensor].type.shape;
  const std::vector<std::string> numbers = Split(text.substr(colon + 1), ',');
  const int first = FirstAxis(shape);
  const auto refuse = [&] {
    throw Error({.where = std::string(tensor),
                 .rule = Concat("a place has ", shape.rank() - first,
                                shape.rank() - first == 1 ? " whole number: " : " whole numbers: ", PlacesText(shape)),
                 .received = std::string(text.substr(colon + 1))});
  };
  if (static_cast<int>(numbers.size()) != shape.rank() - first) refuse();
  int64_t element = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const int64_t length = shape[first + static_cast<int>(i)];
    if (numbers[i].empty() || numbers[i].find_first_not_of("0123456789-") != std::string::npos) refuse();
    const int64_t place = ParseInteger(numbers[i], where);
    if (place < 0 || place >= length) refuse();
    element = element * length + place;
  }
  return {.tensor = std::string(tensor), .element = element};
}

bool IsExplained(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

bool Explanation::Agrees() const {
  if (!arithmetic) return false;
  const double value = arithmetic->value;
  if (std::isnan(value) || std::isnan(traced)) return std::isnan(value) && std::isnan(traced);
  return value == traced || std::abs(value - traced) <= arithmetic->tolerance;
}

Explanation ExplainValue(const Trace& trace, const ValuePlace& place) {
  const Graph& graph = trace.graph();
  const int index = graph.Find(place.tensor);
  const GraphTensor& tensor = graph.tensors()[index];
  if (place.element < 0 || place.element >= tensor.type.shape.NumElements()) {
    throw Error({.where = place.tensor,
                 .rule = Concat("there are elements 0 to ", tensor.type.shape.NumElements() - 1),
                 .received = Concat(place.element)});
  }
  if (!IsExplained(tensor.type.dtype)) {
    throw Error({.where = place.tensor,
                 .rule = "the values that are explained are float32 or float64",
                 .received = tensor.type.ToString()});
  }
  const GraphNode& node = NodeOf(graph, index);
  Explanation result{.place = place,
                     .shape = tensor.type.shape,
                     .node = node.name,
                     .operation = std::string(node.operation->type()),
                     .attributes = node.operation->attributes(),
                     .traced = ElementOf(trace[place.tensor], place.element)};
  for (const NodeReport& report : trace.reports()) {
    if (report.node == node.name) result.path = report.path;
  }
  std::vector<const Tensor*> inputs;
  for (const int input : node.inputs) {
    result.inputs.push_back(graph.tensors()[input].name);
    result.input_shapes.push_back(graph.tensors()[input].type.shape);
    result.input_roles.push_back(graph.tensors()[input].role);
    inputs.push_back(&trace[result.inputs.back()]);
  }
  if (node.outputs.size() == 1) result.arithmetic = node.operation->Explain(inputs, place.element);
  return result;
}

std::vector<Explanation> ExplainChain(const Trace& trace, const ValuePlace& place) {
  std::vector<Explanation> chain = {ExplainValue(trace, place)};
  while (chain.back().arithmetic && chain.back().arithmetic->through) {
    const ArithmeticTerm& term = chain.back().arithmetic->terms[*chain.back().arithmetic->through];
    const std::string& input = chain.back().inputs[term.input];
    const GraphTensor& tensor = trace.graph()[input];
    if (tensor.role != TensorRole::kComputed || !IsExplained(tensor.type.dtype)) break;
    chain.push_back(ExplainValue(trace, {.tensor = input, .element = term.element}));
  }
  return chain;
}

bool ToldBefore(double a, double b) {
  return std::isnan(a) ? !std::isnan(b) : a > b;
}

std::vector<ChannelSum> SumsByChannel(const Arithmetic& arithmetic) {
  if (!arithmetic.has_places || arithmetic.rule != Arithmetic::Rule::kSum) return {};
  std::vector<ChannelSum> sums(static_cast<size_t>(arithmetic.window.back()));
  for (size_t c = 0; c < sums.size(); ++c) sums[c].channel = static_cast<int64_t>(c);
  for (size_t i = 0; i < arithmetic.terms.size(); ++i) sums[i % sums.size()].sum += arithmetic.terms[i].product();
  std::stable_sort(sums.begin(), sums.end(), [](const ChannelSum& a, const ChannelSum& b) {
    return ToldBefore(std::abs(a.sum), std::abs(b.sum));
  });
  return sums;
}

std::vector<size_t> LargestTerms(const Arithmetic& arithmetic) {
  std::vector<size_t> order;
  for (size_t i = 0; i < arithmetic.terms.size(); ++i) {
    if (arithmetic.terms[i].input >= 0) order.push_back(i);
  }
  const auto size = [&](size_t i) { return std::abs(arithmetic.terms[i].product()); };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return ToldBefore(size(a), size(b)); });
  return order;
}

std::optional<size_t> MainTerm(const Explanation& explanation) {
  if (!explanation.arithmetic) return std::nullopt;
  const Arithmetic& arithmetic = *explanation.arithmetic;
  if (arithmetic.through) return arithmetic.through;
  const double sign = arithmetic.rule == Arithmetic::Rule::kSum && arithmetic.value < 0 ? -1 : 1;
  std::optional<size_t> best;
  double most = 0;
  for (size_t i = 0; i < arithmetic.terms.size(); ++i) {
    const ArithmeticTerm& term = arithmetic.terms[i];
    if (term.input < 0 || explanation.input_roles[term.input] == TensorRole::kParameter) continue;
    const bool factors = arithmetic.rule == Arithmetic::Rule::kProduct;
    const double size = factors ? std::abs(term.value) : sign * term.product();
    if (!best || ToldBefore(size, most)) {
      best = i;
      most = size;
    }
  }
  return best;
}

std::vector<BackwardStep> WalkBack(const Trace& trace, const ValuePlace& place) {
  std::vector<BackwardStep> steps;
  ValuePlace at = place;
  while (true) {
    const GraphTensor& tensor = trace.graph()[at.tensor];
    BackwardStep step{.place = at, .shape = tensor.type.shape, .value = ElementOf(trace[at.tensor], at.element)};
    if (tensor.role != TensorRole::kComputed) {
      steps.push_back(std::move(step));
      return steps;
    }
    if (!IsExplained(tensor.type.dtype)) {
      step.operation = NodeOf(trace.graph(), trace.graph().Find(at.tensor)).operation->type();
      step.end = Concat("whose numbers are ", Name(tensor.type.dtype), ", not explained further");
      steps.push_back(std::move(step));
      return steps;
    }
    const Explanation explanation = ExplainValue(trace, at);
    const std::optional<size_t> main = MainTerm(explanation);
    step.operation = explanation.operation;
    if (!main) {
      step.end = explanation.arithmetic ? "which is made of padding and parameters alone"
                                        : "which does not tell its arithmetic";
      steps.push_back(std::move(step));
      return steps;
    }
    const Arithmetic& arithmetic = *explanation.arithmetic;
    const ArithmeticTerm& term = arithmetic.terms[*main];
    step.contribution = arithmetic.rule == Arithmetic::Rule::kSum ? term.product() : step.value;
    const auto count = std::count_if(arithmetic.terms.begin(), arithmetic.terms.end(),
                                     [](const ArithmeticTerm& one) { return one.input >= 0; });
    // A NaN is not the largest: it is what makes all of it NaN.
    const bool broken = std::isnan(term.product());
    const auto main_of = [&](const char* what) {
      if (broken) return Concat("a NaN among ", count, " ", what);
      const auto equal =
          std::count_if(arithmetic.terms.begin(), arithmetic.terms.end(),
                        [&](const ArithmeticTerm& one) { return one.input >= 0 && one.value == term.value; });
      return count > 1 && equal == count ? Concat("the first of ", count, " equal ", what)
                                         : Concat("the largest of ", count, " ", what);
    };
    if (arithmetic.through) {
      step.through = true;
      step.how = "what it was made of";
    } else if (arithmetic.rule == Arithmetic::Rule::kMaximum) {
      step.how = main_of("values");
    } else if (arithmetic.rule == Arithmetic::Rule::kProduct) {
      step.how = main_of("factors");
    } else {
      double same = 0;
      for (const ArithmeticTerm& one : arithmetic.terms) {
        if (one.product() * term.product() > 0) same += one.product();
      }
      step.of_sum = true;
      step.share = broken ? term.product() : same != 0 ? term.product() / same : 1;
      // What is added without weights, two branches or the values of a mean, is no product.
      const bool weighted = std::any_of(arithmetic.terms.begin(), arithmetic.terms.end(),
                                        [](const ArithmeticTerm& one) { return one.weight_input >= 0; });
      if (count == 1) {
        step.how = weighted ? "the only product" : "the only term";
      } else {
        step.how = main_of(weighted ? "products" : "terms");
      }
    }
    at = {.tensor = explanation.inputs[term.input], .element = term.element};
    steps.push_back(std::move(step));
  }
}

}  // namespace convscope
