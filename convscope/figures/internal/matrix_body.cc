// Matrices: a heat map with its value written in each cell.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/figures/internal/panel_body.h"
#include "convscope/figures/internal/raster.h"

namespace convscope::internal {
namespace {

constexpr int kDigits = 4;
constexpr double kMostSize = 11, kLeastSize = 7;  // of the numbers' font, in points
constexpr double kAir = 4;                        // between a number and its cell's sides, both together
// More cells than this are a map: nobody reads so many numbers.
constexpr int64_t kMostNumbers = 1024;

// How numbers are written, from the form that says most to the shortest.
struct Form {
  int digits;
  bool leading_zero = true;  // "0.25", else ".25"
  int power = 0;             // of ten: numbers are written over it, to one place behind the point
  std::string Of(float value) const {
    if (power != 0 && std::isfinite(value)) {
      char text[32];
      const double scaled = static_cast<double>(value) / std::pow(10, power);
      const auto end = std::to_chars(std::begin(text), std::end(text), scaled, std::chars_format::fixed, 1);
      return std::string_view(text, end.ptr) == "-0.0" ? "0.0" : std::string(text, end.ptr);
    }
    std::string text = NumberText(value, digits);
    const size_t zero = text.starts_with('-') ? 1 : 0;
    if (!leading_zero && text.compare(zero, 2, "0.") == 0) text.erase(zero, 1);
    return text;
  }
};
constexpr Form kForms[] = {{kDigits}, {3}, {2}, {2, false}};

class MatrixBody : public PanelBody {
 public:
  MatrixBody(const MatrixPlot& plot, const std::string& where, Sheet* sheet)
      : facts_(FactsOf(plot, where)), marked_(plot.marked), padding_(plot.padding), padding_text_(plot.padding_text) {
    if (!padding_.empty() && static_cast<int64_t>(padding_.size()) != facts_.values.size()) {
      throw Error(
          {.where = where,
           .rule = Concat("a matrix says of each of its ", facts_.values.size(), " elements whether it is padding"),
           .received = Concat(padding_.size())});
    }
    if (marked_ && (*marked_ < 0 || *marked_ >= facts_.values.size())) {
      throw Error({.where = where,
                   .rule = Concat("the marked element is one of 0 to ", facts_.values.size() - 1),
                   .received = Concat(*marked_)});
    }
    if (facts_.values.size() <= kMostNumbers) readable_cell_ = LeastCell(kForms[0], kLeastSize, sheet);
    row_names_ = NamesOf(plot.row_names, facts_.rows(), "row", where, sheet);
    column_names_ = NamesOf(plot.column_names, facts_.columns(), "column", where, sheet);
    for (const std::string& name : row_names_) left_ = std::max(left_, sheet->text.Width(name, kNameStyle) + kNameGap);
    for (const std::string& name : column_names_)
      widest_column_ = std::max(widest_column_, sheet->text.Width(name, kNameStyle));
    // Of a matrix that is read as a map, names are left out where there is no room.
    if (facts_.values.size() <= kMostNumbers) readable_cell_ = std::max(readable_cell_, widest_column_ + kAir);
    top_ = column_names_.empty() ? 0 : LineHeight(kNameStyle) + 2;
  }

  double WidthAt(double height) const override {
    return left_ + DrawnAspect(facts_.rows(), facts_.columns()) * std::max(1.0, height - top_);
  }
  // Its longer side is not made smaller than this to begin with, and not more than a photograph beside it can bear.
  double LeastHeight() const override {
    const double small = 72 * std::min(1.0, rows() / static_cast<double>(facts_.columns()));
    return top_ + std::clamp(rows() * readable_cell_, small, 200.0);
  }
  double MostHeight() const override {
    return std::max(LeastHeight(), top_ + std::min(640.0, rows() * std::max(44.0, readable_cell_)));
  }

  double MostHeightInLine() const override {
    const bool wide = facts_.columns() > 2 * facts_.rows();
    return wide ? LeastHeight() : PanelBody::MostHeightInLine();
  }

  std::optional<ColorBar> Bar() const override { return facts_.color_bar; }

  void Draw(const Box& whole, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const override {
    const double left = sheet->Snap(left_), top = sheet->Snap(top_);
    const Box box{whole.x + left, whole.y + top, whole.width - left, whole.height - top};
    WriteNames(box, sheet, scene);
    const int64_t pixel_rows = sheet->PixelsFor(box.height, facts_.rows());
    const int64_t pixel_columns = sheet->PixelsFor(box.width, facts_.columns());
    scene->images.push_back({.role = SceneImage::Role::kMatrix,
                             .box = box,
                             .raster = ColorMapOf(AreaMean(facts_.values, pixel_rows, pixel_columns), pixel_rows,
                                                  pixel_columns, 1, 0, facts_.scales[0])});
    scene->rectangles.push_back({.box = box, .stroke = kBorderInk});
    remarks->insert(remarks->end(), facts_.remarks.begin(), facts_.remarks.end());
    if (std::string aspect = AspectRemark(facts_.rows(), facts_.columns()); !aspect.empty()) {
      remarks->push_back(std::move(aspect));
    }
    for (int64_t i = 0; i < facts_.values.size(); ++i) {
      if (IsPadding(i)) Hatch(CellOf(i, box), scene);
    }
    WriteNumbers(box, sheet, scene, remarks);
    if (marked_) Mark(box, scene);
  }

 private:
  static constexpr TextStyle kNameStyle{.size = 9};
  static constexpr double kNameGap = 5, kMostName = 130;  // points

  static std::vector<std::string> NamesOf(const std::vector<std::string>& names, int64_t count, const char* axis,
                                          const std::string& where, Sheet* sheet) {
    if (!names.empty() && static_cast<int64_t>(names.size()) != count) {
      throw Error({.where = where,
                   .rule = Concat("a matrix has a name for each of its ", count, " ", axis, "s, or none"),
                   .received = Concat(names.size(), " names")});
    }
    std::vector<std::string> lines;
    for (const std::string& name : names) {
      lines.push_back(sheet->text.Break(PrintableText(name), kNameStyle, kMostName, 1).front());
    }
    return lines;
  }

  void WriteNames(const Box& box, Sheet* sheet, Scene* scene) const {
    const auto write = [&](const std::string& text, double x, double y) {
      scene->texts.push_back({.role = SceneText::Role::kTick,
                              .box = {x, y, sheet->text.Width(text, kNameStyle), LineHeight(kNameStyle)},
                              .text = text,
                              .style = kNameStyle,
                              .color = kSoftInk});
    };
    const double width = box.width / static_cast<double>(facts_.columns()), height = box.height / rows();
    const size_t each_row = NameStep(LineHeight(kNameStyle), height), each_column = NameStep(widest_column_ + 2, width);
    for (size_t r = 0; r < row_names_.size(); r += each_row) {
      write(row_names_[r], box.x - kNameGap - sheet->text.Width(row_names_[r], kNameStyle),
            box.y + height * (static_cast<double>(r) + 0.5) - LineHeight(kNameStyle) / 2);
    }
    for (size_t s = 0; s < column_names_.size(); s += each_column) {
      write(column_names_[s],
            box.x + width * (static_cast<double>(s) + 0.5) - sheet->text.Width(column_names_[s], kNameStyle) / 2,
            box.y - LineHeight(kNameStyle) - 2);
    }
  }

  Box CellOf(int64_t element, const Box& box) const {
    const double width = box.width / static_cast<double>(facts_.columns()), height = box.height / rows();
    return {box.x + width * static_cast<double>(element % facts_.columns()),
            box.y + height * static_cast<double>(element / facts_.columns()), width, height};
  }

  bool IsPadding(int64_t element) const { return !padding_.empty() && padding_[static_cast<size_t>(element)]; }

  // Light, so that what is written on it can be read.
  static void Hatch(const Box& cell, Scene* scene) {
    constexpr Rgb8 kPaper{255, 255, 255}, kStripe{190, 190, 190};
    constexpr double kStep = 4;  // points
    scene->rectangles.push_back({.box = cell, .fill = kPaper, .stroke = kBorderInk, .stroke_width = 0.25});
    // Lines x + y = along, from the upper left corner to the lower right one.
    for (double along = kStep; along < cell.width + cell.height; along += kStep) {
      const double right = std::min(along, cell.width), left = std::max(0.0, along - cell.height);
      scene->paths.push_back(
          {.role = ScenePath::Role::kGuide,
           .points = {{cell.x + right, cell.y + along - right}, {cell.x + left, cell.y + along - left}},
           .stroke = kStripe,
           .stroke_width = 0.75});
    }
  }

  // As windows on a map are framed.
  void Mark(const Box& box, Scene* scene) const {
    scene->rectangles.push_back(
        {.role = SceneRectangle::Role::kFrame, .box = CellOf(*marked_, box), .stroke = kFrameRed, .stroke_width = 2});
  }

  // Every name, every second, fifth, tenth ...: as many as have room.
  static size_t NameStep(double name, double cell) {
    for (size_t power = 1;; power *= 10) {
      for (const size_t step : {power, 2 * power, 5 * power}) {
        if (static_cast<double>(step) * cell >= name || cell <= 0) return step;
      }
    }
  }

  double rows() const { return static_cast<double>(facts_.rows()); }

  // The last resort, of numbers that are small: in units of a power of ten that leaves the largest of them two places
  // before the point, as in "12.3" of 1e-3.
  std::optional<Form> InUnits() const {
    float most = 0;
    for (const float value : facts_.values.span()) {
      if (std::isfinite(value)) most = std::max(most, std::abs(value));
    }
    if (most == 0 || most >= 1) return std::nullopt;
    return Form{.digits = 2, .power = static_cast<int>(std::floor(std::log10(static_cast<double>(most)))) - 1};
  }

  std::string TextOf(int64_t element, const Form& form) const {
    return IsPadding(element) ? padding_text_ : form.Of(facts_.values[element]);
  }

  double WidestNumber(const Form& form, double size, Sheet* sheet) const {
    double widest = 1;
    for (int64_t i = 0; i < facts_.values.size(); ++i) {
      widest = std::max(widest, sheet->text.Width(TextOf(i, form), {.size = size}));
    }
    return widest;
  }

  // The side of a cell that holds every number.
  double LeastCell(const Form& form, double size, Sheet* sheet) const {
    return std::max(WidestNumber(form, size, sheet) + kAir, LineHeight({.size = size}));
  }

  void WriteNumbers(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const {
    const double width = box.width / static_cast<double>(facts_.columns()), height = box.height / rows();
    if (facts_.values.size() > kMostNumbers) return;
    std::vector<Form> forms(std::begin(kForms), std::end(kForms));
    if (const std::optional<Form> units = InUnits()) forms.push_back(*units);
    // All digits in small print rather than fewer in large.
    for (const Form& form : forms) {
      const double widest = WidestNumber(form, kMostSize, sheet);  // widths grow with the size of the font
      double size = std::min({kMostSize, kMostSize * (width - kAir) / widest, height / LineHeight({.size = 1})});
      size = std::floor(4 * size) / 4;
      if (size < kLeastSize) continue;
      if (form.power != 0) {
        remarks->push_back(Concat("written in units of 1e", form.power));
      } else if (Rounds(form.digits)) {
        remarks->push_back(Concat("values rounded to ", form.digits, " digits"));
      }
      WriteNumbers(box, form, {.size = size}, sheet, scene);
      return;
    }
    remarks->emplace_back("cells too small for their values to be written");
  }

  bool Rounds(int digits) const {
    const auto differs = [&](float v) { return NumberText(v, digits) != NumberText(v, kDigits); };
    return std::any_of(facts_.values.span().begin(), facts_.values.span().end(), differs);
  }

  void WriteNumbers(const Box& box, const Form& form, TextStyle style, Sheet* sheet, Scene* scene) const {
    for (int64_t i = 0; i < facts_.values.size(); ++i) {
      const std::string text = TextOf(i, form);
      const double text_width = sheet->text.Width(text, style);
      const Box cell = CellOf(i, box);
      if (!IsPadding(i)) scene->rectangles.push_back({.box = cell, .stroke = kBorderInk, .stroke_width = 0.25});
      if (text.empty()) continue;
      const Rgb8 color = IsPadding(i) ? kInk : TextColorOn(facts_.scales[0].ColorOf(facts_.values[i]));
      scene->texts.push_back({.role = SceneText::Role::kCell,
                              .box = {cell.x + (cell.width - text_width) / 2,
                                      cell.y + (cell.height - LineHeight(style)) / 2, text_width, LineHeight(style)},
                              .text = text,
                              .style = style,
                              .color = color});
    }
  }

  PanelFacts facts_;
  std::optional<int64_t> marked_;
  std::vector<bool> padding_;  // one an element, or none
  std::string padding_text_;
  double readable_cell_ = 1;  // points
  std::vector<std::string> row_names_, column_names_;
  double widest_column_ = 0;   // of their names, in points
  double left_ = 0, top_ = 0;  // of the names, in points
};

}  // namespace

std::unique_ptr<PanelBody> MakeBody(const MatrixPlot& plot, const std::string& where, Sheet* sheet) {
  return std::make_unique<MatrixBody>(plot, where, sheet);
}

}  // namespace convscope::internal
