#include "convscope/data/batch_filler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/data/sample_order.h"
#include "convscope/graph/picture_scale.h"

namespace convscope {
namespace {

std::vector<float> Floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

template <typename Stored>
void Load(TensorView<const Stored> from, float divisor, TensorView<float> to) {
  const Stored* const in = from.data();
  float* const out = to.data();
  const int64_t count = from.size();
  if (divisor == 1) {
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]) / divisor;
  }
}

}  // namespace

BatchFiller::BatchFiller(Dataset data, BatchOptions options) : data_(std::move(data)), options_(std::move(options)) {
  if (data_.empty()) {
    throw Error({.where = data_.name(), .rule = "batches need at least one picture", .received = "none"});
  }
  if (options_.batch_size < 1) {
    throw Error({.where = "batch size",
                 .rule = "a batch must have 1 picture or more",
                 .received = Concat(options_.batch_size)});
  }
  options_.batch_size = std::min(options_.batch_size, data_.size());
  Check(options_.augmentation);
  const Preprocessing& scaling = options_.scaling;
  divisor_ = static_cast<float>(scaling.divisor == 0 ? data_.white() : scaling.divisor);
  mean_ = Floats(PerChannel(scaling.mean, data_.channels(), "mean"));
  deviation_ = Floats(PerChannel(scaling.deviation, data_.channels(), "deviation"));
  const bool divides = std::all_of(deviation_.begin(), deviation_.end(), [](float d) { return d > 0; });
  if (!(divisor_ > 0) || !std::isfinite(divisor_) || !divides) {
    throw Error({.where = "pixel scaling",
                 .rule = "pixels must be divided by numbers above 0",
                 .received = divides ? ShortestText(divisor_) : "another deviation"});
  }
  order_.resize(static_cast<size_t>(data_.size()));
  std::iota(order_.begin(), order_.end(), 0);
  if (options_.augmentation.moves()) unmoved_ = Tensor(data_.shape());
}

int64_t BatchFiller::batches() const {
  return (data_.size() + options_.batch_size - 1) / options_.batch_size;
}

int64_t BatchFiller::SizeOf(int64_t batch) const {
  return std::min(options_.batch_size, data_.size() - batch * options_.batch_size);
}

void BatchFiller::Fill(int64_t epoch, int64_t batch, TensorView<float> images, std::span<int32_t> labels,
                       std::span<int64_t> samples) {
  if (epoch < 0 || batch < 0 || batch >= batches()) {
    throw Error({.where = data_.name(),
                 .rule = Concat("an epoch has batches 0 to ", batches() - 1),
                 .received = Concat("batch ", batch, " of epoch ", epoch)});
  }
  const int64_t count = SizeOf(batch);
  const Shape wanted{count, data_.height(), data_.width(), data_.channels()};
  const auto size = static_cast<size_t>(count);
  if (!(images.shape() == wanted) || labels.size() != size || (!samples.empty() && samples.size() != size)) {
    throw Error({.where = data_.name(),
                 .rule = Concat("this batch has pictures ", wanted.ToString(), " and ", count, " labels"),
                 .received = Concat(images.shape().ToString(), " and ", labels.size())});
  }
  if (options_.shuffle && order_epoch_ != epoch) {
    Shuffle(order_, options_.seed, "shuffle", static_cast<uint64_t>(epoch));
    order_epoch_ = epoch;
  }
  const int64_t one = data_.shape().NumElements();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t sample = order_[static_cast<size_t>(batch * options_.batch_size + i)];
    labels[static_cast<size_t>(i)] = data_.label(sample);
    if (!samples.empty()) samples[static_cast<size_t>(i)] = sample;
    FillOne(epoch, sample, {images.data() + i * one, data_.shape()});
  }
}

void BatchFiller::FillOne(int64_t epoch, int64_t sample, TensorView<float> picture) {
  const Augmentation& augmentation = options_.augmentation;
  const TensorView<float> loaded = augmentation.moves() ? unmoved_.view() : picture;
  if (data_.dtype() == DType::kUInt8) {
    Load(data_.Pixels<uint8_t>(sample), divisor_, loaded);
  } else {
    Load(data_.Pixels<float>(sample), divisor_, loaded);
  }
  if (augmentation.moves()) {
    Random random(options_.seed, "augment/move", static_cast<uint64_t>(epoch), static_cast<uint64_t>(sample));
    const Placement placement = DrawPlacement(augmentation, data_.height(), data_.width(), random);
    Move(unmoved_.view(), placement, augmentation.fill, picture);
  }
  if (augmentation.noise != 0) {
    Random random(options_.seed, "augment/noise", static_cast<uint64_t>(epoch), static_cast<uint64_t>(sample));
    AddNoise(picture, augmentation.noise, random);
  }
  if (options_.scaling.reversed) {
    const int64_t channels = data_.channels();
    for (auto pixel = picture.span().begin(); pixel != picture.span().end(); pixel += channels) {
      std::reverse(pixel, pixel + channels);
    }
  }
  if (!mean_.empty() || !deviation_.empty()) Scale(picture);
}

void BatchFiller::Scale(TensorView<float> picture) const {
  const auto channels = static_cast<size_t>(data_.channels());
  const auto values = picture.span();
  for (size_t c = 0; c < channels; ++c) {
    const float mean = mean_.empty() ? 0 : mean_[c], deviation = deviation_.empty() ? 1 : deviation_[c];
    for (size_t i = c; i < values.size(); i += channels) values[i] = (values[i] - mean) / deviation;
  }
}

}  // namespace convscope
