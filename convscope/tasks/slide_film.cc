#include "convscope/tasks/slide_film.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/figures/render_pixels.h"
#include "convscope/image/animation.h"
#include "convscope/inspect/explanation.h"
#include "convscope/inspect/maps.h"
#include "convscope/tasks/internal/explained_terms.h"
#include "convscope/tasks/internal/json_text.h"
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
                      last.shape.rank() == 4 && last.arithmetic->terms.size() > 1;
  return window ? std::optional(std::move(last)) : std::nullopt;
}

// Computed tensors with rows and columns whose values come out of a window.
std::vector<std::string> WindowLayers(const Trace& trace) {
  std::vector<std::string> names;
  for (const GraphTensor& tensor : trace.graph().tensors()) {
    if (tensor.role != TensorRole::kComputed || !HasMaps(tensor.type.shape)) continue;
    if (WindowBehind(trace, {.tensor = tensor.name, .element = 0})) names.push_back(tensor.name);
  }
  return names;
}

std::string LayerOf(const Trace& trace, const std::string& wanted) {
  if (!wanted.empty()) trace.graph().Find(wanted);  // a name that there is not, with the nearest
  const std::vector<std::string> layers = WindowLayers(trace);
  if (wanted.empty() && !layers.empty()) return layers[0];
  if (std::find(layers.begin(), layers.end(), wanted) != layers.end()) return wanted;
  std::string known;
  for (const std::string& name : layers) known += (known.empty() ? "" : ", ") + name;
  throw Error({.where = "layer",
               .rule = "a window slides where a layer with rows and columns is a convolution or a pool",
               .received = wanted.empty() ? "a model without one" : wanted,
               .fix = known.empty() ? "" : "choose one of " + known});
}

// What one frame shows, in numbers.
struct Moment {
  int64_t row = 0, column = 0;                  // of the map that fills
  std::vector<std::array<int64_t, 4>> covered;  // rows and columns of the input; none in the padding alone
  Tensor values, weights, products;             // (R, S), of the channel that is shown
  double of_channel = 0, sum = 0, value = 0;    // of it, of all with the bias, and after the activation
};

class FilmMaker {
 public:
  FilmMaker(const SlideFilmRequest& request, const OpenedModel& model, const ModelPicture& shown, const Trace& trace)
      : request_(request), trace_(trace) {
    film_ = {.model = model.file.name,
             .trained = model.trained,
             .source = shown.source,
             .layer = LayerOf(trace, request.layer),
             .channel = request.channel,
             .output = request.output};
    output_ = OneMap(MapsOf(trace[film_.layer], film_.layer), request.channel, film_.layer);
    film_.rows = output_.shape()[0];
    film_.columns = output_.shape()[1];
    film_.places = output_.size();
    film_.frames = std::min(request.frames, film_.places);
  }

  SlideFilm Make() {
    CollectMoments();
    std::vector<Raster> pages;
    Animation animation;
    for (int64_t frame = 0; frame < film_.frames; ++frame) {
      Report(request_.pictures.progress, "drawing frames",
             static_cast<double>(frame) / static_cast<double>(film_.frames));
      pages.push_back(RenderPixels(FigureOf(frame), kPage));
      animation.width = std::max(animation.width, pages.back().width);
      animation.height = std::max(animation.height, pages.back().height);
    }
    // Texts of other lengths may make a page some pixels smaller.
    for (Raster& page : pages) {
      const Raster whole = OnWhite(std::exchange(page, {}), animation.width, animation.height);
      for (const Rgb8 pixel : whole.pixels) {
        animation.pixels.insert(animation.pixels.end(), {pixel.r, pixel.g, pixel.b});
      }
      const bool last = &page == &pages.back();
      animation.milliseconds.push_back(static_cast<int>(request_.milliseconds * (last ? 10 : 1)));
    }
    film_.width = animation.width;
    film_.height = animation.height;
    WriteAnimation(animation, request_.output, request_.pictures.progress);
    return film_;
  }

 private:
  // The place that frame `frame` stops at: the last frame at the last place.
  int64_t PlaceOf(int64_t frame) const {
    return film_.frames == 1 ? film_.places - 1 : frame * (film_.places - 1) / (film_.frames - 1);
  }

  ValuePlace ValueAt(int64_t place) const {
    return {.tensor = film_.layer, .element = place * trace_[film_.layer].shape().back() + film_.channel};
  }

  // The input channel whose sums are the largest over the film is the one that is shown all through it.
  void CollectMoments() {
    std::vector<Explanation> explanations;
    for (int64_t frame = 0; frame < film_.frames; ++frame) {
      Report(request_.pictures.progress, "computing windows",
             static_cast<double>(frame) / static_cast<double>(film_.frames));
      explanations.push_back(*WindowBehind(trace_, ValueAt(PlaceOf(frame))));
    }
    const Arithmetic& first = *explanations[0].arithmetic;
    film_.operation = explanations[0].operation;
    film_.input = explanations[0].inputs[0];
    const int64_t window_channels = first.window.back();
    std::vector<double> sizes(static_cast<size_t>(window_channels));
    for (const Explanation& explanation : explanations) {
      for (const ChannelSum& sum : SumsByChannel(*explanation.arithmetic)) {
        sizes[static_cast<size_t>(sum.channel)] += std::isfinite(sum.sum) ? std::abs(sum.sum) : 0;
      }
    }
    const int64_t channel = std::max_element(sizes.begin(), sizes.end()) - sizes.begin();
    film_.input_channels = window_channels;
    is_sum_ = first.rule == Arithmetic::Rule::kSum;
    has_kernel_ = std::any_of(first.terms.begin(), first.terms.end(),
                              [](const ArithmeticTerm& term) { return term.weight_input >= 0; });
    const int64_t window_columns = first.window[first.window.rank() - 2];
    const int64_t window_rows = static_cast<int64_t>(first.terms.size()) / (window_columns * window_channels);
    for (int64_t frame = 0; frame < film_.frames; ++frame) {
      const Explanation& explanation = explanations[static_cast<size_t>(frame)];
      const Arithmetic& arithmetic = *explanation.arithmetic;
      const int64_t place = PlaceOf(frame);
      Moment moment{.row = place / film_.columns,
                    .column = place % film_.columns,
                    .values = Tensor({window_rows, window_columns}),
                    .weights = Tensor({window_rows, window_columns}),
                    .products = Tensor({window_rows, window_columns}),
                    .sum = explanation.traced,
                    .value = ElementOf(trace_[film_.layer], ValueAt(place).element)};
      if (const auto covered = internal::CoveredPlaces(explanation)) moment.covered.push_back(*covered);
      for (int64_t i = 0; i < moment.values.size(); ++i) {
        const ArithmeticTerm& term = arithmetic.terms[static_cast<size_t>(i * window_channels + channel)];
        moment.values.data()[i] = static_cast<float>(term.value);
        moment.weights.data()[i] = static_cast<float>(term.weight);
        moment.products.data()[i] = static_cast<float>(term.product());
        moment.of_channel += term.product();
        most_product_ = std::max(most_product_, std::abs(moment.products.data()[i]));
        if (term.input == 0) film_.input_channel = term.element % explanation.input_shapes[0].back();
      }
      moments_.push_back(std::move(moment));
    }
    input_ = OneMap(MapsOf(trace_[film_.input], film_.input), film_.input_channel, film_.input);
    is_picture_ = trace_.graph()[film_.input].role == TensorRole::kInput;
    // A picture whose preprocessing has made other numbers of it is a map like any other.
    const ValueRange range = RangeOf(std::as_const(input_).view());
    input_scale_ = is_picture_ && range.low >= 0 && range.high <= 1 ? PhotographScale() : ScaleFor(range);
    output_scale_ = ScaleFor(RangeOf(std::as_const(output_).view()));
    product_scale_ = {.map = ColorMap::kDiverging, .low = -most_product_, .high = most_product_};
    if (most_product_ == 0) product_scale_ = {.map = ColorMap::kDiverging, .low = -1, .high = 1};
  }

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
    row.push_back({.title = film_.input_channels > 1 || !is_picture_
                                ? fmt::format("{}, channel {}", film_.input, film_.input_channel)
                                : film_.source,
                   .caption = "red: the window",
                   .content = MapPlot{
                       .values = std::as_const(input_).view(), .scale = input_scale_, .frames = std::move(frames)}});
    row.push_back(MatrixPanel("window", "", moment.values, input_scale_));
    if (has_kernel_) {
      // A line under the kernel, so that one more under the products moves nothing.
      row.push_back(MatrixPanel("x kernel", fmt::format("of input channel {}", film_.input_channel), moment.weights,
                                std::nullopt));
      row.push_back(MatrixPanel("= products", "", moment.products, product_scale_));
    }
    row.push_back(
        {.title = fmt::format("{}, channel {}", film_.layer, film_.channel),
         .caption = fmt::format("{} from {} to {}; grey: not yet computed", Name(output_scale_.map),
                                NumberText(output_scale_.low), NumberText(output_scale_.high)),
         .content =
             MapPlot{.values = std::as_const(filled_).view(),
                     .scale = std::nullopt,
                     .frames = {{.row = moment.row, .column = moment.column, .rows = 1, .columns = 1, .label = ""}}}});
    figure.rows.push_back(std::move(row));
    std::string sums;
    if (has_kernel_) {
      sums = fmt::format("products add up to {:.4g}, ", moment.of_channel);
      sums += film_.input_channels > 1 ? "those of all channels and the bias to " : "with the bias to ";
    } else {
      sums = is_sum_ ? "the mean is " : "the largest is ";
    }
    figure.footer = fmt::format("row {}, column {}: {}{:.4g}", moment.row, moment.column, sums, moment.sum);
    if (moment.value != moment.sum) figure.footer += fmt::format(", after the activation {:.4g}", moment.value);
    return figure;
  }

  const SlideFilmRequest& request_;
  const Trace& trace_;
  SlideFilm film_;
  std::vector<Moment> moments_;
  Tensor input_, output_, filled_;
  Scale input_scale_, output_scale_, product_scale_;
  float most_product_ = 0;
  bool is_picture_ = false, is_sum_ = false, has_kernel_ = false;
};

}  // namespace

SlideFilm MakeSlideFilm(const SlideFilmRequest& request) {
  const OpenedModel model = OpenModel(request.model);
  const std::string input = PictureInput(model.file.model.graph());
  std::vector<ModelPicture> pictures = ReadModelPictures(model.file, request.model, request.pictures);
  if (pictures.size() != 1) {
    throw Error({.where = "picture",
                 .rule = "a window slides over one picture",
                 .received = fmt::format("{}", pictures.size())});
  }
  const Trace trace(model.file.model, {{input, pictures[0].input}}, request.pictures.progress);
  return FilmMaker(request, model, pictures[0], trace).Make();
}

std::string SlideFilmText(const SlideFilm& film) {
  std::string text;
  if (!film.trained) text += film.model + " is untrained: its weights are random numbers\n";
  text += fmt::format("{} of {}: a window over {}", film.layer, film.model, film.input);
  if (film.input_channels > 1)
    text += fmt::format(", channel {} of its window's {}", film.input_channel, film.input_channels);
  text += fmt::format("\n{} frames of {} x {} pixels", film.frames, film.width, film.height);
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
