// How alike the maps of several pictures are, whatever place their contents have: the mean cosine between their Gram
// matrices (Gatys, Ecker and Bethge 2015 describe textures by these). For dreams that are to differ.
#ifndef CONVSCOPE_INSPECT_GRAM_DIVERSITY_H_
#define CONVSCOPE_INSPECT_GRAM_DIVERSITY_H_

#include "convscope/tensor/tensor.h"

namespace convscope {

// `maps` (N, ..., C), N at least 2. Returns the mean over all pairs of pictures of the cosine between their matrices
// (C, C), whose elements are sums over places of the product of two channels; a matrix of zeros has the cosine 0 with
// all. Writes the gradient of that, of the maps' shape.
double GramSimilarity(const Tensor& maps, Tensor& gradient);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_GRAM_DIVERSITY_H_
