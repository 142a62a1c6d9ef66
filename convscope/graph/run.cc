#include "convscope/graph/run.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/internal/fast_form.h"
#include "convscope/graph/internal/fold.h"

namespace convscope {
namespace {

// A node that was fused with the one before it. Where it finds its memory is set before each call.
struct FusedNode {
  FusedEpilogue run;
  std::vector<int> operands;  // what it reads besides what it changes, by index in the graph
  const float* output = nullptr;
  std::vector<const void*> memory;  // of the operands
};
using FusedNodes = std::vector<FusedNode>;

// One prepared operation; tensors by their index in the graph.
struct Step {
  size_t node = 0;
  std::unique_ptr<PreparedOperation> operation = nullptr;
  std::vector<int> inputs;
  std::vector<int> outputs;
  std::shared_ptr<FusedNodes> fused = nullptr;  // one after the other; null: there are none
  std::vector<size_t> fused_nodes = {};
};

// Hands out numbered slots of memory, best fit first, so that tensors whose lives do not overlap share one.
class SlotPlan {
 public:
  int Take(int64_t bytes) {
    int best = -1;
    for (const int slot : free_) {
      if (best < 0 || Better(slot, best, bytes)) best = slot;
    }
    if (best < 0) {
      sizes_.push_back(bytes);
      return static_cast<int>(sizes_.size()) - 1;
    }
    free_.erase(std::find(free_.begin(), free_.end(), best));
    sizes_[best] = std::max(sizes_[best], bytes);
    return best;
  }

  void GiveBack(int slot) { free_.push_back(slot); }
  const std::vector<int64_t>& sizes() const { return sizes_; }

 private:
  // A slot that is large enough wastes little when it is small; one that must grow, when it is large.
  bool Better(int slot, int than, int64_t bytes) const {
    const bool fits = sizes_[slot] >= bytes;
    if (fits != (sizes_[than] >= bytes)) return fits;
    return fits ? sizes_[slot] < sizes_[than] : sizes_[slot] > sizes_[than];
  }

  std::vector<int64_t> sizes_;  // bytes
  std::vector<int> free_;
};

}  // namespace

struct Run::Impl {
  Graph graph;
  NamedTensors parameters;
  std::map<std::string, Tensor, std::less<>> outputs;
  std::map<std::string, std::string, std::less<>> other_names;  // of outputs asked for by the name of their node
  std::vector<Step> steps;
  std::vector<Tensor> slots;
  std::vector<void*> memory;  // of each tensor of the graph, where it has some of ours; else null
  bool called = false;
  std::vector<const void*> sources;  // of the step under way, kept so that calls allocate nothing
  std::vector<void*> targets;

  void PrepareSteps();
  std::optional<FusedNode> FusedOf(const GraphNode& reader, int between, const std::vector<bool>& made,
                                   const std::vector<int>& shown) const;
  Epilogue Fuse(const std::vector<std::vector<size_t>>& readers, const std::vector<bool>& made,
                const std::vector<int>& shown, Step* step) const;
  const GraphNode* PoolAfter(const std::vector<std::vector<size_t>>& readers, const Step& step) const;
  const void* MemoryOf(int tensor, const NamedTensors& inputs) const;
  void Execute(const Step& step, const NamedTensors& inputs);
  void PlanMemory();
};

// What `reader` does to tensor `between` while that is being written; none where it cannot, or where something else
// that it reads is not there yet.
std::optional<FusedNode> Run::Impl::FusedOf(const GraphNode& reader, int between, const std::vector<bool>& made,
                                            const std::vector<int>& shown) const {
  const size_t written =
      static_cast<size_t>(std::find(reader.inputs.begin(), reader.inputs.end(), between) - reader.inputs.begin());
  FusedNode fused;
  for (size_t i = 0; i < reader.inputs.size(); ++i) {
    if (i == written) continue;
    if (!made[reader.inputs[i]]) return std::nullopt;
    fused.operands.push_back(shown[reader.inputs[i]]);
  }
  fused.run = reader.operation->AsEpilogue(graph.InputTypes(reader), written);
  if (!fused.run) return std::nullopt;
  fused.memory.resize(fused.operands.size());
  return fused;
}

// Makes a chain of nodes that each read only the one before them the epilogue of `step`, whose operation takes one:
// convolution, sum with what was there before, activation are one pass over memory. Ends where somebody wants to see
// what is in between.
Epilogue Run::Impl::Fuse(const std::vector<std::vector<size_t>>& readers, const std::vector<bool>& made,
                         const std::vector<int>& shown, Step* step) const {
  Epilogue epilogue;
  const auto nodes = std::make_shared<FusedNodes>();
  for (bool first = true;; first = false) {
    const int last = step->outputs[0];
    if (step->outputs.size() != 1 || readers[last].size() != 1 || outputs.contains(graph.tensors()[last].name)) break;
    const GraphNode& reader = graph.nodes()[readers[last][0]];
    std::optional<FusedNode> fused = FusedOf(reader, last, made, shown);
    if (!fused) break;
    const std::optional<Limits> limits = reader.operation->AsLimits();
    if (first && limits) {
      epilogue.limits = *limits;
    } else {
      nodes->push_back(std::move(*fused));
    }
    step->fused_nodes.push_back(readers[last][0]);
    step->outputs = reader.outputs;
  }
  if (nodes->empty()) return epilogue;
  step->fused = nodes;
  epilogue.then = [nodes](float* values, int64_t count) {
    for (const FusedNode& node : *nodes) {
      // Without operands the place does not matter, and a pool may have the piece elsewhere.
      node.run(values, node.operands.empty() ? 0 : values - node.output, count, node.memory);
    }
  };
  return epilogue;
}

// The pool that alone reads what a step and its epilogue give, where nobody wants to see that; null: there is none. An
// epilogue that reads other tensors must write where those have their elements.
const GraphNode* Run::Impl::PoolAfter(const std::vector<std::vector<size_t>>& readers, const Step& step) const {
  if (step.outputs.size() != 1) return nullptr;
  const int last = step.outputs[0];
  if (readers[last].size() != 1 || outputs.contains(graph.tensors()[last].name)) return nullptr;
  if (step.fused && std::ranges::any_of(*step.fused, [](const FusedNode& node) { return !node.operands.empty(); })) {
    return nullptr;
  }
  const GraphNode& reader = graph.nodes()[readers[last][0]];
  return dynamic_cast<const IsPool*>(reader.operation.get()) != nullptr ? &reader : nullptr;
}

void Run::Impl::PrepareSteps() {
  // Who reads each tensor; two entries stand for many.
  std::vector<std::vector<size_t>> readers(graph.tensors().size());
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    for (const int tensor : graph.nodes()[i].inputs) readers[tensor].push_back(i);
  }

  // Views are resolved here: whoever reads one reads the tensor whose memory it shows.
  std::vector<int> shown(graph.tensors().size());
  std::iota(shown.begin(), shown.end(), 0);

  // What is there before a step begins.
  std::vector<bool> made(graph.tensors().size());
  for (size_t t = 0; t < made.size(); ++t) made[t] = graph.tensors()[t].role != TensorRole::kComputed;

  std::vector<bool> fused(graph.nodes().size());
  for (size_t i = 0; i < fused.size(); ++i) {
    if (fused[i]) continue;
    const GraphNode& node = graph.nodes()[i];
    const std::vector<TensorType> types = graph.InputTypes(node);
    if (node.operation->IsView() && !outputs.contains(graph.tensors()[node.outputs[0]].name)) {
      shown[node.outputs[0]] = shown[node.inputs[0]];
      made[node.outputs[0]] = true;
      continue;
    }
    Step step{.node = i, .inputs = {}, .outputs = node.outputs};
    for (const int tensor : node.inputs) step.inputs.push_back(shown[tensor]);

    Epilogue epilogue;
    if (node.operation->TakesEpilogue(types)) epilogue = Fuse(readers, made, shown, &step);
    std::vector<const Tensor*> constants;
    for (const int tensor : step.inputs) {
      const auto found = parameters.find(graph.tensors()[tensor].name);
      constants.push_back(found == parameters.end() ? nullptr : found->second.get());
    }
    if (const auto* fast = dynamic_cast<const HasFastForm*>(node.operation.get())) {
      if (const GraphNode* pool = PoolAfter(readers, step)) {
        const PoolSpec spec = dynamic_cast<const IsPool&>(*pool->operation).Pooling(graph.InputTypes(*pool));
        step.operation = fast->PreparePooled(types, constants, epilogue, spec);
        if (step.operation) {
          step.fused_nodes.push_back(readers[step.outputs[0]][0]);
          step.outputs = pool->outputs;
        }
      }
      if (!step.operation) step.operation = fast->PrepareFast(types, constants, epilogue);
    }
    if (!step.operation) step.operation = node.operation->Prepare(types, constants, std::move(epilogue));
    for (const size_t reader : step.fused_nodes) fused[reader] = true;
    for (const int tensor : step.outputs) made[tensor] = true;
    steps.push_back(std::move(step));
  }
}

void Run::Impl::PlanMemory() {
  memory.resize(graph.tensors().size());
  std::vector<int> slot_of(graph.tensors().size(), -1);
  std::vector<size_t> last_read(graph.tensors().size());
  for (size_t i = 0; i < steps.size(); ++i) {
    for (const int tensor : steps[i].inputs) last_read[tensor] = i;
    if (!steps[i].fused) continue;
    for (const FusedNode& node : *steps[i].fused) {
      for (const int tensor : node.operands) last_read[tensor] = i;
    }
  }

  SlotPlan plan;
  for (size_t i = 0; i < steps.size(); ++i) {
    for (const int tensor : steps[i].outputs) {
      const GraphTensor& output = graph.tensors()[tensor];
      const auto kept = outputs.find(output.name);
      if (kept != outputs.end()) {
        memory[tensor] = kept->second.bytes();
      } else {
        slot_of[tensor] = plan.Take(output.type.SizeInBytes());
        last_read[tensor] = std::max(last_read[tensor], i);
      }
    }
    // Given back only after the step's outputs have theirs: inputs and outputs of a step never overlap.
    for (size_t tensor = 0; tensor < slot_of.size(); ++tensor) {
      if (slot_of[tensor] >= 0 && last_read[tensor] == i) plan.GiveBack(slot_of[tensor]);
    }
  }
  for (const int64_t bytes : plan.sizes()) slots.emplace_back(Shape{bytes}, DType::kUInt8);
  for (size_t tensor = 0; tensor < slot_of.size(); ++tensor) {
    if (slot_of[tensor] >= 0) memory[tensor] = slots[slot_of[tensor]].bytes();
  }
}

Run::Run(const Model& model, std::vector<std::string> outputs) : impl_(std::make_unique<Impl>()) {
  for (std::string& name : outputs) {
    const GraphTensor& tensor = model.graph()[name];
    if (tensor.role != TensorRole::kComputed) {
      throw Error({.where = "run", .rule = "an output is a tensor that a node computes", .received = '"' + name + '"'});
    }
    impl_->outputs.emplace(tensor.name, Tensor(tensor.type.shape, tensor.type.dtype));
    if (name != tensor.name) impl_->other_names.emplace(std::move(name), tensor.name);
  }
  std::set<std::string, std::less<>> names;
  for (const auto& [name, tensor] : impl_->outputs) names.insert(name);
  FoldedModel folded = Fold(model, names);
  impl_->graph = folded.model.graph();
  impl_->parameters = folded.model.parameters();
  impl_->PrepareSteps();
  impl_->PlanMemory();
}

Run::~Run() = default;
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;

const void* Run::Impl::MemoryOf(int tensor, const NamedTensors& inputs) const {
  const GraphTensor& source = graph.tensors()[tensor];
  switch (source.role) {
    case TensorRole::kInput:
      return inputs.find(source.name)->second->bytes();
    case TensorRole::kParameter:
      return parameters.find(source.name)->second->bytes();
    case TensorRole::kComputed:
      return memory[tensor];
  }
  return nullptr;
}

void Run::Impl::Execute(const Step& step, const NamedTensors& inputs) {
  sources.clear();
  targets.clear();
  for (const int tensor : step.inputs) sources.push_back(MemoryOf(tensor, inputs));
  for (const int tensor : step.outputs) targets.push_back(memory[tensor]);
  if (step.fused) {
    for (FusedNode& node : *step.fused) {
      node.output = static_cast<const float*>(targets[0]);
      for (size_t i = 0; i < node.operands.size(); ++i) node.memory[i] = MemoryOf(node.operands[i], inputs);
    }
  }
  try {
    (*step.operation)(sources, targets);
  } catch (const Error& error) {  // of what the inputs hold: an index
    throw error.At(Concat("node ", graph.nodes()[step.node].name));
  }
}

void Run::operator()(const NamedTensors& inputs) {
  CheckInputs(impl_->graph, inputs);
  for (const Step& step : impl_->steps) impl_->Execute(step, inputs);
  impl_->called = true;
}

std::vector<double> Run::Timed(const NamedTensors& inputs) {
  CheckInputs(impl_->graph, inputs);
  std::vector<double> times;
  for (const Step& step : impl_->steps) {
    const auto start = std::chrono::steady_clock::now();
    impl_->Execute(step, inputs);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  impl_->called = true;
  return times;
}

std::vector<RunStep> Run::Steps() const {
  std::vector<RunStep> list;
  for (const Step& step : impl_->steps) {
    const GraphNode& node = impl_->graph.nodes()[step.node];
    RunStep one{.node = node.name,
                .type = std::string(node.operation->type()),
                .fused = {},
                .path = std::string(step.operation->path()),
                .multiply_adds = node.operation->MultiplyAdds(impl_->graph.InputTypes(node))};
    for (const size_t i : step.fused_nodes) one.fused.emplace_back(impl_->graph.nodes()[i].operation->type());
    list.push_back(std::move(one));
  }
  return list;
}

const Tensor& Run::operator[](std::string_view output) const {
  const auto other = impl_->other_names.find(output);
  const auto found = impl_->outputs.find(other == impl_->other_names.end() ? output : other->second);
  if (found == impl_->outputs.end() || !impl_->called) {
    throw Error({.where = "run",
                 .rule = "an output can be read once the run was made for it and called",
                 .received = Concat('"', output, '"'),
                 .fix = found == impl_->outputs.end() ? "name it when the run is made" : "call the run first"});
  }
  return found->second;
}

int64_t Run::WorkspaceBytes() const {
  int64_t bytes = 0;
  for (const Tensor& slot : impl_->slots) bytes += slot.SizeInBytes();
  return bytes;
}

int64_t Run::StepCount() const {
  return static_cast<int64_t>(impl_->steps.size());
}

}  // namespace convscope
