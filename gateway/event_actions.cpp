#include <algorithm>
#include <array>

#include "core/id_text.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/reach.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"

namespace penstock::gateway {
namespace {

/// What begins so is the engine's own to say: who listens must be able to believe it. That none is missing is checked
/// (tests/checks/engine_events.py).
constexpr std::array<std::string_view, 22> engine_types{
  "alert.",       "bank.",   "circuit.", "data.",     "database.",      "health.", "integration.", "job.",
  "maintenance.", "module.", "node.",    "penstock.", "planned_units.", "queue.",  "record.",      "records.",
  "report.",      "schedule.", "stream.", "sync.",    "user.",          "webhook."};

/// Bytes of `data`: an event is told to everyone who listens, and kept for weeks.
constexpr std::size_t most_data = 64 * 1024;

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Words with dots between them, two at least: "invoice.paid".
bool is_event_type(std::string_view text) {
  if (text.find('.') == std::string_view::npos)
    return false;
  for (;;) {
    const auto dot = text.find('.');
    if (!is_word(text.substr(0, dot)))
      return false;
    if (dot == std::string_view::npos)
      return true;
    text.remove_prefix(dot + 1);
  }
}

void check_type(body_reader& body, std::string_view type) {
  if (!is_event_type(type))
    body.refuse("type is words of a-z, 0-9, _ and - with dots between them, such as invoice.paid");
  for (const auto own : engine_types)
    if (type.starts_with(own))
      body.refuse("types that begin with " + std::string(own) + " are the engine's own: take another word");
}

/// The organisation of the integration that the event is about; else the one that is named.
net::asio::awaitable<result<organisation_id>> organisation_of(service_desk& desk, call& one, integration_id about,
                                                              organisation_id named) {
  if (about) {
    const auto found = co_await find_reachable(desk, one, about);
    if (!found)
      co_return failure(found.error());
    if (named && named != found->organisation)
      co_return failure(error_code::invalid_argument, "the integration belongs to another organisation");
    co_return found->organisation;
  }
  auto organisation = co_await organisation_for(desk, one, named);
  co_return organisation;
}

answer emit(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  event_draft draft;
  draft.type = body.text("type", 100).value_or("");
  draft.subject = body.text("subject").value_or("");
  draft.data = body.object("data").value_or("{}");
  draft.integration = {body.id("integration_id").value_or(0)};
  const organisation_id named{body.id("organisation_id").value_or(0)};
  if (draft.data.size() > most_data)
    body.refuse("data is larger than 64 KB: let the event name where to find it");
  check_type(body, draft.type);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto organisation = co_await organisation_of(desk, one, draft.integration, named);
  if (!organisation)
    co_return failure(organisation.error());
  draft.organisation = *organisation;
  if (draft.subject.empty() && draft.integration)
    draft.subject = "integrations/" + to_string(draft.integration);
  unit_of_work unit;
  unit.events.push_back(std::move(draft));
  const auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(stored.error());
  json_writer out;
  out.begin_object().key("emitted").boolean(true).key("repeated").boolean(stored->repeated).end_object();
  co_return json_reply(out, 201);
}

answer count(service_desk& desk, call& one) {
  query_reader query(one.request);
  auto since = query.time("since");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (since == no_time)
    since = desk.clock.now() - std::chrono::hours(24);
  auto read = [since, of = one.who.organisation](storage::read_session& db) {
    return db.events().count_by_type(since, of);
  };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  std::int64_t total = 0;
  for (const auto& each : found->items)
    total += each.count;
  json_writer out;
  out.begin_object().key("since").time(found->since).key("total").number(total).key("items").begin_array();
  for (const auto& each : found->items)
    out.begin_object()
      .key("type")
      .text(each.type)
      .key("count")
      .number(each.count)
      .key("last_at")
      .time(each.last_at)
      .end_object();
  out.end_array().end_object();
  co_return json_reply(out);
}

} // namespace

std::span<const route> event_action_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/events", scoped(access_level::operating), emit},
    {"GET", "/api/v1/events/stats", scoped(access_level::viewer), count, with_query},
  };
  return table;
}

} // namespace penstock::gateway
