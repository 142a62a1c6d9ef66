// The summary of a network, for people and for machines.
#ifndef CONVSCOPE_TASKS_SUMMARY_REPORT_H_
#define CONVSCOPE_TASKS_SUMMARY_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "convscope/nn/summary.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

// What travels with a model besides its graph.
struct ModelFacts {
  bool layers_alone = false;  // no more than what its layers are travels with it
  std::string source = {};
  bool trained = true;
  std::optional<Preprocessing> preprocessing = {};  // none: it takes no pictures
  bool scaling_assumed = false;                     // as in ModelFile
  std::string preprocessing_source = {};            // as in ModelFile
  std::vector<std::string> class_names = {};
};

struct OpenedSummary {
  NetworkSummary summary;
  std::optional<Network> network;  // where layers are known: not of .onnx files
  ModelFacts facts;
};

// Of what OpenModel takes, without making weights where none are named. Throws what OpenModel does.
OpenedSummary OpenSummary(const ModelChoice& model);

// Of a model in hand; counted is one sample of it.
OpenedSummary SummarizeOpened(OpenedModel opened);

// What travels with a model that is in a file, a line each, for below the table: where it came from, how its pictures
// are prepared, its classes. Empty for layers alone.
std::string ModelFactsText(const OpenedSummary& opened);

// As PyTorch prints a module; throws Error where no layers are known.
std::string TorchStyleText(const OpenedSummary& opened);

// One object: "name"; "layers", each with name, class, output_shape (null for the batch), parameters, trainable,
// multiply_adds, receptive_field (null: the whole input) with receptive_unbounded (as if the picture had no borders),
// receptive_stride and receptive_offset, activation_bytes
// and connected_to; the totals; and what travels with the model: "trained", "source", "pictures" (divisor, mean,
// deviation, channels, fit, crop, who tells it, and "assumed": whether nobody tells the numbers; null where the model
// takes none), "class_names".
// With `measured`, milliseconds and share_of_peak (0 to 1) of each layer too, and peak_gflops and threads.
std::string SummaryJson(const OpenedSummary& opened, const MeasuredCost* measured = nullptr);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SUMMARY_REPORT_H_
