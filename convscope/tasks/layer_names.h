// Layers that a user names in one text, with commas between them. Not which of them there are: each task asks its
// graph.
#ifndef CONVSCOPE_TASKS_LAYER_NAMES_H_
#define CONVSCOPE_TASKS_LAYER_NAMES_H_

#include <functional>
#include <string>
#include <vector>

namespace convscope {

// Each text is one name where `known` takes it whole, since a file's tensor may have a comma in its name; else its
// pieces between commas, whether known or not. In the order given.
std::vector<std::string> LayerNames(const std::vector<std::string>& texts,
                                    const std::function<bool(const std::string& name)>& known);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_LAYER_NAMES_H_
