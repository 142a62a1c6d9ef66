// The model that a user names: what OpenModel takes, the file that its weights are from, where that is another, and
// what is said of its pictures.
#ifndef CONVSCOPE_TASKS_MODEL_CHOICE_H_
#define CONVSCOPE_TASKS_MODEL_CHOICE_H_

#include <string>
#include <utility>

#include "convscope/tasks/model_remark.h"
#include "convscope/tasks/picture_flags.h"

namespace convscope {

// A name alone stands for itself, so that requests are written as {.model = "lenet"}; and wherever the name alone is
// asked for (where a run folder lies, what a figure is called) the choice stands for it.
struct ModelChoice {
  std::string name;
  std::string weights = {};     // a file; empty: the model's own
  std::string output = {};      // the one that is meant of several; empty: all that the model names
  PictureFlags pictures = {};   // goes over what the model tells
  bool shown_pictures = false;  // then what was assumed of them is told, too
  TellRemark tell = {};         // called by OpenModel with each remark on the model; none: they are in its ModelFile

  ModelChoice() = default;
  ModelChoice(std::string model, std::string weights_file = "")
      : name(std::move(model)), weights(std::move(weights_file)) {}
  ModelChoice(const char* model) : name(model) {}

  operator const std::string&() const { return name; }
};

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_MODEL_CHOICE_H_
