#include "convscope/graph/internal/fold.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "convscope/graph/internal/channel_line.h"

namespace convscope {
namespace {

// A constant that is larger than what it is made of is computed at each call from this size on.
constexpr int64_t kMostBytes = int64_t{16} << 20;
// Each line goes over the whole kernel once more; networks have a batch norm and a product or two.
constexpr int kMostLines = 8;

// A line's numbers in a tensor of the kernel's type; none where one of them is no finite number.
template <typename Value>
std::optional<Tensor> Filled(const Shape& shape, DType dtype, const Value& value) {
  Tensor tensor(shape, dtype);
  bool finite = true;
  const auto fill = [&](auto span) {
    for (size_t i = 0; i < span.size(); ++i) {
      span[i] = static_cast<std::remove_reference_t<decltype(span[i])>>(value(static_cast<int64_t>(i)));
      finite = finite && std::isfinite(span[i]);
    }
  };
  dtype == DType::kFloat64 ? fill(tensor.view<double>().span()) : fill(tensor.view<float>().span());
  return finite ? std::optional<Tensor>(std::move(tensor)) : std::nullopt;
}

class Folder {
 public:
  Folder(const Model& model, const std::set<std::string, std::less<>>& outputs)
      : graph_(model.graph()), constants_(graph_.tensors().size()), asked_(graph_.tensors().size()) {
    for (size_t t = 0; t < graph_.tensors().size(); ++t) {
      const GraphTensor& tensor = graph_.tensors()[t];
      if (tensor.role == TensorRole::kParameter) constants_[t] = model.parameters().find(tensor.name)->second;
      asked_[t] = outputs.contains(tensor.name);
    }
    FindNeeded();
    for (size_t i = 0; i < needed_.size(); ++i) {
      if (needed_[i] && IsConstant(graph_.nodes()[i])) Compute(i);
    }
    readers_.resize(graph_.tensors().size());
    for (size_t i = 0; i < needed_.size(); ++i) {
      if (!needed_[i]) continue;
      for (const int tensor : graph_.nodes()[i].inputs) readers_[tensor].push_back(i);
    }
  }

  FoldedModel Build() && {
    for (const GraphTensor& tensor : graph_.tensors()) {
      if (tensor.role == TensorRole::kInput) builder_.Input(tensor.name, tensor.type);
    }
    for (size_t i = 0; i < needed_.size(); ++i) {
      if (!needed_[i]) continue;
      const GraphNode& node = graph_.nodes()[i];
      if (AddWithLines(node)) continue;
      std::vector<std::string> inputs;
      for (const int tensor : node.inputs) inputs.push_back(Read(tensor));
      builder_.Add(node.name, node.operation, inputs, Names(node.outputs));
    }
    return {Model(builder_.Build(), std::move(parameters_)), computed_, lines_};
  }

 private:
  void FindNeeded() {
    std::vector<bool> tensors = asked_;
    needed_.resize(graph_.nodes().size());
    for (size_t i = needed_.size(); i-- > 0;) {
      const GraphNode& node = graph_.nodes()[i];
      needed_[i] = std::any_of(node.outputs.begin(), node.outputs.end(), [&](int t) { return tensors[t]; });
      if (!needed_[i]) continue;
      for (const int tensor : node.inputs) tensors[tensor] = true;
    }
  }

  bool IsConstant(const GraphNode& node) const {
    int64_t read = 0, written = 0;
    for (const int tensor : node.inputs) {
      if (!constants_[tensor]) return false;
      read += constants_[tensor]->SizeInBytes();
    }
    for (const int tensor : node.outputs) {
      if (asked_[tensor]) return false;  // an output of a run is computed by it
      written += graph_.tensors()[tensor].type.SizeInBytes();
    }
    return !node.inputs.empty() && (written <= kMostBytes || written <= read);
  }

  std::vector<const Tensor*> ConstantsOf(const GraphNode& node) const {
    std::vector<const Tensor*> list;
    for (const int tensor : node.inputs) list.push_back(constants_[tensor].get());
    return list;
  }

  void Compute(size_t i) {
    const GraphNode& node = graph_.nodes()[i];
    const std::vector<const Tensor*> constants = ConstantsOf(node);
    std::vector<const void*> from;
    for (const Tensor* tensor : constants) from.push_back(tensor->bytes());
    std::vector<Tensor> results;
    std::vector<void*> to;
    for (const int tensor : node.outputs) {
      const TensorType& type = graph_.tensors()[tensor].type;
      results.emplace_back(type.shape, type.dtype);
      to.push_back(results.back().bytes());
    }
    (*node.operation->Prepare(graph_.InputTypes(node), constants, {}))(from, to);
    for (size_t k = 0; k < results.size(); ++k) constants_[node.outputs[k]] = Share(std::move(results[k]));
    needed_[i] = false;
    ++computed_;
  }

  // The line that `reader` puts through the tensor, which nobody else may want.
  std::optional<ChannelLine> LineBehind(int tensor) const {
    if (asked_[tensor] || readers_[tensor].size() != 1) return std::nullopt;
    const GraphNode& reader = graph_.nodes()[readers_[tensor][0]];
    const auto* line = dynamic_cast<const IsChannelLine*>(reader.operation.get());
    if (line == nullptr || reader.outputs.size() != 1) return std::nullopt;
    const std::vector<const Tensor*> constants = ConstantsOf(reader);
    size_t through = 0;
    for (size_t i = 0; i < constants.size(); ++i) {
      if (reader.inputs[i] == tensor) {
        through = i;
      } else if (constants[i] == nullptr) {
        return std::nullopt;
      }
    }
    if (graph_.tensors()[reader.outputs[0]].type != graph_.tensors()[tensor].type) return std::nullopt;
    return line->Line(graph_.InputTypes(reader), constants, through);
  }

  // Adds the node with the lines behind it in its kernel and bias; false where there are none.
  bool AddWithLines(const GraphNode& node) {
    const auto* takes = dynamic_cast<const TakesChannelLine*>(node.operation.get());
    if (takes == nullptr || node.outputs.size() != 1) return false;
    const std::vector<const Tensor*> constants = ConstantsOf(node);
    const bool has_bias = constants.size() > 2;
    if (constants[1] == nullptr || (has_bias && constants[2] == nullptr)) return false;
    const std::optional<int> axis = takes->KernelAxis(graph_.InputTypes(node));
    if (!axis) return false;
    const Tensor& kernel = *constants[1];
    const int64_t channels = kernel.shape()[*axis];
    int64_t inner = 1;  // elements from one channel's to the next's
    for (int i = *axis + 1; i < kernel.shape().rank(); ++i) inner *= kernel.shape()[i];

    ChannelLine all{std::vector<double>(static_cast<size_t>(channels), 1.0),
                    std::vector<double>(static_cast<size_t>(channels))};
    for (int64_t c = 0; has_bias && c < channels; ++c) all.offset[static_cast<size_t>(c)] = ElementOf(*constants[2], c);
    int last = node.outputs[0], lines = 0;
    std::optional<Tensor> new_kernel, new_bias;
    while (lines < kMostLines) {
      const std::optional<ChannelLine> line = LineBehind(last);
      if (!line) break;
      ChannelLine next = all;
      for (size_t c = 0; c < next.scale.size(); ++c) {
        next.scale[c] = all.scale[c] * line->scale[c];
        next.offset[c] = all.offset[c] * line->scale[c] + line->offset[c];
      }
      auto kernel_with = Filled(kernel.shape(), kernel.dtype(), [&](int64_t i) {
        return ElementOf(kernel, i) * next.scale[static_cast<size_t>(i / inner % channels)];
      });
      auto bias_with =
          Filled(Shape{channels}, kernel.dtype(), [&](int64_t c) { return next.offset[static_cast<size_t>(c)]; });
      if (!kernel_with || !bias_with) break;
      new_kernel = std::move(kernel_with);
      new_bias = std::move(bias_with);
      all = std::move(next);
      const size_t reader = readers_[last][0];
      needed_[reader] = false;
      last = graph_.nodes()[reader].outputs[0];
      ++lines;
    }
    if (lines == 0) return false;
    lines_ += lines;
    const std::vector<std::string> inputs = {Read(node.inputs[0]),
                                             Keep(node.name + "/folded_kernel", std::move(*new_kernel)),
                                             Keep(node.name + "/folded_bias", std::move(*new_bias))};
    builder_.Add(node.name, node.operation, inputs, {graph_.tensors()[last].name});
    return true;
  }

  // The name of a tensor that a node is about to read; a constant becomes a parameter.
  std::string Read(int tensor) {
    const GraphTensor& read = graph_.tensors()[tensor];
    if (constants_[tensor] && !builder_.graph().Has(read.name)) {
      builder_.Parameter(read.name, read.type);
      parameters_[read.name] = constants_[tensor];
    }
    return read.name;
  }

  std::string Keep(std::string name, Tensor tensor) {
    while (graph_.Has(name)) name += '_';
    builder_.Parameter(name, {tensor.shape(), tensor.dtype()});
    parameters_[name] = Share(std::move(tensor));
    return name;
  }

  std::vector<std::string> Names(const std::vector<int>& tensors) const {
    std::vector<std::string> names;
    for (const int tensor : tensors) names.push_back(graph_.tensors()[tensor].name);
    return names;
  }

  const Graph& graph_;
  std::vector<SharedTensor> constants_;  // of each tensor, where it never changes; else null
  std::vector<bool> asked_;              // tensors
  std::vector<bool> needed_;             // nodes that are still to be run
  std::vector<std::vector<size_t>> readers_;
  GraphBuilder builder_;
  NamedTensors parameters_;
  int computed_ = 0, lines_ = 0;
};

}  // namespace

FoldedModel Fold(const Model& model, const std::set<std::string, std::less<>>& outputs) {
  return Folder(model, outputs).Build();
}

}  // namespace convscope
