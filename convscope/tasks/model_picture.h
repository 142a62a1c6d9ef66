// A picture as a model is shown it: read or taken out of a data set, brought to the size and channels of the model's
// input, and scaled as the model wants it. For every command that takes MODEL and PICTURE.
#ifndef CONVSCOPE_TASKS_MODEL_PICTURE_H_
#define CONVSCOPE_TASKS_MODEL_PICTURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/formats/model_file.h"
#include "convscope/graph/named_tensors.h"
#include "convscope/image/picture.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/open_data.h"

namespace convscope {

// Which pictures are meant.
struct PictureChoice {
  std::vector<std::string> files;       // "-" is standard input
  std::optional<OpenDataOptions> data;  // and pictures of a data set:
  std::vector<int64_t> samples;         // their places in it
  bool train = false;                   // in its training part, else in its test part
  Progress progress = {};
};

struct ModelPicture {
  std::string source;                // the file, or "mnist test 7"
  Tensor picture;                    // (H, W, C), 0 to 1, as the model sees it before its preprocessing
  std::string note;                  // what was done to the picture; empty: nothing
  std::optional<std::string> truth;  // the name of its class, where a data set tells it
  std::optional<int64_t> label;      // and its number
  SharedTensor input;                // (1, H, W, C): what is fed into the model
};

// The model's one input of pictures, (N, rows, columns, 1 or 3) float32, by name. Throws Error where it has another.
std::string PictureInput(const Graph& graph);

// (H, W, C) -> (1, H, W, C) after the model's preprocessing. What was stored as `white` is 1 in the picture: 255 of
// 8-bit pictures, 1 of floats. Throws Error for a picture of another size than the model's input.
Tensor AsInput(const ModelFile& model, const Tensor& picture, double white);

// `model` as it takes one picture at a time: with a batch of 1 where its one input of pictures has a larger one, which
// some files fix; any other model as it is. Throws Error where a node takes no other batch than that of the file.
Model ForOnePicture(const Model& model);

// A model and the data set of the choice, if any, opened so that they fit together, as every command does that runs a
// model over a data set; the model ForOnePicture.
ModelAndData OpenModelForPictures(const ModelChoice& model, const PictureChoice& choice);

// All pictures of the choice, as `model` wants them; `data` is that of the choice, opened. A picture of another size is
// scaled to cover the model's input and cut to its middle, or as the model's preprocessing says; grey is made of
// colour, and of a picture file colour of grey, as the input wants. Throws Error for a model whose input is no picture,
// for a sample that does not exist, and what ReadPicture throws.
std::vector<ModelPicture> ReadModelPictures(const ModelFile& model, const PictureChoice& choice,
                                            const std::optional<OpenedData>& data);

// How a picture file is read for the model: as its input has one channel or three. Throws Error as PictureInput.
ReadOptions::Colour PictureColour(const ModelFile& model);

// A picture (H, W, C), 0 to 1, that was decoded already, as a picture file is taken: brought to the size of the model's
// input. Throws Error for a model whose input is no picture, and for another number of channels.
ModelPicture FitToModel(const ModelFile& model, std::string source, Tensor picture);

// The one picture of the choice. Throws Error, saying `rule`, where it has none or several; the rest as above.
ModelPicture ReadModelPicture(const ModelFile& model, const PictureChoice& choice,
                              const std::optional<OpenedData>& data, const std::string& rule);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_MODEL_PICTURE_H_
