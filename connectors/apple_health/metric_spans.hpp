#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::apple_health {

/// Points of one metric that a turn stored, from the first to the last.
struct metric_span {
  std::string name;
  std::int64_t from = 0, to = 0; ///< microseconds since 1970; both count in
};

/// Of the rows of a turn that have a source, a span for each metric.
[[nodiscard]] std::vector<metric_span> spans_of(const std::vector<synced_row>& rows);

/// {"metrics": [{"name", "from", "to"}]}: args of apple_health.merge_sources.
[[nodiscard]] std::string to_text(const std::vector<metric_span>& spans);
/// invalid_argument: something else.
[[nodiscard]] result<std::vector<metric_span>> parse_spans(std::string_view args);

} // namespace penstock::connectors::apple_health
