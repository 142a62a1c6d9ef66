// One input of a model that its file carries with the output, so that whoever opens it, on another machine or with
// another program, can see whether the same comes out.
#ifndef CONVSCOPE_TASKS_MODEL_EXAMPLE_H_
#define CONVSCOPE_TASKS_MODEL_EXAMPLE_H_

#include <string>
#include <vector>

#include "convscope/formats/model_file.h"
#include "convscope/tasks/model_choice.h"

namespace convscope {

// What a user gives for an example: arrays as ReadFedArrays takes them, or one picture file.
bool IsPictureExample(const std::vector<std::string>& given);

// The example made of `fed`, arrays by name in the axes of the model's file. Throws as ModelFor does.
ModelExample MakeExample(const ModelFile& file, NamedTensors fed);
// Of a picture file, prepared as the model wants it. Throws what ReadModelPicture throws.
ModelExample MakePictureExample(const ModelFile& file, const std::string& picture);

// The outputs of the same inputs now, where the weights are others.
ModelExample MadeAgain(const ModelFile& file, const ModelExample& example);

// How far a float may be off, as a share of the largest value of its tensor.
inline constexpr double kExampleTolerance = 1e-4;

struct ExampleCheck {
  struct Output {
    std::string name;
    double difference = 0;  // the largest; infinite where one has a number and the other none
    double largest = 0;     // of the values of the example that are finite
    bool same = false;      // of floats: within the tolerance; of others: equal
  };
  std::string model;  // its title
  std::vector<Output> outputs;

  bool same() const;
};

// Opens the model and computes the outputs of its example once more. Throws Error for a model without one, and what
// OpenModel throws.
ExampleCheck CheckExample(const ModelChoice& model);

std::string ExampleCheckText(const ExampleCheck& check);
// One object: "model", "same", "outputs", each with name, difference (null: not a number), largest and same.
std::string ExampleCheckJson(const ExampleCheck& check);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_MODEL_EXAMPLE_H_
