// The summary of a network, for people and for machines.
#ifndef CONVSCOPE_TASKS_SUMMARY_REPORT_H_
#define CONVSCOPE_TASKS_SUMMARY_REPORT_H_

#include <string>

#include "convscope/nn/network.h"

namespace convscope {

// One object: "name"; "layers", each with name, class, output_shape (null for the batch), parameters, trainable,
// multiply_adds, receptive_field (null: the whole input), activation_bytes and connected_to; and the totals.
std::string SummaryJson(const Network& network);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SUMMARY_REPORT_H_
