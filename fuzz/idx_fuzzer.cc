// Pictures and labels in plain IDX files.
#include <cstddef>
#include <cstdint>

#include "convscope/data/idx.h"
#include "fuzz/refused.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  convscope::fuzz::ReadOrRefuse([&] { convscope::ParseIdx({reinterpret_cast<const char*>(data), size}, "fuzz.idx"); });
  return 0;
}
