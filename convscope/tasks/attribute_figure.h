// The figure of attributions: the picture, and over it, in grey, what each method found for each class.
#ifndef CONVSCOPE_TASKS_ATTRIBUTE_FIGURE_H_
#define CONVSCOPE_TASKS_ATTRIBUTE_FIGURE_H_

#include "convscope/figures/figure.h"
#include "convscope/tasks/attribute_picture.h"

namespace convscope {

// One class: the picture and all methods one after the other. Several: a row a method, a column a class, and the
// probabilities of the classes. All maps of a method have one scale: from 0 up where the method shows strength, else
// symmetric about 0; weak values leave the picture as it is. Under them the curves of deletion and insertion, where
// they were measured. Shows arrays of `picture`.
Figure AttributeFigure(const AttributedPicture& picture);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_ATTRIBUTE_FIGURE_H_
