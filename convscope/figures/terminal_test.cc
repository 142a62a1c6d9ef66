#include "convscope/figures/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "convscope/base/text.h"
#include "convscope/figures/internal/text_block.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Tensor Waves(Shape shape) {
  Tensor tensor(shape);
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = std::sin(static_cast<float>(i) * 0.37f);
  return tensor;
}

TensorView<const float> View(const Tensor& tensor) {
  return tensor.view();
}

// A narrow terminal breaks its words anywhere.
std::string WithoutBlanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

struct Sample {
  Tensor map = Waves({30, 45}), kernel = Tensor::Of({2, 2}, {-1, 0.5f, 0, 8}), maps = Waves({6, 6, 20});
  Figure figure{
      .title = "A figure with a title that is longer than a narrow terminal is wide",
      .footer = "footer",
      .rows = {{{.title = "input", .content = MapPlot{.values = View(map), .frames = {{.rows = 9, .columns = 9}}}},
                {.title = "kernel", .content = MatrixPlot{.values = View(kernel)}},
                {.title = "again", .caption = "ends here", .content = MapPlot{.values = View(map)}}},
               {{.title = "maps", .content = GridPlot{.values = View(maps)}}}}};
};

std::string WithoutEscapes(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (text[i] != 'm') ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

TEST(TerminalTest, NoLineIsWiderThanTheTerminal) {
  const Sample sample;
  for (const int columns : {20, 40, 80, 133, 300}) {
    for (const auto graphics : {Terminal::Graphics::kPlain, Terminal::Graphics::kSymbols}) {
      const std::string text = RenderForTerminal(sample.figure, {.columns = columns, .graphics = graphics});
      for (const std::string& line : Split(WithoutEscapes(text), '\n')) {
        EXPECT_LE(internal::CellsOf(line), columns) << line;
      }
    }
  }
}

TEST(TerminalTest, APlainTerminalGetsAsciiWithoutEscapes) {
  const Sample sample;
  const std::string text = RenderForTerminal(sample.figure, {.graphics = Terminal::Graphics::kPlain});
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  for (const char* part : {"A figure", "input", "kernel", "again", "ends here", "maps", "footer"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(TerminalTest, APlainMapTellsSignsApartAndLeavesZeroBlank) {
  const Tensor map = Tensor::Of({1, 6}, {-8, -1, 0, 1, 4, std::numeric_limits<float>::infinity()});
  const std::string text = RenderForTerminal({.rows = {{{.title = "conv", .content = MapPlot{.values = View(map)}}}}},
                                             {.columns = 6, .graphics = Terminal::Graphics::kPlain});
  EXPECT_THAT(text, StartsWith("conv\nia 15?\n"));
  const std::string words = WithoutBlanks(text);
  EXPECT_THAT(words, HasSubstr("scale:i=-8...a,blank=0,1...9=8"));
  EXPECT_THAT(words, HasSubstr("1of6valuesNaNorinfinite(?"));
  EXPECT_THAT(words, Not(HasSubstr("farthest")));
}

TEST(TerminalTest, APlainMapOfOneSignGoesFromBlankToFull) {
  const Tensor map = Tensor::Of({1, 4}, {0, 1, 2, 9});
  const std::string text = RenderForTerminal({.rows = {{{.title = "relu", .content = MapPlot{.values = View(map)}}}}},
                                             {.columns = 4, .graphics = Terminal::Graphics::kPlain});
  EXPECT_THAT(text, StartsWith("relu\n .:@\n"));
  EXPECT_THAT(WithoutBlanks(text), HasSubstr("scale:blank=0,then.:-=+*#%,@=9"));
}

// A mean of the edges of both signs under it would be nothing.
TEST(TerminalTest, APlainCharacterIsTheValueFarthestFromZeroUnderIt) {
  const Tensor map = Tensor::Of({2, 4}, {1, -1, 0, 2, -9, 8, 0, 1});
  const std::string text = RenderForTerminal({.rows = {{{.title = "m", .content = MapPlot{.values = View(map)}}}}},
                                             {.columns = 2, .graphics = Terminal::Graphics::kPlain});
  EXPECT_THAT(text, StartsWith("m\ni2\n"));
  EXPECT_THAT(WithoutBlanks(text), HasSubstr("farthest"));
}

TEST(TerminalTest, APlainMapShowsItsFrames) {
  const Tensor map = Tensor::Zeros({4, 8});
  const MapPlot plot{.values = View(map),
                     .frames = {{.row = 0, .column = 0, .rows = 4, .columns = 6, .label = "crop"}}};
  const std::string text =
      RenderForTerminal({.rows = {{{.title = "m", .content = plot}}}},
                        {.columns = 8, .cell_width = 1, .cell_height = 1, .graphics = Terminal::Graphics::kPlain});
  EXPECT_THAT(text, StartsWith("m\nXXXXXX\nX    X\nX    X\nXXXXXX\n"));
  EXPECT_THAT(WithoutBlanks(text), HasSubstr("frameofX:crop"));
}

TEST(TerminalTest, AMatrixIsATableOfItsNumbers) {
  const Sample sample;
  const std::string text =
      RenderForTerminal({.rows = {{sample.figure.rows[0][1]}}}, {.graphics = Terminal::Graphics::kPlain});
  EXPECT_THAT(text, HasSubstr("\n  -1  0.5\n   0    8\n"));
}

TEST(TerminalTest, PaddingOfAMatrixIsNoNumber) {
  const Tensor window = Tensor::Of({1, 2}, {0, 5});
  MatrixPlot plot{.values = window.view()};
  plot.padding = {true, false};
  plot.padding_text = "-";
  const std::string text = RenderForTerminal({.rows = {{{.content = plot}}}}, {.graphics = Terminal::Graphics::kPlain});
  EXPECT_THAT(text, HasSubstr(" -  5\n"));
}

TEST(TerminalTest, ColoursAreThoseTheTerminalHas) {
  const Sample sample;
  const auto render = [&](Terminal::Colors colors) { return RenderForTerminal(sample.figure, {.colors = colors}); };
  EXPECT_THAT(render(Terminal::Colors::kTrueColor), HasSubstr("48;2;"));
  EXPECT_THAT(render(Terminal::Colors::k256), HasSubstr("48;5;"));
  EXPECT_THAT(render(Terminal::Colors::k256), Not(HasSubstr("8;2;")));
  EXPECT_THAT(render(Terminal::Colors::k16), Not(HasSubstr("8;5;")));
}

TEST(TerminalTest, ATerminalThatDrawsPixelsGetsThePage) {
  const Sample sample;
  EXPECT_TRUE(RenderForTerminal(sample.figure, {.graphics = Terminal::Graphics::kSixel}).starts_with("\x1bP"));
  EXPECT_TRUE(RenderForTerminal(sample.figure, {.graphics = Terminal::Graphics::kKitty}).starts_with("\x1b_G"));
  EXPECT_TRUE(RenderForTerminal(sample.figure, {.graphics = Terminal::Graphics::kIterm2}).starts_with("\x1b]1337"));
}

// Sets environment variables for one test.
class Environment {
 public:
  explicit Environment(std::vector<std::pair<std::string, std::string>> values) {
    for (const char* name : {"TERM", "COLORTERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG", "TERM_PROGRAM"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? "" : value);
      unsetenv(name);
    }
    for (const auto& [name, value] : values) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : before_) {
      value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
    }
  }

 private:
  std::vector<std::pair<std::string, std::string>> before_;
};

TEST(TerminalTest, TheEnvironmentSaysWhatTheTerminalCanDo) {
  using G = Terminal::Graphics;
  const auto graphics = [](std::vector<std::pair<std::string, std::string>> values) {
    const Environment environment(std::move(values));
    return DetectTerminal(-1).graphics;
  };
  EXPECT_EQ(graphics({{"TERM", "xterm-256color"}, {"LANG", "C.UTF-8"}}), G::kSymbols);
  EXPECT_EQ(graphics({{"TERM", "xterm-kitty"}, {"LANG", "C.UTF-8"}}), G::kKitty);
  EXPECT_EQ(graphics({{"TERM", "mlterm"}, {"LANG", "C.UTF-8"}}), G::kSixel);
  EXPECT_EQ(graphics({{"TERM", "dumb"}, {"LANG", "C.UTF-8"}}), G::kPlain);
  EXPECT_EQ(graphics({{"LANG", "C.UTF-8"}}), G::kPlain);
  EXPECT_EQ(graphics({{"TERM", "xterm"}, {"LANG", "C"}}), G::kPlain);
  EXPECT_EQ(graphics({{"TERM", "xterm"}, {"LANG", "C.UTF-8"}, {"NO_COLOR", "1"}}), G::kPlain);
}

TEST(TerminalTest, WithoutATerminalItIsEightyByTwentyFour) {
  EXPECT_EQ(DetectTerminal(-1).columns, 80);
  EXPECT_EQ(DetectTerminal(-1).rows, 24);
}

TEST(TextBlockTest, TextIsBrokenBetweenWordsAndLongWordsInside) {
  using internal::WrapCells;
  EXPECT_EQ(WrapCells("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(WrapCells("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(WrapCells("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(WrapCells("äöü äöü", 3), (std::vector<std::string>{"äöü", "äöü"}));
  EXPECT_EQ(WrapCells("数字", 2), (std::vector<std::string>{"数", "字"}));
  EXPECT_EQ(WrapCells("", 3), (std::vector<std::string>{""}));
}

TEST(TerminalTest, AMapOverAPhotographIsDrawnInColoursAndAloneInCharacters) {
  const Tensor map = Waves({8, 8}), zero = Tensor::Zeros({8, 8}), light = Waves({8, 8, 3});
  const auto drawn = [](const Tensor& values, const Tensor* photograph, Terminal::Graphics graphics) {
    MapPlot plot{.values = View(values)};
    if (photograph != nullptr) plot.photograph = View(*photograph);
    return RenderForTerminal({.rows = {{{.content = plot}}}}, {.graphics = graphics});
  };
  const auto symbols = Terminal::Graphics::kSymbols, plain = Terminal::Graphics::kPlain;
  EXPECT_NE(drawn(map, &light, symbols), drawn(map, nullptr, symbols));
  EXPECT_NE(drawn(zero, &light, symbols), drawn(zero, &zero, symbols));
  EXPECT_EQ(drawn(map, &light, plain), drawn(map, nullptr, plain));
}

}  // namespace
}  // namespace convscope
