#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "core/error.hpp"
#include "net/http_handler.hpp"

namespace penstock::sandbox {

/// A reply with a body that is JSON already.
[[nodiscard]] net::http_reply json_text_reply(int status, std::string body);
[[nodiscard]] net::http_reply json_reply(int status, const boost::json::object& body);

/// An error in the form that Monzo and its like use: {"code": …, "message": …}.
[[nodiscard]] net::http_reply code_reply(int status, std::string_view code, std::string_view message);
/// The same with OAuth's {"error": …, "error_description": …} beside it (RFC 6750, 3.1).
[[nodiscard]] net::http_reply code_reply(int status, std::string_view code, std::string_view message,
                                         std::string_view oauth_error);

/// The object in a request body; empty for an empty body. invalid_argument: something else.
[[nodiscard]] result<boost::json::object> json_body(std::string_view body);

} // namespace penstock::sandbox
