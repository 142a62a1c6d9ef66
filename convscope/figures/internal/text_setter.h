// Measures, breaks and draws text with Pango, so that a scene knows how much room a text takes before it is drawn.
#ifndef CONVSCOPE_FIGURES_INTERNAL_TEXT_SETTER_H_
#define CONVSCOPE_FIGURES_INTERNAL_TEXT_SETTER_H_

#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/figures/scene.h"

namespace convscope::internal {

// The family wanted first, and what stands in for it: Verdana has the same widths, since DejaVu is drawn after it.
inline constexpr char kFontFamilies[] = "DejaVu Sans,Verdana,sans-serif";

// Text that any format can hold: valid UTF-8, without control characters other than line breaks.
std::string PrintableText(std::string_view text);

// Not for use by several threads at once.
class TextSetter {
 public:
  TextSetter();

  // The width of one line, in points.
  double Width(const std::string& text, TextStyle style);

  // The lines of `text` at most `width` points wide, broken where possible between words, or after a comma or colon
  // that a name follows. Of what goes beyond `most` lines the last one keeps the beginning and the end, where names
  // differ, around an ellipsis.
  std::vector<std::string> Break(const std::string& text, TextStyle style, double width, int most);

  // Draws one line in the current colour with its baseline starting at (x, y), in points.
  void Draw(cairo_t* cairo, const std::string& text, TextStyle style, double x, double y);

 private:
  struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
  };
  void Set(const std::string& text, TextStyle style);
  std::string CutMiddle(const std::string& text, TextStyle style, double width);

  std::unique_ptr<PangoContext, Unref> context_;
  std::unique_ptr<PangoLayout, Unref> layout_;
  TextStyle style_{.size = 0};
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_TEXT_SETTER_H_
