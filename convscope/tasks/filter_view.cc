#include "convscope/tasks/filter_view.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/figures/scale.h"
#include "convscope/formats/safetensors.h"
#include "convscope/inspect/explanation.h"
#include "convscope/tasks/filter_formula.h"
#include "convscope/tasks/internal/explanation_json.h"
#include "convscope/tasks/internal/stage_signs.h"

namespace convscope {
namespace {

using internal::Json;

struct Piece {
  Tensor values;  // (rows, columns, channels)
  int64_t step = 1;
  CropArea area;
};

[[noreturn]] void Refuse(const StageView& view, const std::string& rule, const std::string& received) {
  throw Error({.where = "view of " + view.tensor, .rule = rule, .received = received});
}

// Of `tensor` (1, H, W, C).
Piece Cut(const Tensor& tensor, const StageView& view) {
  const Shape& shape = tensor.shape();
  const int64_t h = shape[1], w = shape[2], all = shape[3];
  const CropArea area = view.area.value_or(CropArea{0, 0, h, w});
  if (area.y < 0 || area.x < 0 || area.height < 1 || area.width < 1 || area.height > h || area.width > w ||
      area.y > h - area.height || area.x > w - area.width) {
    Refuse(view, Concat("an area lies within its ", h, " rows and ", w, " columns"),
           Concat("row ", area.y, ", column ", area.x, ", ", area.height, " x ", area.width));
  }
  const int64_t first = view.channel.value_or(0), channels = view.channel ? 1 : all;
  if (first < 0 || first >= all) Refuse(view, Concat("its channels are 0 to ", all - 1), std::to_string(first));
  if (view.side < 1) Refuse(view, "at least one row is shown", std::to_string(view.side));

  const int64_t step = (std::max(area.height, area.width) + view.side - 1) / view.side;
  const int64_t rows = (area.height + step - 1) / step, columns = (area.width + step - 1) / step;
  Piece piece{.values = Tensor(Shape{rows, columns, channels}), .step = step, .area = area};
  float* to = piece.values.data();
  for (int64_t row = 0; row < rows; ++row) {
    const float* from = tensor.data() + ((area.y + row * step) * w + area.x) * all + first;
    if (step == 1 && channels == all) {
      to = std::copy_n(from, columns * channels, to);
      continue;
    }
    for (int64_t column = 0; column < columns; ++column) to = std::copy_n(from + column * step * all, channels, to);
  }
  return piece;
}

Json PlainStageJson(const FilteredPicture& picture, const std::string& name) {
  const std::span<const int64_t> lengths = picture.trace[name].shape().lengths();
  return {{"name", name}, {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())}};
}

Json StageJson(const FilteredPicture& picture, const std::string& name) {
  const ValueRange range = RangeOf(picture.trace[name].view());
  const bool computed = picture.trace.graph()[name].role == TensorRole::kComputed;
  const Signs signs = computed ? internal::StageSigns(picture.trace, name) : Signs::kNonNegative;
  Json json = PlainStageJson(picture, name);
  json.update({{"low", range.low},
               {"high", range.high},
               {"count", range.count},
               {"not_finite", range.not_finite},
               {"usual", range.usual},
               {"signs", signs == Signs::kBoth ? "both" : "non_negative"}});
  for (const NodeReport& report : picture.trace.reports()) {
    if (report.node != name) continue;
    if (!report.path.empty()) json["path"] = report.path;
    json["milliseconds"] = report.milliseconds;
    json["multiply_adds"] = report.multiply_adds;
  }
  return json;
}

}  // namespace

std::string FilterViewBytes(const FilterResult& result, std::span<const StageView> views) {
  const FilteredPicture& picture = result.pictures.front();
  Json report = {{"white", picture.white}, {"formula", FilterFormula(result, picture)}};
  // The input is the same for every kernel: its values are scanned for whoever looks at it alone.
  const bool input = std::ranges::any_of(views, [](const StageView& view) { return view.tensor == "input"; });
  report["stages"] = Json::array({input ? StageJson(picture, "input") : PlainStageJson(picture, "input")});
  for (const std::string& name : StageNames(picture.trace.graph())) {
    report["stages"].push_back(StageJson(picture, name));
  }

  std::vector<StoredTensor> tensors = {{"kernel", picture.trace.Get("kernel")}};
  if (picture.trace.graph().Has("bias")) tensors.push_back({"bias", picture.trace.Get("bias")});
  report["views"] = Json::array();
  for (const StageView& view : views) {
    const Tensor& tensor = picture.trace[view.tensor];
    if (tensor.shape().rank() != 4 || view.tensor == "kernel")
      Refuse(view, "a stage or the input is shown", "another tensor");
    Piece piece = Cut(tensor, view);
    report["views"].push_back(
        {{"tensor", view.tensor}, {"step", piece.step}, {"top", piece.area.y}, {"left", piece.area.x}});
    tensors.push_back({view.tensor, Share(std::move(piece.values))});
  }
  return SafetensorsBytes(tensors, {{"report", report.dump()}});
}

std::string ExplainFilterJson(const FilterResult& result, const std::string& at) {
  const Trace& trace = result.pictures.front().trace;
  Json chain = Json::array();
  for (const Explanation& explanation : ExplainChain(trace, ParseValuePlace(trace.graph(), at))) {
    chain.push_back(internal::ExplanationJson(explanation));
  }
  return chain.dump();
}

}  // namespace convscope
