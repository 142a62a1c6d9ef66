// What a training can be made of: data sets that are here, networks, layers, optimizers, schedules and losses with
// their settings, from the tables that the library reads them by.
#ifndef CONVSCOPE_TASKS_TRAIN_CHOICES_H_
#define CONVSCOPE_TASKS_TRAIN_CHOICES_H_

#include <string>

#include "convscope/datasets/data_places.h"

namespace convscope {

// One object: "datasets", each with name, title, shape, train, test (pictures) and classes (names); "architectures",
// each with name and description; "layers", each with name and arguments (by name, with their defaults); "optimizers",
// "schedules" and "losses", each with name and settings (name and standard, in order); and "settings", those of a
// training that says nothing.
std::string TrainChoicesJson(const DataPlaces& places);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TRAIN_CHOICES_H_
