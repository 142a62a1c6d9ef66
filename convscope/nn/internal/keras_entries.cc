#include "convscope/nn/internal/keras_entries.h"

#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

bool IsReference(const Config& config) {
  const Config::List* const list = config.AsList();
  return list != nullptr && list->size() >= 3 && (*list)[0].AsString() != nullptr &&
         (*list)[1].AsInteger() != nullptr && (*list)[2].AsInteger() != nullptr;
}

LayerOutput ReadReference(const Config& config) {
  constexpr int64_t kMost = int64_t{1} << 31;
  const auto is_number = [](int64_t number) { return number >= 0 && number < kMost; };
  if (IsReference(config)) {
    const Config::List& list = *config.AsList();
    const LayerOutput output{*list[0].AsString(), *list[1].AsInteger(), *list[2].AsInteger()};
    if (is_number(output.call) && is_number(output.output)) return output;
  }
  FailEntry("expected [layer, number of the call, number of the output]", config);
}

// Keras 3: a tensor is an object with a "keras_history"; a list holds several.
void ReadArguments(const Config& argument, std::vector<CallArgument>& arguments) {
  if (const Config* const tensor = argument.Find("config"); tensor != nullptr && tensor->Find("keras_history")) {
    arguments.push_back({.tensor = ReadReference(*tensor->Find("keras_history"))});
    return;
  }
  const bool holds_tensors =
      argument.AsList() != nullptr && !argument.AsList()->empty() && argument.AsList()->front().AsObject() != nullptr;
  if (!holds_tensors) {
    arguments.push_back({.value = argument});
    return;
  }
  for (const Config& inner : *argument.AsList()) ReadArguments(inner, arguments);
}

// Keras 2: [layer, call, output, keywords], of a constant ["_CONSTANT_VALUE", -1, value, keywords].
void ReadArgumentOfKeras2(const Config& config, LayerCallEntry& call) {
  const Config::List& list = ListOf(config);
  if (list.size() >= 3 && list[0] == Config("_CONSTANT_VALUE")) {
    call.arguments.push_back({.value = list[2]});
  } else {
    call.arguments.push_back({.tensor = ReadReference(config)});
  }
  // Those of a call stand at each of its tensors.
  if (list.size() < 4 || call.arguments.size() > 1) return;
  if (list[3].AsObject() == nullptr) FailEntry("expected the keywords of a call", list[3]);
  for (const auto& [key, value] : *list[3].AsObject()) {
    if (IsReference(value)) {
      call.keywords.emplace_back(key, CallArgument{.tensor = ReadReference(value)});
    } else {
      call.keywords.emplace_back(key, CallArgument{.value = value});
    }
  }
}

}  // namespace

void FailEntry(std::string rule, const Config& received) {
  throw Error({.rule = std::move(rule), .received = received.ToText()});
}

const Config& MemberOf(const Config& config, std::string_view key) {
  const Config* found = config.Find(key);
  if (found == nullptr) FailEntry(Concat("expected an object with the member ", key), config);
  return *found;
}

const std::string& TextOf(const Config& config) {
  if (config.AsString() == nullptr) FailEntry("expected a text", config);
  return *config.AsString();
}

const Config::List& ListOf(const Config& config) {
  if (config.AsList() == nullptr) FailEntry("expected a list", config);
  return *config.AsList();
}

std::string LayerEntry::Place() const {
  return Concat("layer ", name.empty() ? "without a name" : name, " (", class_name, ")");
}

LayerEntry ReadLayerEntry(const Config& whole) {
  LayerEntry entry{.class_name = TextOf(MemberOf(whole, "class_name")),
                   .name = {},
                   .config = &MemberOf(whole, "config"),
                   .whole = &whole};
  const Config* name = whole.Find("name");
  if (name == nullptr) name = entry.config->Find("name");
  if (name != nullptr && !name->IsNull()) entry.name = TextOf(*name);
  return entry;
}

std::vector<LayerCallEntry> ReadCalls(const Config& nodes) {
  std::vector<LayerCallEntry> calls;
  for (const Config& node : ListOf(nodes)) {
    LayerCallEntry& call = calls.emplace_back();
    if (node.AsObject() != nullptr) {
      for (const Config& argument : ListOf(MemberOf(node, "args"))) ReadArguments(argument, call.arguments);
      const Config* const keywords = node.Find("kwargs");
      if (keywords == nullptr) continue;
      if (keywords->AsObject() == nullptr) FailEntry("expected the keywords of a call", *keywords);
      for (const auto& [key, value] : *keywords->AsObject()) {
        std::vector<CallArgument> arguments;
        ReadArguments(value, arguments);
        for (CallArgument& argument : arguments) call.keywords.emplace_back(key, std::move(argument));
      }
      continue;
    }
    // An operation on one tensor is not in a list of its own.
    const Config::List& list = ListOf(node);
    if (!list.empty() && list.front().AsString() != nullptr) {
      ReadArgumentOfKeras2(node, call);
      continue;
    }
    for (const Config& reference : list) ReadArgumentOfKeras2(reference, call);
  }
  return calls;
}

std::vector<LayerOutput> ReadReferences(const Config& config) {
  if (!ListOf(config).empty() && ListOf(config)[0].AsString() != nullptr) return {ReadReference(config)};
  std::vector<LayerOutput> references;
  for (const Config& reference : ListOf(config)) references.push_back(ReadReference(reference));
  return references;
}

}  // namespace convscope::internal
