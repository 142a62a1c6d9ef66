#include "convscope/train/training_step.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/run.h"
#include "convscope/graph/trace.h"

namespace convscope {
namespace {

double At(const Tensor& tensor, int64_t i) {
  return tensor.dtype() == DType::kFloat64 ? tensor.data<double>()[i] : static_cast<double>(tensor.data()[i]);
}

void SetAt(Tensor& tensor, int64_t i, double value) {
  if (tensor.dtype() == DType::kFloat64) {
    tensor.data<double>()[i] = value;
  } else {
    tensor.data()[i] = static_cast<float>(value);
  }
}

bool IsFinite(const Tensor& tensor) {
  if (tensor.dtype() != DType::kFloat32 && tensor.dtype() != DType::kFloat64) return true;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (!std::isfinite(At(tensor, i))) return false;
  }
  return true;
}

void Copy(const Tensor& from, Tensor& to) {
  std::memcpy(to.bytes(), from.bytes(), static_cast<size_t>(to.SizeInBytes()));
}

// Where numbers stopped being finite: runs the step again, node by node.
std::string FirstNotFinite(const TrainingGraph& made, const NamedTensors& inputs) {
  for (const auto& [name, tensor] : inputs) {
    if (!IsFinite(*tensor)) return Concat(name == made.input ? "the network's input, " : "parameter ", name);
  }
  const Trace trace(Model(made.graph, {}), inputs);
  for (const GraphNode& node : made.graph.nodes()) {
    for (const int output : node.outputs) {
      const std::string& name = made.graph.tensors()[static_cast<size_t>(output)].name;
      if (!IsFinite(trace[name])) return Concat(name, ", of node ", node.name, " (", node.operation->type(), ")");
    }
  }
  return "none when they are computed one by one";
}

constexpr char kDiverged[] = "use a smaller learning rate, clip the gradients, or look at the data";

}  // namespace

// One graph, made ready for one number of samples.
struct TrainingStep::BatchRun {
  TrainingGraph made;
  std::unique_ptr<Run> run;
  NamedTensors inputs;  // of the run: those below and the network's parameters
  std::shared_ptr<Tensor> pictures, target, loss_weights, random_state;
  std::vector<double> weights;
  std::vector<ParameterUpdater::Moved> moved;  // in the order of the updater's names
  std::vector<std::pair<Tensor*, const Tensor*>> updates;

  std::shared_ptr<Tensor> AddInput(const std::string& name) {
    if (!made.graph.Has(name)) return nullptr;
    const TensorType& type = made.graph[name].type;
    auto tensor = std::make_shared<Tensor>(Tensor::Zeros(type.shape, type.dtype));
    inputs[name] = tensor;
    return tensor;
  }
};

TrainingStep::TrainingStep(Graph network, TrainingGoal goal, const NamedTensors& parameters,
                           const std::optional<Optimizer>& optimizer)
    : network_(std::move(network)), goal_(std::move(goal)) {
  const Model complete(network_, parameters);  // checks that each is there, of its type
  for (const auto& [name, tensor] : parameters) parameters_[name] = std::make_shared<Tensor>(tensor->Clone());
  if (!optimizer) return;
  std::map<std::string, TensorType, std::less<>> learning;
  for (const auto& [name, gradient] : MakeTrainingGraph(network_, goal_, 1, true).gradients) {
    learning[name] = network_[name].type;
  }
  if (learning.empty()) {
    throw Error({.where = "training",
                 .rule = "the loss depends on at least one parameter that is trainable",
                 .received = "none"});
  }
  updater_ = std::make_unique<ParameterUpdater>(*optimizer, learning);
}

TrainingStep::~TrainingStep() = default;
TrainingStep::TrainingStep(TrainingStep&&) noexcept = default;
TrainingStep& TrainingStep::operator=(TrainingStep&&) noexcept = default;

TrainingStep::BatchRun& TrainingStep::RunOf(int64_t batch, Purpose purpose) {
  std::unique_ptr<BatchRun>& found = runs_[{batch, purpose}];
  if (found != nullptr) return *found;
  const bool learns = purpose == Purpose::kLearning || purpose == Purpose::kWatching;
  auto made = std::make_unique<BatchRun>();
  made->made = MakeTrainingGraph(network_, goal_, batch, learns);
  const TrainingGraph& graph = made->made;
  std::vector<std::string> outputs = {graph.loss, graph.scores};
  if (purpose == Purpose::kPrediction) outputs = {graph.output};
  if (purpose != Purpose::kPrediction) {
    outputs.insert(outputs.end(), graph.parameter_penalties.begin(), graph.parameter_penalties.end());
    outputs.insert(outputs.end(), graph.activity_penalties.begin(), graph.activity_penalties.end());
  }
  for (const auto& [parameter, gradient] : graph.gradients) outputs.push_back(gradient);
  for (const auto& [parameter, next] : graph.updates) outputs.push_back(next);
  if (purpose == Purpose::kWatching) {
    for (const auto& [asked, name] : watched_) {
      if (graph.graph[name].role == TensorRole::kComputed) outputs.push_back(name);
    }
  }

  for (const auto& [name, parameter] : parameters_) made->inputs[name] = parameter;
  // A step that watches reads what was filled in for one that does not.
  if (purpose == Purpose::kWatching || purpose == Purpose::kPrediction) {
    const BatchRun& other = RunOf(batch, purpose == Purpose::kWatching ? Purpose::kLearning : Purpose::kEvaluation);
    made->inputs = other.inputs;
    made->pictures = other.pictures;
    made->target = other.target;
    made->loss_weights = other.loss_weights;
    made->random_state = other.random_state;
  } else {
    made->pictures = made->AddInput(graph.input);
    made->target = made->AddInput(kTargetName);
    made->loss_weights = made->AddInput(kLossWeightsName);
    made->random_state = made->AddInput("random_state");
    made->weights.assign(static_cast<size_t>(batch), 1);
    if (const auto weights = made->AddInput(kActivityWeightsName)) {
      for (int64_t i = 0; i < batch; ++i) SetAt(*weights, i, 1 / static_cast<double>(batch));
    }
    if (const auto weight = made->AddInput(kPenaltyWeightName)) SetAt(*weight, 0, 1);
  }
  made->run = std::make_unique<Run>(Model(graph.graph, {}), outputs);
  found = std::move(made);  // entries of a map stay where they are, whatever was added meanwhile
  return *found;
}

TrainingStep::Inputs TrainingStep::InputsOf(BatchRun& run) {
  return {.pictures = *run.pictures, .target = *run.target, .weights = run.weights};
}

TrainingStep::Inputs TrainingStep::LearningInputs(int64_t batch) {
  return InputsOf(RunOf(batch, Purpose::kLearning));
}

TrainingStep::Inputs TrainingStep::EvaluationInputs(int64_t batch) {
  return InputsOf(RunOf(batch, Purpose::kEvaluation));
}

namespace {

// The loss of a run that has been called: samples by their weights, and penalties.
double LossOf(const TrainingGraph& made, const Run& run, const std::vector<double>& weights) {
  const Tensor& losses = run[made.loss];
  const auto count = static_cast<double>(weights.size());
  double sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    // A sample that does not count does not, whatever its loss.
    if (weights[i] != 0) sum += weights[i] * At(losses, static_cast<int64_t>(i));
  }
  double loss = sum / count;
  for (const std::string& name : made.parameter_penalties) loss += At(run[name], 0);
  for (const std::string& name : made.activity_penalties) {
    double penalty = 0;
    for (int64_t i = 0; i < run[name].size(); ++i) penalty += At(run[name], i);
    loss += penalty / count;
  }
  return loss;
}

}  // namespace

TrainingStep::Result TrainingStep::LearnWith(BatchRun& own, const Place& place, double learning_rate) {
  const auto batch = own.pictures->shape()[0];
  const std::vector<double>& weights = RunOf(batch, Purpose::kLearning).weights;
  for (int64_t i = 0; i < batch; ++i) {
    SetAt(*own.loss_weights, i, weights[static_cast<size_t>(i)] / static_cast<double>(batch));
  }
  if (own.random_state != nullptr) {
    int64_t* state = own.random_state->data<int64_t>();
    state[0] = static_cast<int64_t>(place.seed);
    state[1] = place.epoch;
    state[2] = place.first_sample;
  }
  (*own.run)(own.inputs);
  if (own.moved.empty()) {  // outputs have a place once they are computed
    for (const std::string& name : updater_->names()) {
      own.moved.push_back({parameters_.find(name)->second.get(), &(*own.run)[own.made.gradients.find(name)->second]});
    }
    for (const auto& [parameter, next] : own.made.updates) {
      own.updates.emplace_back(parameters_.find(parameter)->second.get(), &(*own.run)[next]);
    }
  }
  const double loss = LossOf(own.made, *own.run, weights);
  if (!std::isfinite(loss)) {
    throw Error(
        {.where = "training",
         .rule = "the loss stays a finite number",
         .received =
             Concat(loss, ", where the first tensor that is not finite is ", FirstNotFinite(own.made, own.inputs)),
         .fix = IsFinite(*own.pictures) ? kDiverged : "take the pictures that are NaN or infinite out of the data"});
  }
  const std::string diverged = updater_->Step(own.moved, learning_rate);
  if (!diverged.empty()) {
    throw Error({.where = "training",
                 .rule = "parameters stay finite numbers",
                 .received = Concat(diverged, " with others after the update"),
                 .fix = kDiverged});
  }
  for (const auto& [parameter, next] : own.updates) Copy(*next, *parameter);
  for (const std::string& name : updater_->names()) {
    const auto rules = goal_.rules.parameters.find(name);
    if (rules != goal_.rules.parameters.end()) Constrain(rules->second, *parameters_.find(name)->second);
  }
  return {.loss = loss, .scores = (*own.run)[own.made.scores], .from_logits = own.made.from_logits};
}

TrainingStep::Result TrainingStep::Learn(int64_t batch, const Place& place, double learning_rate) {
  return LearnWith(RunOf(batch, Purpose::kLearning), place, learning_rate);
}

TrainingStep::Result TrainingStep::LearnWatching(int64_t batch, const Place& place, double learning_rate) {
  BatchRun& own = RunOf(batch, Purpose::kWatching);
  last_watched_ = &own;
  return LearnWith(own, place, learning_rate);
}

TrainingStep::Result TrainingStep::Evaluate(int64_t batch) {
  BatchRun& own = RunOf(batch, Purpose::kEvaluation);
  (*own.run)(own.inputs);
  return {.loss = LossOf(own.made, *own.run, own.weights),
          .scores = (*own.run)[own.made.scores],
          .from_logits = own.made.from_logits};
}

const Tensor& TrainingStep::Predict(int64_t batch) {
  BatchRun& own = RunOf(batch, Purpose::kPrediction);
  (*own.run)(own.inputs);
  return (*own.run)[own.made.output];
}

void TrainingStep::Watch(const std::vector<std::string>& tensors) {
  const TrainingGraph made = MakeTrainingGraph(network_, goal_, 1, true);
  std::map<std::string, std::string, std::less<>> watched;
  for (const std::string& name : tensors) {
    // The gradient of a parameter may be a tensor of another name.
    constexpr std::string_view kGradient = "gradient/";
    const auto gradient = made.gradients.find(name.starts_with(kGradient) ? name.substr(kGradient.size()) : "");
    const std::string& meant = gradient == made.gradients.end() ? name : gradient->second;
    made.graph.Find(meant);
    watched[name] = meant;
  }
  std::erase_if(runs_, [](const auto& entry) { return entry.first.second == Purpose::kWatching; });
  last_watched_ = nullptr;
  watched_ = std::move(watched);
}

NamedTensors TrainingStep::Watched() const {
  NamedTensors copies;
  if (last_watched_ == nullptr) return copies;
  for (const auto& [asked, name] : watched_) {
    const bool computed = last_watched_->made.graph[name].role == TensorRole::kComputed;
    copies[asked] =
        Share(computed ? (*last_watched_->run)[name].Clone() : last_watched_->inputs.find(name)->second->Clone());
  }
  return copies;
}

NamedTensors TrainingStep::Parameters() const {
  NamedTensors copies;
  for (const auto& [name, parameter] : parameters_) copies[name] = Share(parameter->Clone());
  return copies;
}

void TrainingStep::SetParameters(const NamedTensors& parameters) {
  const Model complete(network_, parameters);
  for (const auto& [name, parameter] : parameters_) Copy(*parameters.find(name)->second, *parameter);
}

}  // namespace convscope
