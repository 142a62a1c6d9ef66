#include "convscope/inspect/class_means.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr int64_t kMostBytes = int64_t{2} << 30;
constexpr int64_t kGrain = 1 << 11;  // elements
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

int64_t Places(const MapShape& shape) {
  return shape.rows * shape.columns;
}
int64_t Elements(const MapShape& shape) {
  return Places(shape) * shape.channels;
}

// What is known of one layer so far.
struct Sums {
  std::vector<double> maps;           // (classes, elements)
  std::vector<double> mean, squares;  // (classes, channels): Welford's running mean and sum of squared deviations
  std::vector<double> of_pictures;    // (B, channels): the means of the maps of a batch
};

// `elements`: of one class. `what`: whose sums they are.
void CheckMemory(int64_t classes, double elements, const std::string& what, const char* fix) {
  const double bytes = 8 * static_cast<double>(classes) * elements;
  if (bytes <= static_cast<double>(kMostBytes)) return;
  throw Error(
      {.where = "class means",
       .rule = Concat("the sums of ", classes, " classes and ", what, " take at most ", kMostBytes >> 20, " MiB"),
       .received = Concat(static_cast<int64_t>(bytes / (1 << 20)), " MiB"),
       .fix = fix});
}

// Adds the maps of a batch: split by element, each summed over the pictures in their order.
void AddMaps(const Tensor& tensor, std::span<const int32_t> labels, std::vector<double>* sums) {
  const int64_t elements = tensor.size() / tensor.shape()[0];
  ParallelRanges(elements, kGrain, [&](int64_t begin, int64_t end) {
    for (size_t picture = 0; picture < labels.size(); ++picture) {
      const float* const values = tensor.data() + static_cast<int64_t>(picture) * elements;
      double* const sum = sums->data() + labels[picture] * elements;
      for (int64_t i = begin; i < end; ++i) sum[i] += static_cast<double>(values[i]);
    }
  });
}

void MeanOfChannels(const float* values, const MapShape& shape, double* means) {
  const int64_t channels = shape.channels;
  std::fill_n(means, channels, 0.0);
  for (int64_t place = 0; place < Places(shape); ++place, values += channels) {
    for (int64_t c = 0; c < channels; ++c) means[c] += static_cast<double>(values[c]);
  }
  for (int64_t c = 0; c < channels; ++c) means[c] /= static_cast<double>(Places(shape));
}

// `counts`: pictures of each class before this batch. The update is Welford's (Technometrics 4, 1962), which loses
// nothing where the mean is large against the deviation.
void AddChannels(const Tensor& tensor, const MapShape& shape, std::span<const int32_t> labels,
                 std::vector<int64_t> counts, Sums* sums) {
  const int64_t channels = shape.channels;
  sums->of_pictures.resize(labels.size() * static_cast<size_t>(channels));
  ParallelFor(static_cast<int64_t>(labels.size()), [&](int64_t picture) {
    MeanOfChannels(tensor.data() + picture * Elements(shape), shape, sums->of_pictures.data() + picture * channels);
  });
  const double* value = sums->of_pictures.data();
  for (const int32_t label : labels) {
    const auto count = static_cast<double>(++counts[static_cast<size_t>(label)]);
    double* const mean = sums->mean.data() + label * channels;
    double* const squares = sums->squares.data() + label * channels;
    for (int64_t c = 0; c < channels; ++c, ++value) {
      const double before = *value - mean[c];
      mean[c] += before / count;
      squares[c] += before * (*value - mean[c]);
    }
  }
}

void Finish(const Sums& sums, const std::vector<int64_t>& counts, const ClassMeansOptions& options,
            LayerClassMeans* layer) {
  const auto classes = static_cast<int64_t>(counts.size());
  if (options.maps) {
    const int64_t elements = Elements(layer->shape);
    layer->maps = Tensor({classes, layer->shape.rows, layer->shape.columns, layer->shape.channels});
    for (int64_t i = 0; i < layer->maps.size(); ++i) {
      const auto count = static_cast<double>(counts[static_cast<size_t>(i / elements)]);
      layer->maps.data()[i] = static_cast<float>(count > 0 ? sums.maps[static_cast<size_t>(i)] / count : kNan);
    }
  }
  if (!options.channels) return;
  layer->mean = sums.mean;
  layer->variance = sums.squares;
  for (size_t i = 0; i < layer->mean.size(); ++i) {
    const int64_t count = counts[i / static_cast<size_t>(layer->shape.channels)];
    if (count == 0) layer->mean[i] = kNan;
    layer->variance[i] = count > 1 ? layer->variance[i] / static_cast<double>(count - 1) : kNan;
  }
}

void CheckClass(const ClassMeans& means, int64_t number) {
  const auto classes = static_cast<int64_t>(means.pictures.size());
  if (number < 0 || number >= classes) {
    throw Error({.where = "class",
                 .rule = Concat("there are classes at places 0 to ", classes - 1),
                 .received = Concat(number)});
  }
  const int64_t pictures = means.pictures[static_cast<size_t>(number)];
  if (pictures >= 2) return;
  throw Error({.where = Concat("class at place ", number),
               .rule = "a class varies where it has two pictures or more",
               .received = Concat(pictures),
               .fix = "choose another class, or data with more pictures of it"});
}

// The place of each class of the data among those looked at; -1: it is not.
std::vector<int32_t> PlacesOf(const Dataset& data, const std::vector<int64_t>& classes) {
  std::vector<int32_t> places(static_cast<size_t>(data.classes()), -1);
  if (classes.empty()) std::iota(places.begin(), places.end(), 0);
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] < 0 || classes[i] >= data.classes()) {
      throw Error({.where = "class",
                   .rule = Concat("there are classes 0 to ", data.classes() - 1),
                   .received = Concat(classes[i])});
    }
    places[static_cast<size_t>(classes[i])] = static_cast<int32_t>(i);
  }
  return places;
}

Dataset OfPlaces(const Dataset& data, const std::vector<int32_t>& places) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < data.size(); ++i) {
    if (places[static_cast<size_t>(data.label(i))] >= 0) rows.push_back(i);
  }
  return data.Subset(rows);
}

}  // namespace

ClassMeans MeansOfClasses(const Model& model, const Dataset& data, const std::vector<std::string>& layers,
                          const ClassMeansOptions& options) {
  const std::vector<int32_t> places = PlacesOf(data, options.classes);
  const size_t classes = options.classes.empty() ? places.size() : options.classes.size();
  ClassMeans means{.pictures = std::vector<int64_t>(classes, 0), .layers = {}};
  for (const std::string& name : layers) {
    means.layers.push_back({.tensor = name, .shape = MapShapeOf(model.graph()[name].type.shape, name)});
  }
  double elements = 0;
  for (const LayerClassMeans& layer : means.layers) elements += static_cast<double>(Elements(layer.shape));
  if (options.maps) {
    CheckMemory(static_cast<int64_t>(classes), elements, Concat(layers.size(), " layers"),
                "choose fewer or smaller layers");
  }
  std::vector<Sums> sums(layers.size());
  for (size_t l = 0; l < layers.size(); ++l) {
    const MapShape& shape = means.layers[l].shape;
    if (options.maps) sums[l].maps.assign(classes * static_cast<size_t>(Elements(shape)), 0.0);
    if (!options.channels) continue;
    sums[l].mean.assign(classes * static_cast<size_t>(shape.channels), 0.0);
    sums[l].squares = sums[l].mean;
  }
  const Dataset looked_at = options.classes.empty() ? data : OfPlaces(data, places);
  PassOver(model, looked_at, layers, options.pass, [&](const Batch& batch, std::span<const Tensor* const> tensors) {
    std::vector<int32_t> of_batch;
    for (const int32_t label : batch.labels) of_batch.push_back(places[static_cast<size_t>(label)]);
    for (size_t l = 0; l < layers.size(); ++l) {
      if (options.maps) AddMaps(*tensors[l], of_batch, &sums[l].maps);
      if (options.channels) AddChannels(*tensors[l], means.layers[l].shape, of_batch, means.pictures, &sums[l]);
    }
    for (const int32_t place : of_batch) ++means.pictures[static_cast<size_t>(place)];
  });
  for (size_t l = 0; l < layers.size(); ++l) Finish(sums[l], means.pictures, options, &means.layers[l]);
  return means;
}

Tensor MeanPictures(const Dataset& data) {
  const int64_t size = data.shape().NumElements();
  CheckMemory(data.classes(), static_cast<double>(size), Concat("pictures ", data.shape().ToString()),
              "use fewer classes or smaller pictures");
  std::vector<double> sums(static_cast<size_t>(data.classes() * size), 0.0);
  for (int64_t i = 0; i < data.size(); ++i) {
    const Tensor picture = data.image(i);
    double* const sum = sums.data() + data.label(i) * size;
    for (int64_t v = 0; v < size; ++v) sum[v] += static_cast<double>(picture.data()[v]);
  }
  const std::vector<int64_t> counts = data.ClassCounts();
  Tensor means({data.classes(), data.height(), data.width(), data.channels()});
  for (int64_t i = 0; i < means.size(); ++i) {
    const auto count = static_cast<double>(counts[static_cast<size_t>(i / size)]);
    means.data()[i] = static_cast<float>(count > 0 ? sums[static_cast<size_t>(i)] / count : kNan);
  }
  return means;
}

std::vector<ChannelSeparation> RankChannels(const ClassMeans& means, int64_t class_a, int64_t class_b) {
  CheckClass(means, class_a);
  CheckClass(means, class_b);
  std::vector<ChannelSeparation> ranked;
  for (const LayerClassMeans& layer : means.layers) {
    const int64_t channels = layer.shape.channels;
    for (int64_t c = 0; c < channels; ++c) {
      const auto a = static_cast<size_t>(class_a * channels + c), b = static_cast<size_t>(class_b * channels + c);
      ChannelSeparation one{.tensor = layer.tensor,
                            .channel = c,
                            .mean_a = layer.mean[a],
                            .mean_b = layer.mean[b],
                            .deviation = std::sqrt((layer.variance[a] + layer.variance[b]) / 2)};
      one.d_prime = one.mean_a == one.mean_b ? 0 : (one.mean_a - one.mean_b) / one.deviation;
      ranked.push_back(std::move(one));
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const ChannelSeparation& a, const ChannelSeparation& b) {
    const double x = std::abs(a.d_prime), y = std::abs(b.d_prime);
    return !std::isnan(x) && (std::isnan(y) || x > y);
  });
  return ranked;
}

}  // namespace convscope
