#include "convscope/train/internal/fit_identity.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "convscope/base/digest.h"
#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

std::string ListText(const std::vector<double>& numbers) {
  std::string text = "[";
  for (const double number : numbers) text += Concat(text.size() > 1 ? ", " : "", ShortestText(number));
  return text + "]";
}

std::string DigestOf(const Graph& graph) {
  std::set<std::string> lines;
  const auto names = [&](const std::vector<int>& tensors) {
    std::string text;
    for (const int tensor : tensors) text += Concat(" ", graph.tensors()[static_cast<size_t>(tensor)].name);
    return text;
  };
  for (const GraphTensor& tensor : graph.tensors()) {
    lines.insert(Concat(static_cast<int>(tensor.role), " ", tensor.name, " ", tensor.type.ToString()));
  }
  for (const GraphNode& node : graph.nodes()) {
    std::string line = Concat(node.name, " ", node.operation->type());
    for (const Attribute& attribute : node.operation->attributes()) {
      line += Concat(" ", attribute.name, "=", attribute.ValueText());
    }
    lines.insert(Concat(line, " from", names(node.inputs), " to", names(node.outputs)));
  }
  Digest digest;
  for (const std::string& line : lines) digest.Add(line);
  return digest.ToString();
}

std::string ConstraintText(const Constraint& constraint) {
  std::string text = Concat(constraint.index());
  const auto axes = [&](const std::vector<int64_t>& list) {
    for (const int64_t axis : list) text += Concat(" ", axis);
  };
  if (const auto* limit = std::get_if<MaxNorm>(&constraint)) {
    text += Concat(" ", ShortestText(limit->max_value), ":");
    axes(limit->axes);
  } else if (const auto* unit = std::get_if<UnitNorm>(&constraint)) {
    axes(unit->axes);
  }
  return text;
}

std::string DigestOf(const TrainingRules& rules) {
  Digest digest;
  digest.Add(rules.output);
  for (const auto& [name, rule] : rules.parameters) {
    if (rule == ParameterRules()) continue;
    digest.Add(name).Add(Concat(rule.trainable, " ", ShortestText(rule.l1), " ", ShortestText(rule.l2), " ",
                                ConstraintText(rule.constraint), " ", rule.constraint_shape.ToString()));
  }
  for (const ActivityRules& activity : rules.activities) {
    digest.Add(activity.tensor).Add(Concat(ShortestText(activity.l1), " ", ShortestText(activity.l2)));
  }
  for (const std::string& node : rules.frozen) digest.Add(node);
  return digest.ToString();
}

std::string TextOf(const Dataset& data) {
  Digest digest;
  digest.Add(data.shape().ToString());
  // Only floats can have another, and checkpoints from before there was one stay good.
  if (data.dtype() == DType::kFloat32 && data.white() != 1) digest.Add(Concat("white ", ShortestText(data.white())));
  for (int64_t i = 0; i < data.size(); ++i) {
    const std::array<int32_t, 1> label = {data.label(i)};
    digest.Add(std::span<const int32_t>(label));
    if (data.dtype() == DType::kUInt8) {
      digest.Add(data.Pixels<uint8_t>(i).span());
    } else {
      digest.Add(data.Pixels<float>(i).span());
    }
  }
  return Concat(data.size(), " pictures ", digest.ToString());
}

std::string OptimizerText(const Optimizer& optimizer) {
  std::string text(Name(optimizer));
  for (const Attribute& attribute : Attributes(optimizer)) {
    text += Concat(" ", attribute.name, "=", attribute.ValueText());
  }
  return text;
}

std::string ScheduleText(const Schedule& schedule) {
  struct Visitor {
    std::string operator()(const ConstantRate&) const { return "constant"; }
    std::string operator()(const StepDecay& d) const {
      return Concat("step ", d.every_steps, " ", ShortestText(d.factor));
    }
    std::string operator()(const ExponentialDecay& d) const {
      return Concat("exponential ", d.decay_steps, " ", ShortestText(d.factor), d.staircase ? " in stairs" : "");
    }
    std::string operator()(const CosineDecay& d) const {
      return Concat("cosine ", d.decay_steps, " ", ShortestText(d.alpha));
    }
  };
  return Concat(std::visit(Visitor(), schedule.decay), ", warm-up ", schedule.warmup_steps, " from ",
                ShortestText(schedule.warmup_from));
}

std::string AugmentationText(const Augmentation& a) {
  return Concat("shift ", ShortestText(a.shift), ", rotate ", ShortestText(a.rotate), ", zoom ", ShortestText(a.zoom),
                ", flip ", a.flip_horizontal, a.flip_vertical, ", noise ", ShortestText(a.noise), ", fill ",
                static_cast<int>(a.fill));
}

std::string WeightsText(const std::vector<double>& weights) {
  return weights.empty() ? "none" : Digest().Add(std::span<const double>(weights)).ToString();
}

// The value of the line that begins with `name`.
std::string ValueOf(const std::string& identity, std::string_view name) {
  for (const std::string& line : Split(identity, '\n')) {
    if (line.starts_with(Concat(name, ": "))) return line.substr(name.size() + 2);
  }
  return "not known";
}

// `value` without its digest, which tells nobody anything.
std::string WithoutDigest(const std::string& value) {
  std::string text;
  for (const std::string& word : Split(value, ' ')) {
    const bool digest =
        word.size() == Digest().ToString().size() && word.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!digest) text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

}  // namespace

std::string FitIdentity(const Graph& network, const TrainingRules& rules, const Dataset& data,
                        const FitOptions& options) {
  const LossOp& loss = options.loss;
  return Concat("network: ", DigestOf(network), "\nrules: ", DigestOf(rules), "\ndata: ", TextOf(data),
                "\nvalidation data: ", options.validation ? TextOf(*options.validation) : "none",
                "\nbatch size: ", options.batch_size, "\nseed: ", options.seed,
                "\norder: ", options.shuffle ? "shuffled" : "as the pictures stand",
                "\noptimizer: ", OptimizerText(options.optimizer), "\nschedule: ", ScheduleText(options.schedule),
                "\nloss: ", Name(loss.kind), loss.from_logits ? " from logits" : "", ", label smoothing ",
                ShortestText(loss.label_smoothing), ", delta ", ShortestText(loss.delta),
                "\nscaling: ", ShortestText(options.scaling.divisor), " ", ListText(options.scaling.mean), " ",
                ListText(options.scaling.deviation), options.scaling.reversed ? " reversed" : "",
                "\naugmentation: ", AugmentationText(options.augmentation),
                "\nclass weights: ", WeightsText(options.class_weights),
                "\nsample weights: ", WeightsText(options.sample_weights), "\ntop: ", options.top);
}

void CheckIdentity(const std::string& saved, const std::string& now) {
  for (const std::string& line : Split(now, '\n')) {
    const std::string name = line.substr(0, line.find(':'));
    const std::string value = ValueOf(now, name), received = ValueOf(saved, name);
    if (value == received) continue;
    const std::string wanted = WithoutDigest(value), found = WithoutDigest(received);
    throw Error({.where = "checkpoint",
                 .rule = Concat("the ", name, " of this training", wanted.empty() ? "" : ": " + wanted),
                 .received = wanted == found ? Concat("another ", name) : found,
                 .fix = "resume with the network, data and options that the checkpoint was saved with"});
  }
}

}  // namespace convscope::internal
