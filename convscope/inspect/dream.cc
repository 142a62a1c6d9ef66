#include "convscope/inspect/dream.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/only_input.h"
#include "convscope/graph/picture_scale.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/run.h"
#include "convscope/inspect/gram_diversity.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/picture_movement.h"
#include "convscope/inspect/receptive_pixels.h"
#include "convscope/inspect/wave_basis.h"
#include "convscope/kernels/parameter_update.h"

namespace convscope {
namespace {

constexpr char kSeed[] = "dream/seed", kUnrectifiedSeed[] = "dream/unrectified_seed",
               kDiversitySeed[] = "dream/diversity_seed";
constexpr float kEdge = 0.01f;  // as near to 0 and 1 as a picture to begin with may be

std::string InputOf(const Graph& graph) {
  return OnlyPictureInput(
      graph, {.where = "model", .rule = "a model that dreams has one input, (N, rows, columns, channels) float32"});
}

// Adds to `builder` what `tensor` would be without the rectifiers that it comes from through nodes which only choose,
// move or weigh values: pools, reshapes, batch normalization. Where all of a map is zero, its gradient is too; what the
// rectifiers read still knows the way. Returns the new tensor's name; `tensor` where there is no such rectifier.
std::string AddUnrectified(GraphBuilder& builder, const std::string& tensor, std::map<std::string, std::string>& made) {
  static constexpr std::string_view kPassing[] = {
      "MaxPool", "AveragePool",        "GlobalMaxPool", "GlobalAveragePool", "Reshape",  "Pad", "Crop", "Transpose",
      "Concat",  "BatchNormalization", "Scale",         "Dropout",           "UpSample", "LRN"};
  if (const auto known = made.find(tensor); known != made.end()) return known->second;
  std::string result = tensor;
  const int index = builder.graph().Find(tensor);
  const auto nodes = builder.graph().nodes();
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const GraphNode& node) {
    return node.outputs.size() == 1 && node.outputs[0] == index;
  });
  if (found != nodes.end()) {
    const GraphNode node = *found;  // the builder's own move as it grows
    const std::string_view type = node.operation->type();
    std::vector<std::string> inputs;
    for (const int input : node.inputs) inputs.push_back(builder.graph().tensors()[input].name);
    if (type == "Relu" || type == "Relu6") {
      result = inputs[0];
    } else if (std::find(std::begin(kPassing), std::end(kPassing), type) != std::end(kPassing)) {
      std::vector<std::string> without;
      for (const std::string& input : inputs) without.push_back(AddUnrectified(builder, input, made));
      if (without != inputs) {
        result = "dream/unrectified/" + tensor;
        builder.Add(result, node.operation, without);
      }
    }
  }
  return made[tensor] = result;
}

// Writes the gradient of a sample's goal into its part of `seed` (N, ..., C).
void FillSeed(const DreamGoal& goal, int64_t sample, float scale, Tensor& seed) {
  const MapShape shape = MapShapeOf(seed.shape(), goal.tensor);
  const int64_t places = shape.rows * shape.columns;
  float* const values = seed.data() + sample * places * shape.channels;
  std::fill_n(values, places * shape.channels, 0.0f);
  const float sign = goal.least ? -scale : scale;
  if (goal.place) {
    values[((*goal.place)[0] * shape.columns + (*goal.place)[1]) * shape.channels + goal.channel] = sign;
    return;
  }
  for (int64_t p = 0; p < places; ++p) values[p * shape.channels + goal.channel] = sign / static_cast<float>(places);
}

class Dreamer {
 public:
  Dreamer(const Model& model, const DreamGoal& goal, const DreamOptions& options)
      : goal_(goal),
        options_(options),
        input_(InputOf(model.graph())),
        shape_(ShapeOf(model.graph()[input_].type.shape)),
        basis_(options.waves ? std::make_unique<WaveBasis>(shape_[0], shape_[1]) : nullptr),
        scale_(ScaleOf(options.scaling, shape_[2], 255)),
        jitter_(options.jitter >= 0 ? options.jitter
                : goal.place        ? 0
                                    : std::max<int64_t>(1, std::min(shape_[0], shape_[1]) / 28)),
        zoom_(options.zoom >= 0 ? options.zoom
              : goal.place      ? 0
                                : 0.05) {
    Prepare(model);
    const Shape all{options_.count, shape_[0], shape_[1], shape_[2]};
    for (Tensor* const tensor : {&amplitudes_, &slopes_, &pictures_, &mean_, &square_}) *tensor = Tensor::Zeros(all);
    fed_ = std::make_shared<Tensor>(all);
    Begin();
  }

  Dream Make() {
    Dream dream{.pictures = {}, .goals = {}, .beginning = {}, .curve = Tensor(Shape{options_.steps, options_.count})};
    ComposeAll();
    dream.beginning = Unmoved();
    const Tensor began = pictures_.Clone();
    dream.steady = jitter_ == 0 && zoom_ == 0;
    Tensor best;
    std::optional<float> best_goal;
    // The best of several might be pictures that do not differ yet.
    const auto keep_best = [&](float goal) {
      if (!dream.steady || options_.count > 1 || (best_goal && !(goal > *best_goal))) return;
      best_goal = goal;
      best = pictures_.Clone();
    };
    for (int64_t step = 0; step < options_.steps; ++step) {
      ComposeAll();
      const std::vector<float> goals = Climb(step);
      keep_best(goals[0]);
      std::copy(goals.begin(), goals.end(), dream.curve.data() + step * options_.count);
      Report(options_.progress, Concat("dreaming of ", goal_.tensor),
             static_cast<double>(step + 1) / static_cast<double>(options_.steps));
    }
    ComposeAll();
    dream.goals = Unmoved();
    if (best_goal && *best_goal > dream.goals[0]) {
      pictures_ = std::move(best);
      dream.goals = Unmoved();
    }
    if (!seen_.empty()) RestoreUnseen(began);
    for (int64_t i = 0; i < options_.count; ++i) dream.moved.push_back(HasMoved(dream, i));
    dream.pictures = std::move(pictures_);
    return dream;
  }

 private:
  static Shape ShapeOf(const Shape& input) { return {input[1], input[2], input[3]}; }

  // Waves reach everywhere: what the goal's place does not see is put back, since it says nothing of it.
  void RestoreUnseen(const Tensor& began) {
    for (int64_t e = 0; e < pictures_.size(); ++e) {
      if (seen_[static_cast<size_t>(e / shape_[2]) % seen_.size()] == 0) pictures_.data()[e] = began.data()[e];
    }
  }

  bool HasMoved(const Dream& dream, int64_t i) const {
    const float beginning = dream.beginning[static_cast<size_t>(i)];
    // NaN is another number than NaN, but nothing has moved.
    const auto differs = [&](float goal) { return std::isnan(goal) ? !std::isnan(beginning) : goal != beginning; };
    bool moved = differs(dream.goals[static_cast<size_t>(i)]);
    for (int64_t step = 0; step < options_.steps; ++step) {
      moved = moved || differs(dream.curve.data()[step * options_.count + i]);
    }
    return moved;
  }

  void Prepare(const Model& model) {
    if (goal_.place) {
      const MapShape maps = MapShapeOf(model.graph()[goal_.tensor].type.shape, goal_.tensor);
      const int64_t place = (*goal_.place)[0] * maps.columns + (*goal_.place)[1];
      seen_ = ReceptivePixelsOf(model.graph(), goal_.tensor, place * maps.channels + goal_.channel, input_).mask;
    }
    GraphBuilder builder = Rebuild(model.graph(), {.batch = options_.count}).builder;
    const auto add_seed = [&](const char* name, const std::string& tensor) {
      const TensorType type = builder.graph()[tensor].type;
      builder.Input(name, type);
      seeds_[name] = std::make_shared<Tensor>(Tensor::Zeros(type.shape));
      return GradientSeed{tensor, name};
    };
    std::vector<GradientSeed> seeds = {add_seed(kSeed, goal_.tensor)};
    std::map<std::string, std::string> made;
    unrectified_ = AddUnrectified(builder, goal_.tensor, made);
    if (unrectified_ == goal_.tensor) unrectified_.clear();
    if (!unrectified_.empty()) seeds.push_back(add_seed(kUnrectifiedSeed, unrectified_));
    std::vector<std::string> forward = {goal_.tensor};
    if (options_.count > 1 && options_.diversity != 0) {
      diversity_layer_ = options_.diversity_layer;
      if (diversity_layer_.empty()) {
        const bool places = MapShapeOf(builder.graph()[goal_.tensor].type.shape, goal_.tensor).has_places;
        diversity_layer_ = MapLayer(model.graph(), places ? goal_.tensor : "");
      }
      seeds.push_back(add_seed(kDiversitySeed, diversity_layer_));
      if (diversity_layer_ != goal_.tensor) forward.push_back(diversity_layer_);
    }
    const Graph without = builder.Build();
    const GradientNames names = AddGradients(builder, seeds, {input_});
    const auto found = names.find(input_);
    if (found == names.end()) {
      throw Error({.where = goal_.tensor,
                   .rule = "what is dreamed of depends on the picture",
                   .received = "a tensor that does not"});
    }
    gradient_ = found->second;
    const Model both(builder.Build(), model.parameters());
    backward_ = std::make_unique<Run>(both, std::vector<std::string>{goal_.tensor, gradient_});
    forward_ = std::make_unique<Run>(both, std::move(forward));
    dead_.assign(static_cast<size_t>(options_.count), std::nullopt);
    for (int64_t i = 0; i < options_.count; ++i) FillSeed(goal_, i, 1, *seeds_.find(kSeed)->second);
  }

  TensorView<float> Sample(Tensor& tensor, int64_t i) const {
    return {tensor.data() + i * shape_.NumElements(), shape_};
  }
  TensorView<const float> Sample(const Tensor& tensor, int64_t i) const {
    return {tensor.data() + i * shape_.NumElements(), shape_};
  }

  void Begin() {
    ParallelFor(options_.count, [&](int64_t i) {
      Random random(options_.seed, "dream/noise", 0, static_cast<uint64_t>(i));
      const TensorView<float> amplitudes = Sample(amplitudes_, i);
      if (options_.from != nullptr) {
        Tensor stretched(shape_);
        for (int64_t e = 0; e < stretched.size(); ++e) {
          const float value = std::clamp(options_.from->data()[e], kEdge, 1 - kEdge);
          stretched.data()[e] = std::log(value / (1 - value));
        }
        if (basis_) {
          basis_->Decompose(std::as_const(stretched).view(), amplitudes);
        } else {
          std::copy_n(stretched.data(), stretched.size(), amplitudes.data());
        }
        // Several that begin alike would stay alike.
        if (options_.count == 1) return;
      }
      for (float& value : amplitudes.span()) value += 0.01f * random.Normal();
    });
  }

  void ComposeAll() {
    for (int64_t i = 0; i < options_.count; ++i) {
      const TensorView<float> picture = Sample(pictures_, i);
      if (basis_) {
        basis_->Compose(Sample(std::as_const(amplitudes_), i), picture);
      } else {
        std::copy_n(Sample(amplitudes_, i).data(), picture.size(), picture.data());
      }
      for (float& value : picture.span()) value = 1 / (1 + std::exp(-value));
    }
  }

  // The element of the picture that element `e` of the input is made of.
  int64_t FedFrom(int64_t e) const {
    const int64_t c = e % shape_[2];
    return options_.scaling.reversed ? e - c + (shape_[2] - 1 - c) : e;
  }

  void Feed(TensorView<const float> picture, int64_t i) {
    const int64_t channels = shape_[2];
    float* const fed = Sample(*fed_, i).data();
    for (int64_t e = 0; e < picture.size(); ++e) {
      const auto c = static_cast<size_t>(e % channels);
      fed[e] = picture[FedFrom(e)] * scale_.gain[c] + scale_.offset[c];
    }
  }

  NamedTensors Inputs() const {
    NamedTensors inputs(seeds_.begin(), seeds_.end());
    inputs[input_] = fed_;
    return inputs;
  }

  // The goals of the pictures as they are.
  std::vector<float> Unmoved() {
    for (int64_t i = 0; i < options_.count; ++i) Feed(Sample(std::as_const(pictures_), i), i);
    (*forward_)(Inputs());
    return GoalsOf(goal_, (*forward_)[goal_.tensor]);
  }

  PictureMovement MovementOf(int64_t step, int64_t i) const {
    Random random(options_.seed, "dream/movement", static_cast<uint64_t>(step), static_cast<uint64_t>(i));
    const auto pixels = [&] {
      return static_cast<double>(random.Bits() % static_cast<uint32_t>(2 * jitter_ + 1)) - static_cast<double>(jitter_);
    };
    const double down = pixels(), right = pixels();
    const double scale = 1 + zoom_ * static_cast<double>(random.Uniform(-1, 1));
    return {shape_[0], shape_[1], down, right, scale};
  }

  // One step; returns the goals of the moved pictures.
  std::vector<float> Climb(int64_t step) {
    std::vector<PictureMovement> movements;
    Tensor moved(shape_);
    for (int64_t i = 0; i < options_.count; ++i) {
      movements.push_back(MovementOf(step, i));
      movements.back().Move(Sample(std::as_const(pictures_), i), moved.view());
      Feed(std::as_const(moved).view(), i);
    }
    if (!diversity_layer_.empty()) SeedDiversity();
    (*backward_)(Inputs());
    std::vector<float> goals = GoalsOf(goal_, (*backward_)[goal_.tensor]);
    const Tensor& gradient = (*backward_)[gradient_];
    for (int64_t i = 0; i < options_.count; ++i) {
      for (int64_t e = 0; e < moved.size(); ++e) {
        // Of what is to become smaller, as the update wants it.
        const auto c = static_cast<size_t>(e % shape_[2]);
        moved.data()[FedFrom(e)] = -gradient.data()[i * moved.size() + e] * scale_.gain[c];
      }
      Tensor slope(shape_);
      movements[static_cast<size_t>(i)].Gradient(std::as_const(moved).view(), slope.view());
      const TensorView<const float> picture = Sample(std::as_const(pictures_), i);
      for (int64_t e = 0; e < slope.size(); ++e) slope.data()[e] *= picture[e] * (1 - picture[e]);
      if (basis_) {
        basis_->Gradient(std::as_const(slope).view(), Sample(slopes_, i));
      } else {
        std::copy_n(slope.data(), slope.size(), Sample(slopes_, i).data());
      }
    }
    Update(step);
    Revive(goals, gradient);
    return goals;
  }

  void SeedDiversity() {
    (*forward_)(Inputs());
    double size = 0;
    for (const float goal : GoalsOf(goal_, (*forward_)[goal_.tensor])) size += std::abs(static_cast<double>(goal));
    Tensor& seed = *seeds_.find(kDiversitySeed)->second;
    GramSimilarity((*forward_)[diversity_layer_], seed);
    for (float& value : seed.view().span()) value *= static_cast<float>(-options_.diversity * size);
  }

  void Update(int64_t step) {
    constexpr double kBeta1 = 0.9, kBeta2 = 0.999;
    const auto t = static_cast<double>(step + 1);
    const ParameterUpdate adam{
        .kind = UpdateKind::kAdam,
        .learning_rate = options_.rate * std::sqrt(1 - std::pow(kBeta2, t)) / (1 - std::pow(kBeta1, t)),
        .beta_1 = kBeta1,
        .beta_2 = kBeta2,
        .epsilon = 1e-12};  // the slopes of a mean over many places are small
    float* const states[] = {mean_.data(), square_.data()};
    UpdateParameter(adam, slopes_.data(), amplitudes_.data(), states, amplitudes_.size());
  }

  // Whether nothing that a sample's pixels do moves its goal.
  bool IsFlat(const Tensor& gradient, int64_t i) const {
    const float* const begin = gradient.data() + i * shape_.NumElements();
    return std::all_of(begin, begin + shape_.NumElements(), [](float value) { return value == 0; });
  }

  // A picture whose goal is zero or has no slope, since its rectifiers are all dead, climbs what the goal would be
  // without them, until it changes.
  void Revive(const std::vector<float>& goals, const Tensor& gradient) {
    if (unrectified_.empty() || goal_.least) return;
    for (int64_t i = 0; i < options_.count; ++i) {
      std::optional<float>& dead = dead_[static_cast<size_t>(i)];
      const float goal = goals[static_cast<size_t>(i)];
      const bool was = dead.has_value();
      if (was ? goal != *dead : goal == 0 || IsFlat(gradient, i)) dead = was ? std::nullopt : std::optional(goal);
      if (dead.has_value() == was) continue;
      DreamGoal without = goal_;
      without.tensor = unrectified_;
      FillSeed(without, i, was ? 0.0f : 1.0f, *seeds_.find(kUnrectifiedSeed)->second);
    }
  }

  const DreamGoal goal_;
  const DreamOptions& options_;
  const std::string input_;
  const Shape shape_;  // of a picture, (H, W, C)
  const std::unique_ptr<WaveBasis> basis_;
  const PictureScale scale_;
  const int64_t jitter_;
  const double zoom_;
  ElementMask seen_;  // of one place: (H, W), 1 where it depends on the pixel
  std::string unrectified_, diversity_layer_, gradient_;
  std::unique_ptr<Run> forward_, backward_;
  std::map<std::string, std::shared_ptr<Tensor>, std::less<>> seeds_;
  std::vector<std::optional<float>> dead_;                 // the goal of those that its rectifiers hold
  std::shared_ptr<Tensor> fed_;                            // all of these (count, H, W, C)
  Tensor amplitudes_, slopes_, pictures_, mean_, square_;  // of waves, or what the pixels are a sigmoid of
};

void Check(const Model& model, const DreamOptions& options) {
  const auto check = [](bool holds, const char* where, const char* rule, double value) {
    if (!holds) throw Error({.where = where, .rule = rule, .received = ShortestText(value)});
  };
  check(options.count >= 1, "count", "1 picture or more is dreamed", static_cast<double>(options.count));
  check(options.steps >= 1, "steps", "1 step or more is taken", static_cast<double>(options.steps));
  check(options.rate > 0 && std::isfinite(options.rate), "rate", "it is above 0", options.rate);
  check(options.zoom < 1, "zoom", "it is below 1", options.zoom);
  check(options.diversity >= 0, "diversity", "it is 0 or more", options.diversity);
  const Shape& input = model.graph()[InputOf(model.graph())].type.shape;
  check(options.jitter < std::min(input[1], input[2]), "jitter", "it is less than the side of the picture",
        static_cast<double>(options.jitter));
  if (options.from != nullptr && options.from->size() != input[1] * input[2] * input[3]) {
    throw Error({.where = "picture to begin with",
                 .rule = Concat("it is a picture of the input's shape ", input.ToString()),
                 .received = options.from->shape().ToString()});
  }
}

}  // namespace

void CheckGoal(const Graph& graph, const DreamGoal& goal) {
  MapLayer(graph, goal.tensor);
  const MapShape shape = MapShapeOf(graph[goal.tensor].type.shape, goal.tensor);
  ChosenChannels({goal.channel}, shape.channels, goal.tensor);
  if (!goal.place) return;
  const auto [row, column] = *goal.place;
  if (row >= 0 && row < shape.rows && column >= 0 && column < shape.columns) return;
  throw Error({.where = goal.tensor,
               .rule = Concat("there are rows 0 to ", shape.rows - 1, " and columns 0 to ", shape.columns - 1),
               .received = Concat("row ", row, ", column ", column)});
}

std::vector<float> GoalsOf(const DreamGoal& goal, const Tensor& tensor) {
  std::vector<float> goals;
  const float sign = goal.least ? -1.0f : 1.0f;
  for (int64_t i = 0; i < tensor.shape()[0]; ++i) {
    const TensorView<const float> maps = MapsOf(tensor, goal.tensor, i);
    const int64_t columns = maps.shape()[1], channels = maps.shape()[2], places = maps.shape()[0] * columns;
    if (goal.place) {
      goals.push_back(sign * maps[((*goal.place)[0] * columns + (*goal.place)[1]) * channels + goal.channel]);
      continue;
    }
    double sum = 0;
    for (int64_t p = 0; p < places; ++p) sum += static_cast<double>(maps[p * channels + goal.channel]);
    goals.push_back(sign * static_cast<float>(sum / static_cast<double>(places)));
  }
  return goals;
}

Dream MakeDream(const Model& model, const DreamGoal& goal, const DreamOptions& options) {
  CheckGoal(model.graph(), goal);
  Check(model, options);
  return Dreamer(model, goal, options).Make();
}

}  // namespace convscope
