// Everything that a model computes of a picture as a folder: one figure a layer, and a page that shows them all.
#ifndef CONVSCOPE_TASKS_FEATURE_PAGES_H_
#define CONVSCOPE_TASKS_FEATURE_PAGES_H_

#include <filesystem>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/tasks/feature_figure.h"

namespace convscope {

// Writes index.html (the contents: the overview, then a line for each layer with its figure), overview.png and one .png
// for each layer of `features` into `folder`, which is made when there is none. Returns the files, index.html first.
// Channels are chosen of layers with rows and columns; of the others too where the request named its layers, else all
// their units are drawn. Throws Error when a file cannot be written, and for a channel that a layer does not have.
std::vector<std::filesystem::path> SaveFeaturePages(const Features& features, const FeatureFigureOptions& options,
                                                    const std::filesystem::path& folder, const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FEATURE_PAGES_H_
