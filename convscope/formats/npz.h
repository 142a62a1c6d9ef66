// NumPy's .npz files: several .npy arrays in a zip archive, as numpy.savez and numpy.savez_compressed write them.
#ifndef CONVSCOPE_FORMATS_NPZ_H_
#define CONVSCOPE_FORMATS_NPZ_H_

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "convscope/formats/npy.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// The arrays in file `path` by their names ("x_train"), those in `wanted` alone where that is not empty: others are not
// unpacked. Throws Error when it is no such archive, truncated or damaged, and for an array what ParseNpy throws, each
// limited as `limits` says.
std::map<std::string, Tensor> ReadNpz(const std::filesystem::path& path, const std::set<std::string>& wanted = {},
                                      const NpyLimits& limits = {});

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_NPZ_H_
