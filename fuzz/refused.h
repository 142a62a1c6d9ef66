// What a reader may do with any bytes: read them, or refuse them with an Error. All else is a finding.
#ifndef CONVSCOPE_FUZZ_REFUSED_H_
#define CONVSCOPE_FUZZ_REFUSED_H_

#include "convscope/base/error.h"

namespace convscope::fuzz {

// Other exceptions, those of memory and of libraries among them, are not caught: they end the fuzzer.
template <typename Read>
void ReadOrRefuse(const Read& read) {
  try {
    read();
  } catch (const Error&) {
  }
}

}  // namespace convscope::fuzz

#endif  // CONVSCOPE_FUZZ_REFUSED_H_
