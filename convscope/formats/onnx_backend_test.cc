// The ONNX backend suite (Debian's libonnx-testdata; another copy of its data with CONVSCOPE_ONNX_SUITE=FOLDER): every
// case whose operations are read gives what it expects. What is claimed, and why not the rest, stands in
// docs/onnx_suite.md, which this test holds against what it sees; CONVSCOPE_WRITE_ONNX_SUITE=FILE writes it.
// docs/onnx_suite_21.md is the same of the cases that PyPI's onnx makes, see scripts/make_onnx_suite.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

#include "convscope/base/internal/source_file_check.h"
#include "convscope/formats/internal/onnx_backend_case.h"
#include "convscope/formats/internal/onnx_import_table.h"

namespace convscope {
namespace {

using internal::OnnxCaseResult;
using Kind = OnnxCaseResult::Kind;

constexpr const char* kFamilies[] = {"node", "pytorch-converted", "pytorch-operator", "simple"};

struct SuiteCase {
  std::string family, name;
  std::set<std::string> operations;
  OnnxCaseResult result;
};

std::vector<SuiteCase> RunSuite(const std::filesystem::path& root) {
  std::vector<SuiteCase> cases;
  for (const char* family : kFamilies) {
    if (!std::filesystem::exists(root / family)) continue;
    std::vector<std::filesystem::path> folders;
    for (const auto& entry : std::filesystem::directory_iterator(root / family)) {
      if (std::filesystem::exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
    }
    std::sort(folders.begin(), folders.end());
    for (const std::filesystem::path& folder : folders) {
      SuiteCase one{.family = family, .name = folder.filename().string(), .operations = {}, .result = {}};
      const std::string bytes = ReadFile(folder / "model.onnx", int64_t{1} << 30);
      const internal::OnnxPieces pieces = internal::SplitOnnx(bytes, int64_t{1} << 24, "");
      for (const auto& node : pieces.graph.node()) one.operations.insert(node.op_type());
      one.result = internal::RunOnnxCase(folder);
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

// The first operation of a case that is not read at all; empty where all are.
// Their outputs are further from ours than the suite's tolerance, by less than the rounding of what is in between.
constexpr std::string_view kRoundedAtEachStep[] = {"test_attention_4d_causal_bf16_expanded",
                                                   "test_attention_4d_gqa_with_past_and_present_fp16_expanded"};

std::string UnknownOperation(const SuiteCase& one) {
  for (const std::string& operation : one.operations) {
    if (internal::FindOnnxReader(operation) == nullptr) return operation;
  }
  return "";
}

// `debian`: of that package's copy, else of the cases that PyPI's makes.
std::string Report(const std::vector<SuiteCase>& cases, bool debian) {
  std::ostringstream text;
  text
      << (debian ? "# What convscope reads of the ONNX backend suite\n\n"
                   "Made by `convscope_io_test --gtest_filter=OnnxBackend.*` from Debian's `libonnx-testdata`, whose "
                   "cases are ONNX' own. "
                 : "# What convscope reads of the ONNX backend suite, opset 21\n\n"
                   "Made by `scripts/make_onnx_suite.py --check build/convscope_io_test` from the cases of PyPI's "
                   "`onnx`, as far as\nthey can be written for opset 21. ")
      << "A case is claimed\nwhere every operation in it is read, with the attributes that it has; every "
         "claimed case passes at the suite's tolerance.\n\n"
         "Where the suite and ONNX Runtime differ, the suite is followed: a Resize by scales with align_corners and a "
         "length\nthat is not whole places its corners by that length, not by the rounded one; and a place between two "
         "that is\nnearest to both in float32 may round the other way.\n\n"
         "| folder | cases | claimed and passed | not claimed |\n|---|---|---|---|\n";
  for (const char* family : kFamilies) {
    int count = 0, passed = 0;
    if (!debian && std::string_view(family) != "node") continue;
    for (const SuiteCase& one : cases) {
      count += one.family == family;
      passed += one.family == family && one.result.kind == Kind::kPassed;
    }
    text << "| " << family << " | " << count << " | " << passed << " | " << count - passed << " |\n";
  }
  text << "\n## By operation\n\nCases that hold an operation which is read. A case with other operations, that are not "
          "read, is not claimed\nfor these.\n\n| operation | cases | passed |\n|---|---|---|\n";
  for (const std::string& operation : internal::OnnxReaderTypes()) {
    int count = 0, passed = 0;
    for (const SuiteCase& one : cases) {
      count += one.operations.contains(operation);
      passed += one.operations.contains(operation) && one.result.kind == Kind::kPassed;
    }
    text << "| " << operation << " | " << count << " | " << passed << " |\n";
  }
  text << "\n## Not claimed: the operation is not read\n\n| operation | cases |\n|---|---|\n";
  std::map<std::string, int> unknown;
  for (const SuiteCase& one : cases) {
    if (one.result.kind == Kind::kNotClaimed && !UnknownOperation(one).empty()) ++unknown[UnknownOperation(one)];
  }
  for (const auto& [operation, count] : unknown) text << "| " << operation << " | " << count << " |\n";
  text << "\n## Not claimed: what the case asks of an operation\n\n| case | why |\n|---|---|\n";
  for (const SuiteCase& one : cases) {
    if (one.result.kind != Kind::kNotClaimed || !UnknownOperation(one).empty()) continue;
    text << "| " << one.name << " | " << one.result.reason << " |\n";
  }
  return text.str();
}

TEST(OnnxBackend, EveryClaimedCasePasses) {
  const char* elsewhere = std::getenv("CONVSCOPE_ONNX_SUITE");
  const std::filesystem::path root = elsewhere != nullptr ? elsewhere : "/usr/share/libonnx-testdata/data";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "libonnx-testdata is not installed";
  std::vector<SuiteCase> cases = RunSuite(root);
  ASSERT_FALSE(cases.empty());
  for (SuiteCase& one : cases) {
    if (std::ranges::find(kRoundedAtEachStep, one.name) != std::end(kRoundedAtEachStep)) {
      one.result = {Kind::kNotClaimed, "it expects each step rounded to 16 bits; here they are computed in float32"};
    }
    EXPECT_NE(one.result.kind, Kind::kFailed) << one.family << '/' << one.name << ": " << one.result.reason;
  }
  const std::string report = Report(cases, elsewhere == nullptr);
  if (const char* file = std::getenv("CONVSCOPE_WRITE_ONNX_SUITE")) std::ofstream(file) << report;
  if (elsewhere != nullptr) return;
  EXPECT_EQ(report, ReadFile(internal::SourceFile("docs/onnx_suite.md"), 1 << 20))
      << "write docs/onnx_suite.md anew, see the head of this test";
}

}  // namespace
}  // namespace convscope
