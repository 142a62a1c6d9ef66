// Blocks of text for a terminal: columns of lines that stand side by side. Knows character cells, not figures.
#ifndef CONVSCOPE_FIGURES_INTERNAL_TEXT_BLOCK_H_
#define CONVSCOPE_FIGURES_INTERNAL_TEXT_BLOCK_H_

#include <span>
#include <string>
#include <vector>

namespace convscope::internal {

// Character cells that a text without escape sequences takes.
int CellsOf(const std::string& text);

// The text in lines of at most `width` cells, broken between words where possible.
std::vector<std::string> WrapCells(const std::string& text, int width);

// Lines that take `width` cells each, escape sequences not counted.
struct TextBlock {
  int width = 0;
  std::vector<std::string> lines;

  // Adds a text without escape sequences, wrapped and filled up with blanks.
  void AddText(const std::string& text);
  // Adds a line that takes `cells` cells, at most width, and fills it up.
  void AddLine(std::string line, int cells);
};

// The blocks side by side, `gap` cells apart, as one.
TextBlock Beside(std::span<const TextBlock> blocks, int gap);

// Its lines, each ending in a line break, without blanks at their ends.
std::string TextOf(const TextBlock& block);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_TEXT_BLOCK_H_
