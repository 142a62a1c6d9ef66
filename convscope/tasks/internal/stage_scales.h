// The colours of what a filter computed: which stages and maps have one scale. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_STAGE_SCALES_H_
#define CONVSCOPE_TASKS_INTERNAL_STAGE_SCALES_H_

#include <map>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/figures/signs.h"
#include "convscope/graph/trace.h"

namespace convscope::internal {

struct StageRanges {
  ValueRange all;
  std::vector<ValueRange> maps;

  void Add(const StageRanges& other);
};

struct StageScale {
  Scale all;
  std::vector<Scale> maps;         // of each map, where one for all would leave too little of some; else empty
  std::vector<std::string> texts;  // of them; empty for a map without a value to be scaled
};

// Whether every range but those of zero alone can be told on one scale for all.
bool ShareAScale(const std::vector<ValueRange>& ranges);

StageScale ScaleOf(const StageRanges& ranges, Signs signs);

// Gives the grid its scale; maps with scales of their own have them in their labels, of which the grid has one a map.
void Colour(const StageScale& scale, GridPlot& grid);

// A stage as it is drawn.
struct DrawnStage {
  std::string name;
  TensorView<const float> maps;  // (H, W, C)
  float rounding = 0;            // values up to this size are drawn as the zero that they would be without rounding
};

// The stages of a filter's trace. A map of the convolution that is zero but for the rounding of its sums, and what
// follows from it, is drawn as zero, by copies in `arrays`: a float32 sum of n terms x w is known to about
// epsilon sqrt(n) |x| sum |w|, and a map that stays below that everywhere says nothing of the picture.
std::vector<DrawnStage> DrawnStages(const Trace& trace, std::vector<Tensor>& arrays);

// The stage that shares its scale with `stage`: pools read the activation, or the convolution without one, and are on
// its scale, so that one colour is one number in all of them.
std::string ScaledAs(const Trace& trace, const std::string& stage);

// By the names that ScaledAs gives.
std::map<std::string, StageRanges> RangesByScale(const Trace& trace, const std::vector<DrawnStage>& stages);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_STAGE_SCALES_H_
