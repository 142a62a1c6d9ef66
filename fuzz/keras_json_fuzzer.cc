// Networks in Keras' JSON.
#include <cstddef>
#include <cstdint>

#include "convscope/formats/keras_json.h"
#include "fuzz/refused.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  convscope::fuzz::ReadOrRefuse([&] {
    convscope::ParseKerasJson({reinterpret_cast<const char*>(data), size}, "fuzz.json");
  });
  return 0;
}
