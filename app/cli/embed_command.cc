// convscope embed: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/inspect/tsne.h"
#include "convscope/tasks/embed_data.h"
#include "data_arguments.h"
#include "figure_arguments.h"
#include "picture_arguments.h"
#include "unread_options.h"

namespace convscope::cli {
namespace {

struct Arguments {
  EmbedRequest request;
  DataArguments data;
  FigureArguments output;
  std::string method = "tsne";
};

void RunEmbed(const CLI::App& command, Arguments& arguments) {
  arguments.request.tsne = arguments.method == "tsne";
  if (!arguments.request.tsne) {
    RefuseUnread(command, {"--perplexity", "--iterations", "--seed"}, "is of t-SNE, which --method pca leaves out");
  }
  const FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  arguments.request.data = arguments.data.Options(progress.callback());
  arguments.request.train = arguments.data.train();
  const Embedding embedding = EmbedData(arguments.request);
  output.Deliver(progress, {.draw = [&] { return OwningFigure{EmbedFigure(embedding)}; },
                            .files = {{output.save, [&] { SaveEmbedding(embedding, output.save); }}},
                            .text = [&] { return output.json ? EmbedJson(embedding) : EmbedText(embedding); }});
}

}  // namespace

void AddEmbedCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("embed", "Lay a layer's activations on a plane: PCA and t-SNE");
  command->footer(
      "Examples:\n"
      "  convscope embed runs/first --data fashion-mnist-small -o map.png\n"
      "  convscope embed runs/first --data fashion-mnist-small --layer conv_layer_3 --method pca -o pca.svg\n\n"
      "What is mistaken for what, in pictures: convscope evaluate --sheet.");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.data.AddTo(*command);
  command->add_option("--layer", a.request.layer, "A tensor of the model, by name (the last before the scores)")
      ->type_name("TENSOR");
  command->add_option("--first,--pictures", a.request.pictures, "The first N pictures of the data alone")
      ->type_name("N")
      ->check(CLI::Range(int64_t{7}, kMostTsnePoints))
      ->capture_default_str();
  command->add_option("--method", a.method, "tsne: t-SNE beside PCA; pca: PCA alone")
      ->check(CLI::IsMember({"tsne", "pca"}))
      ->capture_default_str();
  const std::string tsne = "t-SNE";
  command
      ->add_option("--perplexity", a.request.perplexity,
                   "About how many neighbours a point has (30, or a third of the pictures)")
      ->type_name("P")
      ->check(CLI::Range(2.0, 2000.0))
      ->group(tsne);
  command->add_option("--iterations", a.request.iterations, "Steps")
      ->check(AtLeast(1))
      ->capture_default_str()
      ->group(tsne);
  command->add_option("--seed", a.request.seed, "Of the noise that it starts with")
      ->capture_default_str()
      ->check(AtLeast(0))
      ->group(tsne);
  a.output.AddTo(*command, {.save = "Write activations, both planes and labels as .npy files"});
  command->callback([arguments, command] { RunEmbed(*command, *arguments); });
}

}  // namespace convscope::cli
