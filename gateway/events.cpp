#include "gateway/api_tables.hpp"
#include "gateway/event_stream.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"

namespace penstock::gateway {
namespace {

event_choice read_choice(query_reader& query, const caller& who) {
  event_choice choice;
  choice.type_glob = query.text("type");
  choice.source = query.text("source");
  choice.subject = query.text("subject");
  choice.since = query.time("since");
  choice.organisation = who.organisation;
  return choice;
}

/// Newest first, or with order=oldest in the order in which they were published.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto choice = read_choice(query, one.who);
  const auto order = query.text("order");
  const auto page = query.page();
  const auto cursor = page.cursor.empty() ? result<std::int64_t>(0) : parse_id_value(page.cursor);
  if (!order.empty() && order != "oldest" && order != "newest")
    query.refuse("order is newest or oldest");
  if (!cursor)
    query.refuse("the cursor is not one of this list: start without a cursor");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  auto read = [choice, oldest = order == "oldest", from = *cursor, limit = page.limit](storage::read_session& db) {
    return oldest ? events_after(db.events(), choice, from, limit) : newest_events(db.events(), choice, from, limit);
  };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  co_return json_reply(
    render_list(found->items, found->next_cursor, [](json_writer& out, const event& each) { render(out, each); }));
}

/// What a browser sends when it connects again, or `after` for those who cannot set a header.
std::string last_seen(const call& one, query_reader& query) {
  auto after = query.text("after");
  const auto header = one.request.headers.value_or("Last-Event-ID", {});
  return header.empty() ? after : std::string(header);
}

struct resumed {
  std::int64_t position = 0, first_kept = 0;
};

/// In this order: what is swept between the two is told as gone.
result<resumed> find_place(storage::read_session& db, std::int64_t given) {
  const auto position = resume_position(db.events(), given);
  if (!position)
    return failure(position.error());
  const auto first = db.events().first_position();
  if (!first)
    return failure(first.error());
  return resumed{*position, *first};
}

answer stream(service_desk& desk, call& one) {
  query_reader query(one.request);
  event_stream_request wanted;
  wanted.choice = read_choice(query, one.who);
  wanted.live = query.flag("live");
  wanted.reader = one.who;
  const auto seen = last_seen(one, query);
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (seen == "0") {
    wanted.after = 0;
  } else if (!seen.empty()) {
    const auto given = parse_id_value(seen);
    if (!given)
      co_return failure(error_code::invalid_argument, "Last-Event-ID is the position or the id of an event");
    auto read = [given = *given](storage::read_session& db) { return find_place(db, given); };
    const auto place = co_await desk.port.read(std::move(read));
    if (!place)
      co_return failure(place.error());
    if (was_swept(place->position, place->first_kept))
      co_return position_gone("events behind this one were swept (retention.events): go on with after=0, from the oldest "
                              "that is kept, or from now on, without a place");
    wanted.after = place->position;
  }
  auto place = desk.streams.take(one.who);
  if (!place)
    co_return failure(std::move(place.error()));
  net::http_reply reply;
  reply.headers.add("Content-Type", "text/event-stream");
  reply.headers.add("Cache-Control", "no-store");
  reply.headers.add("X-Accel-Buffering", "no"); // a proxy must hand on each event at once
  reply.stream = [&desk, wanted = std::move(wanted), place = std::move(*place)](net::reply_stream& out) {
    return stream_events(desk, wanted, out);
  };
  co_return reply;
}

} // namespace

std::span<const route> event_routes() {
  static constexpr route table[] = {
    {"GET", "/api/v1/events", scoped(access_level::viewer), list, with_query},
    {"GET", "/api/v1/events/stream", scoped(access_level::viewer), stream, with_query},
  };
  return table;
}

} // namespace penstock::gateway
