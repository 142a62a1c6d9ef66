// A model written in another format: as a file that other programs open, with weights of a file of their own where such
// are named. Nothing is computed; numbers move as they are.
#ifndef CONVSCOPE_TASKS_CONVERT_MODEL_H_
#define CONVSCOPE_TASKS_CONVERT_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/formats/weight_layout.h"
#include "convscope/formats/weight_match.h"
#include "convscope/tasks/model_choice.h"

namespace convscope {

struct ConvertRequest {
  ModelChoice model;                           // as OpenModel takes it
  std::string output;                          // a file: .onnx, .keras, .json, .weights.h5, .safetensors or .npz
  WeightLayout layout = WeightLayout::kKeras;  // of .safetensors and .npz
  bool partial = false;                        // parameters that the weights leave out keep what they have
  // Arrays or a picture (model_example.h) that an .onnx file carries with what the model makes of it; empty: none, but
  // what the model carries already.
  std::vector<std::string> example = {};
};

struct Conversion {
  std::string model, output;
  std::string source;  // of the model, where it is known
  bool trained = true;
  int64_t tensors = 0, parameters = 0;  // written; of .json none
  std::optional<WeightReport> weights;  // where they are of a file of their own
  bool example = false;                 // whether the file carries one
  std::vector<std::string> changed;     // what is another way in it than in what it was made of, a line each
};

// Throws Error, before anything is opened, for an output of another format or that cannot be written, or that is what
// it would be made of, and a layout that it does not have.
void CheckConversion(const ConvertRequest& request);

// Writes the file, whole or not at all. Throws as CheckConversion, OpenModel and the writers do.
Conversion ConvertModel(const ConvertRequest& request);

// What was written; and for weights of a file of their own a line for each that matched, and what did not.
std::string ConversionText(const Conversion& conversion);

// One object: "model", "output", "source", "trained", "tensors", "parameters", "example", "changed"; with weights of a
// file "weights": "matched" (each with parameter, shape, stored, stored_shape, by, transposed, reordered), "misfits"
// (the same), "missing", "left_over", "ignored".
std::string ConversionJson(const Conversion& conversion);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_CONVERT_MODEL_H_
