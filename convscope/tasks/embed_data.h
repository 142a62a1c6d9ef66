// A layer's activations on a plane: each picture of a data set one point, by PCA and by t-SNE.
#ifndef CONVSCOPE_TASKS_EMBED_DATA_H_
#define CONVSCOPE_TASKS_EMBED_DATA_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"

namespace convscope {

struct EmbedRequest {
  ModelChoice model;  // as OpenModel takes it
  OpenDataOptions data;
  bool train = false;         // the training pictures, else the test pictures
  std::string layer;          // a tensor; empty: the last layer before the scores
  int64_t pictures = 2000;    // the first so many, at most
  bool tsne = true;           // else PCA alone
  double perplexity = 0;      // of t-SNE; 0: 30, or less where there are few pictures
  int64_t iterations = 1000;  // of t-SNE
  uint64_t seed = 0;          // of t-SNE
};

struct PlaneOfPoints {
  std::vector<double> x, y;  // one a picture
  // Of the pictures whose nearest neighbour on the plane is of their own class.
  double neighbours_alike = 0;
};

struct Embedding {
  std::string title;  // model and data
  std::string model, layer;
  bool trained = true;
  uint64_t seed = 0;
  std::vector<std::string> class_names;
  std::vector<int64_t> labels;
  std::vector<int64_t> predicted;  // empty where the model tells no classes
  Tensor activations;              // (n, ...), of the layer
  Tensor pictures;                 // (n, h, w, 1 or 3), at most 64 pixels a side, values from 0 to 1: to be drawn small
  PlaneOfPoints pca;
  std::vector<double> variance_shares;  // of the first components, in all of the variance
  std::optional<PlaneOfPoints> tsne;
  int64_t reduced_to = 0;  // components that t-SNE was given; 0: the activations as they are
  double perplexity = 0, first_divergence = 0, divergence = 0;
};

// t-SNE is given the first 30 principal components where there are more dimensions, as its authors did. Throws Error
// for a layer that there is not, for activations of more than 512 MiB or that are not finite, and as OpenModelData,
// PassOver and TsneOf do.
Embedding EmbedData(const EmbedRequest& request);

std::string EmbedText(const Embedding& embedding);
std::string EmbedJson(const Embedding& embedding);
// Both planes, coloured by class, misclassified pictures in a ring; and the last plane with small pictures. Shows
// arrays of `embedding`.
Figure EmbedFigure(const Embedding& embedding);
// activations, pca (n, 2), tsne (n, 2) and labels (n,) as .npy files.
std::vector<std::filesystem::path> SaveEmbedding(const Embedding& embedding, const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_EMBED_DATA_H_
