// Links against convscope::core; exits with 0 when it works.
#include <convscope/tensor/tensor.h>

int main() {
  const convscope::Tensor tensor = convscope::Tensor::Of({2, 2}, {1, 2, 3, 4});
  return tensor.Clone().view().span().back() == 4 ? 0 : 1;
}
