#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "sandbox/stand_in.hpp"

namespace penstock::sandbox {

/// All that the program's options say.
struct sandbox_settings {
  std::string host = "127.0.0.1"; ///< an IP address
  std::uint16_t port = 8090;      ///< 0: any free one
  data_settings data{};
  oauth_settings oauth{}; ///< its seed is that of the data
  bool asks_for_consent = false;
  duration latency{0};
  timestamp start = no_time;         ///< no_time: now
  std::string served_folder{};       ///< empty: none
  std::vector<std::string> faults{}; ///< "error_500=0.05"
  /// Told of each request and each inner error; empty: nobody.
  std::function<void(const std::string&)> log{};
};

/// The whole sandbox, listening: for the program, and for tests and benchmarks that want it in their own process.
/// Everything it does runs on one thread of its own.
class sandbox_server {
public:
  /// `clock` must outlive this. `factory`: make_stand_ins, unless a test wants others.
  sandbox_server(sandbox_settings settings, const wall_clock& clock, stand_in_factory factory);
  /// Stops.
  ~sandbox_server();

  /// Gives the port. invalid_argument: a setting that cannot be; unavailable: the address is taken.
  [[nodiscard]] result<std::uint16_t> start();
  /// Lets running answers end for a moment, then cuts them off. Takes less than a second.
  void stop();

private:
  class inside;
  std::unique_ptr<inside> inside_;
};

} // namespace penstock::sandbox
