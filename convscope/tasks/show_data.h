// A data set shown: a labelled sheet of its classes, and how many pictures each has.
#ifndef CONVSCOPE_TASKS_SHOW_DATA_H_
#define CONVSCOPE_TASKS_SHOW_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/tasks/open_data.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

struct ShowDataOptions {
  bool test = false;    // draw test pictures, else training pictures
  int64_t first = 0;    // look for pictures among the first so many alone; 0: among all
  bool rows = false;    // one row a class, else one picture a class
  int64_t columns = 0;  // pictures in a row, 1 to 100; 0: 5 of one a class (2 x 5 for ten classes), 10 of each in rows
};

// Throws the Error that MakeDataSheet would throw for these options.
void Check(const ShowDataOptions& options);

// One picture of each class, the first, each with its class, its place, and how many the class has; or as many of each
// class as fit a row. Classes that have none among those looked at are named in the footer. At most 100 classes are
// drawn; the footer says so. Throws Error when there is no picture to draw.
OwningFigure MakeDataSheet(const OpenedData& opened, const ShowDataOptions& options = {});

// The parts, the pictures' shape and type, the licence, and a table of the classes with their counts.
std::string DataText(const OpenedData& opened);

// One object: name, location, origin, licence, shape, dtype, train, test, and classes, each with number, name, train
// and test (counts), first_train and first_test (places of its first pictures; null where it has none).
std::string DataJson(const OpenedData& opened);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SHOW_DATA_H_
