// What a layer is: something with Keras' name and arguments that adds nodes to a Graph when it is called on tensors. It
// computes nothing; what it adds does.
//
// Each kind of layer is a plain struct (layers.h) that converts to LayerPtr. One LayerPtr called twice in a network is
// one layer: its parameters are shared.
#ifndef CONVSCOPE_NN_LAYER_H_
#define CONVSCOPE_NN_LAYER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/graph.h"
#include "convscope/nn/config.h"
#include "convscope/nn/initializer.h"
#include "convscope/nn/layer_arguments.h"
#include "convscope/nn/regularizer.h"

namespace convscope {

// How a parameter starts and what holds for it while it is trained.
struct ParameterSettings {
  Initializer initializer;
  Regularizer regularizer;
  Constraint constraint;
  bool trainable = true;
  // The shape that Keras gives it, where that differs: the same elements in the same order. The fans are of this one.
  Shape keras_shape = {};
};

class LayerCall;

class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::string_view class_name() const = 0;  // "Conv2D"
  virtual const std::string& name() const = 0;      // as it was given; empty: one is made of the class
  virtual bool trainable() const = 0;
  virtual Regularizer activity_regularizer() const = 0;

  // The arguments as Keras writes them, without the name.
  virtual Config config() const = 0;

  // Adds the nodes of one call and returns the tensor that they end in. Throws Error for arguments out of range and
  // inputs that the layer does not take.
  virtual std::string Call(LayerCall& call) const = 0;
};
using LayerPtr = std::shared_ptr<const Layer>;

// One call of a layer, as the layer sees it. Names begin with the layer's: parameters are NAME/kernel, the output is
// NAME, and NAME/pre_activation before an activation; those of later calls are NAME/call_1, ...
class LayerCall {
 public:
  struct Record {
    std::vector<std::string> parameters;  // tensors, in the order in which the layer asks for them
    std::vector<std::string> nodes;
    std::map<std::string, ParameterSettings, std::less<>> settings;  // of the parameters that this call made
  };

  // `call` counts the calls of the layer, from 0.
  LayerCall(GraphBuilder& builder, const Layer& layer, std::string layer_name, std::vector<std::string> inputs,
            int64_t call);

  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::string& input() const { return inputs_[0]; }
  const Shape& ShapeOf(std::string_view tensor) const;
  const Shape& input_shape() const { return ShapeOf(input()); }

  // Throws Error unless there is one input; unless it has these many axes (N and C included).
  void ExpectOneInput() const;
  void ExpectRank(int rank) const;

  // The parameter NAME/`name`: added by the first call, shared by the others. A layer that is not trainable has none
  // that is.
  std::string Parameter(std::string_view name, const Shape& shape, ParameterSettings settings);

  // A node and its only output, called NAME/`name`.
  std::string Add(std::string_view name, const OperationPtr& operation, const std::vector<std::string>& inputs);

  // The input with `axis` (may be negative) moved to the end: itself where it is there already.
  std::string AxisLast(int64_t axis);
  std::string ChannelsLast(DataFormat format) { return AxisLast(format == DataFormat::kChannelsLast ? -1 : 1); }

  // The last node of a call: `operation`, then (unless told otherwise) the last axis moved back to where AxisLast found
  // it, then the activation. Returns NAME.
  std::string Finish(const OperationPtr& operation, const std::vector<std::string>& inputs,
                     const Activation& activation = {}, bool move_back = true);

  const Record& record() const { return record_; }

 private:
  void AddNode(const std::string& name, const OperationPtr& operation, const std::vector<std::string>& inputs);

  GraphBuilder& builder_;
  const Layer& layer_;
  std::string layer_name_, name_;
  std::vector<std::string> inputs_;
  int64_t moved_axis_ = -1;  // that AxisLast moved
  Record record_;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_LAYER_H_
