// What a network costs on this machine, layer by layer: milliseconds and share of the multiply-add peak beside the
// counts of the summary, and a chart of them.
#ifndef CONVSCOPE_TASKS_SUMMARY_COST_H_
#define CONVSCOPE_TASKS_SUMMARY_COST_H_

#include <string>

#include "convscope/base/progress.h"
#include "convscope/figures/figure.h"
#include "convscope/tasks/summary_report.h"

namespace convscope {

// Of what OpenModel takes, whose summary `opened` is. Weights of what has none are random numbers. Each layer's time is
// the sum of its nodes' medians over five runs of one sample, unfused, on all threads. Throws what OpenModel does.
MeasuredCost MeasureCost(const ModelChoice& model, const OpenedSummary& opened, const Progress& progress = {});

// Bars of milliseconds, share of the peak, multiply-adds, receptive field, parameters and memory, a layer each. Of more
// than kMostCostBars layers those that take longest are drawn, in their order, and the footer says so.
inline constexpr size_t kMostCostBars = 24;
Figure CostFigure(const NetworkSummary& summary, const MeasuredCost& cost, bool trained = true);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SUMMARY_COST_H_
