// Principal component analysis: the few directions along which many points differ most (Pearson 1901, Hotelling 1933).
#ifndef CONVSCOPE_INSPECT_PRINCIPAL_COMPONENTS_H_
#define CONVSCOPE_INSPECT_PRINCIPAL_COMPONENTS_H_

#include <cstdint>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

struct PrincipalComponents {
  // (n, k): of each point, less the mean, along each component; the component of most variance first.
  std::vector<double> scores;
  // (k, d): unit vectors, orthogonal; the entry of the largest magnitude is positive. Zero where no variance is left.
  std::vector<double> components;
  std::vector<double> variance;  // k, along each component, divided by n - 1
  double total = 0;              // variance in all directions together
};

// Of points (n, d), finite, n at least 2; k is 1 to d. By the Lanczos method on the covariance with full
// reorthogonalisation (Golub and Van Loan, Matrix Computations, chapter 10), which never forms it: n x d products
// alone, to a residual of 1e-10 of the largest variance, or 500 steps. The same bits at any number of threads. Throws
// Error for other arguments and for points that are not finite.
PrincipalComponents PrincipalComponentsOf(TensorView<const float> points, int64_t k);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_PRINCIPAL_COMPONENTS_H_
