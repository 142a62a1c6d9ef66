// What a training allocates: nothing of any size after the first step of each batch shape. One network here is of
// operations that need no memory to work in, so that whatever is counted is the trainer's, the graph's or the data's;
// the other has convolutions, pools and dense layers, whose working memory stays from step to step.
//
// This file replaces operator new and aligned_alloc of the whole test program by ones that count. Small pieces (tasks
// of the thread pool, text) are left out: what matters is tensors and workspaces.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/train/fit.h"
#include "convscope/train/internal/bars.h"

// Sanitizers have their own, which find more.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {
constexpr std::size_t kSmall = 4096;  // bytes; every tensor counts, whatever its size
std::atomic<int64_t> allocations = 0;

void* Counted(std::size_t alignment, std::size_t bytes) {
  void* memory = nullptr;
  return posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
}
}  // namespace

// Tensors come from here.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  ++allocations;
  return Counted(alignment, bytes);
}

// Not inlined: the compiler would take a free that it sees for one that does not belong to its new.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  if (bytes >= kSmall) ++allocations;
  void* memory = std::malloc(bytes > 0 ? bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace convscope {
namespace {

// Flatten, dropout, a factor for each of the 36 pixels, softmax: of its 36 classes the data have 4.
Model Factors() {
  GraphBuilder builder;
  builder.Input("input", {{1, 6, 6, 1}});
  builder.Parameter("factors", {{1, 36}});
  builder.Add("flatten", ReshapeOp{{0, -1}}, {"input"});
  builder.Add("dropout", DropoutOp{.rate = 0.3}, {"flatten"});
  builder.Add("product", MultiplyOp{}, {"dropout", "factors"});
  builder.Add("softmax", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {"product"});
  return Model(builder.Build(), {{"factors", Share(FirstWeights({1, 36}, 1, "factors"))}});
}

// Of few filters and of many, overlapping pools and others, with a gradient to the input of each but the first.
Model Layers() {
  GraphBuilder builder;
  NamedTensors parameters;
  const auto parameter = [&](const std::string& name, const Shape& shape) {
    builder.Parameter(name, {shape});
    parameters[name] = Share(FirstWeights(shape, 0.3, name));
  };
  builder.Input("input", {{1, 6, 6, 1}});
  parameter("few/kernel", {3, 3, 1, 2});
  parameter("many/kernel", {3, 3, 2, 24});
  parameter("many/bias", {24});
  parameter("dense/kernel", {24, 4});
  const Padding same = Padding::Same();
  builder.Add("few", ConvOp{.padding = {same}}, {"input", "few/kernel"});
  builder.Add("few/relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"few"});
  builder.Add("few/pool", PoolOp{.kind = PoolKind::kMax, .sizes = {3}, .strides = {1}}, {"few/relu"});
  builder.Add("many", ConvOp{.padding = {same}}, {"few/pool", "many/kernel", "many/bias"});
  builder.Add("many/pool", PoolOp{.kind = PoolKind::kMax, .sizes = {2}}, {"many"});
  builder.Add("average", PoolOp{.kind = PoolKind::kAverage, .sizes = {2}}, {"many/pool"});
  builder.Add("flatten", ReshapeOp{{0, -1}}, {"average"});
  builder.Add("dense", DenseOp{}, {"flatten", "dense/kernel"});
  builder.Add("softmax", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {"dense"});
  return Model(builder.Build(), parameters);
}

TEST(FitMemory, TheCounterSeesTensorsAndArrays) {
  const int64_t before = allocations;
  const Tensor tensor(Shape{1});
  EXPECT_EQ(allocations, before + 1);
  const std::vector<float> array(10000);
  EXPECT_EQ(allocations, before + 2) << array.size();
}

// The allocations counted after each of the steps of three epochs, seven each, the last of which has another shape.
std::vector<int64_t> CountsOf(const Model& model) {
  std::vector<int64_t> counts;
  FitOptions options{.optimizer = Adam{.clipping = {.global_norm = 1}},
                     .epochs = 3,
                     .batch_size = 32,
                     .augmentation = {.shift = 0.1, .noise = 0.1}};
  options.callbacks = {
      Observer{.after_step = [&](TrainingControl&, const StepRecord&) { counts.push_back(allocations); }}};
  Fit(model, {}, Bars(32 * 6 + 10), options);
  return counts;
}

void ExpectNoneAfterTheFirstOfEachShape(const std::vector<int64_t>& counts) {
  ASSERT_EQ(counts.size(), 21u);
  EXPECT_GT(counts[6], counts[5]) << "the last batch has another shape";
  for (size_t step = 1; step < counts.size(); ++step) {
    if (step == 6) continue;
    EXPECT_EQ(counts[step], counts[step - 1]) << "step " << step;
  }
}

TEST(FitMemory, TheTrainerAllocatesNothingAfterTheFirstStepOfEachBatchShape) {
  ExpectNoneAfterTheFirstOfEachShape(CountsOf(Factors()));
}

// On one thread: how many tasks run at once, each with memory of its own, is otherwise a matter of timing.
TEST(FitMemory, LayersAllocateNothingAfterTheFirstStepOfEachBatchShape) {
  SetThreadCount(1);
  ExpectNoneAfterTheFirstOfEachShape(CountsOf(Layers()));
  SetThreadCount(0);
}

}  // namespace
}  // namespace convscope
#endif
