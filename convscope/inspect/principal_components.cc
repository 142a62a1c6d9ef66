#include "convscope/inspect/principal_components.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr size_t kMostSteps = 500;
constexpr double kResidual = 1e-10;  // of the largest variance
using Vector = std::vector<double>;

double Dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// The points less their mean, and what the covariance makes of a vector.
class Covariance {
 public:
  explicit Covariance(TensorView<const float> points)
      : n_(points.shape()[0]), d_(points.shape()[1]), centred_(static_cast<size_t>(n_ * d_)) {
    ParallelRanges(d_, 64, [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; ++c) {
        double mean = 0;
        for (int64_t r = 0; r < n_; ++r) mean += static_cast<double>(points[r * d_ + c]);
        mean /= static_cast<double>(n_);
        for (int64_t r = 0; r < n_; ++r) {
          centred_[static_cast<size_t>(r * d_ + c)] =
              static_cast<float>(static_cast<double>(points[r * d_ + c]) - mean);
        }
      }
    });
  }

  double Total() const {
    double squares = 0;
    for (const float value : centred_) squares += static_cast<double>(value) * static_cast<double>(value);
    return squares / static_cast<double>(n_ - 1);
  }

  // Along `direction` (d), of each point: (n).
  Vector Scores(const Vector& direction) const {
    Vector scores(static_cast<size_t>(n_));
    ParallelRanges(n_, 16, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const float* const row = centred_.data() + r * d_;
        double sums[4] = {};
        for (int64_t c = 0; c < d_; ++c) sums[c % 4] += static_cast<double>(row[c]) * direction[static_cast<size_t>(c)];
        scores[static_cast<size_t>(r)] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
      }
    });
    return scores;
  }

  Vector operator()(const Vector& direction) const {
    const Vector scores = Scores(direction);
    Vector product(static_cast<size_t>(d_), 0.0);
    ParallelRanges(d_, 64, [&](int64_t begin, int64_t end) {
      for (int64_t r = 0; r < n_; ++r) {
        const float* const row = centred_.data() + r * d_;
        const double score = scores[static_cast<size_t>(r)] / static_cast<double>(n_ - 1);
        for (int64_t c = begin; c < end; ++c) product[static_cast<size_t>(c)] += score * static_cast<double>(row[c]);
      }
    });
    return product;
  }

 private:
  int64_t n_, d_;
  std::vector<float> centred_;
};

// Eigenvalues of a symmetric matrix (m, m), the largest first, and its eigenvectors as rows: Jacobi's rotations, cyclic
// (Golub and Van Loan, section 8.5).
struct Eigen {
  Vector values;
  std::vector<Vector> vectors;
};
Eigen SymmetricEigen(std::vector<Vector> a) {
  const size_t m = a.size();
  std::vector<Vector> v(m, Vector(m, 0.0));
  for (size_t i = 0; i < m; ++i) v[i][i] = 1;
  double whole = 0;
  for (const Vector& row : a) whole += Dot(row, row);
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0;
    for (size_t i = 0; i < m; ++i) {
      for (size_t j = 0; j < i; ++j) off += a[i][j] * a[i][j];
    }
    if (!(off > 1e-30 * whole)) break;
    for (size_t p = 0; p + 1 < m; ++p) {
      for (size_t q = p + 1; q < m; ++q) {
        if (a[p][q] == 0) continue;
        const double tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (tau >= 0 ? 1 : -1) / (std::abs(tau) + std::sqrt(1 + tau * tau));
        const double c = 1 / std::sqrt(1 + t * t), s = t * c;
        for (size_t k = 0; k < m; ++k) {
          const double x = a[k][p], y = a[k][q];
          a[k][p] = c * x - s * y;
          a[k][q] = s * x + c * y;
        }
        for (size_t k = 0; k < m; ++k) {
          const double x = a[p][k], y = a[q][k];
          a[p][k] = c * x - s * y;
          a[q][k] = s * x + c * y;
        }
        for (size_t k = 0; k < m; ++k) {
          const double x = v[p][k], y = v[q][k];
          v[p][k] = c * x - s * y;
          v[q][k] = s * x + c * y;
        }
      }
    }
  }
  std::vector<size_t> order(m);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return a[i][i] > a[j][j]; });
  Eigen sorted;
  for (const size_t i : order) {
    sorted.values.push_back(a[i][i]);
    sorted.vectors.push_back(v[i]);
  }
  return sorted;
}

// An orthonormal basis that the covariance leaves tridiagonal: `diagonal` and what is beside it.
struct Krylov {
  std::vector<Vector> basis;
  Vector diagonal, beside;  // beside[i] couples i and i + 1

  Eigen Ritz() const {
    const size_t m = diagonal.size();
    std::vector<Vector> t(m, Vector(m, 0.0));
    for (size_t i = 0; i < m; ++i) {
      t[i][i] = diagonal[i];
      if (i + 1 < m) t[i][i + 1] = t[i + 1][i] = beside[i];
    }
    return SymmetricEigen(std::move(t));
  }
};

// Takes out of `vector` what lies in the basis: twice, since once leaves rounding errors behind.
void Orthogonalise(const std::vector<Vector>& basis, Vector* vector) {
  for (int round = 0; round < 2; ++round) {
    for (const Vector& one : basis) {
      const double part = Dot(one, *vector);
      for (size_t i = 0; i < vector->size(); ++i) (*vector)[i] -= part * one[i];
    }
  }
}

// A unit vector in a random direction outside the basis.
Vector NewDirection(const std::vector<Vector>& basis, size_t d) {
  Random random(0, "principal components", 0, basis.size());
  Vector vector(d);
  for (double& value : vector) value = static_cast<double>(random.Normal());
  Orthogonalise(basis, &vector);
  const double norm = std::sqrt(Dot(vector, vector));
  for (double& value : vector) value /= norm;
  return vector;
}

Eigen Lanczos(const Covariance& covariance, size_t d, size_t k, double total, Krylov* krylov) {
  const size_t most = std::min<size_t>(d, kMostSteps);
  krylov->basis.push_back(NewDirection({}, d));
  size_t check = k + 10;  // each check costs more than the one before
  for (;;) {
    const size_t step = krylov->diagonal.size();
    Vector next = covariance(krylov->basis[step]);
    krylov->diagonal.push_back(Dot(next, krylov->basis[step]));
    Orthogonalise(krylov->basis, &next);
    const double norm = std::sqrt(Dot(next, next));
    if (step + 1 == most) return krylov->Ritz();
    if (step + 1 >= check) {
      check += std::max<size_t>(10, check / 4);
      Eigen ritz = krylov->Ritz();
      double worst = 0;
      for (size_t i = 0; i < k; ++i) worst = std::max(worst, norm * std::abs(ritz.vectors[i][step]));
      // A few dimensions are gone through to the end: so directions of equal variance are all found.
      if (most > 64 && worst <= kResidual * ritz.values[0]) return ritz;
    }
    // All that this start can reach is found: on from another one, which nothing couples to the first.
    const bool ended = norm <= 1e-14 * total;
    krylov->beside.push_back(ended ? 0 : norm);
    if (!ended) {
      for (double& value : next) value /= norm;
    }
    krylov->basis.push_back(ended ? NewDirection(krylov->basis, d) : std::move(next));
  }
}

void Check(TensorView<const float> points, int64_t k) {
  const Shape& shape = points.shape();
  if (shape.rank() != 2 || shape[0] < 2 || k < 1 || k > shape[1]) {
    throw Error({.where = "principal components",
                 .rule = "two points or more, (points, dimensions), have 1 component to as many as dimensions",
                 .received = Concat(shape.ToString(), " and ", k)});
  }
  for (const float value : points.span()) {
    if (std::isfinite(value)) continue;
    throw Error({.where = "principal components", .rule = "points must be finite", .received = Concat(value)});
  }
}

}  // namespace

PrincipalComponents PrincipalComponentsOf(TensorView<const float> points, int64_t k) {
  Check(points, k);
  const int64_t n = points.shape()[0], d = points.shape()[1];
  const Covariance covariance(points);
  const auto wanted = static_cast<size_t>(k), dimensions = static_cast<size_t>(d);
  PrincipalComponents result{.scores = Vector(static_cast<size_t>(n) * wanted, 0.0),
                             .components = Vector(wanted * dimensions, 0.0),
                             .variance = Vector(wanted, 0.0),
                             .total = covariance.Total()};
  if (result.total == 0) return result;
  Krylov krylov;
  const Eigen ritz = Lanczos(covariance, dimensions, wanted, result.total, &krylov);
  for (size_t i = 0; i < std::min(wanted, ritz.values.size()); ++i) {
    // What rounding leaves of nothing is nothing.
    if (ritz.values[i] <= 1e-13 * result.total) continue;
    Vector direction(dimensions, 0.0);
    for (size_t j = 0; j < ritz.vectors[i].size(); ++j) {
      for (size_t c = 0; c < dimensions; ++c) direction[c] += ritz.vectors[i][j] * krylov.basis[j][c];
    }
    const auto largest = std::max_element(direction.begin(), direction.end(),
                                          [](double a, double b) { return std::abs(a) < std::abs(b); });
    const double length = std::sqrt(Dot(direction, direction)) * (*largest < 0 ? -1 : 1);
    for (double& value : direction) value /= length;
    const Vector scores = covariance.Scores(direction);
    for (size_t r = 0; r < scores.size(); ++r) result.scores[r * wanted + i] = scores[r];
    std::copy(direction.begin(), direction.end(), result.components.begin() + static_cast<ptrdiff_t>(i * dimensions));
    result.variance[i] = ritz.values[i];
  }
  return result;
}

}  // namespace convscope
