// Archives of arrays, by way of libarchive, which reads files.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "convscope/formats/npz.h"
#include "fuzz/refused.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("convscope_fuzz_" + std::to_string(getpid()) + ".npz");
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  convscope::fuzz::ReadOrRefuse([&] { convscope::ReadNpz(path); });
  std::filesystem::remove(path);
  return 0;
}
