// What a training has been through: the loss of every step, and what was measured after every epoch.
#ifndef CONVSCOPE_TRAIN_HISTORY_H_
#define CONVSCOPE_TRAIN_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/named_tensors.h"

namespace convscope {

// One pass over the training data. Losses include what regularizers add; those of the training data are means over the
// epoch's steps, each as it was before its update.
struct EpochRecord {
  int64_t epoch = 0;  // from 1
  double loss = 0;
  double accuracy = 0;
  double top_accuracy = 0;      // among the first FitOptions::top classes
  bool has_validation = false;  // else the next three mean nothing
  double val_loss = 0;
  double val_accuracy = 0;
  double val_top_accuracy = 0;
  double learning_rate = 0;  // of the last step
  double seconds = 0;        // of this epoch, validation included; after a resumption, of its last part
};

struct History {
  std::vector<EpochRecord> epochs;
  // One number a step, of all epochs.
  std::vector<float> step_losses;
  std::vector<float> step_accuracies;

  // By Keras' names: "loss", "accuracy", "val_loss", ... Throws Error for an unknown name, and for one that begins with
  // val_ where nothing was validated.
  static double Value(const EpochRecord& record, std::string_view name);
  static const std::vector<std::string>& ValueNames();

  // As a table: a line of names, then one an epoch. The columns of the validation only where there is one.
  std::string Csv() const;
  static std::string CsvHeader(bool has_validation);
  static std::string CsvLine(const EpochRecord& record);

  // As tensors, for a checkpoint.
  NamedTensors ToTensors() const;
  static History FromTensors(const NamedTensors& tensors);  // throws Error where one is missing or of another type
};

// Whether more is better: of accuracies; of losses less is.
bool IsMoreBetter(std::string_view name);

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_HISTORY_H_
