#pragma once

#include <memory>

#include "connectors/connector.hpp"
#include "connectors/http_json/description.hpp"

namespace penstock::connectors::http_json {

using shared_description = std::shared_ptr<const description>;

/// NAME.pull {page, asked, number, token, …}: one page of the list, handed on to NAME.data, and its own continuation.
[[nodiscard]] job_handler pull(const shared_description& of);
/// NAME.data {page, cursor}: stores items and moves the stream's cursor.
[[nodiscard]] job_handler data(const shared_description& of);

} // namespace penstock::connectors::http_json
