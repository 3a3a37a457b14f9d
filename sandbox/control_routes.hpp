#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "net/http_handler.hpp"
#include "sandbox/fault_plan.hpp"
#include "sandbox/request_counts.hpp"
#include "sandbox/sandbox_time.hpp"
#include "sandbox/stand_in.hpp"

namespace penstock::sandbox {

/// The routes below /sandbox: what people, tests and scripts steer the sandbox by. Never struck by faults.
class control_routes {
public:
  using stand_in_list = std::vector<std::unique_ptr<stand_in>>;

  /// The references outlive this.
  control_routes(sandbox_time& time, fault_plan& faults, const stand_in_list& stand_ins, const request_counts& counts)
      : time_(time), faults_(faults), stand_ins_(stand_ins), counts_(counts) {}

  /// `path` starts with /sandbox.
  [[nodiscard]] net::http_reply answer(const net::http_server_request& request);

private:
  [[nodiscard]] net::http_reply read(std::string_view what, const net::http_server_request& request);
  [[nodiscard]] net::http_reply write(std::string_view what, const boost::json::object& body);
  [[nodiscard]] net::http_reply totals(const net::http_server_request& request);
  [[nodiscard]] net::http_reply stats();
  [[nodiscard]] net::http_reply clock();
  [[nodiscard]] net::http_reply move_clock(const boost::json::object& body);
  [[nodiscard]] net::http_reply change(const boost::json::object& body);
  [[nodiscard]] net::http_reply turn_tokens(std::string_view what, const boost::json::object& body);
  [[nodiscard]] stand_in* named(std::string_view name) const;

  sandbox_time& time_;
  fault_plan& faults_;
  const stand_in_list& stand_ins_;
  const request_counts& counts_;
};

} // namespace penstock::sandbox
