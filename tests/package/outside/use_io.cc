// An array to a file and back, with convscope::io.
#include <convscope/formats/npy.h>

int main() {
  convscope::WriteNpy(convscope::Tensor::Of({2, 2}, {1, 2, 3, 4}), "array.npy");
  const convscope::Tensor array = convscope::ReadNpy("array.npy");
  return array.shape() == convscope::Shape{2, 2} && array.data()[3] == 4 ? 0 : 1;
}
