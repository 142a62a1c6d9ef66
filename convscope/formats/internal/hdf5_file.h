// HDF5 files, through libhdf5: groups, attributes that are texts, and arrays of numbers. As much of the format as Keras
// uses; only for files that the user names.
//
// Reading follows nothing out of the file: no external and no symbolic links, no arrays whose numbers lie in another
// file. What an array claims is checked before memory is taken.
#ifndef CONVSCOPE_FORMATS_INTERNAL_HDF5_FILE_H_
#define CONVSCOPE_FORMATS_INTERNAL_HDF5_FILE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope::internal {

class Hdf5Reader {
 public:
  // Throws Error when the file cannot be read or is no HDF5.
  explicit Hdf5Reader(const std::filesystem::path& path);
  // The same of a file's bytes; `where` names them in errors.
  Hdf5Reader(std::string bytes, const std::string& where);
  ~Hdf5Reader();

  // Paths are like "layers/conv2d/vars/0"; "" is the root.
  bool HasGroup(const std::string& path) const;
  bool HasArray(const std::string& path) const;

  // The names of what is directly in a group, numbers in them in their order (9 before 10). At most 100,000 in
  // all that a reader lists: links can name one group many times.
  std::vector<std::string> Members(const std::string& group) const;

  // An attribute that is a text, or a list of them; none where there is none of this name. Throws Error for another
  // type, and for more than 64 MiB.
  std::optional<std::string> Text(const std::string& object, const std::string& attribute) const;
  std::optional<std::vector<std::string>> Texts(const std::string& object, const std::string& attribute) const;

  // float32 (float16 is widened), float64, or int64 for whole numbers of any kind. Throws Error for other types, for
  // more than 2^31 elements, for an array that claims far more numbers than the file could hold, and once all that were
  // read together are 128 times as long as the file, and more than 256 MiB: links can name one array many times.
  Tensor Array(const std::string& path) const;

  const std::string& where() const { return where_; }

 private:
  [[noreturn]] void Fail(const std::string& object, const std::string& received) const;
  bool Is(const std::string& path, int kind) const;

  struct Handles;
  std::string where_;
  int64_t file_bytes_ = 0;
  std::string image_;  // the bytes, where the file is in memory
  std::unique_ptr<Handles> handles_;
};

class Hdf5Writer {
 public:
  // In memory: Bytes has the file. Throws Error when libhdf5 fails.
  Hdf5Writer();
  ~Hdf5Writer();

  void Group(const std::string& path);  // and those above it
  void Text(const std::string& object, const std::string& attribute, const std::string& text);
  void Texts(const std::string& object, const std::string& attribute, const std::vector<std::string>& texts);
  void Array(const std::string& path, const Tensor& array);  // float32; the groups above it are there

  std::string Bytes();

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_HDF5_FILE_H_
