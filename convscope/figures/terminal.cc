#include "convscope/figures/terminal.h"

#include <chafa.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/figures/internal/canvas.h"
#include "convscope/figures/internal/chart_block.h"
#include "convscope/figures/internal/color_bar.h"
#include "convscope/figures/internal/panel_facts.h"
#include "convscope/figures/internal/plain_canvas.h"
#include "convscope/figures/internal/raster.h"
#include "convscope/figures/internal/scatter_block.h"
#include "convscope/figures/internal/terminal_canvas.h"
#include "convscope/figures/internal/text_block.h"
#include "convscope/figures/internal/text_setter.h"
#include "convscope/figures/layout.h"

namespace convscope {
namespace {

using internal::PanelFacts;
using internal::TextBlock;

constexpr int kGap = 2;           // cells between panels
constexpr int kLeastPanel = 30;   // cells: narrower panels are put on the next line
constexpr int kMostPanel = 72;    // cells
constexpr int kLeastGridMap = 8;  // cells
constexpr char kFrameMark = 'X';

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool SpeaksUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = LowerCase(Environment(name));
    if (value.empty()) continue;
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

// A character cell is about twice as high as wide, where the terminal does not say.
double CellAspect(const Terminal& terminal) {
  return terminal.cell_width > 0 && terminal.cell_height > 0
             ? static_cast<double>(terminal.cell_height) / terminal.cell_width
             : 2.0;
}

// The cells that a map of this many rows and columns is drawn in, at most `most_columns` wide and `most_rows` high.
std::pair<int, int> CellsFor(int64_t rows, int64_t columns, int most_columns, int most_rows, const Terminal& terminal) {
  const double shape = static_cast<double>(rows) / static_cast<double>(columns) / CellAspect(terminal);
  const double wide = std::min<double>(most_columns, most_rows / shape);
  return {std::clamp(static_cast<int>(std::lround(wide)), 1, most_columns),
          std::clamp(static_cast<int>(std::lround(wide * shape)), 1, most_rows)};
}

void PaintFrame(const Frame& frame, const PanelFacts& facts, Raster* raster) {
  const auto x = [&](int64_t column) { return static_cast<int>(column * raster->width / facts.columns()); };
  const auto y = [&](int64_t row) { return static_cast<int>(row * raster->height / facts.rows()); };
  const int left = x(frame.column), right = std::max(left + 1, x(frame.column + frame.columns)) - 1;
  const int top = y(frame.row), bottom = std::max(top + 1, y(frame.row + frame.rows)) - 1;
  for (int v = top; v <= bottom; ++v) {
    for (int u = left; u <= right; ++u) {
      const bool line = std::min({u - left, right - u, v - top, bottom - v}) < internal::kPixelsPerCell / 4;
      if (line) raster->pixels[static_cast<size_t>(v) * raster->width + u] = internal::kFrameRed;
    }
  }
}

bool IsPlain(const Terminal& terminal) {
  return terminal.graphics == Terminal::Graphics::kPlain;
}

// What the remarks on a map call its colours.
internal::Marks MarksFor(const Terminal& terminal) {
  return IsPlain(terminal) ? internal::kPlainMarks : internal::Marks{};
}

// The border of a frame in plain characters.
void MarkFrame(const Frame& frame, const PanelFacts& facts, std::vector<std::string>* lines) {
  const auto rows = static_cast<int64_t>(lines->size()), columns = static_cast<int64_t>(lines->front().size());
  const int64_t left = frame.column * columns / facts.columns(), top = frame.row * rows / facts.rows();
  const int64_t right = ((frame.column + frame.columns) * columns - 1) / facts.columns();
  const int64_t bottom = ((frame.row + frame.rows) * rows - 1) / facts.rows();
  for (int64_t y = top; y <= bottom; ++y) {
    for (int64_t x = left; x <= right; ++x) {
      if (y == top || y == bottom || x == left || x == right) (*lines)[y][x] = kFrameMark;
    }
  }
}

// Channel `channel` of a panel in this many cells, with frames.
void AddMap(const PanelFacts& facts, const std::vector<float>& values, int64_t channel, int columns, int rows,
            const std::vector<Frame>& frames, const Terminal& terminal, TextBlock* block) {
  if (IsPlain(terminal)) {
    std::vector<std::string> lines = internal::PlainLines(values, rows, columns, facts, channel);
    for (const Frame& frame : frames) MarkFrame(frame, facts, &lines);
    for (std::string& line : lines) block->AddLine(std::move(line), columns);
    return;
  }
  const int width = columns * internal::kPixelsPerCell, height = rows * internal::kPixelsPerCell;
  Raster raster;
  if (facts.photograph.data() != nullptr) {
    raster = internal::OverlayOf(values, internal::AreaMean(facts.photograph, height, width), height, width,
                                 facts.photograph.shape()[2], facts.scales[0]);
  } else if (facts.is_color_picture) {
    raster = internal::ColorPictureOf(values, height, width, facts.channels(), channel);
  } else {
    raster = internal::ColorMapOf(values, height, width, facts.channels(), channel, facts.scales[channel]);
  }
  for (const Frame& frame : frames) PaintFrame(frame, facts, &raster);
  for (std::string& line : internal::CellLines(raster, columns, rows, terminal))
    block->AddLine(std::move(line), columns);
}

std::vector<float> ValuesFor(const PanelFacts& facts, int columns, int rows, const Terminal& terminal) {
  if (IsPlain(terminal)) return internal::PlainValues(facts, rows, columns);
  return internal::AreaMean(facts.values, rows * internal::kPixelsPerCell, columns * internal::kPixelsPerCell);
}

// "-2 <colours> 2", in one line; in words where the terminal has no colours to show, or no room.
void AddColorBar(const internal::ColorBar& bar, const Terminal& terminal, TextBlock* block) {
  if (IsPlain(terminal)) {
    block->AddText(internal::PlainLegend(bar));
    return;
  }
  if (bar.constant) {
    block->AddText(Concat("one value: ", NumberText(*bar.constant)));
    return;
  }
  const std::string low = (bar.below ? "<= " : "") + NumberText(bar.scale.low);
  const std::string high = (bar.above ? ">= " : "") + NumberText(bar.scale.high);
  const int cells = std::min(32, block->width - static_cast<int>(low.size() + high.size()) - 2);
  if (internal::ColorSequence({}, {}, terminal).empty() || cells < 5) {
    block->AddText(Concat("scale: ", Name(bar.scale.map), " from ", low, " to ", high));
    return;
  }
  std::string line = low + " ";
  for (int i = 0; i < cells; ++i) {
    const Rgb8 color = internal::ColorAt(bar, (static_cast<float>(i) + 0.5f) / static_cast<float>(cells));
    line += internal::ColorSequence(TextColorOn(color), color, terminal) + ' ';
  }
  line += internal::ResetSequence(terminal) + " " + high;
  block->AddLine(std::move(line), static_cast<int>(low.size() + high.size()) + 2 + cells);
}

void AddTitle(const std::string& title, const Terminal& terminal, TextBlock* block) {
  if (title.empty()) return;
  for (const std::string& line : internal::WrapCells(internal::PrintableText(title), block->width)) {
    block->AddLine(internal::BoldSequence(terminal) + line + internal::ResetSequence(terminal),
                   internal::CellsOf(line));
  }
}

// What stands under the panel: its colour bar, its caption and the remarks.
void AddNotes(const Panel& panel, const PanelFacts& facts, const Terminal& terminal, TextBlock* block) {
  if (facts.color_bar) AddColorBar(*facts.color_bar, terminal, block);
  if (!panel.caption.empty()) block->AddText(internal::PrintableText(panel.caption));
  for (const std::string& remark : facts.remarks) block->AddText(remark);
}

void AddRemark(const std::string& remark, TextBlock* block) {
  if (!remark.empty()) block->AddText(remark);
}

// The panel as a block of at most `width` cells.
TextBlock BlockOf(const Panel& panel, const MapPlot& plot, const std::string& where, int width,
                  const Terminal& terminal) {
  const PanelFacts facts = internal::FactsOf(plot, where, MarksFor(terminal));
  const auto [columns, rows] = CellsFor(facts.rows(), facts.columns(), width, std::max(4, terminal.rows - 4), terminal);
  TextBlock block{width, {}};
  AddTitle(panel.title, terminal, &block);
  AddMap(facts, ValuesFor(facts, columns, rows, terminal), 0, columns, rows, plot.frames, terminal, &block);
  for (const Frame& frame : plot.frames) {
    const std::string label = internal::PrintableText(frame.label);
    if (IsPlain(terminal)) {
      block.AddText(Concat("frame of ", kFrameMark, label.empty() ? "" : ": ", label));
    } else if (!label.empty()) {
      block.AddText("red frame: " + label);
    }
  }
  AddNotes(panel, facts, terminal, &block);
  if (IsPlain(terminal)) AddRemark(internal::PlainValuesRemark(facts, rows, columns), &block);
  return block;
}

// A matrix as a table of numbers on their colours; as a map when that is too wide.
TextBlock BlockOf(const Panel& panel, const MatrixPlot& plot, const std::string& where, int width,
                  const Terminal& terminal) {
  // Numbers need no scale where they have no colours.
  PanelFacts facts = internal::FactsOf(plot, where, MarksFor(terminal));
  if (IsPlain(terminal)) facts.color_bar.reset();
  size_t widest = std::max<size_t>(1, plot.padding.empty() ? 0 : plot.padding_text.size());
  for (const float v : facts.values.span().first(std::min<size_t>(facts.values.span().size(), 4096))) {
    widest = std::max(widest, NumberText(v).size());
  }
  const auto table_width = static_cast<int64_t>(widest + 2) * facts.columns();
  if (table_width > width) {
    const MapPlot map{.values = plot.values, .scale = plot.scale};
    return BlockOf(panel, map, where, width, terminal);
  }
  TextBlock block{width, {}};
  AddTitle(panel.title, terminal, &block);
  for (int64_t r = 0; r < facts.rows(); ++r) {
    std::string line;
    for (int64_t s = 0; s < facts.columns(); ++s) {
      const int64_t element = r * facts.columns() + s;
      const float value = facts.values[element];
      if (!plot.padding.empty() && plot.padding[static_cast<size_t>(element)]) {
        line += internal::ResetSequence(terminal) + std::string(widest + 1 - plot.padding_text.size(), ' ') +
                plot.padding_text + ' ';
        continue;
      }
      const std::string text = NumberText(value);
      const Rgb8 color = facts.scales[0].ColorOf(value);
      line += internal::ColorSequence(TextColorOn(color), color, terminal) +
              std::string(widest + 1 - text.size(), ' ') + text + ' ';
    }
    block.AddLine(line + internal::ResetSequence(terminal), static_cast<int>(table_width));
  }
  AddNotes(panel, facts, terminal, &block);
  return block;
}

// The maps of a grid, each under its label.
TextBlock BlockOf(const Panel& panel, const GridPlot& plot, const std::string& where, int width,
                  const Terminal& terminal) {
  const PanelFacts facts = internal::FactsOf(plot, where, MarksFor(terminal));
  const int64_t count = facts.maps();
  const auto square = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const int64_t most = std::max(1, (width + kGap) / (kLeastGridMap + kGap));
  const auto across = static_cast<int>(std::clamp<int64_t>(plot.columns > 0 ? plot.columns : square, 1, most));
  const int map_width = std::min(width, std::max(1, (width + kGap) / across - kGap));
  const auto [columns, rows] =
      CellsFor(facts.rows(), facts.columns(), map_width, std::max(4, terminal.rows / 2), terminal);
  const std::vector<float> values = ValuesFor(facts, columns, rows, terminal);

  TextBlock block{width, {}};
  AddTitle(panel.title, terminal, &block);
  for (int64_t begin = 0; begin < count; begin += across) {
    std::vector<TextBlock> maps;
    for (int64_t f = begin; f < std::min(count, begin + across); ++f) {
      TextBlock& map = maps.emplace_back(TextBlock{columns, {}});
      map.AddText(facts.names[static_cast<size_t>(f)]);
      AddMap(facts, values, f, columns, rows, {}, terminal, &map);
    }
    TextBlock line = internal::Beside(maps, kGap);
    for (std::string& text : line.lines) block.AddLine(std::move(text), line.width);
  }
  AddNotes(panel, facts, terminal, &block);
  if (IsPlain(terminal)) AddRemark(internal::PlainValuesRemark(facts, rows, columns), &block);
  return block;
}

// The block of a panel whose lines `add` makes.
template <typename Add>
TextBlock BlockWith(const Panel& panel, int width, const Terminal& terminal, const Add& add) {
  TextBlock block{width, {}};
  AddTitle(panel.title, terminal, &block);
  add(&block);
  if (!panel.caption.empty()) block.AddText(internal::PrintableText(panel.caption));
  return block;
}

TextBlock BlockOf(const Panel& panel, const ChartPlot& plot, const std::string& where, int width,
                  const Terminal& terminal) {
  const int rows = std::clamp(terminal.rows / 2, 6, 16);
  return BlockWith(panel, width, terminal, [&](TextBlock* block) { internal::AddChart(plot, where, rows, block); });
}

TextBlock BlockOf(const Panel& panel, const BarPlot& plot, const std::string& where, int width,
                  const Terminal& terminal) {
  return BlockWith(panel, width, terminal, [&](TextBlock* block) { internal::AddBars(plot, where, block); });
}

TextBlock BlockOf(const Panel& panel, const ScatterPlot& plot, const std::string& where, int width,
                  const Terminal& terminal) {
  const int rows = std::clamp(terminal.rows - 6, 8, 32);
  return BlockWith(panel, width, terminal,
                   [&](TextBlock* block) { internal::AddScatter(plot, where, rows, CellAspect(terminal), block); });
}

TextBlock BlockOf(const Panel& panel, const NetworkPlot& plot, const std::string&, int width,
                  const Terminal& terminal) {
  return BlockWith(panel, width, terminal, [&](TextBlock* block) { internal::AddNetwork(plot, block); });
}

std::string RenderAsText(const Figure& figure, const Terminal& terminal) {
  const int columns = std::max(terminal.columns, 1);
  TextBlock head{columns, {}}, foot{columns, {}};
  AddTitle(figure.title, terminal, &head);
  std::string text = internal::TextOf(head);
  for (size_t r = 0; r < figure.rows.size(); ++r) {
    const std::vector<Panel>& row = figure.rows[r];
    const auto fit = static_cast<size_t>(std::max(1, (columns + kGap) / (kLeastPanel + kGap)));
    const size_t lines = (row.size() + fit - 1) / fit;
    const size_t across = lines == 0 ? 1 : (row.size() + lines - 1) / lines;  // lines as even as possible
    const int width = std::min(kMostPanel, (columns + kGap) / static_cast<int>(across) - kGap);
    for (size_t begin = 0; begin < row.size(); begin += across) {
      std::vector<TextBlock> blocks;
      for (size_t i = begin; i < std::min(row.size(), begin + across); ++i) {
        const std::string where = internal::PanelName(row[i], r, i);
        const bool alone_in_row = row.size() == 1;
        blocks.push_back(std::visit(
            [&](const auto& plot) {
              return BlockOf(row[i], plot, where, alone_in_row ? columns : std::max(1, width), terminal);
            },
            row[i].content));
      }
      if (!text.empty()) text += '\n';
      text += internal::TextOf(internal::Beside(blocks, kGap));
    }
  }
  if (!figure.footer.empty()) {
    foot.AddText(internal::PrintableText(figure.footer));
    text += '\n' + internal::TextOf(foot);
  }
  return text;
}

// The whole page as one picture, text and all.
std::string RenderAsPixels(const Figure& figure, Terminal terminal) {
  if (terminal.cell_width <= 0 || terminal.cell_height <= 0) {
    terminal.cell_width = 10;
    terminal.cell_height = 20;
  }
  // At 1.25 pixels a point the smallest text is 11 pixels high; a page that would then be too narrow is drawn smaller.
  constexpr double kLeastWidth = 300;
  const double width = static_cast<double>(std::max(terminal.columns, 1)) * terminal.cell_width;
  const double page = std::clamp(width / 1.25, kLeastWidth, 1200.0);
  const double pixels_per_point = std::clamp(width / page, 0.25, 32.0);
  const Scene scene = LayOut(figure, {.width = page, .pixels_per_point = pixels_per_point});
  const Raster drawn = internal::PixelsOf(scene, pixels_per_point);

  // White up to whole cells, so that nothing is stretched.
  const int columns = (drawn.width + terminal.cell_width - 1) / terminal.cell_width;
  const int rows = (drawn.height + terminal.cell_height - 1) / terminal.cell_height;
  Raster page_pixels{columns * terminal.cell_width, rows * terminal.cell_height, {}};
  page_pixels.pixels.assign(static_cast<size_t>(page_pixels.width) * page_pixels.height, Rgb8{255, 255, 255});
  for (int y = 0; y < drawn.height; ++y) {
    std::copy_n(drawn.pixels.begin() + static_cast<ptrdiff_t>(y) * drawn.width, drawn.width,
                page_pixels.pixels.begin() + static_cast<ptrdiff_t>(y) * page_pixels.width);
  }
  return internal::PixelSequence(page_pixels, columns, rows, terminal) + "\n";
}

}  // namespace

Terminal DetectTerminal(int descriptor) {
  Terminal terminal;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    terminal.columns = size.ws_col;
    terminal.rows = size.ws_row;
    terminal.cell_width = size.ws_xpixel / size.ws_col;
    terminal.cell_height = size.ws_ypixel / size.ws_row;
  }
  const std::unique_ptr<gchar*, decltype(&g_strfreev)> environment(g_get_environ(), g_strfreev);
  const std::unique_ptr<ChafaTermInfo, decltype(&chafa_term_info_unref)> info(
      chafa_term_db_detect(chafa_term_db_get_default(), environment.get()), chafa_term_info_unref);
  const auto knows = [&](ChafaTermSeq sequence) { return chafa_term_info_have_seq(info.get(), sequence) != FALSE; };

  const std::string_view term = Environment("TERM");
  if (term.empty() || term == "dumb" || !Environment("NO_COLOR").empty() || !SpeaksUtf8()) {
    terminal.graphics = Terminal::Graphics::kPlain;
  } else if (knows(CHAFA_TERM_SEQ_BEGIN_KITTY_IMMEDIATE_IMAGE_V1)) {
    terminal.graphics = Terminal::Graphics::kKitty;
  } else if (knows(CHAFA_TERM_SEQ_BEGIN_ITERM2_IMAGE)) {
    terminal.graphics = Terminal::Graphics::kIterm2;
  } else if (knows(CHAFA_TERM_SEQ_BEGIN_SIXELS)) {
    terminal.graphics = Terminal::Graphics::kSixel;
  }
  const std::string_view colorterm = Environment("COLORTERM");
  if (colorterm == "truecolor" || colorterm == "24bit" || knows(CHAFA_TERM_SEQ_SET_COLOR_FGBG_DIRECT)) {
    terminal.colors = Terminal::Colors::kTrueColor;
  } else {
    terminal.colors = knows(CHAFA_TERM_SEQ_SET_COLOR_FGBG_256) ? Terminal::Colors::k256 : Terminal::Colors::k16;
  }
  return terminal;
}

std::string RenderForTerminal(const Figure& figure, const Terminal& terminal) {
  switch (terminal.graphics) {
    case Terminal::Graphics::kPlain:
    case Terminal::Graphics::kSymbols:
      return RenderAsText(figure, terminal);
    default:
      return RenderAsPixels(figure, terminal);
  }
}

}  // namespace convscope
