#include "net/client_exchange.hpp"

#include <algorithm>
#include <exception>

#include "net/http_parser.hpp"
#include "net/input_buffer.hpp"

namespace penstock::net {

namespace {

client_exchange::outcome ended(error why) { return {tl::unexpected(std::move(why)), false}; }

} // namespace

error client_exchange::broken(std::string_view what, error_code code) const {
  return {code, request.method + ' ' + target.origin() + ": " + std::string(what)};
}

asio::awaitable<client_exchange::outcome> client_exchange::run(client_connection connection) {
  const auto self = shared_from_this();
  try {
    auto done = co_await with_limit(attempt(std::move(connection)), limit);
    if (done)
      co_return std::move(*done);
    co_return ended(broken("no answer within " + std::to_string(request.timeout / std::chrono::milliseconds(1)) + " ms",
                           error_code::timed_out));
  } catch (const boost::system::system_error& e) {
    const bool aborted = e.code() == asio::error::operation_aborted;
    co_return ended(aborted ? broken("cancelled", error_code::cancelled) : broken(e.what(), error_code::internal));
  } catch (const std::exception& e) {
    co_return ended(broken(e.what(), error_code::internal));
  }
}

asio::awaitable<client_exchange::outcome> client_exchange::attempt(client_connection connection) {
  const bool reused = connection.reused();
  if (!reused) {
    auto opened = co_await dial.dial(target);
    if (!opened)
      co_return ended(opened.error());
    connection.stream = std::move(*opened);
  }
  const auto bytes = byte_stream::gather(asio::buffer(head), asio::buffer(request.body));
  io_error write_error;
  const std::size_t sent = connection.stream->try_write(bytes, write_error);
  if (!write_error && sent < asio::buffer_size(bytes)) {
    auto rest = bytes;
    std::size_t skip = sent;
    for (auto& piece : rest) {
      const std::size_t part = std::min(skip, piece.size());
      piece += part;
      skip -= part;
    }
    const auto [error, count] = co_await connection.stream->write(rest);
    write_error = error;
  }
  // A server may answer and close before it has read everything (413): look for that answer.
  auto result = co_await receive(connection, write_error);
  result.was_stale = result.was_stale && reused;
  co_return result;
}

asio::awaitable<client_exchange::outcome> client_exchange::receive(client_connection& connection,
                                                                   io_error write_error) {
  response_parser parser(max_header, request.max_body, request.method == "HEAD");
  if (sink)
    parser.on_body(sink);
  input_buffer in(std::max<std::size_t>(max_header + 1024, 64 * 1024));
  bool at_end = false;
  while (!parser.complete() && parser.failure() == parse_failure::none) {
    if (at_end) {
      parser.put_end();
      break;
    }
    if (limit_each_wait)
      limit = std::chrono::steady_clock::now() + request.timeout;
    const auto space = in.prepare();
    const auto [error, count] = co_await connection.stream->read_some(asio::buffer(space.data, space.size));
    if (error == asio::error::eof) {
      at_end = true;
      continue;
    }
    if (error) {
      if (!parser.started()) {
        const auto& cause = write_error ? write_error : error;
        outcome out = ended(broken("the connection was lost before an answer came: " + cause.message()));
        out.was_stale = error != asio::error::operation_aborted;
        co_return out;
      }
      co_return ended(parser.header_complete()
                        ? broken("the answer's body ended early: " + error.message(), error_code::truncated_body)
                        : broken("the answer's header ended early: " + error.message()));
    }
    in.commit(count);
    in.consume(parser.put(in.unread()));
    if (in.full())
      co_return ended(broken("the answer has a chunk header without end", error_code::truncated_body));
  }
  switch (parser.failure()) {
    case parse_failure::none: break;
    case parse_failure::stopped: co_return outcome{parser.take(), false};
    case parse_failure::header_too_large:
      co_return ended(broken("the answer's header is longer than " + std::to_string(max_header) + " bytes",
                             error_code::unexpected_shape));
    case parse_failure::body_too_large:
      co_return ended(broken("the answer's body is longer than " + std::to_string(request.max_body) + " bytes",
                             error_code::unexpected_shape));
    case parse_failure::ended_early: {
      if (parser.header_complete())
        co_return ended(broken("the answer's body ended early", error_code::truncated_body));
      outcome out = ended(
        broken(parser.started() ? "the answer's header ended early" : "the connection was closed without an answer"));
      out.was_stale = !parser.started();
      co_return out;
    }
    case parse_failure::malformed:
      co_return ended(parser.header_complete()
                        ? broken("the answer's body is not well framed", error_code::truncated_body)
                        : broken("the answer is not HTTP/1.1"));
  }
  const bool reusable = parser.keep_alive() && !at_end && !write_error && in.empty();
  outcome out{parser.take(), false};
  if (reusable && out.answer->status != 101)
    pool->give_back(std::move(connection));
  co_return out;
}

} // namespace penstock::net
