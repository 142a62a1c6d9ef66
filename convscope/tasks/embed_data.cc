#include "convscope/tasks/embed_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/share_text.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/data_pass.h"
#include "convscope/inspect/layer_tensors.h"
#include "convscope/inspect/principal_components.h"
#include "convscope/inspect/tsne.h"
#include "convscope/tasks/internal/drawn_pictures.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

constexpr int64_t kMostBytes = 512 << 20;
constexpr int64_t kThumbnailSide = 64;
constexpr int64_t kComponents = 30;  // given to t-SNE
constexpr double kPerplexity = 30;

std::string LayerOf(const Graph& graph, const std::string& asked, const std::optional<ClassifierTensors>& scores) {
  if (!asked.empty()) {
    graph.Find(asked);
    return asked;
  }
  std::string last;
  for (const std::string& layer : LayerTensors(graph)) {
    if (!scores || (layer != scores->output && layer != scores->logits)) last = layer;
  }
  if (!last.empty()) return last;
  throw Error({.where = "model", .rule = "it has a layer before its scores", .received = "none", .fix = "use --layer"});
}

// So small that the longer side is at most
// kThumbnailSide, each pixel the mean of the square that it stands for.
Tensor ThumbnailsOf(const Dataset& data) {
  const int64_t channels = internal::DrawnChannels(data.channels()), rows = data.height(), columns = data.width();
  const int64_t step = std::max<int64_t>(1, (std::max(rows, columns) + kThumbnailSide - 1) / kThumbnailSide);
  Tensor pictures({data.size(), (rows + step - 1) / step, (columns + step - 1) / step, channels});
  float* to = pictures.data();
  for (int64_t i = 0; i < data.size(); ++i) {
    const Tensor picture = internal::DrawnPicture(data, i);
    for (int64_t top = 0; top < rows; top += step) {
      for (int64_t left = 0; left < columns; left += step) {
        const int64_t bottom = std::min(top + step, rows), right = std::min(left + step, columns);
        for (int64_t c = 0; c < channels; ++c) {
          float sum = 0;
          for (int64_t y = top; y < bottom; ++y) {
            for (int64_t x = left; x < right; ++x) sum += picture.data()[(y * columns + x) * channels + c];
          }
          *to++ = sum / static_cast<float>((bottom - top) * (right - left));
        }
      }
    }
  }
  return pictures;
}

void Activate(const ModelData& opened, const Dataset& data, const std::optional<ClassifierTensors>& scores,
              const Progress& progress, Embedding* result) {
  const Model& model = opened.model.file.model;
  const Shape& shape = model.graph()[result->layer].type.shape;
  std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
  if (lengths.empty()) lengths = {1};
  lengths[0] = data.size();
  const Shape all{std::span<const int64_t>(lengths)};
  if (4 * all.NumElements() > kMostBytes) {
    throw Error({.where = result->layer,
                 .rule = fmt::format("activations take at most {} MiB", kMostBytes >> 20),
                 .received = fmt::format("{}, {} MiB", all.ToString(), 4 * all.NumElements() >> 20),
                 .fix = "choose a later layer, or fewer pictures with --first"});
  }
  result->activations = Tensor(all);
  std::vector<std::string> names = {result->layer};
  if (scores && scores->output != result->layer) names.push_back(scores->output);
  int64_t done = 0;  // elements
  PassOver(model, data, names,
           {.scaling = opened.model.file.preprocessing.value_or(Preprocessing{}), .progress = progress},
           [&](const Batch& batch, std::span<const Tensor* const> tensors) {
             std::copy_n(tensors[0]->data(), tensors[0]->size(), result->activations.data() + done);
             done += tensors[0]->size();
             for (size_t i = 0; scores && i < batch.labels.size(); ++i) {
               const float* const row = tensors.back()->data() + static_cast<int64_t>(i) * scores->classes;
               result->predicted.push_back(PredictedClass(row, *scores).value_or(-1));
             }
           });
}

void CheckFinite(const Embedding& embedding) {
  const auto values = embedding.activations.view().span();
  const auto found = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (found == values.end()) return;
  const int64_t of_picture = embedding.activations.size() / std::ssize(embedding.labels);
  throw Error({.where = embedding.layer,
               .rule = "activations that are laid on a plane are finite",
               .received = fmt::format("{} of picture {}", NumberText(*found), (found - values.begin()) / of_picture),
               .fix = "choose an earlier layer: convscope features counts what is not finite in each"});
}

double NeighboursAlike(const PlaneOfPoints& plane, const std::vector<int64_t>& labels) {
  size_t alike = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    double least = std::numeric_limits<double>::infinity();
    size_t nearest = i;
    for (size_t j = 0; j < labels.size(); ++j) {
      const double distance = std::hypot(plane.x[i] - plane.x[j], plane.y[i] - plane.y[j]);
      if (j == i || !(distance < least)) continue;
      least = distance;
      nearest = j;
    }
    alike += nearest != i && labels[nearest] == labels[i] ? 1 : 0;
  }
  return static_cast<double>(alike) / static_cast<double>(labels.size());
}

void AddTsne(const EmbedRequest& request, TensorView<const float> points, const PrincipalComponents& components,
             int64_t k, Embedding* result) {
  const int64_t n = points.shape()[0];
  result->perplexity =
      request.perplexity > 0 ? request.perplexity : std::min(kPerplexity, std::floor(static_cast<double>(n - 1) / 3));
  std::vector<double> start;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t axis = 0; axis < 2; ++axis) {
      start.push_back(axis < k ? components.scores[static_cast<size_t>(i * k + axis)] : 0);
    }
  }
  Tensor reduced;
  if (points.shape()[1] > kComponents) {
    result->reduced_to = k;
    reduced = Tensor({n, k});
    for (int64_t i = 0; i < reduced.size(); ++i) {
      reduced.data()[i] = static_cast<float>(components.scores[static_cast<size_t>(i)]);
    }
    points = std::as_const(reduced).view();
  }
  Tsne tsne = TsneOf(points, start,
                     {.perplexity = result->perplexity,
                      .iterations = request.iterations,
                      .seed = request.seed,
                      .progress = request.data.progress});
  result->tsne = PlaneOfPoints{.x = std::move(tsne.x), .y = std::move(tsne.y)};
  result->tsne->neighbours_alike = NeighboursAlike(*result->tsne, result->labels);
  result->first_divergence = tsne.first_divergence;
  result->divergence = tsne.divergence;
}

int64_t Misclassified(const Embedding& embedding) {
  int64_t wrong = 0;
  for (size_t i = 0; i < embedding.predicted.size(); ++i) wrong += embedding.predicted[i] != embedding.labels[i];
  return wrong;
}

// ", 3 of them without a class: their scores are NaN"; mostly empty.
std::string WithoutClass(const Embedding& embedding) {
  const auto count = std::count(embedding.predicted.begin(), embedding.predicted.end(), -1);
  return count > 0 ? fmt::format(", {} of them without a class: their scores are NaN", count) : "";
}

ScatterPlot ScatterOf(const Embedding& embedding, const PlaneOfPoints& plane) {
  ScatterPlot plot{.x = plane.x, .y = plane.y, .groups = {}, .group_names = embedding.class_names};
  plot.groups.assign(embedding.labels.begin(), embedding.labels.end());
  for (size_t i = 0; i < embedding.predicted.size(); ++i) {
    plot.marked.push_back(embedding.predicted[i] != embedding.labels[i]);
  }
  plot.marked_name = "misclassified";
  return plot;
}

std::string ShareOf(const Embedding& embedding, size_t component) {
  const auto& shares = embedding.variance_shares;
  return component < shares.size() ? fmt::format("component {} ({})", component + 1, ShareText(shares[component]))
                                   : fmt::format("component {}", component + 1);
}

std::string TsneFacts(const Embedding& embedding) {
  std::string text = fmt::format("perplexity {:g}, seed {}, divergence {:.3f} (from {:.3f})", embedding.perplexity,
                                 embedding.seed, embedding.divergence, embedding.first_divergence);
  if (embedding.reduced_to > 0) text += fmt::format(", of the first {} principal components", embedding.reduced_to);
  return text;
}

Tensor PairsOf(const PlaneOfPoints& plane) {
  Tensor pairs({static_cast<int64_t>(plane.x.size()), 2});
  for (size_t i = 0; i < plane.x.size(); ++i) {
    pairs.data()[2 * i] = static_cast<float>(plane.x[i]);
    pairs.data()[2 * i + 1] = static_cast<float>(plane.y[i]);
  }
  return pairs;
}

}  // namespace

Embedding EmbedData(const EmbedRequest& request) {
  const ModelData opened = OpenModelData(request.model, request.data, request.train);
  const Dataset data = opened.data.First(request.pictures);
  std::optional<ClassifierTensors> scores =
      TryFindClassifier(opened.model.file.model.graph(), opened.model.file.outputs);
  const Graph& graph = opened.model.file.model.graph();
  CheckOneLayer(request.layer, [&graph](const std::string& name) { return graph.Has(name); });
  Embedding result{.title = fmt::format("{}: {} of the {}", opened.model.title(), data.size(), opened.title),
                   .model = opened.model.file.name,
                   .layer = LayerOf(opened.model.file.model.graph(), request.layer, scores),
                   .trained = opened.model.trained,
                   .seed = request.seed,
                   .class_names = opened.class_names};
  for (int64_t i = 0; i < data.size(); ++i) result.labels.push_back(data.label(i));
  // A model of other classes says nothing that could be right or wrong of these pictures.
  if (scores && scores->ClassCount() != data.classes()) scores.reset();
  Activate(opened, data, scores, request.data.progress, &result);
  CheckFinite(result);
  result.pictures = ThumbnailsOf(data);

  const int64_t n = data.size(), d = result.activations.size() / std::max<int64_t>(1, n);
  const TensorView<const float> points{std::as_const(result.activations).data(), {n, d}};
  const int64_t k = std::min({kComponents, d, std::max<int64_t>(1, n - 1)});
  Report(request.data.progress, "principal components", 0);
  const PrincipalComponents components = PrincipalComponentsOf(points, k);
  for (int64_t i = 0; i < n; ++i) {
    result.pca.x.push_back(components.scores[static_cast<size_t>(i * k)]);
    result.pca.y.push_back(k > 1 ? components.scores[static_cast<size_t>(i * k + 1)] : 0);
  }
  for (const double variance : components.variance) {
    result.variance_shares.push_back(components.total > 0 ? variance / components.total : 0);
  }
  result.pca.neighbours_alike = NeighboursAlike(result.pca, result.labels);
  if (request.tsne) AddTsne(request, points, components, k, &result);
  return result;
}

std::string EmbedText(const Embedding& embedding) {
  std::string text = embedding.title + "\n";
  text += fmt::format("{} {}\n", embedding.layer, embedding.activations.shape().ToString());
  double sum = 0;
  text += "PCA: variance along the first components ";
  for (size_t i = 0; i < std::min<size_t>(5, embedding.variance_shares.size()); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", ShareText(embedding.variance_shares[i]));
    if (i < 2) sum += embedding.variance_shares[i];
  }
  text += fmt::format("; the plane shows {}\n", ShareText(std::min(sum, 1.0)));  // rounding may add to it
  if (embedding.tsne) text += fmt::format("t-SNE: {}\n", TsneFacts(embedding));
  text += fmt::format("nearest neighbour of the same class: PCA {}", ShareText(embedding.pca.neighbours_alike));
  if (embedding.tsne) text += fmt::format(", t-SNE {}", ShareText(embedding.tsne->neighbours_alike));
  text += "\n";
  if (!embedding.predicted.empty()) {
    text += fmt::format("misclassified: {} of {}{}\n", Misclassified(embedding), embedding.labels.size(),
                        WithoutClass(embedding));
  }
  return text;
}

std::string EmbedJson(const Embedding& embedding) {
  const auto lengths = embedding.activations.shape().lengths();
  internal::Json json = {
      {"model", embedding.model},
      {"trained", embedding.trained},
      {"layer", embedding.layer},
      {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
      {"class_names", embedding.class_names},
      {"pca", {{"variance_shares", embedding.variance_shares}, {"neighbours_alike", embedding.pca.neighbours_alike}}}};
  if (embedding.tsne) {
    json["tsne"] = {{"perplexity", embedding.perplexity},
                    {"seed", embedding.seed},
                    {"components", embedding.reduced_to > 0 ? internal::Json(embedding.reduced_to) : internal::Json()},
                    {"first_divergence", embedding.first_divergence},
                    {"divergence", embedding.divergence},
                    {"neighbours_alike", embedding.tsne->neighbours_alike}};
  }
  json["points"] = internal::Json::array();
  for (size_t i = 0; i < embedding.labels.size(); ++i) {
    internal::Json point = {{"picture", i}, {"class", embedding.labels[i]}};
    if (!embedding.predicted.empty()) {
      point["predicted"] = embedding.predicted[i] < 0 ? internal::Json() : internal::Json(embedding.predicted[i]);
    }
    point["pca"] = {embedding.pca.x[i], embedding.pca.y[i]};
    if (embedding.tsne) point["tsne"] = {embedding.tsne->x[i], embedding.tsne->y[i]};
    json["points"].push_back(std::move(point));
  }
  return internal::JsonText(json);
}

Figure EmbedFigure(const Embedding& embedding) {
  ScatterPlot pca = ScatterOf(embedding, embedding.pca);
  pca.x_label = ShareOf(embedding, 0);
  pca.y_label = ShareOf(embedding, 1);
  const std::string alike = "nearest neighbour of the same class: ";
  Figure figure{
      .title = embedding.title,
      .footer = fmt::format("activations of {} {}", embedding.layer, embedding.activations.shape().ToString()),
      .rows = {}};
  if (!embedding.predicted.empty()) {
    figure.footer += fmt::format("; {} of {} misclassified{}", Misclassified(embedding), embedding.labels.size(),
                                 WithoutClass(embedding));
  }
  figure.rows.push_back({{.title = embedding.layer + ": PCA",
                          .caption = alike + ShareText(embedding.pca.neighbours_alike),
                          .content = std::move(pca)}});
  if (embedding.tsne) {
    figure.rows[0].push_back({.title = embedding.layer + ": t-SNE",
                              .caption = alike + ShareText(embedding.tsne->neighbours_alike) + "; " +
                                         TsneFacts(embedding) + "; distances between groups mean nothing",
                              .content = ScatterOf(embedding, *embedding.tsne)});
  }
  const PlaneOfPoints& last = embedding.tsne ? *embedding.tsne : embedding.pca;
  ScatterPlot pictured = ScatterOf(embedding, last);
  pictured.pictures = embedding.pictures.view();
  figure.rows.push_back(
      {{.title = fmt::format("{}: {}, with pictures", embedding.layer, embedding.tsne ? "t-SNE" : "PCA"),
        .caption = "",
        .content = std::move(pictured)}});
  return figure;
}

std::vector<std::filesystem::path> SaveEmbedding(const Embedding& embedding, const std::filesystem::path& folder) {
  const Tensor pca = PairsOf(embedding.pca);
  const Tensor tsne = embedding.tsne ? PairsOf(*embedding.tsne) : Tensor();
  Tensor labels({static_cast<int64_t>(embedding.labels.size())}, DType::kInt64);
  std::copy(embedding.labels.begin(), embedding.labels.end(), labels.data<int64_t>());
  std::vector<NamedArray> arrays = {{"activations", &embedding.activations}, {"pca", &pca}, {"labels", &labels}};
  if (embedding.tsne) arrays.push_back({"tsne", &tsne});
  return SaveArrays(arrays, folder);
}

}  // namespace convscope
