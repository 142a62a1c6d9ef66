// The kernels of a filter where their texts, or the picture, come from elsewhere than a command line. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_KERNEL_TEXTS_H_
#define CONVSCOPE_TASKS_INTERNAL_KERNEL_TEXTS_H_

#include <string>
#include <vector>

#include "convscope/tasks/filter_kernels.h"

namespace convscope::internal {

// As ResolveKernels of filter_kernels.h; without `files` no text is taken for the name of a file.
KernelBank ResolveKernels(const std::vector<std::string>& texts, TensorView<const float> picture, bool files);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_KERNEL_TEXTS_H_
