#include "convscope/tasks/filter_picture.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"

namespace convscope {
namespace {

// The channels asked for of `pixels` (H, W, C), in that order.
Tensor SelectChannels(Tensor pixels, const std::vector<int>& channels, const std::string& source) {
  if (channels.empty()) return pixels;
  const Shape& shape = pixels.shape();
  const int64_t all = shape[2];
  for (const int channel : channels) {
    if (channel >= all) {
      throw Error({.where = source,
                   .rule = Concat("the picture has ", all, all == 1 ? " channel (grey)" : " channels"),
                   .received = Concat("channel ", channel),
                   .fix = "leave out --channels, or read the picture with --rgb"});
    }
  }
  const auto chosen = static_cast<int64_t>(channels.size());
  Tensor selected(Shape{shape[0], shape[1], chosen});
  const float* from = pixels.data();
  float* to = selected.data();
  for (int64_t pixel = 0; pixel < shape[0] * shape[1]; ++pixel) {
    for (int64_t c = 0; c < chosen; ++c) to[pixel * chosen + c] = from[pixel * all + channels[c]];
  }
  return selected;
}

// (R, S, 1, F) -> (R, S, 1, channels * F): every kernel on every channel.
Tensor RepeatForChannels(const Tensor& bank, int64_t channels) {
  const Shape& shape = bank.shape();
  const int64_t filters = shape[3];
  Tensor repeated(Shape{shape[0], shape[1], 1, channels * filters});
  for (int64_t cell = 0; cell < shape[0] * shape[1]; ++cell) {
    for (int64_t c = 0; c < channels; ++c) {
      std::copy_n(bank.data() + cell * filters, filters, repeated.data() + (cell * channels + c) * filters);
    }
  }
  return repeated;
}

// One value a filter of the convolution, or none when all are zero.
std::vector<float> BiasValues(const FilterOptions& options, const KernelBank& bank, int64_t repeats) {
  std::vector<float> one_each = options.bias;
  if (one_each.empty()) {
    // What kernels bring along is for pictures whose white is 1.
    for (const float value : bank.bias) one_each.push_back(static_cast<float>(value * 255 / options.scale));
  }
  const auto filters = static_cast<size_t>(bank.filters());
  if (one_each.size() == 1) one_each.resize(filters, one_each[0]);
  if (one_each.size() != filters) {
    throw Error({.where = "bias",
                 .rule = Concat("one value for all kernels, or one for each of the ", filters),
                 .received = Concat(one_each.size(), " values"),
                 .fix = "give --bias as many as there are kernels"});
  }
  std::vector<float> values;
  if (std::all_of(one_each.begin(), one_each.end(), [](float value) { return value == 0; })) return values;
  for (int64_t c = 0; c < repeats; ++c) values.insert(values.end(), one_each.begin(), one_each.end());
  return values;
}

PoolOp MakePool(const FilterOptions& options, const FilterPool& pool) {
  return {.kind = pool.kind,
          .sizes = {pool.size.begin(), pool.size.end()},
          .strides = {pool.stride.begin(), pool.stride.end()},
          .padding = {PoolPadding(options.padding[0]), PoolPadding(options.padding[1])},
          .pad_mode = options.pad_mode};
}

Model MakeModel(const FilterOptions& options, const KernelBank& bank, const Shape& input) {
  const int64_t channels = input[3];
  const bool alone = bank.channels() == 1;
  NamedTensors parameters;
  parameters["kernel"] = Share(alone ? RepeatForChannels(bank.values, channels) : bank.values.Clone());
  const std::vector<float> bias = BiasValues(options, bank, alone ? channels : 1);
  if (!bias.empty()) parameters["bias"] = Share(Tensor::Of({static_cast<int64_t>(bias.size())}, bias));

  GraphBuilder builder;
  builder.Input("input", {input});
  std::vector<std::string> conv_inputs = {"input"};
  for (const char* name : {"kernel", "bias"}) {
    if (!parameters.contains(name)) continue;
    builder.Parameter(name, {parameters[name]->shape()});
    conv_inputs.emplace_back(name);
  }
  builder.Add("conv",
              ConvOp{.strides = {options.stride.begin(), options.stride.end()},
                     .dilations = {options.dilation.begin(), options.dilation.end()},
                     .padding = {options.padding.begin(), options.padding.end()},
                     .pad_mode = options.pad_mode,
                     .groups = alone ? channels : 1,
                     .flip_kernel = options.flip_kernel},
              conv_inputs);
  std::string last = "conv";
  if (options.activation) {
    builder.Add("activation", ActivationOp{*options.activation}, {last});
    last = "activation";
  }
  for (const FilterPool& pool : options.pools) {
    const std::string kind = pool.kind == PoolKind::kMax ? "max_pool" : "average_pool";
    std::string name = kind;
    for (int number = 2; builder.graph().Has(name); ++number) name = Concat(kind, "_", number);
    builder.Add(name, MakePool(options, pool), {last});
  }
  return Model(builder.Build(), std::move(parameters));
}

}  // namespace

FilterResult FilterPictures(const FilterOptions& options) {
  if (options.images.empty()) {
    throw Error({.where = "filter", .rule = "a filter needs a picture", .received = "none", .fix = "name a file"});
  }
  FilterResult result{.options = options};
  for (const std::string& image : options.images) {
    Report(options.progress, "reading " + (image == "-" ? "standard input" : image), 0);
    Picture picture =
        ReadPicture(image, {.colour = options.colour, .scale = options.scale, .progress = options.progress});
    Tensor pixels = SelectChannels(std::move(picture.pixels), options.channels, picture.source);
    if (result.pictures.empty()) result.bank = ResolveKernels(options.kernels, pixels);
    const Shape shape{1, pixels.shape()[0], pixels.shape()[1], pixels.shape()[2]};
    try {
      const Model model = MakeModel(options, result.bank, shape);
      Trace trace(model, {{"input", Share(std::move(pixels).Reshaped(shape))}}, options.progress);
      result.pictures.push_back({.source = std::move(picture.source),
                                 .trace = std::move(trace),
                                 .white = static_cast<float>(255 / options.scale)});
    } catch (const Error& error) {
      throw error.At(image);
    }
  }
  return result;
}

std::vector<std::string> StageNames(const Graph& graph) {
  std::vector<std::string> names;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kComputed) names.push_back(tensor.name);
  }
  return names;
}

std::string_view ResultStage(const Graph& graph) {
  return graph.Has("activation") ? "activation" : "conv";
}

}  // namespace convscope
