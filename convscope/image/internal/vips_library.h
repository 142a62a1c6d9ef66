// libvips made ready: started once, kept silent, its untrusted loaders shut; and its objects owned.
//
// Not here: what is read or written (convscope/image/picture_read.cc, picture_write.cc).
#ifndef CONVSCOPE_IMAGE_INTERNAL_VIPS_LIBRARY_H_
#define CONVSCOPE_IMAGE_INTERNAL_VIPS_LIBRARY_H_

#include <vips/vips.h>

#include <memory>
#include <string>

namespace convscope::internal {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
struct GFree {
  void operator()(gpointer memory) const { g_free(memory); }
};

// A reference to an object of libvips, given back at the end: VipsOwned<VipsImage> image(pointer).
template <typename Object>
using VipsOwned = std::unique_ptr<Object, Unref>;

// Starts libvips at the first call of the process, and sets its number of threads to ThreadCount() at every call.
// Throws Error when it does not start. Leaves out its modules, unless $VIPSHOME says where they are: PDF, ImageMagick,
// OpenSlide and JPEG XL may not be read here, and take longer to load than a small picture to filter.
void StartVips();

// Loads libvips' module for HEIF, where there is one and it is not loaded; whether HEIF can be read now. libvips must
// have started.
bool LoadHeif();

// What libvips last complained of, in one line, and clears it. libvips keeps one text for the whole process, so when
// two threads fail at the same moment one may report the other's cause.
std::string TakeVipsError();

}  // namespace convscope::internal

#endif  // CONVSCOPE_IMAGE_INTERNAL_VIPS_LIBRARY_H_
