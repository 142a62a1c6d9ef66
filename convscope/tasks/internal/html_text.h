// Pages as the tasks write them: one file, no scripts, readable in the light and in the dark.
#ifndef CONVSCOPE_TASKS_INTERNAL_HTML_TEXT_H_
#define CONVSCOPE_TASKS_INTERNAL_HTML_TEXT_H_

#include <string>
#include <string_view>

namespace convscope::internal {

// `text` as it stands between tags and in quoted attributes.
std::string HtmlText(std::string_view text);

// A whole page around `body`. `style` is added to the common one.
std::string HtmlPage(std::string_view title, std::string_view body, std::string_view style = "");

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_HTML_TEXT_H_
