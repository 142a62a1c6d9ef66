// What a Network knows that Keras' files have no word for, as JSON beside them: what is done to pictures before they
// are its input, and what its classes are called.
#ifndef CONVSCOPE_FORMATS_INTERNAL_NETWORK_NOTE_H_
#define CONVSCOPE_FORMATS_INTERNAL_NETWORK_NOTE_H_

#include <string>
#include <string_view>

#include "convscope/formats/keras_file.h"
#include "convscope/nn/network.h"

namespace convscope::internal {

inline constexpr char kNetworkNoteFile[] = "convscope.json";  // in a .keras archive; Keras reads past it

// {"preprocessing": {"divisor": 255, "mean": [...], "deviation": [...], "channels": "rgb", "fit": "cover", "crop": 1},
//  "class_names": [...]}, where divisor, mean and deviation are assumed "scaling": "assumed" beside them, and where the
// weights are random numbers "untrained": true.
std::string FormatNetworkNote(const Network& network, const KerasFileNote& note);

// Sets both; returns what else it tells. Throws Error naming `where` for anything else.
KerasFileNote ApplyNetworkNote(std::string_view text, const std::string& where, Network& network);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_NETWORK_NOTE_H_
