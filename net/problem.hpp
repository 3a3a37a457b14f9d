#pragma once

#include <string>
#include <string_view>

#include "net/http_handler.hpp"

namespace penstock::net {

/// An RFC 9457 problem document.
struct problem {
  int status = 500;
  std::string_view code;   ///< stable, for programs: "rate_limited"
  std::string_view detail; ///< for people, one line; never a secret
  std::string_view type = "about:blank";
  std::string_view title{}; ///< empty: the status's phrase
};

/// `{"type":…,"title":…,"status":…,"detail":…,"code":…}`.
[[nodiscard]] std::string to_json(const problem& value);

/// The reply that carries it, as application/problem+json.
[[nodiscard]] http_reply problem_reply(const problem& value);

} // namespace penstock::net
