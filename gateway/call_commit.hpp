#pragma once

#include <string>

#include "gateway/route.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {

/// Makes durable what a call asks for: once under its Idempotency-Key, and with an entry of the audit in the same
/// transaction. `before`: JSON of what is edited or removed, as far as the handler knows it. For the one unit of a call.
[[nodiscard]] net::asio::awaitable<result<unit_result>> commit_for(service_desk& desk, call& one, unit_of_work unit,
                                                                   std::string before);
[[nodiscard]] net::asio::awaitable<result<unit_result>> commit_for(service_desk& desk, call& one, unit_of_work unit);

/// The same without the audit, for what is traffic and no change: jobs tell who made them. A unit of jobs alone stays one,
/// which the store ends with others.
[[nodiscard]] net::asio::awaitable<result<unit_result>> commit_unaudited(service_desk& desk, call& one,
                                                                         unit_of_work unit);

/// An entry of the audit for what is done in several units, or by an actor: before it is begun, so that nothing is done of
/// which nobody can be told.
[[nodiscard]] net::asio::awaitable<result<void>> note_for(service_desk& desk, call& one);
/// The same about something else than its address, which may hold secrets.
[[nodiscard]] net::asio::awaitable<result<void>> note_for(service_desk& desk, call& one, std::string subject);

/// Of what is to be removed and is not there: under an Idempotency-Key this very request may have removed it before. The
/// unit of work knows, and is to be committed.
[[nodiscard]] bool may_have_removed(const call& one, const error& not_there) noexcept;

/// Who a job that a call makes is said to come from: "api", or the caller's name.
[[nodiscard]] std::string origin_of(const call& one);

} // namespace penstock::gateway
