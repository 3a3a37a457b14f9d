#pragma once

#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "connectors/http_json/description.hpp"
#include "connectors/http_json/paging.hpp"
#include "connectors/http_json/placeholders.hpp"

namespace penstock::connectors::http_json {

/// GET of the page at `at`, without what shows who asks. bad_configuration: what the integration's config fills in makes no
/// address.
[[nodiscard]] result<net::http_request> page_request(const description& of, const position& at, const fillings& with);

/// Path and query of an address that a page led to, found at `asked_url`: without the parameter that shows who asks, which
/// must be stored nowhere. unexpected_shape: it is none, or of another host than base_url's, which nobody goes to.
[[nodiscard]] result<std::string> target_on_origin(const description& of, std::string_view asked_url,
                                                   std::string_view address);

/// Puts the token where the API wants it.
void show_token(const description& of, net::http_request& request, const std::string& token);

/// Sends with the token of the configuration, or else of the job's integration; that is replaced once where the API
/// refuses it, as send_authorised does. Bodies are stored, so that a token which the API repeats in the addresses of a body,
/// as the parameter that it came in, is taken out.
[[nodiscard]] net::asio::awaitable<result<net::http_response>> send(const description& of, fetch_context& context,
                                                                    net::http_request request);

} // namespace penstock::connectors::http_json
