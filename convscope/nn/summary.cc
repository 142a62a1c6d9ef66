#include "convscope/nn/summary.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <locale>
#include <map>
#include <sstream>
#include <utility>

#include "convscope/base/share_text.h"
#include "convscope/base/text.h"
#include "convscope/nn/normalization_layers.h"

namespace convscope {
namespace {

constexpr int kGap = 2;  // blanks between columns

// 1024 bytes are a KB, two digits behind the point, as Keras counts.
std::string MemoryText(int64_t bytes) {
  static constexpr std::array kUnits = {"B", "KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const auto hundredths = static_cast<int64_t>(value * 100 + 0.5);
  const int64_t rest = hundredths % 100;
  return Concat(hundredths / 100, '.', rest < 10 ? "0" : "", rest, ' ', kUnits[unit]);
}

// With so many digits behind the point.
std::string FixedText(double value, int digits) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

std::string Join(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += (text.empty() ? "" : ", ") + piece;
  return text;
}

struct Column {
  std::string title;
  bool number = false;  // written to the right
  std::vector<std::string> cells = {};

  size_t Width() const {
    size_t width = title.size();
    for (const std::string& cell : cells) width = std::max(width, cell.size());
    return width;
  }
};

void AppendRow(std::string& text, const std::vector<Column>& columns, int row) {
  std::string line;
  for (const Column& column : columns) {
    const std::string& cell = row < 0 ? column.title : column.cells[static_cast<size_t>(row)];
    const std::string blanks(column.Width() - cell.size(), ' ');
    if (!line.empty()) line += std::string(kGap, ' ');
    line += column.number ? blanks + cell : cell + blanks;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + '\n';
}

}  // namespace

std::string BatchShapeText(const Shape& shape) {
  std::string text = "(None";
  for (int axis = 1; axis < shape.rank(); ++axis) text += ", " + std::to_string(shape[axis]);
  return text + (shape.rank() == 1 ? ",)" : ")");
}

std::string WithThousands(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

double MeasuredCost::ShareOfPeak(const LayerSummary& layer, size_t row) const {
  const double seconds = 1e-3 * milliseconds.at(row);
  if (layer.multiply_adds == 0 || seconds <= 0 || peak_gflops <= 0) return 0;
  return 2 * static_cast<double>(layer.multiply_adds) / seconds / (1e9 * peak_gflops);
}

NetworkSummary Summarize(const Network& network) {
  const Graph& graph = network.graph();
  std::map<std::string_view, const GraphNode*> nodes;
  for (const GraphNode& node : graph.nodes()) nodes[node.name] = &node;
  std::map<std::string, ReceptiveField> fields = ReceptiveFields(graph);
  std::map<std::string, std::string> layer_of;  // by output tensor

  NetworkSummary summary{.name = network.name(), .sequential = network.sequential()};
  for (const std::string& input : network.inputs()) {
    layer_of[input] = input;
    if (network.sequential()) continue;
    const Shape& shape = graph[input].type.shape;
    ReceptiveField one;
    for (int axis = 1; axis + 1 < std::max(shape.rank(), 3); ++axis) {
      one.size.push_back(1);
      one.stride.push_back(1);
      one.offset.push_back(0);
    }
    summary.layers.push_back({.name = input, .class_name = "InputLayer", .output = shape, .receptive_field = one});
  }
  for (const NetworkLayer& layer : network.layers()) {
    LayerSummary row{.name = layer.name,
                     .class_name = std::string(layer.layer->class_name()),
                     .output = graph[layer.calls[0].output].type.shape,
                     .receptive_field = fields[layer.calls[0].output]};
    for (const std::string& parameter : layer.parameters) {
      if (IsToldNormalization(*layer.layer)) break;  // arguments, which Keras does not count
      const int64_t count = graph[parameter].type.shape.NumElements();
      row.parameters += count;
      if (network.parameters().find(parameter)->second.trainable) row.trainable += count;
    }
    for (const NetworkLayer::Call& call : layer.calls) {
      layer_of[call.output] = layer.name;
      for (const std::string& name : call.nodes) {
        const GraphNode& node = *nodes.at(name);
        row.multiply_adds += node.operation->MultiplyAdds(graph.InputTypes(node));
        if (node.operation->IsView()) continue;  // takes no memory
        for (const int output : node.outputs) row.activation_bytes += graph.tensors()[output].type.SizeInBytes();
      }
    }
    summary.parameters += row.parameters;
    summary.trainable += row.trainable;
    summary.multiply_adds += row.multiply_adds;
    summary.activation_bytes += row.activation_bytes;
    summary.layers.push_back(std::move(row));
  }
  // A shared layer may read what a later one computes.
  for (size_t i = 0; i < network.layers().size(); ++i) {
    LayerSummary& row = summary.layers[summary.layers.size() - network.layers().size() + i];
    for (const NetworkLayer::Call& call : network.layers()[i].calls) {
      for (const std::string& input : call.inputs) row.sources.push_back(layer_of.at(input));
    }
  }
  return summary;
}

namespace {

std::string PeakShareText(double share) {
  return ShareText(share) + (share > 1 ? " *" : "");
}

}  // namespace

std::string SummaryText(const NetworkSummary& summary, const SummaryTextOptions& options) {
  std::vector<Column> columns = {{"Layer (type)"}, {"Output Shape"}, {"Param #", true}};
  if (options.cost) {
    columns.push_back({"Multiply-adds", true});
    columns.push_back({"Receptive field", true});
    columns.push_back({"Stride", true});
    columns.push_back({"Offset", true});
    columns.push_back({"Activations", true});
  }
  if (options.measured != nullptr) {
    columns.push_back({"ms", true});
    columns.push_back({"Of peak", true});
  }
  if (!summary.sequential) columns.push_back({"Connected to"});
  size_t row_number = 0;
  bool above_peak = false, larger = false;
  for (const LayerSummary& layer : summary.layers) {
    std::vector<std::string> cells = {Concat(layer.name, " (", layer.class_name, ')'), BatchShapeText(layer.output),
                                      WithThousands(layer.parameters)};
    if (options.cost) {
      cells.push_back(WithThousands(layer.multiply_adds));
      cells.push_back(layer.receptive_field.ToString());
      larger = larger || !layer.receptive_field.unbounded.empty();
      cells.push_back(layer.receptive_field.StrideText());
      cells.push_back(layer.receptive_field.OffsetText());
      cells.push_back(MemoryText(layer.activation_bytes));
    }
    if (options.measured != nullptr) {
      cells.push_back(FixedText(options.measured->milliseconds.at(row_number), 3));
      cells.push_back(layer.multiply_adds == 0 ? "-" : PeakShareText(options.measured->ShareOfPeak(layer, row_number)));
      above_peak = above_peak || options.measured->ShareOfPeak(layer, row_number) > 1;
    }
    ++row_number;
    if (!summary.sequential) cells.push_back(layer.sources.empty() ? "-" : Join(layer.sources));
    for (size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(std::move(cells[i]));
  }

  size_t width = 0;
  for (const Column& column : columns) width += column.Width() + kGap;
  width -= kGap;
  std::string text = Concat("Model: \"", summary.name, "\"\n", std::string(width, '_'), '\n');
  AppendRow(text, columns, -1);
  text += std::string(width, '=') + '\n';
  for (size_t row = 0; row < summary.layers.size(); ++row) AppendRow(text, columns, static_cast<int>(row));
  text += std::string(width, '=') + '\n';

  const auto total = [&](const char* what, int64_t count) {
    text += Concat(what, ": ", WithThousands(count), " (", MemoryText(4 * count), ")\n");
  };
  total("Total params", summary.parameters);
  total("Trainable params", summary.trainable);
  total("Non-trainable params", summary.parameters - summary.trainable);
  if (options.cost) {
    text += Concat("Multiply-adds: ", WithThousands(summary.multiply_adds), " a sample\n");
    text += Concat("Activations: ", MemoryText(summary.activation_bytes), " a sample\n");
    if (larger) text += "Receptive fields of more pixels than the picture has cover it and reach over its borders\n";
  }
  if (options.measured != nullptr) {
    double sum = 0;
    for (const double time : options.measured->milliseconds) sum += time;
    text += Concat("Time: ", FixedText(sum, 3), " ms a sample, layer by layer on ", options.measured->threads,
                   " threads; peak: ", FixedText(options.measured->peak_gflops, 0), " GFLOP/s\n");
    if (above_peak) {
      text +=
          "* more than the peak: the algorithm needs fewer multiply-adds than are counted (Winograd), or the machine "
          "was busy while its peak was measured\n";
    }
  }
  return text;
}

}  // namespace convscope
