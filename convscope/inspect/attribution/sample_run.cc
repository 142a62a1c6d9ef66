#include "convscope/inspect/attribution/sample_run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/rebuild.h"
#include "convscope/inspect/attribution/class_seed.h"

namespace convscope {
namespace {

constexpr char kClassInput[] = "attribution/class", kSeed[] = "attribution/seed";

std::span<const float> Row(const Tensor& tensor, int64_t row) {
  const int64_t length = tensor.size() / tensor.shape()[0];
  return {tensor.data() + row * length, static_cast<size_t>(length)};
}

}  // namespace

SampleRun::SampleRun(const Model& model, const AttributionTarget& target, const SampleRunOptions& options)
    : target_(target), batch_(options.batch), kept_(options.kept.value_or("")) {
  GraphBuilder builder = Rebuild(model.graph(), {.batch = batch_}).builder;
  const std::string& logits = target.scores.logits;
  std::vector<std::string> outputs = {logits};
  if (options.gradient_of) {
    const Shape wanted = builder.graph()[*options.gradient_of].type.shape;
    builder.Input(kClassInput, {{batch_}, DType::kInt64});
    builder.Add(kSeed, ClassSeedOp{}, {logits, kClassInput});
    const GradientNames names = AddGradients(builder, {{logits, kSeed}}, {*options.gradient_of}, options.rule);
    const auto found = names.find(*options.gradient_of);
    if (found != names.end()) {
      gradient_ = found->second;
      outputs.push_back(gradient_);
    } else {
      zeros_.assign(static_cast<size_t>(wanted.NumElements() / batch_), 0.0f);
    }
    classes_ = std::make_shared<Tensor>(Shape{batch_}, DType::kInt64);
  }
  if (!kept_.empty()) outputs.push_back(kept_);
  const Shape& sample = target.sample;
  input_ = std::make_shared<Tensor>(Shape{batch_, sample[0], sample[1], sample[2]});
  run_.emplace(Model(builder.Build(), model.parameters()), std::move(outputs));
}

void SampleRun::operator()(int64_t count, int64_t class_index, const Fill& fill, const Visit& visit,
                           const Progress& progress, std::string_view what) {
  CheckClass(target_, class_index);
  const int64_t length = target_.sample.NumElements();
  if (classes_) std::fill_n(classes_->data<int64_t>(), batch_, class_index);
  NamedTensors inputs = {{target_.input, input_}};
  if (classes_) inputs[kClassInput] = classes_;
  for (int64_t begin = 0; begin < count; begin += batch_) {
    Report(progress, what, static_cast<double>(begin) / static_cast<double>(count));
    const int64_t used = std::min(batch_, count - begin);
    ParallelFor(batch_, [&](int64_t i) {
      float* const values = input_->data() + i * length;
      // What is left of the last batch is computed and not looked at.
      if (i < used) {
        fill(begin + i, {values, static_cast<size_t>(length)});
      } else {
        std::fill_n(values, length, 0.0f);
      }
    });
    (*run_)(inputs);
    for (int64_t i = 0; i < used; ++i) {
      Sample sample{.index = begin + i, .logits = Row((*run_)[target_.scores.logits], i)};
      if (class_index == kPredictedClass && !gradient_.empty()) CheckPredicts(sample.logits);
      sample.class_index = class_index == kPredictedClass ? PredictedClass(sample.logits) : class_index;
      sample.gradient = gradient_.empty() ? std::span<const float>(zeros_) : Row((*run_)[gradient_], i);
      if (!kept_.empty()) sample.kept = Row((*run_)[kept_], i);
      visit(sample);
    }
  }
}

void SampleRun::operator()(const Tensor& input, int64_t class_index, const Visit& visit) {
  CheckPicture(target_, input);
  (*this)(
      1, class_index,
      [&](int64_t, std::span<float> values) { std::copy_n(input.data(), values.size(), values.data()); }, visit);
}

int64_t SampleRun::ClassOf(const Tensor& input, int64_t class_index) {
  if (class_index == kPredictedClass) {
    (*this)(input, class_index, [&](const Sample& sample) { class_index = sample.class_index; });
  }
  return class_index;
}

}  // namespace convscope
