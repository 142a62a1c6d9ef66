// A network: a Graph, the layers that it was built of, and what is known of its parameters. Made by Sequential,
// NetworkBuilder, an architecture's name or a Keras file.
//
// The graph computes a batch of one; Rebuild (convscope/graph/rebuild.h) makes it for others and for training. What
// holds for parameters while they are trained (trainable, regularizers, constraints) stands here and not in the graph.
#ifndef CONVSCOPE_NN_NETWORK_H_
#define CONVSCOPE_NN_NETWORK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/model.h"
#include "convscope/graph/preprocessing.h"
#include "convscope/nn/layer.h"

namespace convscope {

struct NetworkLayer {
  struct Call {
    std::vector<std::string> inputs;  // tensors
    std::string output;               // tensor
    std::vector<std::string> nodes;   // of the graph
  };
  LayerPtr layer;  // the arguments; the name may be empty there
  std::string name;
  std::vector<std::string> parameters;  // tensors, in Keras' order
  std::vector<Call> calls;              // one, unless the layer is shared
};

struct NetworkParameter : ParameterSettings {
  std::string layer;
};

class Network {
 public:
  // What NetworkBuilder collects.
  struct Parts {
    std::string name;
    bool sequential = false;  // a chain with one input, which Keras calls Sequential
    Graph graph;
    std::vector<std::string> inputs, outputs;  // tensors, in the order in which they were named
    std::vector<NetworkLayer> layers;          // in the order of their first calls
    std::map<std::string, NetworkParameter, std::less<>> parameters;
  };
  explicit Network(Parts parts);

  const std::string& name() const { return parts_.name; }
  bool sequential() const { return parts_.sequential; }
  const Graph& graph() const { return parts_.graph; }
  const std::vector<std::string>& inputs() const { return parts_.inputs; }
  const std::vector<std::string>& outputs() const { return parts_.outputs; }
  std::span<const NetworkLayer> layers() const { return parts_.layers; }
  const NetworkLayer& layer(std::string_view name) const;  // throws Error with the nearest names
  const std::map<std::string, NetworkParameter, std::less<>>& parameters() const { return parts_.parameters; }

  int64_t ParameterCount() const;
  int64_t TrainableCount() const;

  // Numbers to start from, for every parameter. A function of the seed, the parameters' names and initializers alone.
  NamedTensors InitialWeights(uint64_t seed) const;

  // The numbers of the parameters: none until they are set, all at once or by layer.
  void Initialize(uint64_t seed) { weights_ = InitialWeights(seed); }
  // Both take the shapes of the graph and those of Keras, and change nothing when they throw.
  void SetWeights(const NamedTensors& weights);  // by the parameters' names; those left out stay
  void SetWeights(std::string_view layer, const std::vector<SharedTensor>& weights);
  std::vector<SharedTensor> GetWeights(std::string_view layer) const;
  const NamedTensors& weights() const { return weights_; }

  // What can be run. Throws Error naming the first parameter that has no numbers. Tensors are shared, not copied.
  Model model() const;

  Preprocessing preprocessing;
  std::vector<std::string> class_names;  // one an output, or none

 private:
  // `weight` in the parameter's shape; throws Error naming `where` and the parameter.
  SharedTensor Fitting(const std::string& parameter, const SharedTensor& weight, const std::string& where) const;

  Parts parts_;
  NamedTensors weights_;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_NETWORK_H_
