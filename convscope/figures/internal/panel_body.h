// The part of a panel between its title and its colour bar, one subclass a kind of content. A new kind is one file
// here, its struct in figure.h, its FactsOf and its MakeBody; and its BlockOf in terminal.cc, for terminals that show
// characters alone.
#ifndef CONVSCOPE_FIGURES_INTERNAL_PANEL_BODY_H_
#define CONVSCOPE_FIGURES_INTERNAL_PANEL_BODY_H_

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/figures/internal/panel_facts.h"
#include "convscope/figures/internal/text_setter.h"
#include "convscope/figures/layout.h"
#include "convscope/figures/scene.h"

namespace convscope::internal {

// What every body needs to place itself.
struct Sheet {
  LayoutOptions options;
  double content_width = 0;  // of the page within its margins, in points
  TextSetter text;

  // The nearest place that is a border between device pixels.
  double Snap(double points) const;
  // How many pixels an image of `source` pixels gets along an axis of `points`.
  int64_t PixelsFor(double points, int64_t source) const;
};

class PanelBody {
 public:
  virtual ~PanelBody() = default;

  // All in points. The width grows with the height.
  virtual double WidthAt(double height) const = 0;
  virtual double LeastHeight() const = 0;  // below it, it is hard to read
  virtual double MostHeight() const = 0;   // above it, nothing more is seen
  // What it keeps to in a line that is higher: infinite, but for what would then push all others off the line.
  virtual double MostHeightInLine() const { return std::numeric_limits<double>::infinity(); }

  // How much of a line of this height it fills; what is said under it follows there.
  virtual double UsedOf(double height) const { return height; }

  // How far from its left end begins what its title names: after the names of rows, where there are some.
  virtual double TitleFrom() const { return 0; }

  // Draws into `box`, WidthAt(box.height) wide. Appends to `remarks` what the caption must say about it.
  virtual void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const = 0;

  virtual std::optional<ColorBar> Bar() const = 0;
};

// `where` names the panel in errors.
std::unique_ptr<PanelBody> MakeBody(const MapPlot& plot, const std::string& where, Sheet* sheet);
std::unique_ptr<PanelBody> MakeBody(const MatrixPlot& plot, const std::string& where, Sheet* sheet);
std::unique_ptr<PanelBody> MakeBody(const GridPlot& plot, const std::string& where, Sheet* sheet);
std::unique_ptr<PanelBody> MakeBody(const ChartPlot& plot, const std::string& where, Sheet* sheet);
std::unique_ptr<PanelBody> MakeBody(const BarPlot& plot, const std::string& where, Sheet* sheet);
std::unique_ptr<PanelBody> MakeBody(const ScatterPlot& plot, const std::string& where, Sheet* sheet);
std::unique_ptr<PanelBody> MakeBody(const NetworkPlot& plot, const std::string& where, Sheet* sheet);

// Columns to rows as drawn: true to the map up to 20 to 1, where a line would be all that is left of it.
double DrawnAspect(int64_t rows, int64_t columns);
// Says so when that is not the true one; else empty.
std::string AspectRemark(int64_t rows, int64_t columns);

// The colours of small texts and thin lines.
inline constexpr Rgb8 kInk{0, 0, 0}, kSoftInk{70, 70, 70}, kBorderInk{150, 150, 150};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_PANEL_BODY_H_
