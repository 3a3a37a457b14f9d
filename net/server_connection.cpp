#include "net/server_connection.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "net/http_date.hpp"
#include "net/message_writer.hpp"
#include "net/problem.hpp"

namespace penstock::net {

namespace {

std::unique_ptr<byte_stream> make_stream(const server_core& core, asio::ip::tcp::socket socket) {
  io_error ignored; // a socket that died already fails at its first use
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto tls = core.tls();
  return tls ? make_tls_server_stream(std::move(socket), std::move(tls)) : make_plain_stream(std::move(socket));
}

/// An IPv4 peer of an IPv6 socket is shown and judged as IPv4.
asio::ip::address plain_address(const asio::ip::tcp::socket& socket) {
  io_error error;
  const auto address = socket.remote_endpoint(error).address();
  return !error && address.is_v6() && address.to_v6().is_v4_mapped()
           ? asio::ip::address(asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()))
           : address;
}

} // namespace

server_connection::server_connection(std::shared_ptr<server_core> core, asio::ip::tcp::socket socket)
    : core_(std::move(core)), strand_(socket.get_executor()), stream_(make_stream(*core_, std::move(socket))),
      in_(std::max<std::size_t>(core_->config.header_limit + 1024, 64 * 1024)),
      parser_(core_->config.header_limit, core_->config.max_body, core_->config.body_limit),
      deadline_(strand_, [this] { on_deadline(); }) {
  const auto address = plain_address(stream_->socket());
  remote_address_ = address.to_string();
  is_loopback_ = address.is_loopback();
}

server_connection::~server_connection() { core_->leave(this); }

void server_connection::start(std::shared_ptr<server_core> core, asio::ip::tcp::socket socket) {
  auto self = std::make_shared<server_connection>(core, std::move(socket));
  const auto admission = core->enter(self);
  if (!admission.admitted)
    return;
  auto& connection = *self;
  asio::co_spawn(
    connection.strand_, [self, admission] { return self->run(admission.refused); },
    asio::bind_cancellation_slot(connection.kill_.slot(), [self](const std::exception_ptr& error) {
      // Cancellation unwinds as an exception; anything else is a fault of ours and must be seen.
      if (error && !self->killed_)
        self->report("a connection ended with an exception");
    }));
}

void server_connection::drain(std::shared_ptr<server_connection> connection) {
  const auto strand = connection->strand_;
  asio::post(strand, [self = std::move(connection)] {
    self->draining_ = true;
    if (self->phase_ == phase::idle)
      self->stream_->cancel();
    self->stream_cancel_.emit(asio::cancellation_type::terminal);
  });
}

void server_connection::give_way(std::shared_ptr<server_connection> connection) {
  const auto strand = connection->strand_;
  asio::post(strand, [self = std::move(connection)] {
    if (self->phase_ != phase::handler && self->phase_ != phase::writing)
      self->stream_->close();
  });
}

void server_connection::kill(std::shared_ptr<server_connection> connection) {
  const auto strand = connection->strand_;
  asio::post(strand, [self = std::move(connection)] {
    self->killed_ = true;
    self->draining_ = true;
    self->stream_->close();
    self->stream_cancel_.emit(asio::cancellation_type::terminal);
    self->kill_.emit(asio::cancellation_type::terminal);
  });
}

void server_connection::begin_to_wait() {
  waiting_since.store(std::chrono::steady_clock::now().time_since_epoch().count(), std::memory_order_relaxed);
}

void server_connection::on_deadline() {
  // A slow reader cannot be told anything more; a slow writer gets its 408.
  if (phase_ == phase::writing || phase_ == phase::lingering)
    stream_->close();
  else
    stream_->cancel();
}

asio::awaitable<void> server_connection::run(bool refused) {
  if (stream_->is_tls()) {
    phase_ = phase::header;
    deadline_.expires_after(core_->config.header_timeout);
    begin_to_wait();
    const auto [error] = co_await stream_->handshake();
    if (error)
      co_return;
  }
  if (refused) {
    http_reply reply = problem_reply({.status = 503,
                                      .code = "too_many_connections",
                                      .detail = "the server has all the connections it can serve: try again later"});
    reply.headers.add("Retry-After", "1"); // RFC 9110, 10.2.3; connections come and go
    if (core_->config.complete_own)
      core_->config.complete_own({}, reply);
    co_await write_and_close(std::move(reply));
    co_return;
  }
  for (;;) {
    begin_to_wait();
    const read_end end = ahead_ ? read_end::request : co_await read_request();
    waiting_since.store(0, std::memory_order_relaxed);
    if (end == read_end::closed)
      co_return;
    if (end == read_end::refused) {
      co_await write_and_close(std::move(refusal_));
      co_return;
    }
    if (end != read_end::request) {
      co_await refuse(end);
      co_return;
    }
    auto taken = take_with_followers();
    const bool stays =
      taken.size() == 1 ? co_await answer(std::move(taken.front())) : co_await answer_together(std::move(taken));
    if (!stays)
      co_return;
  }
}

asio::awaitable<server_connection::read_end> server_connection::read_request() {
  phase_ = phase::idle;
  deadline_.expires_after(core_->config.idle_timeout);
  keeps_body_ = false;
  for (;;) {
    // RFC 9112, 2.2: an empty line ahead of a request is passed over.
    while (!parser_.started() && in_.unread().starts_with("\r\n"))
      in_.consume(2);
    if (!in_.empty()) {
      in_.consume(parser_.put(in_.unread()));
      switch (parser_.failure()) {
        case parse_failure::none: break;
        case parse_failure::header_too_large: co_return read_end::header_too_large;
        case parse_failure::body_too_large: co_return read_end::body_too_large;
        default: co_return read_end::malformed;
      }
      if (parser_.complete())
        co_return read_end::request;
      if (parser_.header_complete() && phase_ != phase::body) {
        if (refuses_early())
          co_return read_end::refused;
        phase_ = phase::body;
        deadline_.expires_after(core_->config.body_timeout);
        if (parser_.expects_continue() && in_.empty()) {
          static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
          const bool sent = co_await write(byte_stream::gather(asio::buffer(go_on)));
          if (!sent)
            co_return read_end::closed;
          phase_ = phase::body;
          deadline_.expires_after(core_->config.body_timeout);
        }
      } else if (phase_ == phase::body && parser_.body_size() > core_->config.spool_over) {
        const auto ended = co_await spool_some();
        if (ended)
          co_return *ended;
      } else if (phase_ == phase::idle) {
        phase_ = phase::header;
        deadline_.expires_after(core_->config.header_timeout);
      }
      if (in_.full())
        co_return read_end::malformed; // a chunk header without end
    }
    if (draining_ && phase_ == phase::idle)
      co_return read_end::closed;
    const auto space = in_.prepare();
    const auto [error, count] = co_await stream_->read_some(asio::buffer(space.data, space.size));
    if (error)
      co_return deadline_.expired() && phase_ != phase::idle ? read_end::timed_out : read_end::closed;
    in_.commit(count);
  }
}

bool server_connection::refuses_early() {
  if (!core_->config.refuse_early)
    return false;
  auto head = parser_.head();
  head.remote_address = remote_address_;
  head.is_loopback = is_loopback_;
  auto refusal = core_->config.refuse_early(head);
  if (!refusal)
    return false;
  static_cast<void>(parser_.take()); // what came of the body with the header, and the room made for the rest
  refusal_ = std::move(*refusal);
  if (head.method == "HEAD")
    refusal_.body.clear();
  return true;
}

asio::awaitable<void> server_connection::refuse(read_end why) {
  switch (why) {
    case read_end::timed_out:
      return write_problem_and_close(408, "request_timeout", "the request did not come in time");
    case read_end::header_too_large:
      return write_problem_and_close(
        431, "header_too_large", "the header is longer than " + std::to_string(core_->config.header_limit) + " bytes");
    case read_end::body_too_large:
      return write_problem_and_close(413, "body_too_large",
                                     "the body is longer than " + std::to_string(parser_.body_limit()) + " bytes");
    default: return write_problem_and_close(400, "malformed_request", "this is not a well-formed HTTP/1.1 request");
  }
}

asio::awaitable<void> server_connection::write_problem_and_close(int status, std::string_view code,
                                                                 std::string detail) {
  http_reply reply = problem_reply({.status = status, .code = code, .detail = detail});
  if (core_->config.complete_own)
    core_->config.complete_own(parser_.head().headers, reply);
  return write_and_close(std::move(reply));
}

asio::awaitable<void> server_connection::write_and_close(http_reply reply) {
  head_.clear();
  if (!write_reply_head(
        head_, reply,
        {.keep_alive = false, .content_length = reply.body.size(), .date = date(), .always = core_->config.always}))
    co_return;
  const bool sent = co_await write(byte_stream::gather(asio::buffer(head_), asio::buffer(reply.body)));
  if (!sent)
    co_return;
  // Closing with unread bytes would reset the connection and could take the reply from the client: read on for a while.
  phase_ = phase::lingering;
  begin_to_wait();
  deadline_.expires_after(linger_time);
  co_await stream_->end_writing();
  std::array<char, 4096> rest{};
  for (;;) {
    const auto [error, count] = co_await stream_->read_some(asio::buffer(rest));
    if (error)
      co_return;
  }
}

asio::awaitable<bool> server_connection::write(byte_stream::pieces bytes) {
  const std::size_t size = asio::buffer_size(bytes);
  io_error error;
  std::size_t sent = stream_->try_write(bytes, error);
  if (error)
    co_return false;
  if (sent == size)
    co_return true;
  for (auto& piece : bytes) {
    const std::size_t part = std::min(sent, piece.size());
    piece += part;
    sent -= part;
  }
  const phase before = phase_;
  phase_ = phase::writing;
  deadline_.expires_after(core_->config.write_timeout);
  const auto [failed, count] = co_await stream_->write(bytes);
  deadline_.never();
  phase_ = before;
  co_return !failed;
}

std::string_view server_connection::date() const {
  if (core_->config.clock == nullptr)
    return {};
  // Written once a second a thread, not once a reply.
  thread_local timestamp written = timestamp::min();
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(core_->config.clock->now());
  if (now != written) {
    written = now;
    text = format_http_date(now);
  }
  return text;
}

void server_connection::report(std::string_view what) const {
  if (core_->config.on_exception)
    core_->config.on_exception(what);
}

} // namespace penstock::net
