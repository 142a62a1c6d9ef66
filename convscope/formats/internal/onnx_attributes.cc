#include "convscope/formats/internal/onnx_attributes.h"

namespace convscope::internal {

std::vector<Padding> OnnxAttributes::Paddings(const std::string& name) const {
  std::vector<Padding> paddings;
  for (const std::string& text : Split(Word(name), ',')) {
    const std::vector<std::string> sides = Split(text, ':');
    if (text == "valid") {
      paddings.push_back(Padding::Valid());
    } else if (text == "same") {
      paddings.push_back(Padding::Same());
    } else if (sides.size() == 2) {
      paddings.push_back(Padding::Explicit(ParseInteger(sides[0], name), ParseInteger(sides[1], name)));
    } else {
      throw Error({.where = name, .rule = "padding is valid, same or BEFORE:AFTER", .received = '"' + text + '"'});
    }
  }
  return paddings;
}

}  // namespace convscope::internal
