// What the classes of a model are called, which one a user means, and whether the classes of a data set are the same
// ones.
#ifndef CONVSCOPE_TASKS_CLASS_NAMES_H_
#define CONVSCOPE_TASKS_CLASS_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace convscope {

// The name of class `c`, and "class 7" where `names` ends before it.
std::string ClassName(const std::vector<std::string>& names, int64_t c);

// Those of `classes` classes: as the model calls them, else as the data do, else "class 7".
std::vector<std::string> ClassNames(const std::vector<std::string>& model, const std::vector<std::string>& data,
                                    int64_t classes);

// What a picture of class `label` is: as the data call it; where they have numbers for names, as a model of as many
// classes does.
std::string TruthName(const std::vector<std::string>& model, const std::vector<std::string>& data, int64_t label);

// The class that `text` means, of those that `names` are of: the one of that name; else, where it is a whole number,
// the one of that number; else the first of that name in upper or lower case. None where it means none.
std::optional<int64_t> FindClass(const std::string& text, const std::vector<std::string>& names);
// The same; throws Error with the classes that there are.
int64_t ParseClass(const std::string& text, const std::vector<std::string>& names);

// The classes that `texts` mean, each once, in their order: each text one class, or several with commas between them,
// where the whole is no name. Throws Error as ParseClass does.
std::vector<int64_t> ParseClasses(const std::vector<std::string>& texts, const std::vector<std::string>& names);

// Classes are numbers; names tell whether a number means the same for both. Throws Error where the data have a class
// that the model has under another number, so that every accuracy would be wrong. Returns one line on names that the
// model does not know; empty where there are none, or where one of both has numbers for names.
std::string CompareClassNames(const std::vector<std::string>& model, const std::vector<std::string>& data);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_CLASS_NAMES_H_
