// Of server_connection: requests that came one behind the other and may be worked on at the same time.
#include "net/server_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/message_writer.hpp"
#include "net/problem.hpp"

namespace penstock::net {

namespace {

/// Of requests that are worked on together. Handlers hold it too: they may outlive a connection that was cut off.
struct open_answers {
  open_answers(const asio::any_io_executor& strand, std::size_t count) : replies(count), open(count), done(strand) {
    done.expires_at(asio::steady_timer::time_point::max());
  }
  std::vector<http_reply> replies;
  std::size_t open;
  asio::steady_timer done;
};

} // namespace

server_connection::taken_request server_connection::take_request() {
  if (ahead_)
    return *std::exchange(ahead_, std::nullopt);
  taken_request taken{.keep_alive = parser_.keep_alive(), .http_1_1 = parser_.is_http_1_1(), .request = parser_.take()};
  taken.request.remote_address = remote_address_;
  taken.request.is_loopback = is_loopback_;
  taken.request.spool = std::exchange(spool_, nullptr);
  return taken;
}

std::vector<server_connection::taken_request> server_connection::take_with_followers() {
  std::vector<taken_request> taken;
  taken.push_back(take_request());
  const auto& overlaps = core_->config.overlaps;
  if (!overlaps || !overlaps(taken.front().request))
    return taken;
  while (taken.size() < most_together && taken.back().keep_alive && !draining_ && !ahead_ && !in_.empty()) {
    while (!parser_.started() && in_.unread().starts_with("\r\n"))
      in_.consume(2);
    in_.consume(parser_.put(in_.unread()));
    if (!parser_.complete() || parser_.failure() != parse_failure::none)
      break; // what is there of it waits for the rest, or for its refusal
    auto next = take_request();
    if (overlaps(next.request))
      taken.push_back(std::move(next));
    else
      ahead_ = std::move(next);
  }
  return taken;
}

asio::awaitable<bool> server_connection::answer_together(std::vector<taken_request> taken) {
  phase_ = phase::handler;
  deadline_.never();
  const auto answers = std::make_shared<open_answers>(strand_, taken.size());
  for (std::size_t i = 0; i < taken.size(); ++i)
    asio::co_spawn(strand_, ask_handler(std::move(taken[i].request)),
                   [answers, i, self = shared_from_this()](const std::exception_ptr& error, http_reply reply) {
                     // An exception here can only be the end of the process's memory, or of the connection.
                     if (error)
                       reply = problem_reply({.status = 500, .code = "internal", .detail = "an unexpected error"});
                     answers->replies[i] = std::move(reply);
                     if (--answers->open == 0)
                       answers->done.cancel();
                   });
  while (answers->open > 0)
    static_cast<void>(co_await answers->done.async_wait(asio::as_tuple(asio::use_awaitable)));

  head_.clear();
  bool keep_alive = !draining_;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    auto& reply = answers->replies[i];
    if (reply.stream || reply.take_over || reply.cut) {
      report("a handler gave a reply that needs the connection for itself to a request that overlaps");
      reply =
        problem_reply({.status = 500, .code = "internal", .detail = "the server made a reply that cannot be sent"});
    }
    keep_alive = keep_alive && taken[i].keep_alive;
    const reply_framing framing{.keep_alive = keep_alive,
                                .http_1_1 = taken[i].http_1_1,
                                .chunked = false,
                                .content_length = reply.body.size(),
                                .date = date(),
                                .always = core_->config.always};
    if (!write_reply_head(head_, reply, framing)) {
      report("a handler's reply has a status or header field that cannot be sent");
      co_return false;
    }
    head_ += reply.body;
  }
  const bool sent = co_await write(byte_stream::gather(asio::buffer(head_)));
  if (sent && keep_alive)
    co_return true;
  if (sent) {
    phase_ = phase::writing;
    deadline_.expires_after(linger_time);
    co_await stream_->end_writing();
  }
  co_return false;
}

} // namespace penstock::net
