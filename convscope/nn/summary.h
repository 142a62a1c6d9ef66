// What a network is made of, as a table: layers, shapes, parameters; and what it costs.
#ifndef CONVSCOPE_NN_SUMMARY_H_
#define CONVSCOPE_NN_SUMMARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/nn/network.h"
#include "convscope/nn/receptive_field.h"

namespace convscope {

struct LayerSummary {
  std::string name;
  std::string class_name;            // "InputLayer" for an input
  Shape output;                      // of its first call, with a batch of 1
  int64_t parameters = 0;            // numbers
  int64_t trainable = 0;             // of those
  int64_t multiply_adds = 0;         // of a sample, all calls
  ReceptiveField receptive_field;    // of one value of the output
  int64_t activation_bytes = 0;      // of all tensors that its calls compute of a sample
  std::vector<std::string> sources;  // layers that its calls read
};

struct NetworkSummary {
  std::string name;
  bool sequential = false;
  std::vector<LayerSummary> layers;  // an input first, where the network is no chain
  int64_t parameters = 0;
  int64_t trainable = 0;
  int64_t multiply_adds = 0;
  int64_t activation_bytes = 0;
};

NetworkSummary Summarize(const Network& network);

// What was measured on a machine; who measures it is another's business.
struct MeasuredCost {
  std::vector<double> milliseconds;  // of each of NetworkSummary::layers, for one sample
  double peak_gflops = 0;            // of the machine's multiply-adds, two operations each
  int threads = 1;

  // Of the peak, 0 to 1, that a layer reaches; 0 for one without multiply-adds.
  double ShareOfPeak(const LayerSummary& layer, size_t row) const;
};

struct SummaryTextOptions {
  bool cost = false;  // columns for multiply-adds, receptive field, its stride and offset, and activation memory
  const MeasuredCost* measured = nullptr;  // columns for milliseconds and share of the peak
};

// Keras' table: layer (type), output shape, parameters; for what is no chain also the layers that each is connected to;
// then the totals.
std::string SummaryText(const NetworkSummary& summary, const SummaryTextOptions& options = {});

// What PyTorch prints of a module with the same layers:
//   Net(
//     (conv): Conv2d(1, 4, kernel_size=(4, 4), stride=(1, 1), bias=False)
//   )
// An activation that is an argument of a layer is a function there, and not printed; a layer that PyTorch does not have
// is printed with Keras' class and arguments.
std::string TorchSummaryText(const Network& network);

// (None, 26, 26, 64): as Keras writes the batch that is not known yet.
std::string BatchShapeText(const Shape& shape);

// 1234567 as "1,234,567".
std::string WithThousands(int64_t number);

}  // namespace convscope

#endif  // CONVSCOPE_NN_SUMMARY_H_
