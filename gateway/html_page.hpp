#pragma once

#include <string>
#include <string_view>

#include "net/http_handler.hpp"

namespace penstock::gateway {

/// `text` with the five characters that mean something in HTML replaced.
[[nodiscard]] std::string escape_html(std::string_view text);

/// A small page for a browser. Title and text are plain text; nothing in them becomes markup. It loads nothing and must
/// not be kept or framed.
[[nodiscard]] net::http_reply html_page(int status, std::string_view title, std::string_view text);

} // namespace penstock::gateway
