// Bytes as text of 64 letters (RFC 4648, with padding), for places that hold text alone.
#ifndef CONVSCOPE_FORMATS_BASE64_H_
#define CONVSCOPE_FORMATS_BASE64_H_

#include <string>
#include <string_view>

namespace convscope {

std::string ToBase64(std::string_view bytes);

// Throws Error naming `where` for another letter, and for text that is cut off.
std::string FromBase64(std::string_view text, const std::string& where);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_BASE64_H_
