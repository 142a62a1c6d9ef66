// What a Network knows that Keras' files have no word for, as JSON beside them: what is done to pictures before they
// are its input, and what its classes are called.
#ifndef CONVSCOPE_FORMATS_INTERNAL_NETWORK_NOTE_H_
#define CONVSCOPE_FORMATS_INTERNAL_NETWORK_NOTE_H_

#include <string>
#include <string_view>

#include "convscope/nn/network.h"

namespace convscope::internal {

inline constexpr char kNetworkNoteFile[] = "convscope.json";  // in a .keras archive; Keras reads past it

// {"preprocessing": {"divisor": 255, "mean": [...], "deviation": [...], "channels": "rgb", "fit": "cover", "crop": 1},
//  "class_names": [...]}, and where the weights are random numbers "untrained": true.
std::string FormatNetworkNote(const Network& network, bool untrained);

// Sets both; returns whether the weights are untrained. Throws Error naming `where` for anything else.
bool ApplyNetworkNote(std::string_view text, const std::string& where, Network& network);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_NETWORK_NOTE_H_
