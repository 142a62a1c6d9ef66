// What a classifier says of one picture: a score for each class, which of them comes first, and that it says nothing
// where scores are NaN or several classes share the highest one.
#ifndef CONVSCOPE_INSPECT_CLASS_SCORES_H_
#define CONVSCOPE_INSPECT_CLASS_SCORES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace convscope {

// One score a class. A single score is that of the second of two classes, and against the first: p and 1 - p of
// probabilities, s and -s of others.
std::vector<float> ClassScores(std::span<const float> scores, bool probabilities);

// The classes from the highest score to the lowest, the first of equals first. What is NaN is neither above nor below:
// it stands last.
std::vector<size_t> ClassOrder(std::span<const float> scores);

int64_t NanCount(std::span<const float> scores);

// Classes that share the highest score; 0 where a score is NaN.
int64_t HighestCount(std::span<const float> scores);

// What is predicted where no class is: "nothing: 3 of 10 scores are NaN", "nothing: 2 of 10 classes share the highest
// score". Empty where one class has it alone.
std::string NothingText(std::span<const float> scores);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_CLASS_SCORES_H_
