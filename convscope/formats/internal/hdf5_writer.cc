#include <span>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/hdf5_file.h"
#include "convscope/formats/internal/hdf5_handle.h"

namespace convscope::internal {
namespace {

// What libhdf5 returned; negative is an error, of which there is none in memory but a lack of it.
template <typename Result>
Result Checked(Result result) {
  if (result < 0) throw Error({.rule = "libhdf5 makes a file in memory", .received = "an error of its own"});
  return result;
}

Hdf5Handle TextType() {
  Hdf5Handle type(Checked(H5Tcopy(H5T_C_S1)), H5Tclose);
  Checked(H5Tset_size(type.id(), H5T_VARIABLE));
  Checked(H5Tset_cset(type.id(), H5T_CSET_UTF8));
  return type;
}

}  // namespace

struct Hdf5Writer::Handles {
  Hdf5Handle file;

  // Into a group that is there.
  void Write(const std::string& path, const std::vector<hsize_t>& lengths, const float* elements) {
    const Hdf5Handle space(
        Checked(lengths.empty() ? H5Screate(H5S_SCALAR)
                                : H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr)),
        H5Sclose);
    const Hdf5Handle plain(Checked(H5Pcreate(H5P_DATASET_CREATE)), H5Pclose);
    // Without the time, so that the bytes are the same each time.
    Checked(H5Pset_obj_track_times(plain.id(), false));
    const Hdf5Handle made(Checked(H5Dcreate2(file.id(), ("/" + path).c_str(), H5T_IEEE_F32LE, space.id(), H5P_DEFAULT,
                                             plain.id(), H5P_DEFAULT)),
                          H5Dclose);
    if (H5Sget_simple_extent_npoints(space.id()) > 0) {
      Checked(H5Dwrite(made.id(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements));
    }
  }
};

Hdf5Writer::Hdf5Writer() : handles_(std::make_unique<Handles>()) {
  SilenceHdf5();
  const Hdf5Handle access(Checked(H5Pcreate(H5P_FILE_ACCESS)), H5Pclose);
  Checked(H5Pset_fapl_core(access.id(), size_t{1} << 20, 0));
  handles_->file = {Checked(H5Fcreate("in memory", H5F_ACC_TRUNC, H5P_DEFAULT, access.id())), H5Fclose};
}

Hdf5Writer::~Hdf5Writer() = default;

void Hdf5Writer::Group(const std::string& path) {
  std::string so_far;
  for (const std::string& part : Split(path, '/')) {
    if (part.empty()) continue;
    so_far += "/" + part;
    if (Checked(H5Lexists(handles_->file.id(), so_far.c_str(), H5P_DEFAULT)) > 0) continue;
    const Hdf5Handle group(
        Checked(H5Gcreate2(handles_->file.id(), so_far.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)), H5Gclose);
  }
}

void Hdf5Writer::Text(const std::string& object, const std::string& attribute, const std::string& text) {
  const Hdf5Handle opened(Checked(H5Oopen(handles_->file.id(), ("/" + object).c_str(), H5P_DEFAULT)), H5Oclose);
  const Hdf5Handle type = TextType(), space(Checked(H5Screate(H5S_SCALAR)), H5Sclose);
  const Hdf5Handle made(
      Checked(H5Acreate2(opened.id(), attribute.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT)), H5Aclose);
  const char* const pointer = text.c_str();
  Checked(H5Awrite(made.id(), type.id(), &pointer));
}

void Hdf5Writer::Texts(const std::string& object, const std::string& attribute, const std::vector<std::string>& texts) {
  const Hdf5Handle opened(Checked(H5Oopen(handles_->file.id(), ("/" + object).c_str(), H5P_DEFAULT)), H5Oclose);
  const hsize_t count = texts.size();
  const Hdf5Handle type = TextType(), space(Checked(H5Screate_simple(1, &count, nullptr)), H5Sclose);
  const Hdf5Handle made(
      Checked(H5Acreate2(opened.id(), attribute.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT)), H5Aclose);
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  if (count > 0) Checked(H5Awrite(made.id(), type.id(), pointers.data()));
}

void Hdf5Writer::Array(const std::string& path, const Tensor& array) {
  const std::span<const int64_t> lengths = array.shape().lengths();
  handles_->Write(path, {lengths.begin(), lengths.end()}, array.data<float>());
}

std::string Hdf5Writer::Bytes() {
  Checked(H5Fflush(handles_->file.id(), H5F_SCOPE_GLOBAL));
  const ssize_t size = Checked(H5Fget_file_image(handles_->file.id(), nullptr, 0));
  std::string bytes(static_cast<size_t>(size), '\0');
  Checked(H5Fget_file_image(handles_->file.id(), bytes.data(), bytes.size()));
  return bytes;
}

}  // namespace convscope::internal
