// Numbers that other programs computed, for tests: the files that scripts/make_training_fixtures.py writes and
// describes. Not for users.
#ifndef CONVSCOPE_TRAIN_INTERNAL_FIXTURE_CHECK_H_
#define CONVSCOPE_TRAIN_INTERNAL_FIXTURE_CHECK_H_

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"

namespace convscope {

// A file of testdata/, number after number: little-endian float64, as are the machines that run the tests.
class Fixture {
 public:
  explicit Fixture(const std::string& file)
      : bytes_(ReadFile(internal::SourceFile("convscope/train/testdata/" + file), 1 << 20)) {}

  double Next() {
    double number = 0;
    if (read_ + sizeof(number) > bytes_.size()) {
      throw Error({.where = "fixture", .rule = "the file holds all numbers that are asked for", .received = "its end"});
    }
    std::memcpy(&number, bytes_.data() + read_, sizeof(number));
    read_ += sizeof(number);
    return number;
  }

  bool AtEnd() const { return read_ == bytes_.size(); }

 private:
  std::string bytes_;
  size_t read_ = 0;
};

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_INTERNAL_FIXTURE_CHECK_H_
