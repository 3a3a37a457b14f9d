#pragma once

#include <string>
#include <string_view>

namespace penstock::net {

/// A URL as it may be logged and stored: without user information and fragment, and with `…` for the value of every
/// query parameter whose name looks like a secret's, and its path as `redact_path` leaves it. What does not parse is shown as `(unreadable URL)`.
[[nodiscard]] std::string redact_url(std::string_view url);

/// A path as it may be logged and shown: what stands behind the service in the address of a webhook is a secret, and
/// becomes `…`.
[[nodiscard]] std::string redact_path(std::string_view path);

/// Whether the value behind a name (of a parameter or field) should be kept out of sight: token, secret, password,
/// key, code, signature, state and the like.
[[nodiscard]] bool is_secret_name(std::string_view name);

} // namespace penstock::net
