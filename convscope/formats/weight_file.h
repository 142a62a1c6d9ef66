// Files that hold the weights of a network: .safetensors, .npz, and those of Keras (keras_file.h). What their tensors
// are for, weight_match.h finds out.
#ifndef CONVSCOPE_FORMATS_WEIGHT_FILE_H_
#define CONVSCOPE_FORMATS_WEIGHT_FILE_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "convscope/formats/stored_tensor.h"

namespace convscope {

// The tensors of the file, in its order; what a .safetensors file tells besides goes into `metadata`, where it is asked
// for. Throws Error for another kind of file, and as RefuseTorchFile and the readers
// of the formats do.
std::vector<StoredTensor> ReadWeightFile(const std::filesystem::path& path,
                                         std::map<std::string, std::string>* metadata = nullptr);

// Throws Error for what torch.save wrote (a .pt or .pth file, by its name or its first bytes), telling the lines of
// Python that turn it into what can be read: such a file is a program, and is not run here.
void RefuseTorchFile(const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_WEIGHT_FILE_H_
