#pragma once

#include "gateway/route.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {

/// The integration, if the caller may know of it: to one that is bound to an organisation, what belongs to another is not
/// there (not_found). Notes for the audit whose it is.
[[nodiscard]] net::asio::awaitable<result<integration>> find_reachable(service_desk& desk, call& one,
                                                                       integration_id id);

/// The same for who needs no more than the answer. Costs no read where anybody may look and nothing is changed: what is
/// asked for next says by itself if it is not there.
[[nodiscard]] net::asio::awaitable<result<void>> check_reach(service_desk& desk, call& one, integration_id id);
[[nodiscard]] net::asio::awaitable<result<void>> check_reach(service_desk& desk, call& one, job_id id);

/// The organisation that something a caller makes belongs to: its own if it is bound to one, else the one that it names,
/// which must exist (`invalid_argument`). 0: none.
[[nodiscard]] net::asio::awaitable<result<organisation_id>> organisation_for(service_desk& desk, const call& one,
                                                                             organisation_id wanted);

} // namespace penstock::gateway
