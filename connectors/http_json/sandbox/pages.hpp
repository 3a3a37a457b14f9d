#pragma once

#include <optional>
#include <string_view>

#include "connectors/http_json/sandbox/item_book.hpp"
#include "net/http_handler.hpp"

namespace penstock::sandbox::http_json {

/// How an API gives a long list away: one for each way that APIs have.
enum class style : std::uint8_t { all, page, offset, cursor, link, next, last_id, style_count };

[[nodiscard]] std::string_view to_string(style value) noexcept;
[[nodiscard]] std::optional<style> parse_style(std::string_view name) noexcept;

/// One page: `limit` 1 to 200 (50), `updated_since` (RFC 3339, counts in), and where to begin: `page` from 1, `offset`,
/// `cursor`, `after` or `starting_after`. 400 says what is wrong.
[[nodiscard]] net::http_reply page_of(const item_book& book, style as, const net::query_parameters& query);

} // namespace penstock::sandbox::http_json
