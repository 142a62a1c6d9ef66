// Panels of kernels, and how the maps that they make are named. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_KERNEL_PANELS_H_
#define CONVSCOPE_TASKS_INTERNAL_KERNEL_PANELS_H_

#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/tasks/internal/kernel_names.h"

namespace convscope::internal {

// Panels for kernels (R, S, C, F), one a plane while they are few, with each value written in its cell, and one scale
// for the planes of a kernel; else a grid, with one scale for all unless that hides some. `names` are of F kernels,
// `channel_names` C, or none where they are called by their numbers. What the panels show is added to `arrays`.
std::vector<Panel> KernelPanels(const Tensor& kernels, const KernelNames& names, std::vector<std::string> channel_names,
                                std::vector<Tensor>& arrays);

// These panels, of kernels of `shape`, in rows: one for all, or one a kernel where each has several.
std::vector<std::vector<Panel>> RowsOfKernels(std::vector<Panel> panels, const Shape& shape);

// Names the maps c F + k of a grid, kernel k of F on channel c: a table where there are several of both.
void NameMaps(const std::vector<std::string>& channels, const std::vector<std::string>& kernels, GridPlot& grid);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_KERNEL_PANELS_H_
