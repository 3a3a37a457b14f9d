#pragma once

#include <string>

#include "net/http_handler.hpp"

namespace penstock::net {

class server_connection;

/// Frames what a streaming reply writes (RFC 9112, 7.1). Private to server_connection.
class chunk_stream : public reply_stream {
public:
  /// Without `chunked` (HTTP/1.0) the bytes are sent as they are, and closing the connection ends them.
  chunk_stream(server_connection& connection, bool chunked) : connection_(connection), chunked_(chunked) {}

  [[nodiscard]] asio::awaitable<bool> write(std::string_view bytes) override;
  [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
  server_connection& connection_;
  const bool chunked_;
  bool failed_ = false;
  std::string size_line_;
};

} // namespace penstock::net
