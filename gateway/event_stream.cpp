#include "gateway/event_stream.hpp"

#include <algorithm>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "gateway/event_feed.hpp"
#include "gateway/render.hpp"
#include "net/sse.hpp"

namespace penstock::gateway {
namespace {

using net::asio::awaitable;

constexpr std::int64_t backlog_page = 500;
constexpr const char* token_ended = "the token has expired or was revoked";
/// What is sent ahead: how long a browser waits before it connects again, and from where it then goes on if it has heard
/// no event by then.
std::string preamble(std::int64_t position) { return "retry: 2000\nid: " + std::to_string(position) + "\n\n"; }

/// Takes the feed off the bus however the stream ends.
class subscription {
public:
  subscription(node_port& port, std::shared_ptr<event_feed> feed) : port_(port), feed_(std::move(feed)) {
    port_.subscribe(feed_);
  }
  ~subscription() { port_.unsubscribe(feed_); }
  subscription(const subscription&) = delete;
  subscription& operator=(const subscription&) = delete;

private:
  node_port& port_;
  std::shared_ptr<event_feed> feed_;
};

std::string as_sse(const event& value) {
  json_writer data;
  render(data, value);
  net::sse_event shown;
  if (value.position > 0)
    shown.id = std::to_string(value.position);
  shown.event = value.type;
  shown.data = data.take();
  return net::format_sse(shown);
}

std::string dropped_notice(const std::string& reason) {
  json_writer data;
  data.begin_object().key("reason").text(reason).end_object();
  return net::format_sse({"", "stream.dropped", data.take()});
}

awaitable<result<std::int64_t>> last_position(node_port& port) {
  auto read = [](storage::read_session& db) { return db.events().last_position(); };
  auto found = co_await port.read(std::move(read));
  co_return found;
}

struct backlog_part {
  storage::event_stretch stretch;
  std::int64_t first_kept = 0;
};

/// In this order: of what was swept before it was read, the first that is kept tells.
result<backlog_part> read_backlog(storage::read_session& db, const storage::event_filter& wanted) {
  auto stretch = db.events().look_through(wanted, backlog_page);
  if (!stretch)
    return failure(std::move(stretch.error()));
  const auto first = db.events().first_position();
  if (!first)
    return failure(first.error());
  return backlog_part{std::move(*stretch), *first};
}

/// Sends what is stored behind `position`, moves it along, and lets the feed take over. False: the reader has gone.
awaitable<result<bool>> send_backlog(service_desk& desk, const event_stream_request& wanted, event_feed& feed,
                                     net::reply_stream& out, std::int64_t& position) {
  const auto& choice = wanted.choice;
  for (;;) {
    if (!desk.tokens.is_good(wanted.reader, desk.clock.now()))
      co_return failure(error_code::forbidden, token_ended);
    const auto noted = feed.noted();
    auto read = [choice, position](storage::read_session& db) { return read_backlog(db, choice.filter(position)); };
    const auto part = co_await desk.port.read(std::move(read));
    if (!part)
      co_return failure(part.error());
    if (was_swept(position, part->first_kept))
      co_return failure(error_code::not_found, "events were swept before they could be sent (retention.events)");
    std::string text;
    for (const auto& each : part->stretch.events) {
      position = each.position;
      if (choice.matches(each))
        text += as_sse(each);
    }
    if (!text.empty()) {
      const bool sent = co_await out.write(text);
      if (!sent)
        co_return false;
    }
    if (part->stretch.ended_at != 0) {
      position = part->stretch.ended_at;
      continue;
    }
    // What was noted before the read was in it, or the store does not count it as wanted.
    position = std::max(position, noted);
    if (feed.go_live(position))
      co_return true;
  }
}

/// How far a reader has come who was told of all up to `told` and got nothing since, while events up to `passed` happened: on
/// connecting again it goes on from there, not from what was swept since it got its last event. What another node published
/// did not pass the feed, so that the store is asked.
awaitable<std::int64_t> place_of_quiet(service_desk& desk, const event_choice& choice, std::int64_t told,
                                       std::int64_t passed) {
  if (passed <= told)
    co_return told;
  auto read = [wanted = choice.filter(told)](storage::read_session& db) { return db.events().look_through(wanted, 1); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found || !found->events.empty())
    co_return told;
  co_return found->ended_at != 0 ? std::min(found->ended_at, passed) : passed;
}

/// Sends what the feed keeps, until it ends.
awaitable<void> send_live(service_desk& desk, event_bell& bell, event_feed& feed, net::reply_stream& out,
                          const event_stream_request& wanted, std::int64_t position) {
  using namespace net::asio::experimental::awaitable_operators;
  static const std::string heartbeat = net::format_sse_comment("still here");
  auto told = position;
  for (;;) {
    const auto batch = feed.take();
    if (!desk.tokens.is_good(wanted.reader, desk.clock.now())) {
      const auto notice = dropped_notice(token_ended);
      static_cast<void>(co_await out.write(notice));
      co_return;
    }
    std::string text;
    for (const auto& each : batch.events)
      if (each->position == 0 || each->position > position) {
        position = std::max(position, each->position);
        told = std::max(told, position);
        text += as_sse(*each);
      }
    if (batch.dropped)
      text += dropped_notice(*batch.dropped);
    if (!text.empty()) {
      const bool sent = co_await out.write(text);
      if (!sent || batch.dropped)
        co_return;
      continue;
    }
    const auto first = co_await (bell.wait() || desk.sleeper.sleep(desk.stream_heartbeat));
    if (first.index() == 1) {
      const auto place = co_await place_of_quiet(desk, wanted.choice, told, batch.passed);
      const std::string sign = place > told ? heartbeat + "id: " + std::to_string(place) + "\n\n" : heartbeat;
      told = place;
      const bool sent = co_await out.write(sign);
      if (!sent)
        co_return;
    }
  }
}

} // namespace

awaitable<void> stream_events(service_desk& desk, event_stream_request wanted, net::reply_stream& out) {
  const auto bell = std::make_shared<event_bell>(co_await net::asio::this_coro::executor);
  const auto feed = std::make_shared<event_feed>(wanted.choice, wanted.live, desk.stream_buffer, bell);
  // Before anything is read: what is committed after a read is then offered, in the order of the bus's mailbox.
  const subscription subscribed(desk.port, feed);
  std::int64_t position = wanted.after.value_or(0);
  if (!wanted.after && wanted.choice.since == no_time) {
    const auto last = co_await last_position(desk.port);
    position = last.value_or(0);
    if (!last) {
      const auto notice = dropped_notice(last.error().message);
      static_cast<void>(co_await out.write(notice));
      co_return;
    }
  }
  const bool greeted = co_await out.write(preamble(position));
  if (!greeted)
    co_return;
  const auto caught_up = co_await send_backlog(desk, wanted, *feed, out, position);
  if (!caught_up) {
    const auto notice = dropped_notice(caught_up.error().message);
    static_cast<void>(co_await out.write(notice));
  } else if (*caught_up) {
    co_await send_live(desk, *bell, *feed, out, wanted, position);
  }
}

} // namespace penstock::gateway
