#include "convscope/graph/gradient.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/add_operation.h"

namespace convscope {
namespace {

bool IsFloating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

class BackwardPass {
 public:
  BackwardPass(GraphBuilder& builder, GradientRule rule) : builder_(builder), rule_(rule), forward_(builder.Build()) {
    depends_.resize(forward_.tensors().size());
    matters_.resize(forward_.tensors().size());
    uses_.resize(forward_.tensors().size());
    terms_.resize(forward_.tensors().size());
  }

  GradientNames Add(const std::vector<GradientSeed>& seeds, const std::vector<std::string>& wanted) {
    for (const std::string& name : wanted) depends_[forward_.Find(name)] = true;
    for (const GradientSeed& seed : seeds) AddSeed(seed);
    MarkTheWay();
    for (size_t i = forward_.nodes().size(); i-- > 0;) {
      try {
        Visit(forward_.nodes()[i]);
      } catch (const Error& error) {
        throw error.At(Concat("gradient of node ", forward_.nodes()[i].name));
      }
    }
    GradientNames names;
    for (size_t t = 0; t < terms_.size(); ++t) {
      if (depends_[t] && !terms_[t].empty()) names[forward_.tensors()[t].name] = Sum(static_cast<int>(t));
    }
    return names;
  }

 private:
  void AddSeed(const GradientSeed& seed) {
    const int tensor = forward_.Find(seed.tensor);
    const TensorType& type = forward_.tensors()[tensor].type;
    const TensorType& given = forward_[seed.seed].type;
    if (type != given || !IsFloating(type.dtype)) {
      throw Error({.where = "seed " + seed.seed,
                   .rule = Concat("a seed has the type of its floating tensor ", seed.tensor, ", ", type.ToString()),
                   .received = given.ToString()});
    }
    matters_[tensor] = true;
    terms_[tensor].push_back(seed.seed);
    ++uses_[tensor];
  }

  // Which tensors depend on a wanted one, which ones a seed depends on, and how many terms the gradient of each has.
  void MarkTheWay() {
    for (const GraphNode& node : forward_.nodes()) {
      const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(), [&](int t) { return depends_[t]; });
      for (const int output : node.outputs) {
        depends_[output] = depends_[output] || (reads && IsFloating(forward_.tensors()[output].type.dtype));
      }
    }
    for (size_t i = forward_.nodes().size(); i-- > 0;) {
      const GraphNode& node = forward_.nodes()[i];
      if (std::none_of(node.outputs.begin(), node.outputs.end(), [&](int t) { return matters_[t]; })) continue;
      for (const int input : node.inputs) {
        matters_[input] = true;
        ++uses_[input];
      }
    }
  }

  void Visit(const GraphNode& node) {
    NodeGradient gradient{.builder = builder_, .rule = rule_};
    bool any_output = false, any_input = false;
    for (const int output : node.outputs) {
      gradient.outputs.push_back(forward_.tensors()[output].name);
      // Summed only where it is going to be read.
      gradient.output_gradients.push_back(depends_[output] && !terms_[output].empty() ? Sum(output) : "");
      any_output = any_output || !gradient.output_gradients.back().empty();
    }
    for (const int input : node.inputs) {
      const std::string& name = forward_.tensors()[input].name;
      gradient.inputs.push_back(name);
      std::string target = depends_[input] ? "gradient/" + name : "";
      if (depends_[input] && uses_[input] > 1) target += "/" + node.name;
      while (!target.empty() && std::count(gradient.names.begin(), gradient.names.end(), target) > 0) target += "'";
      any_input = any_input || depends_[input];
      gradient.names.push_back(std::move(target));
    }
    if (!any_output || !any_input) return;
    const std::vector<std::string> terms = node.operation->AddGradient(gradient);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (depends_[node.inputs[i]] && !terms[i].empty()) terms_[node.inputs[i]].push_back(terms[i]);
    }
  }

  // The one tensor that holds the gradient of `tensor`, all of whose terms are known.
  std::string Sum(int tensor) {
    std::vector<std::string>& terms = terms_[tensor];
    if (terms.size() > 1) {
      const std::string name = "gradient/" + forward_.tensors()[tensor].name;
      builder_.Add(name, AddOp{}, terms);
      terms = {name};
    }
    return terms[0];
  }

  GraphBuilder& builder_;
  GradientRule rule_;
  Graph forward_;  // as it was before the pass
  std::vector<bool> depends_, matters_;
  std::vector<int> uses_;
  std::vector<std::vector<std::string>> terms_;  // of the gradient of each tensor
};

// The graph of both passes, with the seed as an input.
Model WithGradients(const Model& model, const std::string& tensor, GradientRule rule, GradientNames& names) {
  GraphBuilder builder(model.graph());
  const std::string seed = "seed/" + tensor;
  builder.Input(seed, model.graph()[tensor].type);
  std::vector<std::string> wanted;
  for (const GraphTensor& known : model.graph().tensors()) {
    if (known.role != TensorRole::kComputed && IsFloating(known.type.dtype)) wanted.push_back(known.name);
  }
  names = AddGradients(builder, {{tensor, seed}}, wanted, rule);
  return Model(builder.Build(), model.parameters());
}

NamedTensors WithSeed(NamedTensors inputs, const std::string& tensor, SharedTensor seed) {
  inputs["seed/" + tensor] = std::move(seed);
  return inputs;
}

}  // namespace

GradientNames AddGradients(GraphBuilder& builder, const std::vector<GradientSeed>& seeds,
                           const std::vector<std::string>& wanted, GradientRule rule) {
  return BackwardPass(builder, rule).Add(seeds, wanted);
}

GradientTrace::GradientTrace(const Model& model, const NamedTensors& inputs, const std::string& tensor,
                             SharedTensor seed, GradientRule rule)
    : trace_(WithGradients(model, tensor, rule, names_), WithSeed(inputs, tensor, std::move(seed))) {}

SharedTensor GradientTrace::Get(std::string_view tensor) const {
  const auto found = names_.find(tensor);
  if (found != names_.end()) return trace_.Get(found->second);
  std::vector<std::string> known;
  for (const auto& [name, gradient] : names_) known.push_back(name);
  throw Error({.where = "gradients",
               .rule = "a gradient is called by the name of a tensor that the seed depends on",
               .received = Concat('"', tensor, '"'),
               .fix = DidYouMean(tensor, known)});
}

}  // namespace convscope
