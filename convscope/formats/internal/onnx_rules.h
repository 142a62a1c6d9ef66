// What holds for a network while it is trained, as one line of JSON in an .onnx file's metadata. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_RULES_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_RULES_H_

#include <string>

#include "convscope/train/training_graph.h"

namespace convscope::internal {

// {"output": "classes", "parameters": {"conv/kernel": {"l2": 0.01, "constraint": {"name": "non_neg"}},
// "conv/bias": {"trainable": false}}, "activities": [{"tensor": "conv", "l1": 0.1, "l2": 0}], "frozen": ["bn"]}:
// what is as it is by default is left out; empty where nothing is left. Throws Error where a name is not UTF-8 or a
// number not finite.
std::string RulesText(const TrainingRules& rules);

// Throws Error naming `where` when `text` is no such line. Names are not looked up.
TrainingRules ParseRules(const std::string& text, const std::string& where);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_RULES_H_
