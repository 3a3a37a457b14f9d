#include "gateway/reach.hpp"

#include "core/id_text.hpp"
#include "gateway/integration_replies.hpp"

namespace penstock::gateway {

namespace {

/// A caller of the whole node who only looks: nothing is hidden, and no audit asks whose it is.
bool needs_no_look(const call& one) { return !one.who.organisation && one.at->method == "GET"; }

} // namespace

net::asio::awaitable<result<integration>> find_reachable(service_desk& desk, call& one, integration_id id) {
  auto found = co_await find_integration(desk, id);
  if (!found)
    co_return failure(std::move(found.error()));
  if (!one.who.sees(found->organisation))
    co_return failure(error_code::not_found, "there is no integration " + to_string(id));
  one.concerns = found->organisation;
  co_return found;
}

net::asio::awaitable<result<void>> check_reach(service_desk& desk, call& one, integration_id id) {
  if (needs_no_look(one))
    co_return result<void>{};
  const auto found = co_await find_reachable(desk, one, id);
  if (!found)
    co_return failure(found.error());
  co_return result<void>{};
}

net::asio::awaitable<result<void>> check_reach(service_desk& desk, call& one, job_id id) {
  if (needs_no_look(one))
    co_return result<void>{};
  auto read = [id](storage::read_session& db) -> result<organisation_id> {
    return db.jobs().find(id).map([](const job_record& found) { return found.job.organisation; });
  };
  const auto owner = co_await desk.port.read(std::move(read));
  if (!owner)
    co_return failure(owner.error());
  if (!one.who.sees(*owner))
    co_return failure(error_code::not_found, "there is no job " + to_string(id));
  one.concerns = *owner;
  co_return result<void>{};
}

net::asio::awaitable<result<organisation_id>> organisation_for(service_desk& desk, const call& one,
                                                               organisation_id wanted) {
  if (one.who.organisation) {
    if (wanted && wanted != one.who.organisation)
      co_return failure(error_code::invalid_argument,
                        "organisation_id is another than the one that the token is bound to: leave it out");
    co_return one.who.organisation;
  }
  if (!wanted)
    co_return organisation_id{};
  auto read = [wanted](storage::read_session& db) { return db.access().find_organisation(wanted); };
  const auto found = co_await desk.port.read(std::move(read));
  if (found)
    co_return found->id;
  if (found.error().code == error_code::not_found)
    co_return failure(error_code::invalid_argument,
                      "there is no organisation " + to_string(wanted) + ": add it first, at /api/v1/organisations");
  co_return failure(found.error());
}

} // namespace penstock::gateway
