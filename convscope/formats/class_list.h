// The names of classes as files hold them, numbered from 0: one a line (labels.txt, ImageNet's synsets with their
// numbers left out), a list or an object of JSON, or the text of a Python list or dictionary, which is what exporters
// put into the metadata of an .onnx file: {0: 'person', 1: 'bicycle'}.
//
// Not here: which classes a model has, and whether these are as many.
#ifndef CONVSCOPE_FORMATS_CLASS_LIST_H_
#define CONVSCOPE_FORMATS_CLASS_LIST_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace convscope {

// Of {"0": ["n01440764", "tench"]} the last word of each list. Throws Error naming `where` for what is none of these,
// for numbers that are not 0, 1, ... each once, for text that is not UTF-8, and for none.
std::vector<std::string> ParseClassList(std::string_view text, const std::string& where);

// The same of a file.
std::vector<std::string> ReadClassList(const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_CLASS_LIST_H_
