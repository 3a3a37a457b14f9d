#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "net/manual_sleeper.hpp"
#include "sandbox/front.hpp"
#include "sandbox/stand_in.hpp"

namespace penstock::sandbox::testing {

using namespace std::chrono_literals;
namespace json = boost::json;

inline constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::hours(12)};

/// The sandbox without its sockets: requests go straight to the front. Time stands still until a test moves it.
class small_sandbox {
public:
  struct setup {
    data_settings data{.accounts = 2, .transactions = 250, .change_every = duration::zero()};
    oauth_settings oauth{};
    bool asks_for_consent = false;
    std::string served_folder{};
    duration latency{0};
  };
  explicit small_sandbox(setup of);
  small_sandbox() : small_sandbox(setup{}) {}

  /// Any request; `token` empty: no Authorization header. One that begins with "Basic " is the header as it is.
  net::http_reply ask(std::string method, std::string target, std::string body = {}, const std::string& token = {});
  net::http_reply get(std::string target, const std::string& token = {}) {
    return ask("GET", std::move(target), {}, token);
  }
  /// A form to the token endpoint.
  net::http_reply token_request(net::query_parameters form, const std::string& token = {});

  /// The code that a consent page leads back with; `more` is added to its query.
  std::string consent(const net::query_parameters& more = {});
  struct tokens {
    std::string access, refresh, user;
  };
  /// Consent and exchange.
  tokens sign_in(const net::query_parameters& more = {});

  manual_clock clock{today};
  net::manual_sleeper sleeper{net::manual_sleeper::mode::skip};
  sandbox_time time{clock, today};
  fault_plan faults{7};
  std::vector<std::unique_ptr<stand_in>> stand_ins;
  std::unique_ptr<front> door;
};

[[nodiscard]] json::object object_of(const net::http_reply& reply);
[[nodiscard]] std::string text_at(const json::object& object, std::string_view key);
/// The code of an error answer.
[[nodiscard]] std::string code_of(const net::http_reply& reply);
/// The ids of GET /accounts, in order.
[[nodiscard]] std::vector<std::string> account_ids(small_sandbox& sandbox, const std::string& token);
/// The list of a transactions answer; a failed test if it is none.
[[nodiscard]] json::array transactions_of(const net::http_reply& reply);
/// All transactions of an account, paged forward by id from `since`.
[[nodiscard]] std::vector<json::object> read_all(small_sandbox& sandbox, const std::string& token,
                                                 const std::string& account, const std::string& since = {});

} // namespace penstock::sandbox::testing
