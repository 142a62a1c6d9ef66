#include "convscope/tasks/curves_view.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "convscope/base/text.h"
#include "convscope/formats/safetensors.h"
#include "convscope/tasks/internal/history_json.h"

namespace convscope {
namespace {

SharedTensor AsTensor(const std::vector<float>& values) {
  Tensor tensor(Shape{static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), tensor.data());
  return Share(std::move(tensor));
}

}  // namespace

std::string CurvesViewBytes(std::span<const NamedHistory> histories, const std::string& report) {
  std::vector<StoredTensor> tensors;
  internal::Json epochs = internal::Json::array();
  for (size_t i = 0; i < histories.size(); ++i) {
    const History& history = histories[i].history;
    tensors.push_back({Concat(i, "/loss"), AsTensor(history.step_losses)});
    tensors.push_back({Concat(i, "/accuracy"), AsTensor(history.step_accuracies)});
    epochs.push_back(internal::HistoryJson(history));
  }
  std::map<std::string, std::string> metadata = {{"epochs", epochs.dump()}};
  if (!report.empty()) metadata["report"] = report;
  return SafetensorsBytes(tensors, metadata);
}

std::string EpochsJson(const History& history) {
  return internal::HistoryJson(history).dump();
}

}  // namespace convscope
