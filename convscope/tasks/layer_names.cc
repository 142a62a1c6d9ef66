#include "convscope/tasks/layer_names.h"

#include <utility>

#include "convscope/base/text.h"

namespace convscope {

std::vector<std::string> LayerNames(const std::vector<std::string>& texts,
                                    const std::function<bool(const std::string& name)>& known) {
  std::vector<std::string> names;
  for (const std::string& text : texts) {
    if (known(text)) {
      names.push_back(text);
      continue;
    }
    for (std::string& piece : Split(text, ',')) names.push_back(std::move(piece));
  }
  return names;
}

}  // namespace convscope
