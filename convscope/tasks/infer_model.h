// A model on raw arrays: .npy files in, arrays out, with the axes and the types of the model's own file.
#ifndef CONVSCOPE_TASKS_INFER_MODEL_H_
#define CONVSCOPE_TASKS_INFER_MODEL_H_

#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/graph/named_tensors.h"
#include "convscope/tasks/model_choice.h"

namespace convscope {

struct InferRequest {
  ModelChoice model;
  std::vector<std::string> inputs;   // "NAME=FILE.npy"; of a model with one input also "FILE.npy"
  std::vector<std::string> tensors;  // those wanted, by name; empty: the model's outputs
  bool all = false;                  // every tensor that is computed, and ModelFile::constants
};

struct Inferred {
  struct Result {
    std::string name;
    SharedTensor tensor;
    bool constant = false;  // of ModelFile::constants
    std::string file = {};  // where SaveInferred wrote it
  };
  std::string model;                          // its title
  std::vector<Result> results;                // in the order asked for, or the graph's and then the constants
  std::vector<std::string> assumed, missing;  // as in ModelFile
  std::vector<std::string> lost;              // of those asked for, what depends on something missing
};

// The first axis of all inputs may have another length than the model says: so many samples at once. Throws Error for
// an input that is missing, unknown, no .npy file or of another type or shape, and for an unknown tensor.
Inferred InferModel(const InferRequest& request, const Progress& progress = {});

// Throws Error where something that was asked for could not be computed: what could be is in `inferred`.
void CheckNothingLost(const Inferred& inferred);

// Name, shape, type, smallest, mean and largest value of each: a table, and as JSON.
std::string InferText(const Inferred& inferred);
std::string InferJson(const Inferred& inferred);

// Each as `folder`/NAME.npy, with other signs in place of those that no file name has; the folder is made when there is
// none.
void SaveInferred(Inferred& inferred, const std::string& folder, const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_INFER_MODEL_H_
