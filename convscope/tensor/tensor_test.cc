#include "convscope/tensor/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Body>
std::string ErrorOf(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Shape, WritesItselfAsNumPyDoes) {
  EXPECT_EQ((Shape{1, 28, 28, 1}).ToString(), "(1, 28, 28, 1)");
  EXPECT_EQ((Shape{15}).ToString(), "(15,)");
  EXPECT_EQ(Shape().ToString(), "()");
}

TEST(Shape, CountsElements) {
  EXPECT_EQ(Shape().NumElements(), 1);
  EXPECT_EQ((Shape{3, 0, 5}).NumElements(), 0);
  EXPECT_EQ((Shape{2, 3, 4}).NumElements(), 24);
  EXPECT_EQ((Shape{2, 3, 4}).back(), 4);
  EXPECT_EQ((Shape{2, 3, 4}).back(1), 3);
}

TEST(Shape, DiffersByRankAndLength) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{2}), (Shape{2, 0}));
}

TEST(Shape, AllowsNoMoreThanItsLimits) {
  EXPECT_NO_THROW((Shape{1 << 20, 1 << 20}));
  EXPECT_THAT(ErrorOf([] { Shape{1 << 20, 1 << 20, 2}; }), HasSubstr("at most 2^40 elements; received (1048576,"));
  EXPECT_THAT(ErrorOf([] { Shape{0, INT64_MAX, INT64_MAX}; }), HasSubstr("at most 2^40 elements"));
  EXPECT_THAT(ErrorOf([] { Shape{3, -1}; }), HasSubstr("no axis may be negative; received (3, -1)"));
  EXPECT_NO_THROW((Shape{1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_THAT(ErrorOf([] { Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}; }), HasSubstr("at most 8 axes; received 9"));
}

TEST(Tensor, IsAlignedToCacheLinesAndLargeOnesToHugePages) {
  for (const int64_t elements : {0, 1, 17, 1000003}) {
    const Tensor tensor(Shape{elements});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.bytes()) % 64, 0u) << elements;
  }
  const Tensor large(Shape{1 << 20});  // 4 MiB
  EXPECT_EQ(reinterpret_cast<uintptr_t>(large.bytes()) % (2 << 20), 0u);
}

TEST(Tensor, HoldsEveryElementType) {
  for (const DType dtype :
       {DType::kFloat32, DType::kFloat64, DType::kUInt8, DType::kInt8, DType::kInt32, DType::kInt64, DType::kBool}) {
    const Tensor tensor = Tensor::Zeros(Shape{3, 5}, dtype);
    EXPECT_EQ(tensor.SizeInBytes(), 15 * static_cast<int64_t>(SizeInBytes(dtype))) << Name(dtype);
    const std::vector<std::byte> bytes(tensor.bytes(), tensor.bytes() + tensor.SizeInBytes());
    EXPECT_THAT(bytes, Each(std::byte{0}));
  }
}

TEST(Tensor, ComesFromAList) {
  const Tensor tensor = Tensor::Of(Shape{2, 2}, {1, 2, 3, 4});
  EXPECT_THAT(tensor.view().span(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ErrorOf([] {
                Tensor::Of(Shape{2, 2}, {1, 2, 3});
              }),
              HasSubstr("shape (2, 2) has 4 elements; received 3 values"));
}

TEST(Tensor, CloneIsAnotherMemory) {
  Tensor tensor = Tensor::Of(Shape{2}, {1, 2});
  const Tensor copy = tensor.Clone();
  tensor.data()[0] = 9;
  EXPECT_THAT(copy.view().span(), ElementsAre(1, 2));
}

TEST(Tensor, ReshapedKeepsTheMemory) {
  Tensor tensor = Tensor::Of(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  const float* data = tensor.data();
  const Tensor flat = std::move(tensor).Reshaped(Shape{6});
  EXPECT_EQ(flat.data(), data);
  EXPECT_EQ(flat.shape(), (Shape{6}));
  EXPECT_THAT(ErrorOf([] {
                Tensor(Shape{2, 3}).Reshaped(Shape{7});
              }),
              HasSubstr("keeps the number of elements, 6; received (7,)"));
}

TEST(Tensor, AViewOfAnotherTypeIsAnError) {
  Tensor tensor(Shape{2}, DType::kInt32);
  EXPECT_NO_THROW(tensor.view<int32_t>());
  EXPECT_THAT(ErrorOf([&] { tensor.data(); }), HasSubstr("holds int32 elements; received a view of float32"));
}

TEST(Tensor, MemoryThatCannotBeHadIsAnError) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers end the program instead";
#endif
  EXPECT_THAT(ErrorOf([] { Tensor(Shape{Shape::kMaxElements}, DType::kFloat64); }),
              HasSubstr("(1099511627776,) float64, 8796093022208 bytes"));
}

}  // namespace
}  // namespace convscope
