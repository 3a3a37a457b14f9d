#include "net/chunk_stream.hpp"

#include <array>
#include <charconv>

#include "net/server_connection.hpp"

namespace penstock::net {

asio::awaitable<bool> chunk_stream::write(std::string_view bytes) {
  if (failed_ || connection_.client_gone_)
    co_return false;
  if (bytes.empty())
    co_return true; // an empty chunk would end the body
  auto pieces = byte_stream::gather(asio::buffer(bytes));
  if (chunked_) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
    size_line_.assign(digits.data(), end).append("\r\n");
    static constexpr std::string_view line_end = "\r\n";
    pieces = byte_stream::gather(asio::buffer(size_line_), asio::buffer(bytes), asio::buffer(line_end));
  }
  const bool sent = co_await connection_.write(pieces);
  failed_ = !sent;
  co_return sent;
}

} // namespace penstock::net
