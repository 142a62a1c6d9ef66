// The summary of a model whose layers are not known any more: of an .onnx file, which holds a graph alone.
#ifndef CONVSCOPE_TASKS_GRAPH_SUMMARY_H_
#define CONVSCOPE_TASKS_GRAPH_SUMMARY_H_

#include "convscope/formats/model_file.h"
#include "convscope/nn/summary.h"

namespace convscope {

// A row a node, which is called as its operation is; so a layer with an activation has two (conv/pre_activation and
// conv). What follows batches by itself (batch normalization's moving statistics) is not trainable; what was frozen
// while the model learned is not told by the file and counts as trainable. A parameter that several nodes read counts
// once, for the first.
NetworkSummary SummarizeGraph(const ModelFile& file);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_GRAPH_SUMMARY_H_
