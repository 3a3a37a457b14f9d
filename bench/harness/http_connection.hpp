#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "net/asio.hpp"

namespace penstock::bench {

/// A keep-alive connection to a node on this machine that costs little beside what it measures. Requests may follow each
/// other before the first is answered. On one thread. Anything unexpected ends the process, with a word.
class http_connection {
public:
  using answered = std::function<void(int status)>;

  http_connection(net::asio::io_context& loop, std::uint16_t port);

  /// `answered` may send again.
  void post(std::string_view path, std::string_view token, std::string_view body, answered done);
  [[nodiscard]] std::size_t in_flight() const noexcept { return waiting_.size(); }

private:
  void write();
  void read();
  /// One answer off the front of `in_`, if it is all there.
  bool take_answer();

  net::asio::ip::tcp::socket socket_;
  std::string out_, written_; ///< to be written, being written
  bool writing_ = false, reading_ = false;
  std::string in_;
  std::array<char, 16 * 1024> buffer_;
  std::deque<answered> waiting_;
};

[[nodiscard]] std::string read_token(const std::filesystem::path& data);

} // namespace penstock::bench
