#include "convscope/figures/internal/terminal_canvas.h"

#include <chafa.h>

#include <memory>

#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

struct Unref {
  void operator()(ChafaCanvasConfig* config) const { chafa_canvas_config_unref(config); }
  void operator()(ChafaCanvas* canvas) const { chafa_canvas_unref(canvas); }
  void operator()(ChafaSymbolMap* symbols) const { chafa_symbol_map_unref(symbols); }
  void operator()(ChafaTermInfo* info) const { chafa_term_info_unref(info); }
  void operator()(GString* text) const { g_string_free(text, TRUE); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

ChafaPixelMode PixelMode(const Terminal& terminal) {
  switch (terminal.graphics) {
    case Terminal::Graphics::kSixel:
      return CHAFA_PIXEL_MODE_SIXELS;
    case Terminal::Graphics::kKitty:
      return CHAFA_PIXEL_MODE_KITTY;
    case Terminal::Graphics::kIterm2:
      return CHAFA_PIXEL_MODE_ITERM2;
    default:
      return CHAFA_PIXEL_MODE_SYMBOLS;
  }
}

ChafaCanvasMode CanvasMode(Terminal::Colors colors) {
  switch (colors) {
    case Terminal::Colors::k16:
      return CHAFA_CANVAS_MODE_INDEXED_16;
    case Terminal::Colors::k256:
      return CHAFA_CANVAS_MODE_INDEXED_256;
    default:
      return CHAFA_CANVAS_MODE_TRUECOLOR;
  }
}

std::string Print(const Raster& raster, int columns, int rows, const Terminal& terminal) {
  const Owned<ChafaCanvasConfig> config(chafa_canvas_config_new());
  chafa_canvas_config_set_geometry(config.get(), columns, rows);
  chafa_canvas_config_set_pixel_mode(config.get(), PixelMode(terminal));
  const bool symbols = PixelMode(terminal) == CHAFA_PIXEL_MODE_SYMBOLS;
  chafa_canvas_config_set_canvas_mode(config.get(),
                                      symbols ? CanvasMode(terminal.colors) : CHAFA_CANVAS_MODE_TRUECOLOR);
  if (terminal.cell_width > 0 && terminal.cell_height > 0) {
    chafa_canvas_config_set_cell_geometry(config.get(), terminal.cell_width, terminal.cell_height);
  }
  // Blocks alone: other symbols draw strokes that the map does not have.
  const Owned<ChafaSymbolMap> blocks(chafa_symbol_map_new());
  chafa_symbol_map_add_by_tags(blocks.get(),
                               static_cast<ChafaSymbolTags>(CHAFA_SYMBOL_TAG_SPACE | CHAFA_SYMBOL_TAG_BLOCK |
                                                            CHAFA_SYMBOL_TAG_QUAD | CHAFA_SYMBOL_TAG_HALF));
  chafa_canvas_config_set_symbol_map(config.get(), blocks.get());
  const Owned<ChafaCanvas> canvas(chafa_canvas_new(config.get()));
  chafa_canvas_draw_all_pixels(canvas.get(), CHAFA_PIXEL_RGB8, reinterpret_cast<const guint8*>(raster.pixels.data()),
                               raster.width, raster.height, raster.width * 3);
  // The fallback knows every sequence; which of them may be used, `terminal` has said.
  const Owned<ChafaTermInfo> fallback(chafa_term_db_get_fallback_info(chafa_term_db_get_default()));
  const Owned<GString> text(chafa_canvas_print(canvas.get(), fallback.get()));
  return {text->str, text->len};
}

// The nearest of the 256 colours' 6 x 6 x 6 cube, whose levels are 0, 95, 135, ..., 255.
int CubeIndex(Rgb8 color) {
  const auto level = [](uint8_t v) { return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40; };
  return 16 + 36 * level(color.r) + 6 * level(color.g) + level(color.b);
}

}  // namespace

std::vector<std::string> CellLines(const Raster& raster, int columns, int rows, const Terminal& terminal) {
  return Split(Print(raster, columns, rows, terminal), '\n');
}

std::string PixelSequence(const Raster& raster, int columns, int rows, const Terminal& terminal) {
  return Print(raster, columns, rows, terminal);
}

std::string ColorSequence(Rgb8 foreground, Rgb8 background, const Terminal& terminal) {
  const auto rgb = [](Rgb8 c) { return Concat(int{c.r}, ";", int{c.g}, ";", int{c.b}); };
  if (terminal.graphics == Terminal::Graphics::kPlain || terminal.colors == Terminal::Colors::k16) return "";
  if (terminal.colors == Terminal::Colors::k256) {
    return Concat("\x1b[38;5;", CubeIndex(foreground), ";48;5;", CubeIndex(background), "m");
  }
  return Concat("\x1b[38;2;", rgb(foreground), ";48;2;", rgb(background), "m");
}

std::string ResetSequence(const Terminal& terminal) {
  return terminal.graphics == Terminal::Graphics::kPlain ? "" : "\x1b[0m";
}

std::string BoldSequence(const Terminal& terminal) {
  return terminal.graphics == Terminal::Graphics::kPlain ? "" : "\x1b[1m";
}

}  // namespace convscope::internal
