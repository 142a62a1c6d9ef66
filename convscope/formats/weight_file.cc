#include "convscope/formats/weight_file.h"

#include <array>
#include <string_view>
#include <system_error>

#include "convscope/base/byte_source.h"
#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/keras_file.h"
#include "convscope/formats/npz.h"
#include "convscope/formats/safetensors.h"

namespace convscope {
namespace {

// How a file begins; empty where there is none that can be read.
std::string Beginning(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return "";
  std::string bytes(256, '\0');
  bytes.resize(FileSource(path).Read(std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

// torch.save writes a zip archive whose first file is NAME/data.pkl, and wrote, until 2020, Python's pickles one after
// the other, the first a number of its own.
bool IsTorchFile(std::string_view beginning) {
  constexpr std::string_view kPickle("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14);
  if (beginning.starts_with(kPickle)) return true;
  return beginning.starts_with("PK\x03\x04") && beginning.find("/data.pkl") != std::string_view::npos;
}

}  // namespace

void RefuseTorchFile(const std::filesystem::path& path) {
  const std::string ending = LowerCaseEnding(path);
  const bool named = ending == ".pt" || ending == ".pth";
  const std::string beginning = Beginning(path);
  if (!IsTorchFile(beginning) && !(named && !beginning.empty())) return;
  std::filesystem::path safe = path.filename();
  safe.replace_extension(".safetensors");
  throw Error({.where = path.string(),
               .rule = "a file of torch.save is a program of Python's, and is not run here",
               .received = ending.empty() ? "one" : Concat("one, ", ending),
               .fix = Concat("turn it into weights in Python: import torch, safetensors.torch; weights = torch.load(\"",
                             path.filename().string(),
                             "\", map_location=\"cpu\", weights_only=True); "
                             "safetensors.torch.save_file({k: v.contiguous().clone() for k, v in weights.items()}, \"",
                             safe.string(),
                             "\"); or a whole model into ONNX: torch.onnx.export(model, example, "
                             "\"model.onnx\")")});
}

std::vector<StoredTensor> ReadWeightFile(const std::filesystem::path& path,
                                         std::map<std::string, std::string>* metadata) {
  RefuseTorchFile(path);
  const std::string ending = LowerCaseEnding(path);
  if (ending == ".safetensors") {
    SafetensorsFile file = ReadSafetensors(path);
    if (metadata != nullptr) *metadata = std::move(file.metadata);
    return std::move(file.tensors);
  }
  if (ending == ".npz") return ReadNpzInOrder(path);
  if (IsKerasFile(path)) return ReadKerasWeights(path);
  throw Error({.where = path.string(),
               .rule = "weights are in a .safetensors, an .npz or a file of Keras (.keras, .h5)",
               .received = ending.empty() ? "a name without an ending" : ending});
}

}  // namespace convscope
