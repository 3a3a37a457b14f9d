#include "sandbox/sandbox_server.hpp"

#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "net/beast_http_client.hpp"
#include "net/http_server.hpp"
#include "net/io_runtime.hpp"
#include "sandbox/delivery_sender.hpp"
#include "sandbox/front.hpp"

namespace penstock::sandbox {

namespace {

constexpr duration grace = std::chrono::milliseconds(200);
constexpr std::size_t largest_body = 64 * 1024 * 1024;

timestamp start_of(const sandbox_settings& settings, const wall_clock& clock) {
  return settings.start == no_time ? clock.now() : settings.start;
}

surroundings make_surroundings(const sandbox_settings& settings, const sandbox_time& time, const fault_plan& faults) {
  surroundings out{.time = time,
                   .faults = faults,
                   .data = settings.data,
                   .oauth = settings.oauth,
                   .asks_for_consent = settings.asks_for_consent};
  out.oauth.seed = settings.data.seed;
  return out;
}

} // namespace

class sandbox_server::inside {
public:
  inside(sandbox_settings settings, const wall_clock& clock, stand_in_factory factory)
      : settings_(std::move(settings)), time_(clock, start_of(settings_, clock)), faults_(settings_.data.seed),
        stand_ins_(factory(make_surroundings(settings_, time_, faults_))),
        front_({.time = time_,
                .faults = faults_,
                .stand_ins = stand_ins_,
                .sleeper = sleeper_,
                .latency = settings_.latency,
                .files =
                  settings_.served_folder.empty() ? std::nullopt : std::optional<served_files>(settings_.served_folder),
                .log = settings_.log}),
        sender_(stand_ins_, sleeper_, settings_.log),
        server_(runtime_.executor(), server_config(),
                [this](net::http_server_request request) { return front_.answer(std::move(request)); }) {}

  result<std::uint16_t> start() {
    for (const auto& each : settings_.faults)
      if (const auto done = faults_.set(each); !done)
        return failure(done.error());
    std::error_code problem;
    if (!settings_.served_folder.empty() && !std::filesystem::is_directory(settings_.served_folder, problem))
      return failure(error_code::invalid_argument, "there is no folder " + settings_.served_folder + " to serve");
    auto client = net::beast_http_client::make(runtime_.executor());
    if (!client)
      return failure(client.error());
    client_ = std::move(*client);
    auto port = server_.start();
    if (!port)
      return port;
    net::asio::co_spawn(runtime_.executor(), sender_.run(*client_), net::asio::detached);
    runtime_.start();
    return port;
  }

  void stop() {
    server_.stop(grace);
    runtime_.stop();
  }

private:
  [[nodiscard]] net::http_server_config server_config() const {
    net::http_server_config out;
    out.address = settings_.host;
    out.port = settings_.port;
    out.max_body = largest_body;
    if (settings_.log)
      out.on_exception = [log = settings_.log](std::string_view what) { log("exception: " + std::string(what)); };
    return out;
  }

  const sandbox_settings settings_;
  sandbox_time time_;
  fault_plan faults_;
  const control_routes::stand_in_list stand_ins_;
  net::timer_sleeper sleeper_;
  front front_;
  delivery_sender sender_;
  // One thread: what is behind the front needs no locks.
  net::io_runtime runtime_{1};
  std::unique_ptr<net::beast_http_client> client_; ///< of the sender; connections end before the runtime does
  net::http_server server_;
};

sandbox_server::sandbox_server(sandbox_settings settings, const wall_clock& clock, stand_in_factory factory)
    : inside_(std::make_unique<inside>(std::move(settings), clock, factory)) {}

sandbox_server::~sandbox_server() { stop(); }

result<std::uint16_t> sandbox_server::start() { return inside_->start(); }

void sandbox_server::stop() { inside_->stop(); }

} // namespace penstock::sandbox
