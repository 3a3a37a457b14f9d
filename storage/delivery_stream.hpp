#pragma once

#include <string_view>

namespace penstock::storage {

/// The stream of jobs that webhooks of services make from which nothing is fetched. Of such a service no run tells when it was
/// updated last: the end of a delivery does.
inline constexpr std::string_view deliveries_stream = "deliveries";

} // namespace penstock::storage
