// A picture file that is in memory: what arrived over a connection, say.
#ifndef CONVSCOPE_IMAGE_DECODE_PICTURE_H_
#define CONVSCOPE_IMAGE_DECODE_PICTURE_H_

#include <string>
#include <string_view>

#include "convscope/image/picture.h"

namespace convscope {

// As ReadPicture for the bytes of a file; `source` names them in errors and becomes Picture::source.
Picture DecodePicture(std::string_view bytes, const std::string& source, const ReadOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_IMAGE_DECODE_PICTURE_H_
