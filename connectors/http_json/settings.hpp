#pragma once

#include <vector>

#include <tl/expected.hpp>

#include "config/objection.hpp"
#include "config/section.hpp"
#include "config/setting.hpp"
#include "connectors/http_json/description.hpp"

namespace penstock::connectors::http_json {

/// Of each table [connectors.http_json.NAME].
[[nodiscard]] std::vector<config::setting> table_settings();

/// The description that a table holds, or all that is wrong with it; an objection names a key of the table, or none.
[[nodiscard]] tl::expected<description, std::vector<config::objection>>
read_description(const config::named_section& table);

/// The descriptions of all tables, and that no two of them write to one place.
[[nodiscard]] tl::expected<std::vector<description>, std::vector<config::objection>>
read_descriptions(const config::section& section);

} // namespace penstock::connectors::http_json
