#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "net/beast_http_client.hpp"
#include "net/io_runtime.hpp"
#include "sandbox/sandbox_server.hpp"

namespace penstock::provider_faults {

/// One of the sandbox's faults, and how it is asked for.
struct fault {
  std::string name{}; ///< as the table shows it
  std::string kind{}; ///< the sandbox's name for it
  boost::json::object rule{};
  /// What the struck request may take, in place of its own limit; for a fault that nobody wants to wait for.
  std::optional<duration> patience{};
};

/// The real sandbox on a loopback socket with the project's own client before it, as the provider of an engine that is
/// driven by hand: whoever asks waits for the answer, so that nothing else happens meanwhile. For one thread.
class sandbox_line : public net::http_client {
public:
  /// Time of the sandbox is that of `clock`, which outlives this. Throws what keeps it from starting.
  sandbox_line(const wall_clock& clock, sandbox::data_settings data);
  ~sandbox_line() override;

  [[nodiscard]] net::asio::awaitable<result<net::http_response>> send(net::http_request request) override;

  /// The next `times` requests with that method, whose path begins so and whose target holds `having`, meet the fault.
  void strike(fault with, std::string method, std::string path, std::string having, std::size_t times);
  /// Nothing is struck any more.
  void heal() { struck_left_ = 0; }

  struct request_seen {
    std::string method, path;
    timestamp at = no_time;
    bool struck = false;
  };
  [[nodiscard]] const std::vector<request_seen>& seen() const noexcept { return seen_; }

  /// What a person or a browser sends: it is neither struck nor noted. The path begins with a slash.
  net::http_response ask(std::string method, const std::string& path, std::string body = {},
                         const std::string& token = {});
  boost::json::object ask_json(std::string method, const std::string& path, std::string body = {},
                               const std::string& token = {});

  [[nodiscard]] const std::string& base() const noexcept { return base_; }

private:
  template <class T>
  T wait_for(net::asio::awaitable<T> work);

  const wall_clock& clock_;
  net::io_runtime runtime_{1};
  std::unique_ptr<sandbox::sandbox_server> server_;
  std::unique_ptr<net::beast_http_client> client_;
  std::string base_;
  fault fault_{};
  std::string method_, path_, having_;
  std::size_t struck_left_ = 0;
  std::vector<request_seen> seen_;
};

} // namespace penstock::provider_faults
