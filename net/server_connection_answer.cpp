// Of server_connection: having a request answered and sending the reply.
#include "net/server_connection.hpp"

#include <exception>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/chunk_stream.hpp"
#include "net/message_writer.hpp"
#include "net/problem.hpp"

namespace penstock::net {

namespace {

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

} // namespace

asio::awaitable<bool> server_connection::answer(taken_request taken) {
  phase_ = phase::handler;
  deadline_.never();
  bool keep_alive = taken.keep_alive;
  const bool http_1_1 = taken.http_1_1;
  const bool is_head = taken.request.method == "HEAD";
  http_reply reply = co_await ask_handler(std::move(taken.request));

  if (reply.take_over) {
    co_await hand_over(std::move(reply));
    co_return false;
  }
  const bool streams = static_cast<bool>(reply.stream);
  keep_alive = keep_alive && !draining_ && (!streams || http_1_1);
  reply_framing framing{.keep_alive = keep_alive,
                        .http_1_1 = http_1_1,
                        .chunked = streams && http_1_1,
                        .content_length = {},
                        .date = date(),
                        .always = core_->config.always};
  if (!streams && !has_no_body(reply.status))
    framing.content_length = reply.body.size();
  head_.clear();
  if (!write_reply_head(head_, reply, framing)) {
    report("a handler's reply has a status or header field that cannot be sent");
    co_await write_problem_and_close(500, "internal", "the server made a reply that cannot be sent");
    co_return false;
  }
  const bool with_body = !is_head && !streams && !has_no_body(reply.status);
  auto body = with_body ? asio::buffer(reply.body) : asio::const_buffer{};
  if (reply.cut) {
    body = asio::buffer(body, reply.cut->body_bytes);
    if (!reply.cut->before_head)
      static_cast<void>(co_await write(byte_stream::gather(asio::buffer(head_), body)));
    co_return false;
  }
  bool sent = co_await write(byte_stream::gather(asio::buffer(head_), body));
  if (sent && streams && !is_head)
    sent = co_await write_stream(reply, framing.chunked);
  if (!sent || !keep_alive || draining_) {
    if (sent) {
      phase_ = phase::writing;
      deadline_.expires_after(linger_time);
      co_await stream_->end_writing();
    }
    co_return false;
  }
  co_return true;
}

asio::awaitable<http_reply> server_connection::ask_handler(http_server_request request) {
  std::string what;
  try {
    http_reply reply = co_await core_->handler(std::move(request));
    co_return reply;
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
    what = "something that is no std::exception";
  }
  if (!killed_)
    report(what);
  // The text of the exception is for the log: it may tell more than a client should know.
  http_reply reply =
    problem_reply({.status = 500, .code = "internal", .detail = "an unexpected error; the server's log says more"});
  if (core_->config.complete_own)
    core_->config.complete_own({}, reply);
  co_return reply;
}

asio::awaitable<bool> server_connection::run_cancellable(asio::awaitable<void> work, bool watch) {
  client_gone_ = false;
  phase_ = phase::handler;
  deadline_.never();
  if (watch)
    watch_client();
  std::string what;
  try {
    co_await asio::co_spawn(strand_, std::move(work),
                            asio::bind_cancellation_slot(stream_cancel_.slot(), asio::use_awaitable));
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
    what = "something that is no std::exception";
  }
  watch_cancel_.emit(asio::cancellation_type::terminal);
  const bool was_cancelled = client_gone_ || draining_;
  if (!what.empty() && !was_cancelled)
    report(what);
  co_return what.empty() || was_cancelled;
}

asio::awaitable<bool> server_connection::write_stream(const http_reply& reply, bool chunked) {
  chunk_stream out(*this, chunked);
  if (!draining_) {
    const bool ended_well = co_await run_cancellable(reply.stream(out), true);
    if (!ended_well || client_gone_ || out.failed())
      co_return false;
  }
  if (!chunked)
    co_return true;
  static constexpr std::string_view last_chunk = "0\r\n\r\n";
  const bool sent = co_await write(byte_stream::gather(asio::buffer(last_chunk)));
  co_return sent;
}

asio::awaitable<void> server_connection::hand_over(http_reply reply) {
  head_.clear();
  if (!write_reply_head(head_, reply, {.date = date()})) {
    report("a handler's reply has a status or header field that cannot be sent");
    co_return;
  }
  const bool sent = co_await write(byte_stream::gather(asio::buffer(head_)));
  if (!sent || draining_)
    co_return;
  std::string early(in_.unread());
  // Nobody watches the socket here: reading it is the new owner's business.
  static_cast<void>(co_await run_cancellable(reply.take_over(*stream_, std::move(early)), false));
}

void server_connection::watch_client() {
  stream_->socket().async_wait(
    asio::ip::tcp::socket::wait_read,
    asio::bind_cancellation_slot(watch_cancel_.slot(), [weak = weak_from_this()](io_error error) {
      const auto self = weak.lock();
      if (error || !self)
        return;
      // Bytes may be a pipelined request or TLS housekeeping: they wait. From here on only a failing write tells.
      if (self->stream_->peek() != byte_stream::peer_state::gone)
        return;
      self->client_gone_ = true;
      self->stream_cancel_.emit(asio::cancellation_type::terminal);
    }));
}

} // namespace penstock::net
