#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_handler.hpp"
#include "net/http_message.hpp"
#include "net/outgoing_proxy.hpp"
#include "net/url.hpp"

namespace penstock::net {

/// The standard phrase of a status ("Not Found"), or "" for one that nobody registered (RFC 9110, 15).
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// How a reply is framed.
struct reply_framing {
  bool keep_alive = true;
  bool http_1_1 = true; ///< of the request: HTTP/1.0 must be told that the connection stays
  bool chunked = false;
  std::optional<std::size_t> content_length{}; ///< none: no such field
  std::string_view date{};                     ///< empty: no such field
  std::string_view always{};                   ///< fields of every reply, as they are sent, each with its CRLF
};

/// Appends status line and header of a reply. The caller's Content-Length, Transfer-Encoding, Connection and Date are
/// dropped in favour of the framing. False if a field or the status cannot be written (it would break the message).
[[nodiscard]] bool write_reply_head(std::string& out, const http_reply& reply, const reply_framing& framing);

/// Appends request line and header; for a proxy that hands the request on, in the form that it wants (RFC 9112, 3.2.2).
/// False if method or a field cannot be written.
[[nodiscard]] bool write_request_head(std::string& out, const http_request& request, const url& target,
                                      std::string_view user_agent, const outgoing_proxy* via = nullptr);

} // namespace penstock::net
