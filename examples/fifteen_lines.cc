#include <convscope/figures/render.h>
#include <convscope/tasks/filter_figure.h>

#include <iostream>

int main(int, char** arguments) try {
  const auto result = convscope::FilterPictures({.images = {arguments[1]}, .kernels = {"sobel-x", "sobel-y"}});
  for (const auto& [name, tensor] : result.pictures[0].trace.tensors()) {
    std::cout << name << ' ' << tensor->shape().ToString() << '\n';
  }
  Save(convscope::MakeFilterFigure(result).figure, "edges.png");
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
