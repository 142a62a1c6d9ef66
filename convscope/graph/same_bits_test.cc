// Operations give the same bits at any number of threads on tensors so large that their work is split; the tests of
// each operation are of a few numbers.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/clip_operation.h"
#include "convscope/graph/depth_to_space_operation.h"
#include "convscope/graph/expand_operation.h"
#include "convscope/graph/gather_operation.h"
#include "convscope/graph/group_normalization_operation.h"
#include "convscope/graph/internal/operation_check.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/lp_normalization_operation.h"
#include "convscope/graph/lp_pool_operation.h"
#include "convscope/graph/matmul_operation.h"
#include "convscope/graph/max_pool_indices_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/graph/resize_operation.h"
#include "convscope/graph/slice_operation.h"
#include "convscope/graph/tile_operation.h"
#include "convscope/graph/top_k_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/unary_operation.h"

namespace convscope {
namespace {

// Kernels split from 2^14 to 2^16 elements on.
const Shape kMaps{2, 96, 64, 24};

SharedTensor Noise(const Shape& shape, uint64_t seed) {
  Random random(seed, "same bits");
  auto x = std::make_shared<Tensor>(shape);
  for (float& value : x->view<float>().span()) value = static_cast<float>(random.Normal());
  return x;
}

SharedTensor Places(int64_t count, int64_t below) {
  auto x = std::make_shared<Tensor>(Shape{count}, DType::kInt64);
  for (int64_t i = 0; i < count; ++i) x->data<int64_t>()[i] = i * 7 % below;
  return x;
}

TEST(SameBits, AtAnyNumberOfThreads) {
  const SharedTensor x = Noise(kMaps, 1), y = Noise(kMaps, 2), channels = Noise({24}, 3), more = Noise({24}, 4);
  const SharedTensor row = Noise({1, 1, 64, 1}, 5);
  struct Case {
    std::string name;
    OperationPtr operation;
    std::vector<SharedTensor> inputs;
  };
  std::vector<Case> cases = {
      {"arg max over channels", ArgMaxOp{}, {x}},
      {"arg max over rows", ArgMaxOp{.axis = 1}, {x}},
      {"cast", CastOp{.to = DType::kInt32}, {x}},
      {"clip", ClipOp{.low = -1, .high = 1}, {x}},
      {"depth to space", DepthToSpaceOp{}, {x}},
      {"space to depth", SpaceToDepthOp{}, {x}},
      {"expand", ExpandOp{.shape = {2, 96, 64, 24}}, {row}},
      {"tile", TileOp{.repeats = {1, 2, 1, 2}}, {x}},
      {"gather", GatherOp{.axis = 2}, {x, Places(50, 64)}},
      {"slice", SliceOp{.starts = {0, 95, 0, 1}, .counts = {2, 48, 64, 11}, .steps = {1, -2, 1, 2}}, {x}},
      {"pad", PadOp{.before = {0, 3, 2, 0}, .after = {0, 1, 4, 0}, .mode = PadMode::kReflect}, {x}},
      {"transpose", TransposeOp{.axes = {0, 3, 1, 2}}, {x}},
      {"group normalization", GroupNormalizationOp{.groups = 4}, {x, channels, more}},
      {"instance normalization", GroupNormalizationOp{.groups = 24}, {x, channels, more}},
      {"layer normalization", LayerNormalizationOp{}, {x, channels, more}},
      {"L2 normalization", LpNormalizationOp{.axis = 1}, {x}},
      {"L3 pool", LpPoolOp{.p = 3, .sizes = {3, 3}, .strides = {2, 2}}, {x}},
      {"max pool with indices", MaxPoolIndicesOp{.sizes = {2, 2}}, {x}},
      {"matrix product", MatMulOp{}, {Noise({3, 160, 130}, 6), Noise({130, 170}, 7)}},
      {"top k", TopKOp{.k = 5}, {x}},
      {"resize up", ResizeOp{.scales = {1, 2, 1.5, 1}, .lengths = {}, .mode = ResizeMode::kCubic, .roi = {}}, {x}},
      {"resize down",
       ResizeOp{.scales = {1, 0.5, 0.3, 1}, .lengths = {}, .mode = ResizeMode::kLinear, .roi = {}, .antialias = true},
       {x}},
  };
  using enum ReduceKind;
  for (const ReduceKind kind : {kSum, kMean, kMax, kMin, kProduct, kL1, kL2, kLogSumExp, kSumSquare}) {
    for (const std::vector<int64_t>& axes : std::vector<std::vector<int64_t>>{{1, 2}, {-1}, {0, 1, 2, 3}}) {
      cases.push_back({"reduction " + std::to_string(static_cast<int>(kind)) + " over " + std::to_string(axes[0]),
                       ReduceOp{.kind = kind, .axes = axes},
                       {x}});
    }
  }
  for (const BinaryKind kind : {BinaryKind::kSubtract, BinaryKind::kDivide, BinaryKind::kPower, BinaryKind::kLess}) {
    cases.push_back({"of two alike " + std::to_string(static_cast<int>(kind)), BinaryOp{kind}, {x, y}});
    cases.push_back({"with a row " + std::to_string(static_cast<int>(kind)), BinaryOp{kind}, {x, row}});
  }
  for (const UnaryKind kind : {UnaryKind::kErf, UnaryKind::kSqrt, UnaryKind::kRound, UnaryKind::kIsNaN}) {
    cases.push_back({"unary " + std::to_string(static_cast<int>(kind)), UnaryOp{kind}, {x}});
  }
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    Computed(one.operation, one.inputs);
  }
}

}  // namespace
}  // namespace convscope
