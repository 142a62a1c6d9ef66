// An identifier of libhdf5 that is closed with its scope, and libhdf5 without its printing. For hdf5_*.cc alone.
#ifndef CONVSCOPE_FORMATS_INTERNAL_HDF5_HANDLE_H_
#define CONVSCOPE_FORMATS_INTERNAL_HDF5_HANDLE_H_

#include <hdf5.h>

#include <utility>

namespace convscope::internal {

class Hdf5Handle {
 public:
  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(std::exchange(other.close_, nullptr)) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() {
    if (id_ >= 0 && close_ != nullptr) close_(id_);
  }
  explicit operator bool() const { return id_ >= 0; }
  hid_t id() const { return id_; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  herr_t (*close_)(hid_t) = nullptr;
};

// libhdf5 prints what goes wrong to standard error unless it is told not to; here it becomes an Error.
inline void SilenceHdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_HDF5_HANDLE_H_
