#include "convscope/figures/internal/text_setter.h"

#include <algorithm>
#include <cmath>

namespace convscope::internal {
namespace {

constexpr std::string_view kBreak = "\u200b";  // a blank without width: a line may end there

// Lines may also end after a comma or a colon before a name or a list, as in "gabor:theta=45,size=11" and
// "[[1,2],[3,4]]"; never before a digit, where it may be of a number.
std::string BreakableText(const std::string& text) {
  std::string breakable;
  for (size_t i = 0; i < text.size(); ++i) {
    breakable += text[i];
    if ((text[i] == ',' || text[i] == ':') && i + 1 < text.size() &&
        (g_ascii_isalpha(text[i + 1]) || text[i + 1] == '[')) {
      breakable += kBreak;
    }
  }
  return breakable;
}

// A word that is longer than a line ends it after one of these rather than anywhere: the name of a tensor. As above,
// never before a digit.
bool IsJoint(const std::string& text, size_t i) {
  constexpr std::string_view kJoints = "/_.-";
  return kJoints.find(text[i]) != std::string_view::npos && i + 1 < text.size() && g_ascii_isalpha(text[i + 1]);
}

std::string Plain(std::string text) {
  for (size_t at = 0; (at = text.find(kBreak, at)) != std::string::npos;) text.erase(at, kBreak.size());
  return text;
}

}  // namespace

std::string PrintableText(std::string_view text) {
  const std::unique_ptr<char, decltype(&g_free)> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())),
                                                       g_free);
  std::string printable(valid.get());
  for (char& c : printable) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) c = ' ';
  }
  return printable;
}

TextSetter::TextSetter() : context_(pango_font_map_create_context(pango_cairo_font_map_get_default())) {
  // Glyphs at their exact places: a text has then the same width on the page, in a PNG and in a PDF.
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(context_.get(), options);
  cairo_font_options_destroy(options);
  pango_cairo_context_set_resolution(context_.get(), 72);
  pango_context_set_round_glyph_positions(context_.get(), FALSE);
  layout_.reset(pango_layout_new(context_.get()));
  pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);
}

void TextSetter::Set(const std::string& text, TextStyle style) {
  if (style != style_) {
    PangoFontDescription* font = pango_font_description_new();
    pango_font_description_set_family_static(font, kFontFamilies);
    pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
    pango_layout_set_font_description(layout_.get(), font);
    pango_font_description_free(font);
    style_ = style;
  }
  pango_layout_set_width(layout_.get(), -1);
  pango_layout_set_text(layout_.get(), text.data(), static_cast<int>(text.size()));
}

double TextSetter::Width(const std::string& text, TextStyle style) {
  Set(text, style);
  PangoRectangle logical;
  pango_layout_get_extents(layout_.get(), nullptr, &logical);
  return static_cast<double>(logical.width) / PANGO_SCALE;
}

std::vector<std::string> TextSetter::Break(const std::string& plain, TextStyle style, double width, int most) {
  std::vector<std::string> lines;
  if (plain.empty()) return lines;
  std::string text;
  for (size_t begin = 0; begin < plain.size();) {
    const size_t end = std::min(plain.find_first_of(" \n", begin), plain.size());
    const std::string word = plain.substr(begin, end - begin);
    const bool long_word = Width(word, style) > width;
    const std::string breakable = BreakableText(word);
    for (size_t i = 0; i < breakable.size(); ++i) {
      text += breakable[i];
      if (long_word && IsJoint(breakable, i)) text += kBreak;
    }
    if (end < plain.size()) text += plain[end];
    begin = end + 1;
  }
  Set(text, style);
  pango_layout_set_width(layout_.get(), static_cast<int>(std::ceil(width * PANGO_SCALE)));
  const int count = pango_layout_get_line_count(layout_.get());
  size_t last_start = 0;
  for (int i = 0; i < std::min(count, most); ++i) {
    const PangoLayoutLine* line = pango_layout_get_line_readonly(layout_.get(), i);
    last_start = static_cast<size_t>(line->start_index);
    lines.push_back(Plain(text.substr(last_start, static_cast<size_t>(line->length))));
    // The blank at which a line was broken would count in its width.
    while (lines.back().ends_with(' ')) lines.back().pop_back();
  }
  if (count > most) lines.back() = CutMiddle(Plain(text.substr(last_start)), style, width);
  return lines;
}

std::string TextSetter::CutMiddle(const std::string& text, TextStyle style, double width) {
  std::vector<size_t> starts;  // of its characters
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  const auto kept = [&](size_t characters) {
    const size_t head = characters / 2, tail = characters - head;
    const size_t from = tail == 0 ? text.size() : starts[starts.size() - tail];
    return text.substr(0, head < starts.size() ? starts[head] : text.size()) + "…" + text.substr(from);
  };
  size_t fits = 0, too_many = starts.size() + 1;
  while (too_many - fits > 1) {
    const size_t middle = (fits + too_many) / 2;
    (Width(kept(middle), style) <= width ? fits : too_many) = middle;
  }
  return kept(fits);
}

void TextSetter::Draw(cairo_t* cairo, const std::string& text, TextStyle style, double x, double y) {
  Set(text, style);
  cairo_move_to(cairo, x, y);
  pango_cairo_show_layout_line(cairo, pango_layout_get_line_readonly(layout_.get(), 0));
}

}  // namespace convscope::internal
