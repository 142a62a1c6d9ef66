#include "convscope/formats/weight_layout.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/moved_axes.h"

namespace convscope {
namespace {

bool AttributeOf(const Operation& operation, std::string_view name, bool otherwise) {
  for (const Attribute& attribute : operation.attributes()) {
    if (attribute.name == name && std::holds_alternative<bool>(attribute.value)) return std::get<bool>(attribute.value);
  }
  return otherwise;
}

// What the inputs of a node are, the first being what it computes with.
std::vector<WeightRole> RolesOf(const Operation& operation) {
  using enum WeightRole;
  const std::string_view type = operation.type();
  if (type == "Conv" || type == "ConvTranspose" || type == "Dense") return {kOther, kKernel, kBias};
  if (type == "PRelu") return {kOther, kAlpha};
  if (type == "Normalization") return {kOther, kMean, kVariance};
  if (type != "BatchNormalization" && type != "LayerNormalization") return {};
  std::vector<WeightRole> roles = {kOther};
  if (AttributeOf(operation, "scale", true)) roles.push_back(kGamma);
  if (AttributeOf(operation, "center", true)) roles.push_back(kBeta);
  roles.insert(roles.end(), {kMean, kVariance});
  return roles;
}

// The axes of ours, in the order in which PyTorch has them: the last two first, and swapped.
std::vector<int> TorchAxes(const Shape& shape) {
  std::vector<int> axes = {shape.rank() - 1, shape.rank() - 2};
  for (int axis = 0; axis + 2 < shape.rank(); ++axis) axes.push_back(axis);
  return axes;
}

Shape Permuted(const Shape& shape, const std::vector<int>& axes) {
  std::vector<int64_t> lengths;
  for (const int axis : axes) lengths.push_back(shape[axis]);
  return Shape(lengths);
}

// out axis i is in axis axes[i].
Tensor Transposed(const Tensor& in, const std::vector<int>& axes) {
  Tensor out(Permuted(in.shape(), axes));
  internal::MoveAxes(in.bytes(), out.bytes(), in.shape(), sizeof(float), {axes.begin(), axes.end()});
  return out;
}

std::vector<int> Inverse(const std::vector<int>& axes) {
  std::vector<int> inverse(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) inverse[static_cast<size_t>(axes[i])] = static_cast<int>(i);
  return inverse;
}

// Rows (C, spatial...) as (spatial..., C), or back. `columns` of each row.
Tensor Rows(Tensor in, const Shape& flattened, bool to_torch) {
  const Shape shape = in.shape();
  std::vector<int> axes = {flattened.rank() - 1};  // of PyTorch's, in ours
  for (int axis = 0; axis + 1 < flattened.rank(); ++axis) axes.push_back(axis);
  const Shape from = to_torch ? flattened : Permuted(flattened, axes);
  if (!to_torch) axes = Inverse(axes);
  std::vector<int64_t> lengths(from.lengths().begin(), from.lengths().end());
  lengths.push_back(shape.rank() > 1 ? shape[1] : 1);
  axes.push_back(flattened.rank());
  return Transposed(std::move(in).Reshaped(Shape(lengths)), axes).Reshaped(shape);
}

void Expect(const Tensor& tensor, const Shape& shape, const WeightPlace& place) {
  if (tensor.dtype() == DType::kFloat32 && tensor.shape() == shape) return;
  throw Error({.where = place.parameter,
               .rule = Concat("its weights are ", shape.ToString(), " float32"),
               .received = Concat(tensor.shape().ToString(), " ", Name(tensor.dtype()))});
}

// Follows what each element of a vector (N, I) is an element of, back through what works on each by itself.
class FlattenedTensors {
 public:
  explicit FlattenedTensors(const Graph& graph) : graph_(graph) {
    for (size_t i = 0; i < graph.nodes().size(); ++i) {
      for (const int output : graph.nodes()[i].outputs) producer_[output] = static_cast<int>(i);
    }
  }

  // (spatial..., C) of what was flattened into `tensor`, where its order differs from PyTorch's; else of rank 0.
  Shape Of(int tensor) const {
    const Shape shape = ShapeOf(tensor);
    if (shape.rank() != 2) return {};
    for (size_t steps = 0; steps <= graph_.nodes().size(); ++steps) {
      const auto found = producer_.find(tensor);
      if (found == producer_.end()) return {};
      const GraphNode& node = graph_.nodes()[static_cast<size_t>(found->second)];
      int source = -1;
      for (const int input : node.inputs) {
        if (graph_.tensors()[static_cast<size_t>(input)].role == TensorRole::kParameter) continue;
        if (source >= 0) return {};  // a sum, a product: each may come from elsewhere
        source = input;
      }
      if (source < 0) return {};
      const Shape before = ShapeOf(source);
      if (node.operation->type() == "Reshape") {
        // Turned before it was flattened, as networks of other programs are: the order is theirs already.
        const auto turned = producer_.find(source);
        if (turned != producer_.end() &&
            graph_.nodes()[static_cast<size_t>(turned->second)].operation->type() == "Transpose") {
          return {};
        }
        if (before.rank() < 3 || before.NumElements() != shape.NumElements()) return {};
        Shape sample(before.lengths().subspan(1));
        return sample.back() == 1 || sample.back() == sample.NumElements() ? Shape{} : sample;
      }
      if (before != shape || node.operation->type() == "Dense") return {};
      tensor = source;
    }
    return {};
  }

 private:
  Shape ShapeOf(int tensor) const { return graph_.tensors()[static_cast<size_t>(tensor)].type.shape; }

  const Graph& graph_;
  std::map<int, int> producer_;  // node, by tensor
};

void SetShapes(WeightPlace& place, const Operation& operation, const Shape& input) {
  place.keras = place.torch = place.shape;
  const Shape& shape = place.shape;
  if (place.role == WeightRole::kKernel && shape.rank() >= 2) {
    place.torch = Permuted(shape, TorchAxes(shape));
    // Depthwise: a filter of one channel, and as many groups as the input has channels.
    if (operation.type() == "Conv" && shape.back(1) == 1 && input.rank() > 1 && input.back() > 1) {
      std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
      lengths.back() = shape.back() / input.back();
      lengths[lengths.size() - 2] = input.back();
      place.keras = Shape(lengths);
    }
  }
  // One slope a channel is a vector there.
  if (place.role == WeightRole::kAlpha && shape.rank() > 0 && shape.back() == shape.NumElements()) {
    place.torch = Shape{shape.back()};
  }
}

}  // namespace

std::vector<WeightPlace> WeightPlaces(const Graph& graph) {
  const FlattenedTensors flattened(graph);
  std::vector<WeightPlace> places;
  std::set<int> seen;
  for (const GraphNode& node : graph.nodes()) {
    const std::vector<WeightRole> roles = RolesOf(*node.operation);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const GraphTensor& tensor = graph.tensors()[static_cast<size_t>(node.inputs[i])];
      if (tensor.role != TensorRole::kParameter || tensor.type.dtype != DType::kFloat32) continue;
      if (!seen.insert(node.inputs[i]).second) continue;  // shared: as the first node has it
      WeightPlace place{.parameter = tensor.name,
                        .module = "",
                        .leaf = tensor.name,
                        .role = i < roles.size() && i > 0 ? roles[i] : WeightRole::kOther,
                        .shape = tensor.type.shape,
                        .keras = {},
                        .torch = {}};
      if (const size_t slash = tensor.name.find_last_of("/."); slash != std::string::npos) {
        place.module = tensor.name.substr(0, slash);
        place.leaf = tensor.name.substr(slash + 1);
      }
      SetShapes(place, *node.operation, graph.tensors()[static_cast<size_t>(node.inputs[0])].type.shape);
      // Its first axis counts elements of what was flattened; a bias is of the output.
      if (place.role != WeightRole::kOther && place.role != WeightRole::kBias && place.shape.rank() >= 1) {
        const Shape sample = flattened.Of(node.inputs[0]);
        if (sample.rank() > 0 && place.shape[0] == sample.NumElements()) place.flattened = sample;
      }
      places.push_back(std::move(place));
    }
  }
  return places;
}

std::vector<std::string_view> LeafNames(const WeightPlace& place) {
  switch (place.role) {
    case WeightRole::kKernel:
      // A layer of two kernels tells them apart by their own names.
      if (place.leaf != "kernel" && place.leaf.ends_with("_kernel")) return {place.leaf};
      return {"weight", "kernel", "depthwise_kernel", "weights", "w"};
    case WeightRole::kBias:
      return {"bias", "biases", "b"};
    case WeightRole::kGamma:
      return {"weight", "gamma", "scale"};
    case WeightRole::kBeta:
      return {"bias", "beta"};
    case WeightRole::kMean:
      return {"running_mean", "moving_mean", "mean"};
    case WeightRole::kVariance:
      return {"running_var", "moving_variance", "variance", "var"};
    case WeightRole::kAlpha:
      return {"weight", "alpha"};
    default:
      return {place.leaf};
  }
}

Tensor FromTorch(const Tensor& stored, const WeightPlace& place) {
  Expect(stored, place.torch, place);
  const bool kernel = place.role == WeightRole::kKernel && place.shape.rank() >= 2;
  Tensor weights = kernel ? Transposed(stored, Inverse(TorchAxes(place.shape))) : stored.Clone().Reshaped(place.shape);
  return place.flattened.rank() > 0 ? Rows(std::move(weights), place.flattened, false) : std::move(weights);
}

Tensor ToTorch(const Tensor& weights, const WeightPlace& place) {
  Expect(weights, place.shape, place);
  Tensor rows = weights.Clone();
  if (place.flattened.rank() > 0) rows = Rows(std::move(rows), place.flattened, true);
  const bool kernel = place.role == WeightRole::kKernel && place.shape.rank() >= 2;
  return kernel ? Transposed(rows, TorchAxes(place.shape)) : std::move(rows).Reshaped(place.torch);
}

std::vector<StoredTensor> TorchState(const Graph& graph, const NamedTensors& parameters) {
  std::vector<StoredTensor> state;
  for (const WeightPlace& place : WeightPlaces(graph)) {
    // One without a module keeps its own name: two kernels would both be "weight".
    std::string name = place.module.empty() ? place.leaf : Concat(place.module, ".", LeafNames(place).front());
    std::replace(name.begin(), name.end(), '/', '.');
    state.push_back({std::move(name), Share(ToTorch(*parameters.find(place.parameter)->second, place))});
  }
  return state;
}

}  // namespace convscope
