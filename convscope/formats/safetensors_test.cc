#include "convscope/formats/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string File(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + data;
}

std::string Entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

std::string Complaint(const std::string& bytes, const SafetensorsLimits& limits = {}) {
  try {
    ParseSafetensors(bytes, "a.safetensors", limits);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

template <typename T>
std::vector<T> Values(const Tensor& tensor) {
  const auto span = tensor.view<T>().span();
  return {span.begin(), span.end()};
}

const Tensor& Named(const SafetensorsFile& file, std::string_view name) {
  for (const StoredTensor& tensor : file.tensors) {
    if (tensor.name == name) return *tensor.tensor;
  }
  throw Error({.rule = "the file holds it", .received = std::string(name)});
}

// A folder of this test's own, gone with it.
class SafetensorsFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("convscope_safetensors_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST(Safetensors, HoldsWhatTheFormatsOwnLibraryWrote) {
  const SafetensorsFile file = ReadSafetensors(internal::SourceFile("convscope/formats/testdata/types.safetensors"));
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
  EXPECT_EQ(file.tensors.size(), 14u);
  const Shape shape{2, 3};
  for (const char* const name : {"f32", "f16", "bf16"}) {
    EXPECT_EQ(Named(file, name).shape(), shape) << name;
    EXPECT_THAT(Values<float>(Named(file, name)), ElementsAre(-1, -0.5f, 0, 0.5f, 1, 1.5f)) << name;
  }
  EXPECT_THAT(Values<double>(Named(file, "f64")), ElementsAre(-1, -0.5, 0, 0.5, 1, 1.5));
  EXPECT_THAT(Values<int64_t>(Named(file, "i64")), ElementsAre(-2, -1, 0, 1, 2, 3));
  for (const char* const name : {"i32", "i16"}) {
    EXPECT_THAT(Values<int32_t>(Named(file, name)), ElementsAre(-2, -1, 0, 1, 2, 3)) << name;
  }
  EXPECT_THAT(Values<int8_t>(Named(file, "i8")), ElementsAre(-2, -1, 0, 1, 2, 3));
  EXPECT_THAT(Values<uint8_t>(Named(file, "u8")), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(Values<bool>(Named(file, "bool")), ElementsAre(false, true, true, true, true, true));
  EXPECT_EQ(Named(file, "scalar").shape(), Shape());
  EXPECT_THAT(Values<float>(Named(file, "scalar")), ElementsAre(1.5f));
  EXPECT_EQ(Named(file, "empty").shape(), (Shape{0, 4}));
  const std::vector<float> half = Values<float>(Named(file, "f16 extremes"));
  EXPECT_EQ(half[0], 65504);
  EXPECT_EQ(half[1], std::ldexp(1.0f, -24));
  EXPECT_EQ(half[2], INFINITY);
  EXPECT_EQ(half[3], -INFINITY);
  EXPECT_TRUE(std::isnan(half[4]));
  EXPECT_THAT(Values<float>(Named(file, "bf16 extremes")),
              ElementsAre(3.3895314e38f, std::ldexp(1.0f, -133), INFINITY, -INFINITY));
}

TEST_F(SafetensorsFiles, AreReadBackAsTheyWereWritten) {
  Tensor bytes(Shape{3}, DType::kUInt8), doubles(Shape{2}, DType::kFloat64);
  bytes.data<uint8_t>()[0] = 7, bytes.data<uint8_t>()[1] = 0, bytes.data<uint8_t>()[2] = 255;
  doubles.data<double>()[0] = 1e300, doubles.data<double>()[1] = -0.0;
  const std::vector<StoredTensor> tensors = {{"b", Share(std::move(bytes))},
                                             {"a \"quoted\"\\", Share(Tensor::Of({2, 2}, {1, 2, 3, 4}))},
                                             {"d", Share(std::move(doubles))},
                                             {"scalar", Share(Tensor::Of(Shape{}, {5}))}};
  const std::map<std::string, std::string> metadata = {{"format", "pt"}, {"von", "Zürich"}};
  const std::filesystem::path path = folder_ / "a.safetensors";
  WriteSafetensors(tensors, metadata, path);
  const SafetensorsFile file = ReadSafetensors(path);
  EXPECT_EQ(file.metadata, metadata);
  std::vector<std::string> names;
  for (const StoredTensor& tensor : file.tensors) names.push_back(tensor.name);
  EXPECT_THAT(names, ElementsAre("d", "a \"quoted\"\\", "scalar", "b"));
  for (const StoredTensor& tensor : tensors) {
    const Tensor& read = Named(file, tensor.name);
    EXPECT_EQ(read.shape(), tensor.tensor->shape());
    ASSERT_EQ(read.dtype(), tensor.tensor->dtype());
    EXPECT_EQ(std::memcmp(read.bytes(), tensor.tensor->bytes(), static_cast<size_t>(read.SizeInBytes())), 0);
  }
  // The numbers begin at a multiple of 8, where the format's library expects them.
  uint64_t header = 0;
  std::memcpy(&header, ReadFile(path, 10000).data(), sizeof header);
  EXPECT_EQ(header % 8, 0u);
}

TEST_F(SafetensorsFiles, HaveEachNameOnce) {
  const std::vector<StoredTensor> twice(2, {"a", Share(Tensor::Of({1}, {1}))});
  EXPECT_THROW(WriteSafetensors(twice, {}, folder_ / "a.safetensors"), Error);
  const std::vector<StoredTensor> reserved = {{"__metadata__", Share(Tensor::Of({1}, {1}))}};
  EXPECT_THROW(WriteSafetensors(reserved, {}, folder_ / "a.safetensors"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.safetensors"));
}

TEST_F(SafetensorsFiles, CutAnywhereAreRefusedAndNothingElse) {
  const std::filesystem::path path = folder_ / "a.safetensors";
  const std::vector<StoredTensor> tensors = {{"a", Share(Tensor::Of({2}, {1, 2}))},
                                             {"b", Share(Tensor::Of({3}, {1, 2, 3}))}};
  WriteSafetensors(tensors, {{"key", "value"}}, path);
  const std::string whole = ReadFile(path, 10000);
  EXPECT_EQ(Complaint(whole), "none");
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(Complaint(whole.substr(0, length)), HasSubstr("a.safetensors")) << length;
  }
  EXPECT_THAT(Complaint(whole + '\0'), HasSubstr("21 bytes after its header"));
}

TEST(Safetensors, TellWhichRuleOfTheirLayoutIsBroken) {
  const std::string eight(8, 'x');
  EXPECT_EQ(Complaint(File("{" + Entry("a", "F32", "[2]", "[0,8]") + "}   ", eight)), "none");
  // A hole, an overlap, a wrong length, an end before its beginning, a place far beyond.
  EXPECT_THAT(Complaint(File("{" + Entry("a", "F32", "[1]", "[4,8]") + "}", eight)),
              AllOf(HasSubstr("a.safetensors, a"), HasSubstr("holes"), HasSubstr("begins at 4 where 0 is free")));
  EXPECT_THAT(
      Complaint(File("{" + Entry("a", "F32", "[2]", "[0,8]") + "," + Entry("b", "U8", "[4]", "[4,8]") + "}", eight)),
      AllOf(HasSubstr("overlaps"), HasSubstr("begins at 4 where 8 is free")));
  EXPECT_THAT(Complaint(File("{" + Entry("a", "F32", "[3]", "[0,8]") + "}", eight)),
              AllOf(HasSubstr("shape (3,) of type F32 takes 12 bytes"), HasSubstr("[0, 8]")));
  EXPECT_THAT(Complaint(File("{" + Entry("a", "F32", "[2]", "[8,0]") + "}", eight)), HasSubstr("[8, 0]"));
  EXPECT_THAT(
      Complaint(File("{" + Entry("a", "U8", "[8]", "[18446744073709551608,18446744073709551615]") + "}", eight)),
      HasSubstr("18446744073709551608"));
  // Lengths whose product overflows, and ones that no machine holds: refused before memory is taken.
  EXPECT_THAT(Complaint(File("{" + Entry("a", "U8", "[1099511627776,1099511627776]", "[0,8]") + "}", eight)),
              HasSubstr("elements"));
  EXPECT_THAT(Complaint(File("{" + Entry("a", "U8", "[4611686018427387904,4]", "[0,8]") + "}", eight)),
              HasSubstr("a length of 4611686018427387904"));
  EXPECT_THAT(Complaint(File("{" + Entry("a", "U8", "[-8]", "[0,8]") + "}", eight)), HasSubstr("-8"));
  EXPECT_THAT(Complaint(File("{" + Entry("a", "U8", "[1,1,1,1,1,1,1,1,8]", "[0,8]") + "}", eight)),
              HasSubstr("at most 8 axes"));
  EXPECT_THAT(Complaint(File("{" + Entry("a", "F8_E4M3", "[8]", "[0,8]") + "}", eight)),
              AllOf(HasSubstr("F16, BF16"), HasSubstr("F8_E4M3"), HasSubstr("tensor.to(torch.float32)")));
}

TEST(Safetensors, TellWhatIsWrongWithTheirHeader) {
  const std::string eight(8, 'x'), entry = Entry("a", "F32", "[2]", "[0,8]");
  EXPECT_THAT(Complaint(""), HasSubstr("8 bytes"));
  EXPECT_THAT(Complaint(File("", "")), HasSubstr("begins with '{'"));
  EXPECT_THAT(Complaint(File(" {" + entry + "}", eight)), HasSubstr("begins with '{'"));
  EXPECT_THAT(Complaint(File("{" + entry, eight)), AllOf(HasSubstr("is JSON"), HasSubstr("line 1")));
  EXPECT_THAT(Complaint(File("{" + entry + "} {}", eight)), HasSubstr("is JSON"));
  EXPECT_THAT(Complaint(File("{" + entry + "," + entry + "}", eight)), HasSubstr("two of \"a\""));
  EXPECT_THAT(Complaint(File(R"({"a":{"dtype":"F32","dtype":"F64","shape":[2],"data_offsets":[0,8]}})", eight)),
              HasSubstr("two of \"dtype\""));
  EXPECT_THAT(Complaint(File(R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", eight)), HasSubstr("no \"shape\""));
  EXPECT_THAT(Complaint(File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", eight)),
              HasSubstr("1 of them"));
  EXPECT_THAT(Complaint(File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}})", eight)),
              HasSubstr("three of them"));
  EXPECT_THAT(Complaint(File(R"({"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}})", eight)),
              HasSubstr("a list"));
  EXPECT_THAT(Complaint(File(R"({"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})", eight)),
              AllOf(HasSubstr("shape"), HasSubstr("2.5")));
  EXPECT_THAT(Complaint(File(R"({"a":5})", eight)), AllOf(HasSubstr("\"a\""), HasSubstr("5")));
  EXPECT_THAT(Complaint(File(R"({"a":null})", eight)), HasSubstr("null"));
  EXPECT_THAT(Complaint(File(R"({"a":{"b":{}}})", eight)), HasSubstr("an object"));
  EXPECT_THAT(Complaint(File(R"({"__metadata__":{"format":1}})", "")), HasSubstr("__metadata__"));
  EXPECT_EQ(Complaint(File(R"({"__metadata__":{"format":"pt"}})", "")), "none");
  EXPECT_EQ(Complaint(File("{}", "")), "none");
  std::string deep(1000, '[');
  EXPECT_THAT(Complaint(File("{\"a\":" + deep, eight)), HasSubstr("a list"));
  // A header that is longer than the file, and one that is longer than any.
  std::string lie = File("{" + entry + "}", eight);
  lie[3] = 1;
  EXPECT_THAT(Complaint(lie), AllOf(HasSubstr("has 1677"), HasSubstr("get it again")));
  lie[7] = 127;
  EXPECT_THAT(Complaint(lie), HasSubstr("at most 100000000 bytes"));
}

TEST(Safetensors, AreReadWithinLimits) {
  const std::string file =
      File("{" + Entry("a", "U8", "[4]", "[0,4]") + "," + Entry("b", "U8", "[4]", "[4,8]") + "}", "12345678");
  EXPECT_EQ(Complaint(file, {.tensors = 2, .elements = 4}), "none");
  EXPECT_THAT(Complaint(file, {.tensors = 1}), HasSubstr("at most 1 tensors"));
  EXPECT_THAT(Complaint(file, {.elements = 3}), HasSubstr("at most 3 elements"));
  EXPECT_THAT(Complaint(file, {.header_bytes = 30}), HasSubstr("at most 30 bytes"));
}

}  // namespace
}  // namespace convscope
