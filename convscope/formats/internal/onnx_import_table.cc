#include "convscope/formats/internal/onnx_import_table.h"

#include <map>

namespace convscope::internal {
namespace {

const std::map<std::string_view, OnnxReader>& TheReaders() {
  static const auto readers = [] {
    std::map<std::string_view, OnnxReader> made;
    for (const auto family : {OnnxActivationReaders, OnnxArithmeticReaders, OnnxBorderReaders, OnnxNormalizationReaders,
                              OnnxPlaceReaders, OnnxReductionReaders, OnnxShapeReaders, OnnxWindowReaders}) {
      for (const OnnxReader& reader : family()) made.emplace(reader.type, reader);
    }
    return made;
  }();
  return readers;
}

}  // namespace

const OnnxReader* FindOnnxReader(std::string_view type) {
  const auto found = TheReaders().find(type);
  return found == TheReaders().end() ? nullptr : &found->second;
}

std::vector<std::string> OnnxReaderTypes() {
  std::vector<std::string> types;
  for (const auto& [type, reader] : TheReaders()) types.emplace_back(type);
  return types;
}

}  // namespace convscope::internal
