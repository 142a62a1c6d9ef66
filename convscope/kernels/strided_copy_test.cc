#include "convscope/kernels/strided_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace convscope {
namespace {

// Every permutation of axes of odd lengths, element by element.
template <typename T>
void ExpectTransposes(const Shape& shape) {
  std::vector<int> order(shape.rank());
  std::iota(order.begin(), order.end(), 0);
  std::vector<T> from(shape.NumElements());
  for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i * 7 + 1);
  do {
    std::vector<int64_t> lengths;
    for (const int axis : order) lengths.push_back(shape[axis]);
    const std::vector<int64_t> read = DenseStrides(shape), write = DenseStrides(Shape(lengths));
    std::vector<StridedAxis> axes;
    for (size_t i = 0; i < order.size(); ++i) axes.push_back({lengths[i], read[order[i]], write[i]});
    std::vector<T> to(from.size());
    StridedCopy(axes, sizeof(T))(from.data(), to.data());
    for (size_t i = 0; i < to.size(); ++i) {
      int64_t place = static_cast<int64_t>(i), source = 0;
      for (size_t k = order.size(); k-- > 0; place /= lengths[k]) source += place % lengths[k] * read[order[k]];
      ASSERT_EQ(to[i], from[source]) << "element " << i << " of " << Shape(lengths).ToString();
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(StridedCopy, TransposesElementsOfEverySize) {
  for (const Shape& shape : {Shape{5}, Shape{17, 33}, Shape{1, 40, 3}, Shape{2, 3, 19, 16}, Shape{2, 3, 1, 4, 5}}) {
    ExpectTransposes<uint8_t>(shape);
    ExpectTransposes<float>(shape);
    ExpectTransposes<double>(shape);
  }
  ExpectTransposes<float>({300, 257});
}

TEST(StridedCopy, CopiesABoxOutOfAnother) {
  // (2, 3) out of (4, 5), into the middle of (3, 4): everything else stays.
  std::vector<float> from(20), to(12, -1);
  std::iota(from.begin(), from.end(), 0.0f);
  StridedCopy(std::vector<StridedAxis>{{2, 5, 4}, {3, 1, 1}}, 4)(from.data() + 6, to.data() + 5);
  EXPECT_EQ(to, (std::vector<float>{-1, -1, -1, -1, -1, 6, 7, 8, -1, 11, 12, 13}));
}

TEST(StridedCopy, CopiesNothingOfNothing) {
  float to = 7;
  StridedCopy(std::vector<StridedAxis>{{3, 0, 0}, {0, 1, 1}}, 4)(nullptr, &to);
  EXPECT_EQ(to, 7);
}

}  // namespace
}  // namespace convscope
