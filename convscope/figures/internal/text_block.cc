#include "convscope/figures/internal/text_block.h"

#include <glib.h>

#include <algorithm>

#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

int CellsOf(gunichar c) {
  if (g_unichar_iszerowidth(c)) return 0;
  return g_unichar_iswide(c) ? 2 : 1;
}

// The part of `text` from its start that fits into `width` cells; at least one character.
std::string FittingPart(const std::string& text, int width) {
  const char* at = text.data();
  const char* end = at + text.size();
  int cells = 0;
  while (at < end) {
    cells += CellsOf(g_utf8_get_char(at));
    if (cells > width && at > text.data()) break;
    at = g_utf8_next_char(at);
  }
  return text.substr(0, static_cast<size_t>(at - text.data()));
}

}  // namespace

int CellsOf(const std::string& text) {
  int cells = 0;
  for (const char* at = text.c_str(); *at != 0; at = g_utf8_next_char(at)) cells += CellsOf(g_utf8_get_char(at));
  return cells;
}

std::vector<std::string> WrapCells(const std::string& text, int width) {
  std::vector<std::string> lines;
  for (std::string rest : Split(text, '\n')) {
    while (CellsOf(rest) > width) {
      std::string line = FittingPart(rest, width);
      // Up to the last blank, unless the line ends where a word ends, or is one word.
      const size_t blank = rest[line.size()] == ' ' ? line.size() : line.rfind(' ');
      if (blank != std::string::npos && blank > 0) line.resize(blank);
      rest.erase(0, std::min(rest.size(), std::max<size_t>(1, rest.find_first_not_of(' ', line.size()))));
      lines.push_back(std::move(line));
    }
    lines.push_back(std::move(rest));
  }
  return lines;
}

void TextBlock::AddText(const std::string& text) {
  for (std::string& line : WrapCells(text, width)) {
    const int cells = CellsOf(line);
    AddLine(std::move(line), cells);
  }
}

void TextBlock::AddLine(std::string line, int cells) {
  line.append(static_cast<size_t>(std::max(0, width - cells)), ' ');
  lines.push_back(std::move(line));
}

TextBlock Beside(std::span<const TextBlock> blocks, int gap) {
  TextBlock joined;
  size_t most = 0;
  for (size_t b = 0; b < blocks.size(); ++b) {
    most = std::max(most, blocks[b].lines.size());
    joined.width += blocks[b].width + (b > 0 ? gap : 0);
  }
  for (size_t i = 0; i < most; ++i) {
    std::string line;
    for (size_t b = 0; b < blocks.size(); ++b) {
      if (b > 0) line.append(static_cast<size_t>(gap), ' ');
      line += i < blocks[b].lines.size() ? blocks[b].lines[i] : std::string(static_cast<size_t>(blocks[b].width), ' ');
    }
    joined.lines.push_back(std::move(line));
  }
  return joined;
}

std::string TextOf(const TextBlock& block) {
  std::string text;
  for (const std::string& line : block.lines) text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  return text;
}

}  // namespace convscope::internal
