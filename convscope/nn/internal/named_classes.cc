#include "convscope/nn/internal/named_classes.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace convscope::internal {
namespace {

const Config kNothing;

constexpr auto kNoFields = [](auto&, auto&) {};
constexpr auto kSeedOnly = [](auto& initializer, auto& field) { field("seed", initializer.seed); };
constexpr auto kNormalFields = [](auto& normal, auto& field) {
  field("mean", normal.mean);
  field("stddev", normal.stddev);
  field("seed", normal.seed);
};

// visit(names, tag of the alternative, fields) for each initializer but arrays, which Keras has as a list of constants.
template <typename T>
struct Tag {
  using Type = T;
};
template <typename Visit>
void ForEachInitializer(const Visit& visit) {
  using Names = std::vector<std::string_view>;
  visit(Names{"Zeros", "zeros"}, Tag<Zeros>{}, kNoFields);
  visit(Names{"Ones", "ones"}, Tag<Ones>{}, kNoFields);
  visit(Names{"RandomNormal", "random_normal", "normal"}, Tag<RandomNormal>{}, kNormalFields);
  visit(Names{"RandomUniform", "random_uniform", "uniform"}, Tag<RandomUniform>{}, [](auto& uniform, auto& field) {
    field("minval", uniform.minval);
    field("maxval", uniform.maxval);
    field("seed", uniform.seed);
  });
  visit(Names{"TruncatedNormal", "truncated_normal"}, Tag<TruncatedNormal>{}, kNormalFields);
  visit(Names{"VarianceScaling", "variance_scaling"}, Tag<VarianceScaling>{}, [](auto& scaling, auto& field) {
    field("scale", scaling.scale);
    field("mode", scaling.mode);
    field("distribution", scaling.distribution);
    field("seed", scaling.seed);
  });
  visit(Names{"GlorotNormal", "glorot_normal"}, Tag<GlorotNormal>{}, kSeedOnly);
  visit(Names{"GlorotUniform", "glorot_uniform"}, Tag<GlorotUniform>{}, kSeedOnly);
  visit(Names{"HeNormal", "he_normal"}, Tag<HeNormal>{}, kSeedOnly);
  visit(Names{"HeUniform", "he_uniform"}, Tag<HeUniform>{}, kSeedOnly);
  visit(Names{"LecunNormal", "lecun_normal"}, Tag<LecunNormal>{}, kSeedOnly);
  visit(Names{"LecunUniform", "lecun_uniform"}, Tag<LecunUniform>{}, kSeedOnly);
  visit(Names{"Orthogonal", "orthogonal"}, Tag<Orthogonal>{}, [](auto& orthogonal, auto& field) {
    field("gain", orthogonal.gain);
    field("seed", orthogonal.seed);
  });
}

Config ArrayConfig(const Tensor& tensor, int axis, int64_t& next) {
  if (axis == tensor.shape().rank()) return static_cast<double>(tensor.data()[next++]);
  Config::List list;
  for (int64_t i = 0; i < tensor.shape()[axis]; ++i) list.push_back(ArrayConfig(tensor, axis + 1, next));
  return list;
}

SharedTensor ArrayFrom(const Config& config, KerasVersion version) {
  std::vector<int64_t> lengths;
  for (const Config* inner = &config; inner->AsList() != nullptr; inner = &inner->AsList()->front()) {
    lengths.push_back(static_cast<int64_t>(inner->AsList()->size()));
    if (inner->AsList()->empty()) break;
  }
  std::vector<double> values;
  FromConfig(config, version, values);
  const Shape shape{std::span<const int64_t>(lengths)};
  if (shape.NumElements() != static_cast<int64_t>(values.size())) {
    throw Error({.rule = "the rows of an array have one length", .received = config.ToText()});
  }
  const std::vector<float> floats(values.begin(), values.end());
  return Share(Tensor::Of(shape, floats));
}

void ReadConstant(const Config& config, KerasVersion version, Initializer& initializer) {
  const Config* value = config.Find("value");
  if (value == nullptr) {
    initializer = Constant{};
  } else if (value->AsList() != nullptr) {
    initializer = FromArray{ArrayFrom(*value, version)};
  } else {
    Constant constant;
    FromConfig(*value, version, constant.value);
    initializer = constant;
  }
}

}  // namespace

NamedConfig ReadNamed(const Config& config, const char* what) {
  if (config.AsString() != nullptr) return {.class_name = *config.AsString(), .config = &kNothing};
  const Config* class_name = config.Find("class_name");
  if (class_name == nullptr || class_name->AsString() == nullptr) {
    throw Error({.rule = Concat("expected a name, or an object with class_name and config, for the ", what),
                 .received = config.ToText()});
  }
  const Config* inner = config.Find("config");
  return {.class_name = *class_name->AsString(), .config = inner == nullptr ? &kNothing : inner};
}

Config WriteNamed(std::string_view module, std::string_view class_name, Config config) {
  return Config::Object{
      {"module", module}, {"class_name", class_name}, {"config", std::move(config)}, {"registered_name", Config()}};
}

Config ToConfig(const Initializer& initializer) {
  const std::string_view module = "keras.initializers";
  if (const auto* constant = std::get_if<Constant>(&initializer)) {
    return WriteNamed(module, "Constant", Config::Object{{"value", constant->value}});
  }
  if (const auto* array = std::get_if<FromArray>(&initializer)) {
    int64_t next = 0;
    Config values = array->values == nullptr ? Config() : ArrayConfig(*array->values, 0, next);
    return WriteNamed(module, "Constant", Config::Object{{"value", std::move(values)}});
  }
  Config written;
  ForEachInitializer([&](const auto& names, auto tag, const auto& fields) {
    using T = typename decltype(tag)::Type;
    const T* held = std::get_if<T>(&initializer);
    if (held == nullptr) return;
    FieldWriter writer;
    fields(*held, writer);
    written = WriteNamed(module, names[0], writer.Take());
  });
  return written;
}

void FromConfig(const Config& config, KerasVersion version, Initializer& initializer) {
  const NamedConfig named = ReadNamed(config, "initializer");
  if (named.class_name == "Constant" || named.class_name == "constant") {
    return ReadConstant(*named.config, version, initializer);
  }
  ClassReader reader(config, version, "initializer");
  ForEachInitializer([&](const auto& names, auto tag, const auto& fields) {
    reader.Try<typename decltype(tag)::Type>(names, initializer, fields);
  });
  reader.ExpectFound();
}

Config ToConfig(const Regularizer& regularizer) {
  const std::string_view module = "keras.regularizers";
  if (regularizer.IsNone()) return {};
  if (regularizer.l2 == 0) return WriteNamed(module, "L1", Config::Object{{"l1", regularizer.l1}});
  if (regularizer.l1 == 0) return WriteNamed(module, "L2", Config::Object{{"l2", regularizer.l2}});
  return WriteNamed(module, "L1L2", Config::Object{{"l1", regularizer.l1}, {"l2", regularizer.l2}});
}

void FromConfig(const Config& config, KerasVersion version, Regularizer& regularizer) {
  regularizer = {};
  if (config.IsNull()) return;
  ClassReader reader(config, version, "regularizer");
  reader.Try<L1>({"L1", "l1"}, regularizer, [](auto& term, auto& field) { field("l1", term.l1); });
  reader.Try<L2>({"L2", "l2"}, regularizer, [](auto& term, auto& field) { field("l2", term.l2); });
  reader.Try<L1L2>({"L1L2", "l1_l2"}, regularizer, [](auto& terms, auto& field) {
    field("l1", terms.l1);
    field("l2", terms.l2);
  });
  reader.ExpectFound();
}

Config ToConfig(const Constraint& constraint) {
  const std::string_view module = "keras.constraints";
  if (const auto* limit = std::get_if<MaxNorm>(&constraint)) {
    return WriteNamed(module, "MaxNorm",
                      Config::Object{{"max_value", limit->max_value}, {"axis", ToConfig(limit->axes)}});
  }
  if (const auto* unit = std::get_if<UnitNorm>(&constraint)) {
    return WriteNamed(module, "UnitNorm", Config::Object{{"axis", ToConfig(unit->axes)}});
  }
  if (std::holds_alternative<NonNeg>(constraint)) return WriteNamed(module, "NonNeg", Config::Object{});
  return {};
}

void FromConfig(const Config& config, KerasVersion version, Constraint& constraint) {
  constraint = std::monostate();
  if (config.IsNull()) return;
  ClassReader reader(config, version, "constraint");
  reader.Try<MaxNorm>({"MaxNorm", "max_norm"}, constraint, [](auto& limit, auto& field) {
    field("max_value", limit.max_value);
    field("axis", limit.axes);
  });
  reader.Try<NonNeg>({"NonNeg", "non_neg"}, constraint, kNoFields);
  reader.Try<UnitNorm>({"UnitNorm", "unit_norm"}, constraint,
                       [](auto& unit, auto& field) { field("axis", unit.axes); });
  reader.ExpectFound();
  const auto* const limit = std::get_if<MaxNorm>(&constraint);
  const auto* const unit = std::get_if<UnitNorm>(&constraint);
  if ((limit != nullptr && limit->axes.empty()) || (unit != nullptr && unit->axes.empty())) {
    throw Error({.rule = "a norm is over at least one axis", .received = config.ToText()});
  }
}

}  // namespace convscope::internal
