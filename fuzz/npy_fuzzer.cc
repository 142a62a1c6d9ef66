// Arrays in .npy files.
#include <cstddef>
#include <cstdint>

#include "convscope/formats/npy.h"
#include "fuzz/refused.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  convscope::fuzz::ReadOrRefuse([&] { convscope::ParseNpy({reinterpret_cast<const char*>(data), size}, "fuzz.npy"); });
  return 0;
}
