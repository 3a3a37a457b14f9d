#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::net {

/// Bodies are kept up to this many bytes.
inline constexpr std::size_t most_kept_of_a_body = 64 * 1024;

/// A body as it may be stored and shown: `…` for what stands behind each name that looks like a secret's, in JSON (whole
/// arrays and objects too) and in forms, and for addresses of webhooks; well-formed UTF-8; cut at `most_kept_of_a_body`. Knows no other secrets: a body in another form that holds
/// one must not come here.
[[nodiscard]] std::string redact_body(std::string_view body);

} // namespace penstock::net
