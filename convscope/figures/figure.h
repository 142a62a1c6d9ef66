// What a figure shows: rows of panels, each a map, a matrix of numbers, a grid of maps, a chart, bars, points or a
// network, as plain structs.
//
// A figure is made from arrays and labels, never from a Graph, and owns none of the arrays: they must outlive every
// call that is given the figure. How it is arranged is layout.h's business, how it is drawn render.h's.
//
// Example:
//   Figure figure{.title = "edge", .rows = {{
//       {.title = "input (300, 451)", .content = MapPlot{.values = gray, .scale = PhotographScale()}},
//       {.title = "kernel (3, 3)", .content = MatrixPlot{.values = kernel}},
//       {.title = "convolution (298, 449)", .content = MapPlot{.values = result}}}}};
//   Save(figure, "edge.png");
#ifndef CONVSCOPE_FIGURES_FIGURE_H_
#define CONVSCOPE_FIGURES_FIGURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "convscope/figures/chart.h"
#include "convscope/figures/network_plot.h"
#include "convscope/figures/scale.h"
#include "convscope/figures/scatter_plot.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// A red rectangle on a map, in its rows and columns; it may touch but not cross the map's border.
struct Frame {
  int64_t row = 0, column = 0;  // of the upper left pixel
  int64_t rows = 1, columns = 1;
  std::string label;  // written beside the rectangle; may be empty
};

// One map, or a photograph. A small map is enlarged with sharp square pixels, a large one averaged down.
struct MapPlot {
  // (H, W), (H, W, 1), or a colour picture (H, W, 3) whose values from 0 to 1 are shown and whose others are clipped
  // (the figure says how many). H and W at least 1.
  TensorView<const float> values;
  // Default: ScaleFor the values. A colour picture has none, or the one that its colours were made with elsewhere.
  std::optional<Scale> scale;
  // A colour bar is drawn beside every map but photographs (grey from 0 to 1) and colour pictures.
  std::vector<Frame> frames;
  // The photograph that the values belong to, of their rows and columns, (H, W), (H, W, 1) or (H, W, 3) from 0 to 1: it
  // is shown in grey, and the colours over it, the more of them the further a value is from zero (on a diverging scale
  // from its middle, on others from its lower end). So weak values stay weak. The colour bar shows them over mid-grey.
  // Characters without colours show the values alone. Empty: none. Not for a colour picture.
  TensorView<const float> photograph;
};

// A small matrix as a heat map with its value written in each cell while there is room (up to about 15 x 15).
struct MatrixPlot {
  TensorView<const float> values;  // (R, S), at least 1 x 1
  std::optional<Scale> scale;      // default: ScaleFor the values
  // Written beside the rows and above the columns; each empty, or one a row and one a column.
  std::vector<std::string> row_names, column_names;
  std::optional<int64_t> marked;  // an element, framed: the largest of a window
  // These elements are no values but the padding around them: hatched, with `padding_text` in place of their numbers.
  // One an element, row after row; empty: none.
  std::vector<bool> padding = {};
  std::string padding_text = {};
};

// Maps side by side, each under its label: the maps of a layer, the kernels of a bank.
struct GridPlot {
  enum class Scaling : uint8_t {
    kPerMap,  // ScaleFor each map alone; the figure says so in words
    kShared,  // ScaleFor all of them; one colour bar
    kGiven,   // `scale`, for example one over several layers; one colour bar
  };
  TensorView<const float> values;  // (H, W, F), each at least 1
  // The maps are colour pictures: values (H, W, 3 F), of which those from 0 to 1 are shown and the others clipped (the
  // figure says how many). They have no scale.
  bool colour = false;
  Scaling scaling = Scaling::kShared;
  Scale scale;                      // of kGiven; kPerMap: kDiverging for colours of both signs, whatever the values
  std::vector<Scale> scales;        // of kPerMap, one a map, for example those of a layer before; empty: ScaleFor each
  int columns = 0;                  // maps in a row of the grid; 0: about as many as rows (8 x 8 for 64)
  int64_t first = 0;                // the number of the first map
  std::vector<std::string> labels;  // F short names, of two lines at most; empty: the maps' numbers
  // Of a grid that is a table: beside its rows and above its columns. Each empty, or one a row and one a column.
  std::vector<std::string> row_names, column_names;
  std::vector<bool> framed;  // these maps in a thick black frame, one a map; empty: none
};

struct Panel {
  std::string title;    // above it; up to three lines, then cut in the middle
  std::string caption;  // under it; what the figure itself must say (remarks, clipping, scaling) follows it
  std::variant<MapPlot, MatrixPlot, GridPlot, ChartPlot, BarPlot, ScatterPlot, NetworkPlot> content;
  double most_height = 0;  // as panel_height of the figure, of this panel alone
};

struct Figure {
  std::string title;                     // may be empty
  std::string footer;                    // may be empty
  std::vector<std::vector<Panel>> rows;  // panels of a row share a height; a row that is too long is wrapped
  // Of panels at most, in points, unless they can only be read when higher; 0: as high as each has use for.
  double panel_height = 0;
};

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_FIGURE_H_
