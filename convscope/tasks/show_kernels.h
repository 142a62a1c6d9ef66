// The kernel presets, listed; and kernels of any expression, told and drawn with their numbers.
#ifndef CONVSCOPE_TASKS_SHOW_KERNELS_H_
#define CONVSCOPE_TASKS_SHOW_KERNELS_H_

#include <string>
#include <vector>

#include "convscope/filters/kernel.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

// One line a preset, by families: its name with its parameters, and what it is.
std::string PresetListText();

// One object: "presets", each with name, family, description, source, parameters, and the shape, values and bias of
// its standard kernel.
std::string PresetListJson();

// Kernels from the expressions that ParseKernel reads.
std::vector<Kernel> ParseKernels(const std::vector<std::string>& expressions);

// For each kernel its size, sum, bias and numbers; and where an expression is a preset, what that is, its parameters
// and its source.
std::string KernelsText(const std::vector<Kernel>& kernels);

// One object: "kernels", each with name, shape, values (nested as the shape is) and bias.
std::string KernelsJson(const std::vector<Kernel>& kernels);

// A sheet of the kernels in their order, or of every preset when there are none, those that need room last; each has a
// scale of its own.
OwningFigure MakeKernelSheet(const std::vector<Kernel>& kernels);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SHOW_KERNELS_H_
