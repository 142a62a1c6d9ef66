// IDX files, the format of MNIST: one array of numbers, big endian.
//
// Two zero bytes, the type of the numbers, the number of axes, each axis' length as 32 bits, then the numbers, the last
// axis contiguous. (Y. LeCun, "The MNIST database", section "File formats"; Fashion-MNIST and KMNIST use it too.)
//
// Not here: gzip (convscope/formats/gzip.h gives a ByteSource), which files make a data set (convscope/datasets).
#ifndef CONVSCOPE_DATA_IDX_H_
#define CONVSCOPE_DATA_IDX_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "convscope/base/byte_source.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

struct IdxLimits {
  int64_t elements = int64_t{1} << 31;  // checked before memory is allocated
};

// The array that `source` yields to its end. Types that Tensor has are kept (uint8, int8, int32, float32, float64),
// int16 becomes int32. `where` names the source in errors. Throws Error when it is no IDX file, its header claims more
// than it can hold or than the limit, or it is shorter or longer than its header says.
Tensor ReadIdx(ByteSource& source, const std::string& where, const IdxLimits& limits = {});

// The same for the bytes of a file.
Tensor ParseIdx(std::string_view bytes, const std::string& where, const IdxLimits& limits = {});

}  // namespace convscope

#endif  // CONVSCOPE_DATA_IDX_H_
