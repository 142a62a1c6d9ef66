#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include "convscope/base/byte_source.h"
#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/hdf5_file.h"
#include "convscope/formats/internal/hdf5_handle.h"

namespace convscope::internal {
namespace {

// Of all groups that are listed: links can lead to one group along ways without number.
constexpr int64_t kMostMembers = 100'000;
constexpr uint64_t kMostTextBytes = uint64_t{1} << 26;
constexpr int64_t kMostElements = int64_t{1} << 31;
// Deflate packs no more into a byte, so an array that claims more than so many times its file is a lie.
constexpr int64_t kMostRatio = 1032;

// Of all arrays of a file.
int64_t MostBytes(int64_t file_bytes) {
  return std::max(int64_t{1} << 28, 128 * file_bytes);
}

Hdf5Handle FileAccess() {
  return {H5Pcreate(H5P_FILE_ACCESS), H5Pclose};
}

// 9 before 10, as Keras counts what is in a group; other names as they sort.
bool MemberLess(const std::string& a, const std::string& b) {
  const auto split = [](const std::string& name) {
    const size_t digits = name.find_last_not_of("0123456789") + 1;
    return std::pair(name.substr(0, digits), name.substr(digits));
  };
  const auto [stem_a, number_a] = split(a);
  const auto [stem_b, number_b] = split(b);
  if (stem_a != stem_b) return stem_a < stem_b;
  return number_a.size() != number_b.size() ? number_a.size() < number_b.size() : number_a < number_b;
}

std::string Trimmed(const char* text, size_t length) {
  return std::string(text, strnlen(text, length));
}

// Every text of an attribute, whether its texts are of one length or each of its own.
std::optional<std::vector<std::string>> ReadTexts(hid_t attribute) {
  const Hdf5Handle type(H5Aget_type(attribute), H5Tclose), space(H5Aget_space(attribute), H5Sclose);
  if (!type || !space) return std::nullopt;
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  if (count < 0 || static_cast<uint64_t>(count) > kMostTextBytes / sizeof(char*)) return std::nullopt;
  std::vector<std::string> texts;
  if (count == 0) return texts;  // h5py writes an empty list as numbers
  if (H5Tget_class(type.id()) != H5T_STRING) return std::nullopt;
  if (H5Tis_variable_str(type.id()) > 0) {
    const Hdf5Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(memory.id(), H5T_VARIABLE);
    H5Tset_cset(memory.id(), H5Tget_cset(type.id()));
    std::vector<char*> pointers(static_cast<size_t>(count), nullptr);
    if (H5Aread(attribute, memory.id(), pointers.data()) < 0) return std::nullopt;
    for (const char* const text : pointers) texts.emplace_back(text == nullptr ? "" : text);
    H5Dvlen_reclaim(memory.id(), space.id(), H5P_DEFAULT, pointers.data());
    return texts;
  }
  const size_t length = H5Tget_size(type.id());
  if (length == 0 || length > kMostTextBytes / static_cast<uint64_t>(count)) return std::nullopt;
  std::string bytes(length * static_cast<size_t>(count), '\0');
  if (H5Aread(attribute, type.id(), bytes.data()) < 0) return std::nullopt;
  for (size_t i = 0; i < bytes.size(); i += length) texts.push_back(Trimmed(bytes.data() + i, length));
  return texts;
}

}  // namespace

struct Hdf5Reader::Handles {
  Hdf5Handle file;
  int64_t left_bytes = 0;               // of arrays that may still be read
  int64_t left_members = kMostMembers;  // that may still be listed
};

Hdf5Reader::Hdf5Reader(const std::filesystem::path& path)
    : where_(path.string()), handles_(std::make_unique<Handles>()) {
  // Says what is wrong with a file better than libhdf5 does.
  FileSource source(path);
  file_bytes_ = source.MostBytes();
  SilenceHdf5();
  handles_->left_bytes = MostBytes(file_bytes_);
  handles_->file = {H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose};
  if (!handles_->file) Fail("", "another kind of file, or a damaged one");
}

Hdf5Reader::Hdf5Reader(std::string bytes, const std::string& where)
    : where_(where),
      file_bytes_(static_cast<int64_t>(bytes.size())),
      image_(std::move(bytes)),
      handles_(std::make_unique<Handles>()) {
  SilenceHdf5();
  handles_->left_bytes = MostBytes(file_bytes_);
  const Hdf5Handle access = FileAccess();
  // No file is made: nothing is written back.
  H5Pset_fapl_core(access.id(), size_t{1} << 16, 0);
  H5Pset_file_image(access.id(), image_.data(), image_.size());
  handles_->file = {H5Fopen("in memory", H5F_ACC_RDONLY, access.id()), H5Fclose};
  image_.clear();  // libhdf5 has its own copy
  image_.shrink_to_fit();
  if (!handles_->file) Fail("", "another kind of file, or a damaged one");
}

Hdf5Reader::~Hdf5Reader() = default;

void Hdf5Reader::Fail(const std::string& object, const std::string& received) const {
  throw Error({.where = object.empty() ? where_ : Concat(where_, ", ", object),
               .rule = "this must be an HDF5 file as Keras writes it",
               .received = received,
               .fix = "it may be damaged: get it again"});
}

// Each part of the path is looked at, so that no link leads out of the file.
bool Hdf5Reader::Is(const std::string& path, int kind) const {
  const hid_t file = handles_->file.id();
  std::string so_far;
  for (const std::string& part : Split(path, '/')) {
    if (part.empty()) continue;
    so_far += "/" + part;
    H5L_info_t link;
    if (H5Lexists(file, so_far.c_str(), H5P_DEFAULT) <= 0) return false;
    if (H5Lget_info(file, so_far.c_str(), &link, H5P_DEFAULT) < 0) return false;
    if (link.type != H5L_TYPE_HARD) Fail(path, "a link to somewhere else");
  }
  if (so_far.empty()) return kind == H5I_GROUP;
  const Hdf5Handle object(H5Oopen(file, so_far.c_str(), H5P_DEFAULT), H5Oclose);
  return object && H5Iget_type(object.id()) == kind;
}

bool Hdf5Reader::HasGroup(const std::string& path) const {
  return Is(path, H5I_GROUP);
}

bool Hdf5Reader::HasArray(const std::string& path) const {
  return Is(path, H5I_DATASET);
}

std::vector<std::string> Hdf5Reader::Members(const std::string& group) const {
  if (!HasGroup(group)) return {};
  const Hdf5Handle opened(H5Gopen2(handles_->file.id(), ("/" + group).c_str(), H5P_DEFAULT), H5Gclose);
  H5G_info_t info;
  if (!opened || H5Gget_info(opened.id(), &info) < 0) Fail(group, "a group that cannot be read");
  if (info.nlinks > static_cast<hsize_t>(handles_->left_members)) {
    Fail(group, Concat("more than ", kMostMembers, " members, along all ways to them"));
  }
  handles_->left_members -= static_cast<int64_t>(info.nlinks);
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const ssize_t length = H5Lget_name_by_idx(opened.id(), ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
    if (length < 0 || static_cast<uint64_t>(length) > kMostTextBytes) Fail(group, "a member without a name");
    std::string name(static_cast<size_t>(length) + 1, '\0');
    H5Lget_name_by_idx(opened.id(), ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size(), H5P_DEFAULT);
    name.pop_back();
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end(), MemberLess);
  return names;
}

std::optional<std::vector<std::string>> Hdf5Reader::Texts(const std::string& object,
                                                          const std::string& attribute) const {
  if (!HasGroup(object) && !HasArray(object)) return std::nullopt;
  const Hdf5Handle opened(H5Oopen(handles_->file.id(), ("/" + object).c_str(), H5P_DEFAULT), H5Oclose);
  if (!opened || H5Aexists(opened.id(), attribute.c_str()) <= 0) return std::nullopt;
  const Hdf5Handle found(H5Aopen(opened.id(), attribute.c_str(), H5P_DEFAULT), H5Aclose);
  auto texts = found ? ReadTexts(found.id()) : std::nullopt;
  if (!texts) Fail(object.empty() ? attribute : object + ", " + attribute, "an attribute that is no text");
  return texts;
}

std::optional<std::string> Hdf5Reader::Text(const std::string& object, const std::string& attribute) const {
  auto texts = Texts(object, attribute);
  if (!texts) return std::nullopt;
  if (texts->size() != 1) Fail(attribute, Concat(texts->size(), " texts where one is expected"));
  return std::move(texts->front());
}

Tensor Hdf5Reader::Array(const std::string& path) const {
  if (!HasArray(path)) Fail(path, "no array of this name");
  const Hdf5Handle array(H5Dopen2(handles_->file.id(), ("/" + path).c_str(), H5P_DEFAULT), H5Dclose);
  if (!array) Fail(path, "an array that cannot be read");
  const Hdf5Handle space(H5Dget_space(array.id()), H5Sclose), type(H5Dget_type(array.id()), H5Tclose),
      made(H5Dget_create_plist(array.id()), H5Pclose);
  if (!space || !type || !made) Fail(path, "an array that cannot be read");
  const H5D_layout_t layout = H5Pget_layout(made.id());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(made.id()) != 0) Fail(path, "numbers in another file");
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (rank < 0 || rank > Shape::kMaxRank) Fail(path, Concat("an array of ", rank, " axes"));
  std::array<hsize_t, Shape::kMaxRank> lengths{};
  H5Sget_simple_extent_dims(space.id(), lengths.data(), nullptr);
  std::vector<int64_t> shape_lengths;
  for (int axis = 0; axis < rank; ++axis) {
    const hsize_t length = lengths[static_cast<size_t>(axis)];
    if (length > static_cast<hsize_t>(kMostElements)) Fail(path, Concat("an axis of ", length));
    shape_lengths.push_back(static_cast<int64_t>(length));
  }
  const Shape shape(shape_lengths);
  const auto stored = static_cast<int64_t>(H5Tget_size(type.id()));
  // A float32 whose bytes were never written is 0 there and takes none of them; Keras writes all.
  const int64_t most = layout == H5D_CHUNKED ? file_bytes_ * kMostRatio : file_bytes_;
  if (shape.NumElements() > kMostElements || shape.NumElements() > most / std::max<int64_t>(1, stored)) {
    Fail(path, Concat("shape ", shape.ToString(), " in a file of ", file_bytes_, " bytes"));
  }
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) Fail(path, "an array of no numbers");
  const bool wide = stored > 4;
  const DType dtype = kind == H5T_INTEGER ? DType::kInt64 : wide ? DType::kFloat64 : DType::kFloat32;
  const hid_t memory = kind == H5T_INTEGER ? H5T_NATIVE_INT64 : wide ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
  handles_->left_bytes -= shape.NumElements() * static_cast<int64_t>(SizeInBytes(dtype));
  if (handles_->left_bytes < 0) Fail(path, Concat("more numbers than a file of ", file_bytes_, " bytes holds"));
  Tensor tensor(shape, dtype);
  if (tensor.size() > 0 && H5Dread(array.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.bytes()) < 0) {
    Fail(path, "numbers that cannot be read");
  }
  return tensor;
}

}  // namespace convscope::internal
