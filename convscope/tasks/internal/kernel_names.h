// What the kernels of a bank are called where there is little room: over maps and panels. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_KERNEL_NAMES_H_
#define CONVSCOPE_TASKS_INTERNAL_KERNEL_NAMES_H_

#include <string>
#include <vector>

namespace convscope::internal {

struct KernelNames {
  std::vector<std::string> titles;  // one a kernel, of the panel that shows it alone
  std::vector<std::string> labels;  // one a kernel, short and all different, of its maps
  std::string legend;               // what these leave out, to be said once; may be empty
};

// Names that are short and different stay as they are. Of others only the parameters that differ are kept, and the
// legend tells what is common: "theta=0" and "theta=45" of "gabor:…,size=11". Where that does not help, kernels are
// called by their numbers, and the legend says which is which.
KernelNames NamesOf(const std::vector<std::string>& names);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_KERNEL_NAMES_H_
