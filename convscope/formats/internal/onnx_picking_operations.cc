// Operations that pick elements and repeat them, in ONNX.
#include <algorithm>
#include <limits>

#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/depth_to_space_operation.h"
#include "convscope/graph/expand_operation.h"
#include "convscope/graph/gather_operation.h"
#include "convscope/graph/slice_operation.h"
#include "convscope/graph/tile_operation.h"

namespace convscope::internal {
namespace {

// The end of a slice is past its last place; that before place 0 has no number of its own.
void WriteSlice(NodeWriter& node) {
  const Layout layout = node.Following();
  const std::vector<int64_t> first = InLayout(node.attributes().Integers("starts"), layout);
  const std::vector<int64_t> counts = InLayout(node.attributes().Integers("counts"), layout);
  const std::vector<int64_t> each = InLayout(node.attributes().Integers("steps"), layout);
  std::vector<int64_t> starts, ends, axes, steps;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == -1) continue;
    const int64_t last = first[i] + (counts[i] - 1) * each[i], end = each[i] > 0 ? last + 1 : last - 1;
    axes.push_back(static_cast<int64_t>(i));
    starts.push_back(first[i]);
    ends.push_back(end < 0 ? std::numeric_limits<int64_t>::min() : end);
    steps.push_back(each[i]);
  }
  const std::string x = node.Input(0, layout);
  if (axes.empty()) {
    node.Add("Identity", {x}, layout);
    return;
  }
  const std::vector<std::string> inputs = {x, node.Integers("starts", starts), node.Integers("ends", ends),
                                           node.Integers("axes", axes), node.Integers("steps", steps)};
  node.Add("Slice", inputs, layout);
}

OperationPtr ReadSlice(const OnnxAttributes& attributes) {
  return SliceOp{.starts = attributes.Integers("starts"),
                 .counts = attributes.Integers("counts"),
                 .steps = attributes.Integers("steps")};
}

void WriteGather(NodeWriter& node) {
  const std::string data = node.Input(0, Layout::kOurs), indices = node.Input(1, Layout::kOurs);
  Set(node.Add(std::string(node.type()), {data, indices}, Layout::kOurs), "axis", node.attributes().Integer("axis"));
}

template <typename Op>
OperationPtr ReadGather(const OnnxAttributes& attributes) {
  return Op{attributes.Integer("axis")};
}

// A length of 1 keeps what is there.
void WriteExpand(NodeWriter& node) {
  std::vector<int64_t> shape = node.attributes().Integers("shape");
  std::replace(shape.begin(), shape.end(), int64_t{-1}, int64_t{1});
  const std::string x = node.Input(0, Layout::kOurs);
  node.Add("Expand", {x, node.Integers("shape", shape)}, Layout::kOurs);
}

OperationPtr ReadExpand(const OnnxAttributes& attributes) {
  return ExpandOp{attributes.Integers("shape")};
}

void WriteTile(NodeWriter& node) {
  const Layout layout = node.Following();
  const std::string x = node.Input(0, layout);
  node.Add("Tile", {x, node.Integers("repeats", InLayout(node.attributes().Integers("repeats"), layout))}, layout);
}

OperationPtr ReadTile(const OnnxAttributes& attributes) {
  return TileOp{attributes.Integers("repeats")};
}

void WriteDepthToSpace(NodeWriter& node) {
  const std::string x = node.Input(0, Layout::kChannelsFirst);
  onnx_schema::NodeProto& added = node.Add("DepthToSpace", {x}, Layout::kChannelsFirst);
  const bool depth_first = node.attributes().Flag("depth_first");
  Set(Set(added, "blocksize", node.attributes().Integer("block")), "mode", std::string(depth_first ? "DCR" : "CRD"));
}

OperationPtr ReadDepthToSpace(const OnnxAttributes& attributes) {
  return DepthToSpaceOp{.block = attributes.Integer("block"), .depth_first = attributes.Flag("depth_first")};
}

void WriteSpaceToDepth(NodeWriter& node) {
  const std::string x = node.Input(0, Layout::kChannelsFirst);
  Set(node.Add("SpaceToDepth", {x}, Layout::kChannelsFirst), "blocksize", node.attributes().Integer("block"));
}

OperationPtr ReadSpaceToDepth(const OnnxAttributes& attributes) {
  return SpaceToDepthOp{attributes.Integer("block")};
}

}  // namespace

std::vector<OnnxOperation> OnnxPickingOperations() {
  return {
      {"Slice", WriteSlice, ReadSlice},
      {"Gather", WriteGather, ReadGather<GatherOp>},
      {"GatherElements", WriteGather, ReadGather<GatherElementsOp>},
      {"Expand", WriteExpand, ReadExpand},
      {"Tile", WriteTile, ReadTile},
      {"DepthToSpace", WriteDepthToSpace, ReadDepthToSpace},
      {"SpaceToDepth", WriteSpaceToDepth, ReadSpaceToDepth},
  };
}

}  // namespace convscope::internal
