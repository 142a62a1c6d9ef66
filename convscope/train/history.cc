#include "convscope/train/history.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

struct Column {
  const char* name;
  double EpochRecord::*value;
  bool of_validation;
};

constexpr Column kColumns[] = {
    {"loss", &EpochRecord::loss, false},
    {"accuracy", &EpochRecord::accuracy, false},
    {"top_accuracy", &EpochRecord::top_accuracy, false},
    {"val_loss", &EpochRecord::val_loss, true},
    {"val_accuracy", &EpochRecord::val_accuracy, true},
    {"val_top_accuracy", &EpochRecord::val_top_accuracy, true},
    {"learning_rate", &EpochRecord::learning_rate, false},
    {"seconds", &EpochRecord::seconds, false},
};
constexpr int64_t kStoredColumns =
    2 + static_cast<int64_t>(std::size(kColumns));  // epoch and has_validation before them

const Tensor& Need(const NamedTensors& tensors, const std::string& name, int rank, DType dtype) {
  const auto found = tensors.find(name);
  if (found != tensors.end() && found->second->shape().rank() == rank && found->second->dtype() == dtype) {
    return *found->second;
  }
  throw Error({.where = "history",
               .rule = Concat("it has ", name, ", ", Name(dtype), " of rank ", rank),
               .received = found == tensors.end() ? "none of this name" : found->second->shape().ToString()});
}

SharedTensor Floats(const std::vector<float>& values) {
  return Share(Tensor::Of(Shape{static_cast<int64_t>(values.size())}, std::span<const float>(values)));
}

std::vector<float> Values(const Tensor& tensor) {
  const std::span<const float> span = tensor.view().span();
  return {span.begin(), span.end()};
}

}  // namespace

const std::vector<std::string>& History::ValueNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Column& column : kColumns) list.emplace_back(column.name);
    return list;
  }();
  return names;
}

double History::Value(const EpochRecord& record, std::string_view name) {
  for (const Column& column : kColumns) {
    if (column.name != name) continue;
    if (!column.of_validation || record.has_validation) return record.*column.value;
    throw Error({.where = "history",
                 .rule = "values that begin with val_ need data to validate with",
                 .received = Concat('"', name, '"'),
                 .fix = Concat("give validation data, or take \"", name.substr(4), '"')});
  }
  throw Error({.where = "history",
               .rule = "a value is called by its name",
               .received = Concat('"', name, '"'),
               .fix = DidYouMean(name, ValueNames())});
}

std::string History::CsvHeader(bool has_validation) {
  std::string line = "epoch";
  for (const Column& column : kColumns) {
    if (has_validation || !column.of_validation) line += Concat(',', column.name);
  }
  return line + "\n";
}

std::string History::CsvLine(const EpochRecord& record) {
  std::string line = std::to_string(record.epoch);
  for (const Column& column : kColumns) {
    if (record.has_validation || !column.of_validation) line += "," + ShortestText(record.*column.value);
  }
  return line + "\n";
}

std::string History::Csv() const {
  std::string text = CsvHeader(!epochs.empty() && epochs[0].has_validation);
  for (const EpochRecord& record : epochs) text += CsvLine(record);
  return text;
}

NamedTensors History::ToTensors() const {
  Tensor table(Shape{static_cast<int64_t>(epochs.size()), kStoredColumns}, DType::kFloat64);
  double* to = table.data<double>();
  for (const EpochRecord& record : epochs) {
    *to++ = static_cast<double>(record.epoch);
    *to++ = record.has_validation ? 1 : 0;
    for (const Column& column : kColumns) *to++ = record.*column.value;
  }
  return {{"epochs", Share(std::move(table))},
          {"step_losses", Floats(step_losses)},
          {"step_accuracies", Floats(step_accuracies)}};
}

History History::FromTensors(const NamedTensors& tensors) {
  const Tensor& table = Need(tensors, "epochs", 2, DType::kFloat64);
  if (table.shape()[1] != kStoredColumns) {
    throw Error({.where = "history",
                 .rule = Concat("an epoch has ", kStoredColumns, " numbers"),
                 .received = table.shape().ToString()});
  }
  History history;
  const double* from = table.data<double>();
  for (int64_t i = 0; i < table.shape()[0]; ++i) {
    EpochRecord& record = history.epochs.emplace_back();
    record.epoch = static_cast<int64_t>(*from++);
    record.has_validation = *from++ != 0;
    for (const Column& column : kColumns) record.*column.value = *from++;
  }
  history.step_losses = Values(Need(tensors, "step_losses", 1, DType::kFloat32));
  history.step_accuracies = Values(Need(tensors, "step_accuracies", 1, DType::kFloat32));
  return history;
}

bool IsMoreBetter(std::string_view name) {
  return name.find("accuracy") != std::string_view::npos;
}

}  // namespace convscope
