#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "net/sleeper.hpp"
#include "sandbox/stand_in.hpp"

namespace penstock::sandbox {

/// Sends what stand-ins would send, over HTTP, to receivers on this machine alone. For the sandbox's one thread; it must
/// outlive its coroutines.
class delivery_sender {
public:
  using stand_in_list = std::vector<std::unique_ptr<stand_in>>;
  /// One that is not taken is sent so often in all, after these pauses.
  static constexpr int most_tries = 5;
  static constexpr duration first_pause = std::chrono::seconds(1); ///< doubled each time
  static constexpr duration look_pause = std::chrono::milliseconds(50);
  static constexpr std::size_t most_at_once = 16;

  /// The references outlive this. `log` is told of each try, without the address's path; empty: nobody.
  delivery_sender(const stand_in_list& stand_ins, net::sleeper& sleeper, std::function<void(const std::string&)> log)
      : stand_ins_(stand_ins), sleeper_(sleeper), log_(std::move(log)) {}

  /// Looks again and again, until its executor ends.
  net::asio::awaitable<void> run(net::http_client& client);
  /// Begins to send what is to be sent now, as far as there is room.
  void look(net::http_client& client, const net::asio::any_io_executor& executor);
  /// All tries of one. Whether it was taken.
  net::asio::awaitable<bool> send(net::http_client& client, delivery what);

private:
  net::asio::awaitable<void> send_for(net::http_client& client, stand_in& of, delivery what);

  const stand_in_list& stand_ins_;
  net::sleeper& sleeper_;
  const std::function<void(const std::string&)> log_;
  std::size_t in_flight_ = 0;
};

} // namespace penstock::sandbox
