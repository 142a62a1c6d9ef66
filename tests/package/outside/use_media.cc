// A picture drawn as a figure, with convscope::media.
#include <convscope/figures/render.h>
#include <convscope/image/picture.h>

int main(int, char** arguments) {
  const convscope::Picture picture = convscope::ReadPicture(arguments[1]);
  convscope::Save(
      {.rows = {{{.title = picture.source, .content = convscope::MapPlot{.values = picture.pixels.view()}}}}},
      "edges.png");
}
