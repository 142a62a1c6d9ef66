// The summary of a network, for people and for machines.
#ifndef CONVSCOPE_TASKS_SUMMARY_REPORT_H_
#define CONVSCOPE_TASKS_SUMMARY_REPORT_H_

#include <optional>
#include <string>

#include "convscope/nn/summary.h"

namespace convscope {

struct OpenedSummary {
  NetworkSummary summary;
  std::optional<Network> network;  // where layers are known: not of .onnx files
};

// Of what OpenModel takes, without making weights. Throws what OpenModel does.
OpenedSummary OpenSummary(const std::string& model);

// As PyTorch prints a module; throws Error where no layers are known.
std::string TorchStyleText(const OpenedSummary& opened);

// One object: "name"; "layers", each with name, class, output_shape (null for the batch), parameters, trainable,
// multiply_adds, receptive_field (null: the whole input) with receptive_stride and receptive_offset, activation_bytes
// and connected_to; and the totals.
// With `measured`, milliseconds and share_of_peak (0 to 1) of each layer too, and peak_gflops and threads.
std::string SummaryJson(const NetworkSummary& summary, const MeasuredCost* measured = nullptr);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SUMMARY_REPORT_H_
