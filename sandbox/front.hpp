#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "net/http_handler.hpp"
#include "net/sleeper.hpp"
#include "sandbox/control_routes.hpp"
#include "sandbox/served_files.hpp"

namespace penstock::sandbox {

/// Where every request arrives: files first, then the stand-ins, with faults and delays in between. For one thread.
class front {
public:
  struct parts {
    sandbox_time& time;
    fault_plan& faults;
    const control_routes::stand_in_list& stand_ins;
    net::sleeper& sleeper;
    duration latency{0};
    std::optional<served_files> files{};
    /// One line for each request, without its query; empty: none.
    std::function<void(const std::string&)> log{};
  };
  /// The references outlive this.
  explicit front(parts of) : parts_(std::move(of)), control_(parts_.time, parts_.faults, parts_.stand_ins, counts_) {}

  /// An http_handler. This must outlive the coroutine.
  [[nodiscard]] net::asio::awaitable<net::http_reply> answer(net::http_server_request request);

private:
  struct goal {
    stand_in* to = nullptr; ///< null: nobody's path
    std::string inner;      ///< the target below its mount
    std::optional<route> way{};
  };
  [[nodiscard]] net::http_reply welcome() const;
  [[nodiscard]] goal goal_of(const net::http_server_request& request) const;
  [[nodiscard]] net::http_reply healthy_answer(const goal& to, const net::http_server_request& request,
                                               std::string& counted_as) const;
  [[nodiscard]] net::http_reply answer_with(const fault_plan::strike& strike, const goal& to,
                                            const net::http_server_request& request, std::string& counted_as) const;

  const parts parts_;
  request_counts counts_;
  control_routes control_;
};

} // namespace penstock::sandbox
