// NumPy's .npz files: several .npy arrays in a zip archive, as numpy.savez and numpy.savez_compressed write them.
#ifndef CONVSCOPE_FORMATS_NPZ_H_
#define CONVSCOPE_FORMATS_NPZ_H_

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "convscope/formats/npy.h"
#include "convscope/formats/stored_tensor.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// The arrays in file `path` by their names ("x_train"), those in `wanted` alone where that is not empty: others are not
// unpacked. Throws Error when it is no such archive, truncated or damaged, and for an array what ParseNpy throws, each
// limited as `limits` says.
std::map<std::string, Tensor> ReadNpz(const std::filesystem::path& path, const std::set<std::string>& wanted = {},
                                      const NpyLimits& limits = {});

// All of them in the file's order, which is that in which they were given to numpy.savez.
std::vector<StoredTensor> ReadNpzInOrder(const std::filesystem::path& path, const NpyLimits& limits = {});

// Writes arrays (any shape and type, each name once) to `path`, whole or not at all, not compressed, as numpy.savez
// does; the same bytes each time. Throws Error for a name that is there twice.
void WriteNpz(std::span<const StoredTensor> arrays, const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_NPZ_H_
