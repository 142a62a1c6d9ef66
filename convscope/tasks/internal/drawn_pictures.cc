#include "convscope/tasks/internal/drawn_pictures.h"

namespace convscope::internal {

Tensor DrawnPicture(const Dataset& data, int64_t i) {
  Tensor picture = data.image(i).Reshaped(data.shape());
  const int64_t channels = data.channels(), drawn = DrawnChannels(channels);
  if (channels == drawn) return picture;
  Tensor first({data.height(), data.width(), drawn});
  for (int64_t place = 0; place < first.size(); ++place) first.data()[place] = picture.data()[place * channels];
  return first;
}

Tensor SideBySide(const Shape& shape, const std::vector<TensorView<const float>>& pictures) {
  const int64_t places = shape[0] * shape[1], channels = shape[2], drawn = DrawnChannels(channels);
  const int64_t count = std::ssize(pictures);
  Tensor all({shape[0], shape[1], drawn * count});
  for (int64_t n = 0; n < count; ++n) {
    const float* const picture = pictures[static_cast<size_t>(n)].data();
    for (int64_t place = 0; place < places; ++place) {
      for (int64_t c = 0; c < drawn; ++c) {
        all.data()[(place * count + n) * drawn + c] = picture == nullptr ? 1.0f : picture[place * channels + c];
      }
    }
  }
  return all;
}

}  // namespace convscope::internal
