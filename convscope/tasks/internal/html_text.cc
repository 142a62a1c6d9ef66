#include "convscope/tasks/internal/html_text.h"

#include <fmt/format.h>

namespace convscope::internal {

std::string HtmlText(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string HtmlPage(std::string_view title, std::string_view body, std::string_view style) {
  constexpr std::string_view kStyle =
      ":root { color-scheme: light dark; --page: #fff; --ink: #1a1a1a; --line: #ccc; }\n"
      "@media (prefers-color-scheme: dark) { :root { --page: #16181c; --ink: #e8e8e8; --line: #444; } }\n"
      "body { background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; }\n"
      "h1 { font-size: 1.4rem; }\n";
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>\n{1}{2}</style>\n</head>\n<body>\n<h1>{0}</h1>\n{3}</body>\n</html>\n",
      HtmlText(title), kStyle, style, body);
}

}  // namespace convscope::internal
