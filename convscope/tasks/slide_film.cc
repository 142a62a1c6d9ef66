#include "convscope/tasks/slide_film.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/figures/film_pages.h"
#include "convscope/figures/render_pixels.h"
#include "convscope/image/animation.h"
#include "convscope/inspect/explanation.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/internal/explained_terms.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/map_signs.h"
#include "convscope/tasks/internal/source_title.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/open_model.h"

namespace convscope {
namespace {

constexpr RenderOptions kPage{.width = 860, .pixels_per_point = 1.25};

bool HasMaps(const Shape& shape) {
  return shape.rank() == 4 && shape[0] == 1 && (shape[1] > 1 || shape[2] > 1);
}

// The explanation of a window: what the value came out of, behind an activation.
std::optional<Explanation> WindowBehind(const Trace& trace, const ValuePlace& place) {
  Explanation last = std::move(ExplainChain(trace, place).back());
  const bool window = last.arithmetic && last.arithmetic->has_places && HasMaps(last.input_shapes[0]) &&
                      trace.graph()[last.inputs[0]].type.dtype == DType::kFloat32 && last.shape.rank() == 4 &&
                      last.arithmetic->terms.size() > 1;
  return window ? std::optional(std::move(last)) : std::nullopt;
}

// Places of a map of `count` to stop at, `frames` of them: evenly, the last one at the end.
std::vector<int64_t> Stops(int64_t count, int64_t frames) {
  std::vector<int64_t> places;
  for (int64_t i = 0; i < frames; ++i) places.push_back(frames == 1 ? count - 1 : i * (count - 1) / (frames - 1));
  return places;
}

int64_t PlaceCount(const Shape& maps) {
  return maps[1] * maps[2];
}

// Hands `take` the window behind each of `places` of a channel, one after the other: all of them, with a term a value,
// would be too many to keep. Returns the first place that came out of none, or not of the window of the first place: a
// map may be put together, a border of constants around it has no window, and parts of it may have different ones.
std::optional<int64_t> PassOverWindows(const Trace& trace, const std::string& layer, int64_t channel,
                                       const std::vector<int64_t>& places,
                                       const std::function<void(const Explanation& window)>& take) {
  const int64_t channels = trace.graph()[layer].type.shape[3];
  std::string node;
  for (const int64_t place : places) {
    const auto window = WindowBehind(trace, {.tensor = layer, .element = place * channels + channel});
    if (!window || (!node.empty() && window->node != node)) return place;
    node = window->node;
    take(*window);
  }
  return std::nullopt;
}

// Whether a window slides over the channel from corner to corner; what is between is seen when it does.
bool MaySlide(const Trace& trace, const GraphTensor& tensor, int64_t channel) {
  const Shape& shape = tensor.type.shape;
  if (tensor.role != TensorRole::kComputed || tensor.type.dtype != DType::kFloat32 || !HasMaps(shape)) return false;
  // A channel that there is not is refused with those that there are, once the layer is known.
  const int64_t known = std::clamp<int64_t>(channel, 0, shape[3] - 1);
  return !PassOverWindows(trace, tensor.name, known, Stops(PlaceCount(shape), 2), [](const Explanation&) {});
}

std::string LayerOf(const Trace& trace, const std::string& wanted, int64_t channel) {
  if (!wanted.empty()) {
    trace.graph().Find(wanted);  // a name that there is not, with the nearest
    if (MaySlide(trace, trace.graph()[wanted], channel)) return wanted;
  }
  std::string known;
  for (const GraphTensor& tensor : trace.graph().tensors()) {
    if (!MaySlide(trace, tensor, channel)) continue;
    if (wanted.empty()) return tensor.name;
    known += (known.empty() ? "" : ", ") + tensor.name;
  }
  throw Error(
      {.where = "layer",
       .rule =
           "a window slides where all of a map with rows and columns comes out of one convolution or pool, in float32",
       .received = wanted.empty() ? "a model without such a layer" : wanted,
       .fix = known.empty() ? "" : "choose one of " + known});
}

// What one frame shows, in numbers.
struct Moment {
  int64_t row = 0, column = 0;                  // of the map that fills
  std::vector<std::array<int64_t, 4>> covered;  // rows and columns of the input; none in the padding alone
  Tensor values, weights, products;             // (R, S), of the channel that is shown
  std::optional<int64_t> winner;                // of a maximum, the element of values
  double of_channel = 0, sum = 0, value = 0;    // of it, of all with the bias, and after the activation
};

class FilmMaker {
 public:
  FilmMaker(const SlideFilmRequest& request, const OpenedModel& model, const ModelPicture& shown, const Trace& trace)
      : request_(request), never_negative_(NeverNegative(model.file.model)), trace_(trace), shown_(shown) {
    film_ = {.model = model.file.name,
             .trained = model.trained,
             .source = shown.source,
             .layer = LayerOf(trace, request.layer, request.channel),
             .channel = request.channel,
             .output = request.output};
    output_ = OneMap(MapsOf(trace[film_.layer], film_.layer), request.channel, film_.layer);
    film_.rows = output_.shape()[0];
    film_.columns = output_.shape()[1];
    film_.places = output_.size();
    film_.frames = std::min(request.frames, film_.places);
    stops_ = Stops(film_.places, film_.frames);
  }

  SlideFilm Make() {
    CollectMoments();
    const auto draw = [this](int64_t frame) {
      Report(request_.pictures.progress, "drawing frames",
             static_cast<double>(frame) / static_cast<double>(film_.frames));
      return RenderPixels(FigureOf(frame), kPage);
    };
    const Animation animation = FilmOf(film_.frames, draw, request_.milliseconds);
    film_.width = animation.width;
    film_.height = animation.height;
    WriteAnimation(animation, request_.output, request_.pictures.progress);
    return film_;
  }

 private:
  int64_t PlaceOf(int64_t frame) const { return stops_[static_cast<size_t>(frame)]; }

  // The input channel whose sums are the largest over the film is the one that is shown all through it. Which one that
  // is, a first pass over the windows finds.
  void CollectMoments() {
    std::vector<double> sizes;
    int64_t passed = 0;
    const auto pass_over = [&](const char* what, const auto& take) {
      passed = 0;
      return PassOverWindows(trace_, film_.layer, film_.channel, stops_, [&](const Explanation& window) {
        Report(request_.pictures.progress, what, static_cast<double>(passed++) / static_cast<double>(film_.frames));
        take(window);
      });
    };
    const auto stray = pass_over("choosing what is shown", [&](const Explanation& window) {
      if (sizes.empty()) sizes.resize(static_cast<size_t>(window.arithmetic->window.back()));
      for (const ChannelSum& sum : SumsByChannel(*window.arithmetic)) {
        sizes[static_cast<size_t>(sum.channel)] += std::isfinite(sum.sum) ? std::abs(sum.sum) : 0;
      }
    });
    if (stray) {
      throw Error({.where = film_.layer,
                   .rule = "a window slides where all of a map comes out of one convolution or pool",
                   .received = fmt::format("channel {}, whose row {}, column {} does not", film_.channel,
                                           *stray / film_.columns, *stray % film_.columns)});
    }
    const int64_t channel = std::max_element(sizes.begin(), sizes.end()) - sizes.begin();
    pass_over("computing windows", [&](const Explanation& window) {
      if (moments_.empty()) TakeFacts(window);
      moments_.push_back(MomentOf(window, channel));
    });
    SetScales();
  }

  // What is the same of all windows.
  void TakeFacts(const Explanation& window) {
    const Arithmetic& arithmetic = *window.arithmetic;
    film_.operation = window.operation;
    film_.input = window.inputs[0];
    film_.input_channels = arithmetic.window.back();
    is_sum_ = arithmetic.rule == Arithmetic::Rule::kSum;
    has_bias_ = !arithmetic.offsets.empty();
    has_kernel_ = std::any_of(arithmetic.terms.begin(), arithmetic.terms.end(),
                              [](const ArithmeticTerm& term) { return term.weight_input >= 0; });
  }

  Moment MomentOf(const Explanation& explanation, int64_t channel) {
    const Arithmetic& arithmetic = *explanation.arithmetic;
    const int64_t channels = arithmetic.window.back();
    const int64_t columns = arithmetic.window[arithmetic.window.rank() - 2];
    const int64_t rows = std::ssize(arithmetic.terms) / (columns * channels);
    const int64_t place = PlaceOf(std::ssize(moments_));
    Moment moment{.row = place / film_.columns,
                  .column = place % film_.columns,
                  .values = Tensor({rows, columns}),
                  .weights = Tensor({rows, columns}),
                  .products = Tensor({rows, columns}),
                  .sum = explanation.traced,
                  .value = ElementOf(trace_[film_.layer], place * trace_[film_.layer].shape()[3] + film_.channel)};
    if (const auto covered = internal::CoveredPlaces(explanation)) moment.covered.push_back(*covered);
    internal::WindowOfChannel window{.rows = rows, .columns = columns, .channel = channel};
    for (int64_t i = 0; i < moment.values.size(); ++i) {
      window.terms.push_back(static_cast<size_t>(i * channels + channel));
      const ArithmeticTerm& term = arithmetic.terms[window.terms.back()];
      moment.values.data()[i] = static_cast<float>(term.value);
      moment.weights.data()[i] = static_cast<float>(term.weight);
      moment.products.data()[i] = static_cast<float>(term.product());
      moment.of_channel += term.product();
      most_product_ = std::max(most_product_, std::abs(moment.products.data()[i]));
      if (term.input == 0) film_.input_channel = term.element % explanation.input_shapes[0].back();
    }
    if (arithmetic.rule == Arithmetic::Rule::kMaximum) moment.winner = internal::WinnerOf(arithmetic, window);
    return moment;
  }

  void SetScales() {
    input_ = OneMap(MapsOf(trace_[film_.input], film_.input), film_.input_channel, film_.input);
    is_picture_ = trace_.graph()[film_.input].role == TensorRole::kInput;
    // A picture whose preprocessing has made other numbers of it is a map like any other.
    const ValueRange range = RangeOf(std::as_const(input_).view());
    input_scale_ = is_picture_ ? PictureScaleFor(range) : ScaleFor(range, SignsOf(film_.input));
    const auto pixels = shown_.picture.view().span(), numbers = trace_[film_.input].view().span();
    is_changed_ = is_picture_ && !std::equal(pixels.begin(), pixels.end(), numbers.begin(), numbers.end());
    const ValueRange output_range = RangeOf(std::as_const(output_).view());
    output_scale_ = ScaleFor(output_range, SignsOf(film_.layer));
    remark_ = Remark(output_range);
    // A map of one value has no range that a bar could show: the remark says which value it is.
    if (output_range.low < output_range.high) bar_scale_ = output_scale_;
    if (has_kernel_) kernel_scale_ = SignedScaleFor(RangeOf(std::as_const(moments_[0].weights).view()));
    product_scale_ = {.map = ColorMap::kDiverging, .low = -most_product_, .high = most_product_};
    if (most_product_ == 0) product_scale_ = {.map = ColorMap::kDiverging, .low = -1, .high = 1};
  }

  // What is fed in is known by its values alone: pixels from 0 to 255 are as little of both signs as those from 0 to 1.
  static Scale PictureScaleFor(const ValueRange& range) {
    return range.low >= 0 && range.high <= 1 ? PhotographScale() : ScaleFor(range);
  }

  Signs SignsOf(const std::string& tensor) const { return internal::SignsOf(never_negative_, tensor); }

  // What is not there yet is grey, which no scale of a computed map holds.
  Tensor FilledUpTo(int64_t place) const {
    Tensor filled({film_.rows, film_.columns, 3});
    for (int64_t i = 0; i < film_.places; ++i) {
      const Rgb8 colour = i <= place ? output_scale_.ColorOf(output_.data()[i]) : Rgb8{128, 128, 128};
      float* to = filled.data() + 3 * i;
      to[0] = static_cast<float>(colour.r) / 255;
      to[1] = static_cast<float>(colour.g) / 255;
      to[2] = static_cast<float>(colour.b) / 255;
    }
    return filled;
  }

  std::string ChannelName() const {
    constexpr const char* kColours[] = {"red", "green", "blue"};
    return film_.input_channels == 3 ? kColours[film_.input_channel] : fmt::format("channel {}", film_.input_channel);
  }

  static std::string Sentences(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() || part.empty() ? "" : "; ") + part;
    return text;
  }

  Panel MatrixPanel(std::string title, std::string caption, const Tensor& values, const std::optional<Scale>& scale) {
    return {.title = std::move(title),
            .caption = std::move(caption),
            .content = MatrixPlot{.values = values.view(), .scale = scale, .row_names = {}, .column_names = {}}};
  }

  Figure FigureOf(int64_t frame) {
    const Moment& moment = moments_[static_cast<size_t>(frame)];
    const int64_t place = PlaceOf(frame);
    filled_ = FilledUpTo(place);
    std::vector<Frame> frames;
    for (const auto& [top, bottom, left, right] : moment.covered) {
      frames.push_back(
          {.row = top, .column = left, .rows = bottom - top + 1, .columns = right - left + 1, .label = ""});
    }
    Figure figure{.title = fmt::format("{}{}: {}, channel {}, {}", film_.model, film_.trained ? "" : " (untrained)",
                                       film_.layer, film_.channel, film_.operation),
                  .footer = "",
                  .rows = {},
                  .panel_height = 170};
    std::vector<Panel> row;
    // The picture itself, in all its colours, rather than the one channel whose numbers stand beside it.
    row.push_back({.title = is_picture_ ? internal::SourceTitle(film_.source)
                                        : fmt::format("{}, channel {}", film_.input, film_.input_channel),
                   .caption = "red: the window",
                   .content = MapPlot{.values = is_picture_ ? shown_.picture.view() : std::as_const(input_).view(),
                                      .scale = is_picture_ ? PhotographScale() : input_scale_,
                                      .frames = std::move(frames)}});
    row.push_back(
        MatrixPanel(is_picture_ && film_.input_channels > 1 ? "window, " + ChannelName() : "window",
                    Sentences({is_changed_ ? "after the preprocessing" : "", moment.winner ? "red: the largest" : ""}),
                    moment.values, input_scale_));
    std::get<MatrixPlot>(row.back().content).marked = moment.winner;
    if (has_kernel_) {
      // A line under the kernel, so that one more under the products moves nothing.
      row.push_back(MatrixPanel("x kernel", fmt::format("of input channel {}", film_.input_channel), moment.weights,
                                kernel_scale_));
      row.push_back(MatrixPanel("= products", "", moment.products, product_scale_));
    }
    row.push_back(
        {.title = fmt::format("{}, channel {}", film_.layer, film_.channel),
         .caption = Sentences({remark_, "grey: not yet computed"}),
         .content =
             MapPlot{.values = std::as_const(filled_).view(),
                     .scale = bar_scale_,
                     .frames = {{.row = moment.row, .column = moment.column, .rows = 1, .columns = 1, .label = ""}}}});
    figure.rows.push_back(std::move(row));
    std::string sums;
    if (has_kernel_) {
      sums = fmt::format("products add up to {:.4g}, ", moment.of_channel);
      if (film_.input_channels > 1) {
        sums += has_bias_ ? "those of all channels and the bias to " : "those of all channels to ";
      } else {
        sums += has_bias_ ? "with the bias to " : "in all ";
      }
    } else {
      sums = is_sum_ ? "the mean is " : "the largest is ";
    }
    figure.footer = fmt::format("row {}, column {}: {}{:.4g}", moment.row, moment.column, sums, moment.sum);
    if (moment.value != moment.sum) figure.footer += fmt::format(", after the activation {:.4g}", moment.value);
    return figure;
  }

  const SlideFilmRequest& request_;
  const std::set<std::string> never_negative_;
  const Trace& trace_;
  const ModelPicture& shown_;
  SlideFilm film_;
  std::vector<int64_t> stops_;  // places of the frames
  std::vector<Moment> moments_;
  Tensor input_, output_, filled_;
  Scale input_scale_, output_scale_, kernel_scale_, product_scale_;
  std::optional<Scale> bar_scale_;
  std::string remark_;
  float most_product_ = 0;
  bool is_changed_ = false;  // the numbers are not those of the picture
  bool is_picture_ = false, is_sum_ = false, has_kernel_ = false, has_bias_ = false;
};

}  // namespace

SlideFilm MakeSlideFilm(const SlideFilmRequest& request) {
  CheckAnimationPath(request.output);
  CheckFilmTime(request.milliseconds);
  if (request.frames < 1) {
    throw Error(
        {.where = "frames", .rule = "a film has a frame at least", .received = fmt::format("{}", request.frames)});
  }
  const auto [model, data] = OpenModelForPictures(request.model, request.pictures);
  const Graph& graph = model.file.model.graph();
  const std::string input = PictureInput(graph);
  CheckOneLayer(request.layer, [&graph](const std::string& name) { return graph.Has(name); });
  const ModelPicture shown = ReadModelPicture(model.file, request.pictures, data, "a window slides over one picture");
  const Trace trace(model.file.model, {{input, shown.input}}, request.pictures.progress);
  return FilmMaker(request, model, shown, trace).Make();
}

std::string SlideFilmText(const SlideFilm& film) {
  std::string text;
  if (!film.trained) text += film.model + " is untrained: its weights are random numbers\n";
  text += fmt::format("{} of {}: a window over {}", film.layer, film.model, film.input);
  if (film.input_channels > 1)
    text += fmt::format(", channel {} of its window's {}", film.input_channel, film.input_channels);
  text += fmt::format("\n{} of {} x {} pixels", CountText(film.frames, "frame"), film.width, film.height);
  if (film.frames < film.places) text += fmt::format(", at {} of {} places", film.frames, film.places);
  return text + fmt::format(" -> {}\n", film.output.string());
}

std::string SlideFilmJson(const SlideFilm& film) {
  return internal::JsonText({{"model", film.model},
                             {"trained", film.trained},
                             {"picture", film.source},
                             {"layer", film.layer},
                             {"channel", film.channel},
                             {"operation", film.operation},
                             {"input", film.input},
                             {"input_channel", film.input_channel},
                             {"input_channels", film.input_channels},
                             {"rows", film.rows},
                             {"columns", film.columns},
                             {"places", film.places},
                             {"frames", film.frames},
                             {"width", film.width},
                             {"height", film.height},
                             {"output", film.output.string()}});
}

}  // namespace convscope
