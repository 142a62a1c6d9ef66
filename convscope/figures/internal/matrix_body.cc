// Matrices: a heat map with its value written in each cell.
#include <algorithm>
#include <cmath>
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

class MatrixBody : public PanelBody {
 public:
  MatrixBody(const MatrixPlot& plot, const std::string& where, Sheet* sheet)
      : facts_(FactsOf(plot, where)), marked_(plot.marked) {
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

  // As windows on a map are framed.
  void Mark(const Box& box, Scene* scene) const {
    const double width = box.width / static_cast<double>(facts_.columns()), height = box.height / rows();
    const Box cell{box.x + width * static_cast<double>(*marked_ % facts_.columns()),
                   box.y + height * static_cast<double>(*marked_ / facts_.columns()), width, height};
    scene->rectangles.push_back(
        {.role = SceneRectangle::Role::kFrame, .box = cell, .stroke = kFrameRed, .stroke_width = 2});
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

  // How numbers are written, from the form that says most to the shortest.
  struct Form {
    int digits;
    bool leading_zero;  // "0.25", else ".25"
    std::string Of(float value) const {
      std::string text = NumberText(value, digits);
      const size_t zero = text.starts_with('-') ? 1 : 0;
      if (!leading_zero && text.compare(zero, 2, "0.") == 0) text.erase(zero, 1);
      return text;
    }
  };
  static constexpr Form kForms[] = {{kDigits, true}, {3, true}, {2, true}, {2, false}};

  double WidestNumber(const Form& form, double size, Sheet* sheet) const {
    double widest = 0;
    for (const float value : facts_.values.span()) {
      widest = std::max(widest, sheet->text.Width(form.Of(value), {.size = size}));
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
    // All digits in small print rather than fewer in large.
    for (const Form& form : kForms) {
      const double widest = WidestNumber(form, kMostSize, sheet);  // widths grow with the size of the font
      double size = std::min({kMostSize, kMostSize * (width - kAir) / widest, height / LineHeight({.size = 1})});
      size = std::floor(4 * size) / 4;
      if (size < kLeastSize) continue;
      if (Rounds(form.digits)) remarks->push_back(Concat("values rounded to ", form.digits, " digits"));
      WriteNumbers(box, form, {.size = size}, sheet, scene);
      return;
    }
    remarks->push_back("cells too small for their values to be written");
  }

  bool Rounds(int digits) const {
    const auto differs = [&](float v) { return NumberText(v, digits) != NumberText(v, kDigits); };
    return std::any_of(facts_.values.span().begin(), facts_.values.span().end(), differs);
  }

  void WriteNumbers(const Box& box, const Form& form, TextStyle style, Sheet* sheet, Scene* scene) const {
    const double width = box.width / static_cast<double>(facts_.columns()), height = box.height / rows();
    for (int64_t r = 0; r < facts_.rows(); ++r) {
      for (int64_t s = 0; s < facts_.columns(); ++s) {
        const float value = facts_.values[r * facts_.columns() + s];
        const std::string text = form.Of(value);
        const double text_width = sheet->text.Width(text, style);
        const Box cell{box.x + width * static_cast<double>(s), box.y + height * static_cast<double>(r), width, height};
        scene->rectangles.push_back({.box = cell, .stroke = kBorderInk, .stroke_width = 0.25});
        scene->texts.push_back({.role = SceneText::Role::kCell,
                                .box = {cell.x + (width - text_width) / 2, cell.y + (height - LineHeight(style)) / 2,
                                        text_width, LineHeight(style)},
                                .text = text,
                                .style = style,
                                .color = TextColorOn(facts_.scales[0].ColorOf(value))});
      }
    }
  }

  PanelFacts facts_;
  std::optional<int64_t> marked_;
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
