#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "net/url.hpp"

namespace penstock::net {

/// Where a Sentry project takes reports, as its page shows it: `https://KEY@HOST/PROJECT`; a path may stand before the
/// project, and a secret of former times behind the key (`KEY:SECRET`).
class sentry_dsn {
public:
  /// `invalid_argument`: the message says what is wrong and what to write, and shows nothing of the text: it holds a key.
  [[nodiscard]] static result<sentry_dsn> parse(std::string_view text);

  /// `https://HOST/api/PROJECT/envelope/`, without the key.
  [[nodiscard]] const url& envelope() const noexcept { return envelope_; }
  /// The value of X-Sentry-Auth: a secret. `client`: "penstock/1.0".
  [[nodiscard]] std::string auth(std::string_view client) const;

private:
  url envelope_;
  std::string key_, secret_;
};

} // namespace penstock::net
