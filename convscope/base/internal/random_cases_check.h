// How many random cases a test tries. For tests alone.
#ifndef CONVSCOPE_BASE_INTERNAL_RANDOM_CASES_CHECK_H_
#define CONVSCOPE_BASE_INTERNAL_RANDOM_CASES_CHECK_H_

namespace convscope {

// All, but under a sanitizer, where each takes ten times as long and what is looked for shows in fewer, a quarter.
template <typename Count>
constexpr Count RandomCases(Count count) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return count / 4;
#else
  return count;
#endif
}

}  // namespace convscope

#endif  // CONVSCOPE_BASE_INTERNAL_RANDOM_CASES_CHECK_H_
