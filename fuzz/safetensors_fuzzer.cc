// Weights in .safetensors files.
#include <cstddef>
#include <cstdint>

#include "convscope/formats/safetensors.h"
#include "fuzz/refused.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  convscope::fuzz::ReadOrRefuse([&] {
    convscope::ParseSafetensors({reinterpret_cast<const char*>(data), size}, "fuzz.safetensors");
  });
  return 0;
}
