#include "convscope/graph/run.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// Where an epilogue finds its memory; set before each call of the operation that it belongs to.
struct EpilogueMemory {
  const float* output = nullptr;
  std::vector<const void*> operands;
};

// One prepared operation; tensors by their index in the graph.
struct Step {
  std::unique_ptr<PreparedOperation> operation;
  std::vector<int> inputs;
  std::vector<int> outputs;
  // What an epilogue reads besides the output, and from where; null: there is none.
  std::vector<int> operands;
  std::shared_ptr<EpilogueMemory> epilogue;
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
  std::vector<Step> steps;
  std::vector<Tensor> slots;
  std::vector<void*> memory;  // of each tensor of the graph, where it has some of ours; else null
  bool called = false;

  void PrepareSteps();
  Epilogue EpilogueOf(const GraphNode& reader, int between, const std::vector<bool>& made,
                      const std::vector<int>& shown, Step* step) const;
  const void* MemoryOf(int tensor, const NamedTensors& inputs) const;
  void PlanMemory();
  std::vector<bool> NeededNodes() const;
};

// The nodes that some output depends on, found from the last to the first.
std::vector<bool> Run::Impl::NeededNodes() const {
  std::vector<bool> tensor_needed(graph.tensors().size());
  for (const auto& [name, tensor] : outputs) tensor_needed[graph.Find(name)] = true;
  std::vector<bool> needed(graph.nodes().size());
  for (size_t i = needed.size(); i-- > 0;) {
    const GraphNode& node = graph.nodes()[i];
    needed[i] = std::any_of(node.outputs.begin(), node.outputs.end(), [&](int t) { return tensor_needed[t]; });
    if (!needed[i]) continue;
    for (const int tensor : node.inputs) tensor_needed[tensor] = true;
  }
  return needed;
}

// What `reader` does to tensor `between` while that is being written, and its memory in `step`; empty where it cannot,
// or where something else that it reads is not there yet.
Epilogue Run::Impl::EpilogueOf(const GraphNode& reader, int between, const std::vector<bool>& made,
                               const std::vector<int>& shown, Step* step) const {
  const size_t written =
      static_cast<size_t>(std::find(reader.inputs.begin(), reader.inputs.end(), between) - reader.inputs.begin());
  std::vector<int> operands;
  for (size_t i = 0; i < reader.inputs.size(); ++i) {
    if (i == written) continue;
    if (!made[reader.inputs[i]]) return {};
    operands.push_back(shown[reader.inputs[i]]);
  }
  FusedEpilogue fused = reader.operation->AsEpilogue(graph.InputTypes(reader), written);
  if (!fused) return {};
  step->operands = std::move(operands);
  step->epilogue = std::make_shared<EpilogueMemory>();
  step->epilogue->operands.resize(step->operands.size());
  return [fused = std::move(fused), memory = step->epilogue](float* values, int64_t count) {
    fused(values, values - memory->output, count, memory->operands);
  };
}

void Run::Impl::PrepareSteps() {
  const std::vector<bool> needed = NeededNodes();
  // Who reads each tensor; two entries stand for many.
  std::vector<std::vector<size_t>> readers(graph.tensors().size());
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) continue;
    for (const int tensor : graph.nodes()[i].inputs) readers[tensor].push_back(i);
  }

  // Views are resolved here: whoever reads one reads the tensor whose memory it shows.
  std::vector<int> shown(graph.tensors().size());
  std::iota(shown.begin(), shown.end(), 0);

  // What is there before a step begins.
  std::vector<bool> made(graph.tensors().size());
  for (size_t t = 0; t < made.size(); ++t) made[t] = graph.tensors()[t].role != TensorRole::kComputed;

  std::vector<bool> fused(needed.size());
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i] || fused[i]) continue;
    const GraphNode& node = graph.nodes()[i];
    const std::vector<TensorType> types = graph.InputTypes(node);
    if (node.operation->IsView() && !outputs.contains(graph.tensors()[node.outputs[0]].name)) {
      shown[node.outputs[0]] = shown[node.inputs[0]];
      made[node.outputs[0]] = true;
      continue;
    }
    Step step{.inputs = {}, .outputs = node.outputs};
    for (const int tensor : node.inputs) step.inputs.push_back(shown[tensor]);

    // The one reader of the one output becomes the epilogue, unless somebody wants to see what is in between.
    Epilogue epilogue;
    if (node.outputs.size() == 1 && readers[node.outputs[0]].size() == 1 && node.operation->TakesEpilogue(types) &&
        !outputs.contains(graph.tensors()[node.outputs[0]].name)) {
      const size_t reader = readers[node.outputs[0]][0];
      epilogue = EpilogueOf(graph.nodes()[reader], node.outputs[0], made, shown, &step);
      if (epilogue) {
        fused[reader] = true;
        step.outputs = graph.nodes()[reader].outputs;
      }
    }
    for (const int tensor : step.outputs) made[tensor] = true;

    std::vector<const Tensor*> constants;
    for (const int tensor : step.inputs) {
      const auto found = parameters.find(graph.tensors()[tensor].name);
      constants.push_back(found == parameters.end() ? nullptr : found->second.get());
    }
    step.operation = node.operation->Prepare(types, constants, std::move(epilogue));
    steps.push_back(std::move(step));
  }
}

void Run::Impl::PlanMemory() {
  memory.resize(graph.tensors().size());
  std::vector<int> slot_of(graph.tensors().size(), -1);
  std::vector<size_t> last_read(graph.tensors().size());
  for (size_t i = 0; i < steps.size(); ++i) {
    for (const int tensor : steps[i].inputs) last_read[tensor] = i;
    for (const int tensor : steps[i].operands) last_read[tensor] = i;
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
  impl_->graph = model.graph();
  impl_->parameters = model.parameters();
  for (std::string& name : outputs) {
    const GraphTensor& tensor = impl_->graph[name];
    if (tensor.role != TensorRole::kComputed) {
      throw Error({.where = "run", .rule = "an output is a tensor that a node computes", .received = '"' + name + '"'});
    }
    impl_->outputs.emplace(std::move(name), Tensor(tensor.type.shape, tensor.type.dtype));
  }
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

void Run::operator()(const NamedTensors& inputs) {
  CheckInputs(impl_->graph, inputs);
  std::vector<const void*> sources;
  std::vector<void*> targets;
  for (const Step& step : impl_->steps) {
    sources.clear();
    targets.clear();
    for (const int tensor : step.inputs) sources.push_back(impl_->MemoryOf(tensor, inputs));
    for (const int tensor : step.outputs) targets.push_back(impl_->memory[tensor]);
    if (step.epilogue) {
      step.epilogue->output = static_cast<const float*>(targets[0]);
      for (size_t i = 0; i < step.operands.size(); ++i) {
        step.epilogue->operands[i] = impl_->MemoryOf(step.operands[i], inputs);
      }
    }
    (*step.operation)(sources, targets);
  }
  impl_->called = true;
}

const Tensor& Run::operator[](std::string_view output) const {
  const auto found = impl_->outputs.find(output);
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
