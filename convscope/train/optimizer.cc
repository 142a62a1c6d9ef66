#include "convscope/train/optimizer.h"

#include <cmath>
#include <type_traits>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// Calls visit(name, number, low, high, high_allowed) for each number of an optimizer, in the order of its members.
template <typename Held, typename Visit>
void EachNumber(Held& optimizer, const Visit& visit) {
  using T = std::remove_const_t<Held>;
  constexpr double kMost = std::numeric_limits<double>::max();
  constexpr bool kAdamLike = std::is_same_v<T, Adam> || std::is_same_v<T, AdamW>;
  visit("learning_rate", optimizer.learning_rate, 0, kMost, true);
  if constexpr (std::is_same_v<T, SGD> || std::is_same_v<T, RMSprop>) {
    visit("momentum", optimizer.momentum, 0, 1, true);
  }
  if constexpr (std::is_same_v<T, Adagrad>) {
    visit("initial_accumulator_value", optimizer.initial_accumulator_value, 0, kMost, true);
  }
  if constexpr (std::is_same_v<T, Adadelta> || std::is_same_v<T, RMSprop>) visit("rho", optimizer.rho, 0, 1, false);
  if constexpr (kAdamLike) {
    visit("beta_1", optimizer.beta_1, 0, 1, false);
    visit("beta_2", optimizer.beta_2, 0, 1, false);
  }
  if constexpr (!std::is_same_v<T, SGD>) visit("epsilon", optimizer.epsilon, 0, kMost, true);
  visit("weight_decay", optimizer.weight_decay, 0, kMost, true);
}

template <typename Held, typename Visit>
void EachSwitch(Held& optimizer, const Visit& visit) {
  using T = std::remove_const_t<Held>;
  if constexpr (std::is_same_v<T, SGD>) visit("nesterov", optimizer.nesterov);
  if constexpr (std::is_same_v<T, RMSprop>) visit("centered", optimizer.centered);
  if constexpr (std::is_same_v<T, Adam> || std::is_same_v<T, AdamW>) visit("amsgrad", optimizer.amsgrad);
}

template <typename Held, typename Visit>
void EachClipping(Held& clipping, const Visit& visit) {
  visit("clipping.value", clipping.value);
  visit("clipping.norm", clipping.norm);
  visit("clipping.global_norm", clipping.global_norm);
}

ParameterUpdate RuleOf(const SGD& sgd, int64_t) {
  return {.kind = UpdateKind::kSgd, .momentum = sgd.momentum, .nesterov = sgd.nesterov};
}

ParameterUpdate RuleOf(const Adagrad& adagrad, int64_t) {
  return {.kind = UpdateKind::kAdagrad, .epsilon = adagrad.epsilon};
}

ParameterUpdate RuleOf(const Adadelta& adadelta, int64_t) {
  return {.kind = UpdateKind::kAdadelta, .rho = adadelta.rho, .epsilon = adadelta.epsilon};
}

ParameterUpdate RuleOf(const RMSprop& rms_prop, int64_t) {
  return {.kind = UpdateKind::kRmsProp,
          .momentum = rms_prop.momentum,
          .rho = rms_prop.rho,
          .centered = rms_prop.centered,
          .epsilon = rms_prop.epsilon};
}

// Means that start at 0 are too small by 1 - beta^step; both corrections go into the learning rate.
template <typename T>
ParameterUpdate RuleOf(const T& adam, int64_t step) {
  const auto number = static_cast<double>(step);
  return {
      .kind = UpdateKind::kAdam,
      .learning_rate = std::sqrt(1 - std::pow(adam.beta_2, number)) / (1 - std::pow(adam.beta_1, number)),
      .beta_1 = adam.beta_1,
      .beta_2 = adam.beta_2,
      .amsgrad = adam.amsgrad,
      .epsilon = adam.epsilon,
  };
}

}  // namespace

void Check(const Optimizer& optimizer) {
  const std::string where = Concat("optimizer ", Name(optimizer));
  const auto check = [&](std::string_view name, double number, double low, double high, bool high_allowed) {
    if (number >= low && (number < high || (high_allowed && number == high))) return;
    const std::string range = high < 2 ? Concat("from 0 to ", high_allowed ? "1" : "below 1") : "0 or more, and finite";
    throw Error({.where = where, .rule = Concat(name, " must be ", range), .received = ShortestText(number)});
  };
  std::visit([&](const auto& held) { EachNumber(held, check); }, optimizer);
  int ways = 0;
  const GradientClipping clipping = Clipping(optimizer);
  EachClipping(clipping, [&](std::string_view name, double number) {
    check(name, number, 0, std::numeric_limits<double>::max(), true);
    ways += number > 0 ? 1 : 0;
  });
  if (ways > 1) {
    throw Error({.where = where,
                 .rule = "gradients are clipped in one way at most",
                 .received = Concat(ways, " ways"),
                 .fix = "choose value, norm or global_norm"});
  }
  const SGD* sgd = std::get_if<SGD>(&optimizer);
  if (sgd != nullptr && sgd->nesterov && sgd->momentum == 0) {
    throw Error({.where = where, .rule = "nesterov needs a momentum", .received = "momentum 0", .fix = "try 0.9"});
  }
}

const std::vector<std::string>& OptimizerNames() {
  static const std::vector<std::string> names = {"sgd", "adagrad", "adadelta", "rmsprop", "adam", "adamw"};
  return names;
}

std::string_view Name(const Optimizer& optimizer) {
  return OptimizerNames()[optimizer.index()];
}

Optimizer MakeOptimizer(std::string_view name) {
  if (name == "sgd") return SGD{};
  if (name == "adagrad") return Adagrad{};
  if (name == "adadelta") return Adadelta{};
  if (name == "rmsprop") return RMSprop{};
  if (name == "adam") return Adam{};
  if (name == "adamw") return AdamW{};
  const std::string near = DidYouMean(name, OptimizerNames());
  throw Error({.where = "optimizer",
               .rule = "there are sgd, adagrad, adadelta, rmsprop, adam and adamw",
               .received = Concat('"', name, '"'),
               .fix = near});
}

Optimizer ParseOptimizer(std::string_view text) {
  const size_t colon = text.find(':');
  Optimizer optimizer = MakeOptimizer(text.substr(0, colon));
  const std::string where = Concat("optimizer ", Name(optimizer));
  if (colon == std::string_view::npos) return optimizer;
  for (const std::string& part : Split(text.substr(colon + 1), ',')) {
    const size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    const double value = ParseNumber(equals == std::string::npos ? "" : part.substr(equals + 1), where + ", " + name);
    bool found = false;
    std::vector<std::string> names;
    const auto set = [&](std::string_view known, auto& held) {
      names.emplace_back(known);
      if (known != name) return;
      held = static_cast<std::decay_t<decltype(held)>>(value);
      found = true;
    };
    std::visit(
        [&](auto& held) {
          EachNumber(held, [&](std::string_view known, double& number, double, double, bool) { set(known, number); });
          EachSwitch(held, [&](std::string_view known, bool& on) { set(known, on); });
          EachClipping(held.clipping, set);
        },
        optimizer);
    if (!found) {
      std::string all;
      for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
      throw Error({.where = where,
                   .rule = "its settings are " + all,
                   .received = '"' + name + '"',
                   .fix = DidYouMean(name, names)});
    }
  }
  Check(optimizer);
  return optimizer;
}

std::vector<Attribute> Attributes(const Optimizer& optimizer) {
  std::vector<Attribute> all;
  std::visit(
      [&](const auto& held) {
        EachNumber(held, [&](std::string_view name, double number, double, double, bool) {
          all.push_back({std::string(name), number});
        });
        EachSwitch(held, [&](std::string_view name, bool on) { all.push_back({std::string(name), on}); });
      },
      optimizer);
  const GradientClipping clipping = Clipping(optimizer);
  EachClipping(clipping, [&](std::string_view name, double number) {
    if (number > 0) all.push_back({std::string(name), number});
  });
  return all;
}

double LearningRate(const Optimizer& optimizer) {
  return std::visit([](const auto& held) { return held.learning_rate; }, optimizer);
}

void SetLearningRate(Optimizer& optimizer, double rate) {
  std::visit([&](auto& held) { held.learning_rate = rate; }, optimizer);
}

GradientClipping Clipping(const Optimizer& optimizer) {
  return std::visit([](const auto& held) { return held.clipping; }, optimizer);
}

double InitialState(const Optimizer& optimizer) {
  const Adagrad* adagrad = std::get_if<Adagrad>(&optimizer);
  return adagrad != nullptr ? adagrad->initial_accumulator_value : 0;
}

ParameterUpdate UpdateOf(const Optimizer& optimizer, int64_t step, double learning_rate) {
  ParameterUpdate update = std::visit([&](const auto& held) { return RuleOf(held, step); }, optimizer);
  update.learning_rate = update.kind == UpdateKind::kAdam ? learning_rate * update.learning_rate : learning_rate;
  const double decay = std::visit([](const auto& held) { return held.weight_decay; }, optimizer);
  update.keep = 1 - decay * learning_rate;
  if (const double limit = Clipping(optimizer).value; limit > 0) update.gradient_limit = limit;
  return update;
}

}  // namespace convscope
