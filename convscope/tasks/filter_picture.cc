#include "convscope/tasks/filter_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/tasks/filter_pixels.h"
#include "convscope/tasks/internal/kernel_texts.h"

namespace convscope {
namespace {

// The channels asked for of `pixels` (H, W, C), in that order.
Tensor SelectChannels(TensorView<const float> pixels, const std::vector<int>& channels, const std::string& source) {
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

// Paddings, windows and strides of one may ask for more than there is of memory or patience.
void CheckLimits(const Graph& graph, const FilterOptions& options, const FilterLimits& limits) {
  const auto check = [](const char* what, double limit, double received) {
    if (received <= limit) return;
    throw Error({.where = "filter",
                 .rule = Concat("the ", what, " hold at most ", static_cast<int64_t>(limit), " values together"),
                 .received = fmt::format("{:.0f}", received),
                 .fix = "use a smaller picture, kernel or pool, fewer kernels, less padding or a larger stride"});
  };
  // In double, which no product of lengths overflows.
  const Shape& kernel = graph["kernel"].type.shape;
  double elements = 0, steps = 0;
  auto pool = options.pools.begin();
  for (const std::string& stage : StageNames(graph)) {
    const auto outputs = static_cast<double>(graph[stage].type.shape.NumElements());
    elements += outputs;
    if (stage == "conv") {
      steps += outputs * static_cast<double>(kernel[0] * kernel[1] * kernel[2]);
    } else if (stage != "activation") {
      steps += outputs * static_cast<double>(pool->size[0]) * static_cast<double>(pool->size[1]);
      ++pool;
    }
  }
  check("computed maps", static_cast<double>(limits.elements), elements);
  check("windows", static_cast<double>(limits.steps), steps);
}

FilteredPicture Filter(const FilterOptions& options, const KernelBank& bank, FilterInput picture,
                       const FilterLimits* limits) {
  const Model model = MakeModel(options, bank, picture.pixels->shape());
  if (limits != nullptr) CheckLimits(model.graph(), options, *limits);
  Trace trace(model, {{"input", picture.pixels}}, options.progress);
  return {
      .source = std::move(picture.source), .trace = std::move(trace), .white = static_cast<float>(255 / options.scale)};
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
    Tensor pixels = std::move(picture.pixels);
    if (!options.channels.empty()) pixels = SelectChannels(pixels.view(), options.channels, picture.source);
    if (result.pictures.empty()) result.bank = ResolveKernels(options.kernels, pixels);
    const Shape shape{1, pixels.shape()[0], pixels.shape()[1], pixels.shape()[2]};
    try {
      result.pictures.push_back(
          Filter(options, result.bank, {std::move(picture.source), Share(std::move(pixels).Reshaped(shape))}, nullptr));
    } catch (const Error& error) {
      throw error.At(image);
    }
  }
  return result;
}

FilterResult FilterPixels(const FilterOptions& options, const FilterInput& picture, const FilterLimits& limits) {
  const auto as_picture = [](const Tensor& batch) {
    const Shape& shape = batch.shape();
    return TensorView<const float>(batch.data(), {shape[1], shape[2], shape[3]});
  };
  FilterInput input = picture;
  if (!options.channels.empty()) {
    Tensor chosen = SelectChannels(as_picture(*picture.pixels), options.channels, picture.source);
    const Shape batch{1, chosen.shape()[0], chosen.shape()[1], chosen.shape()[2]};
    input.pixels = Share(std::move(chosen).Reshaped(batch));
  }
  FilterResult result{.options = options};
  result.bank = internal::ResolveKernels(options.kernels, as_picture(*input.pixels), /*files=*/false);
  result.pictures.push_back(Filter(options, result.bank, std::move(input), &limits));
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
