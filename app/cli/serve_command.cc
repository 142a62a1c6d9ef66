// convscope serve: parses, calls, prints.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "app/server/http_server.h"
#include "app/server/model_store.h"
#include "app/server/network_api.h"
#include "app/server/page.h"
#include "app/server/picture_store.h"
#include "app/server/playground_api.h"
#include "app/server/training.h"
#include "app/server/training_api.h"
#include "command.h"
#include "convscope/base/text.h"
#include "data_folder.h"
#include "studio_commands.h"

namespace convscope::cli {
namespace {

// Of what was sent, decoded and opened, and is kept.
constexpr int64_t kMostPictureBytes = int64_t{768} << 20, kMostModelBytes = int64_t{1} << 30;

struct Arguments {
  std::vector<std::string> models;
  server::HttpOptions http{.port = 8123};
  std::filesystem::path runs = "runs";
  bool open = false;
};

// 128 bits that nobody can guess.
std::string NewToken() {
  std::random_device random;
  std::string token;
  for (int i = 0; i < 32; ++i) token += "0123456789abcdef"[random() % 16];
  return token;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// With what the desktop opens addresses; whether that works is for the user to see. The address holds no character that
// a shell takes for more than itself: its host was bound, its token is letters and digits.
void OpenBrowser(const std::string& address) {
#ifdef __APPLE__
  const std::string command = "open '" + address + "'";
#else
  const std::string command = "xdg-open '" + address + "' >/dev/null 2>&1 &";
#endif
  if (std::system(command.c_str()) != 0) Print("open it in a browser\n");
}

void Serve(const Arguments& arguments) {
  server::HttpOptions options = arguments.http;
  if (options.token.empty() && !IsLoopback(options.host)) options.token = NewToken();
  const std::filesystem::path data = DataFolder();
  const auto pictures = std::make_shared<server::PictureStore>(
      std::vector<std::filesystem::path>{data / "pictures", data / "mnist"}, kMostPictureBytes);
  const auto models =
      std::make_shared<server::ModelStore>(arguments.models, arguments.runs, data / "models", kMostModelBytes);
  const auto events = std::make_shared<server::EventHub>();
  const auto training = std::make_shared<server::Training>(events);
  std::vector<server::HttpRoute> routes = server::PageRoutes();
  const auto add = [&](std::vector<server::HttpRoute> more) {
    for (server::HttpRoute& route : more) routes.push_back(std::move(route));
  };
  add(server::PlaygroundRoutes(pictures));
  add(server::NetworkRoutes(pictures, models, PlacesOfData("")));
  add(server::TrainingRoutes(training, arguments.runs, PlacesOfData("")));
  routes.push_back({.method = "GET", .path = "/api/events", .events = events});
  server::HttpServer studio(options, std::move(routes));
  // Who names a model wants to look into it.
  const std::string address = studio.address() + (arguments.models.empty() ? "" : "#network");
  Print(Concat("convscope studio: ", address, "\nCtrl-C ends it.\n"));
  if (arguments.open) OpenBrowser(address);
  studio.Run();
  training->Close();
  Print("the studio is closed\n");
}

}  // namespace

void AddServeCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "serve", "Open the studio, a local page to play with convolutions, train networks and look into them");
  command->footer(
      "Only programs of this machine reach it, unless --host says otherwise; then who opens it must know the token "
      "that "
      "stands in the address.\n\n"
      "Examples:\n"
      "  convscope serve --open\n"
      "  convscope serve runs/first model.onnx\n"
      "  convscope serve --host 0.0.0.0 --port 9000");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  command
      ->add_option("MODEL", a.models,
                   "Models to look into, besides those that are built in: run folders, .onnx, .keras or .h5 files")
      ->type_name("");
  command->add_option("--port", a.http.port, "Port to listen at; 0 for any that is free")->capture_default_str();
  command->add_option("--host", a.http.host, "Address to listen at")->capture_default_str();
  command
      ->add_option(
          "--token", a.http.token,
          "Word that who opens it must know, 16 to 64 letters and digits; made up where other machines reach it")
      ->check([](const std::string& word) {
        const bool plain = word.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
                           std::string::npos;
        return plain && word.size() >= 16 && word.size() <= 64 ? std::string() : "16 to 64 letters and digits";
      })
      ->type_name("WORD");
  command->add_option("--runs", a.runs, "Where trainings have their run folders; nothing else is written")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_flag("--open", a.open, "Open it in the browser");
  command->callback([arguments] { Serve(*arguments); });
}

}  // namespace convscope::cli
