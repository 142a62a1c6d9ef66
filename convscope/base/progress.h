// How long work tells how far it is. The library only reports; what is shown, and when, is the caller's choice.
#ifndef CONVSCOPE_BASE_PROGRESS_H_
#define CONVSCOPE_BASE_PROGRESS_H_

#include <functional>
#include <string_view>

namespace convscope {

// Called with what is being done ("reading photo.jpg") and how much of it is done, 0 to 1. May be empty; may be called
// often, and from any thread, but from one at a time.
using Progress = std::function<void(std::string_view what, double done)>;

inline void Report(const Progress& progress, std::string_view what, double done) {
  if (progress) progress(what, done);
}

}  // namespace convscope

#endif  // CONVSCOPE_BASE_PROGRESS_H_
