#include "convscope/tasks/filter_texts.h"

namespace convscope {

void ParseTexts(const FilterTexts& texts, const std::string& prefix, FilterOptions& options) {
  if (!texts.channels.empty()) options.channels = ParseChannels(texts.channels, prefix + "channels");
  options.stride = ParseRowsColumns(texts.stride, prefix + "stride");
  options.dilation = ParseRowsColumns(texts.dilation, prefix + "dilation");
  options.padding = ParsePadding(texts.padding, prefix + "padding");
  options.pad_mode = ParsePadMode(texts.pad_mode, prefix + "pad-mode");
  if (!texts.bias.empty()) options.bias = ParseNumbers(texts.bias, prefix + "bias");
  if (!texts.activation.empty()) options.activation = ParseActivation(texts.activation, prefix + "activation");
  for (const std::string& pool : texts.pools) options.pools.push_back(ParsePool(pool, prefix + "pool"));
}

}  // namespace convscope
