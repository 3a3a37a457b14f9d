#include "bench/harness/http_connection.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <boost/asio/write.hpp>

namespace penstock::bench {
namespace {

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "penstock-bench-client: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

std::size_t number_behind(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  std::size_t value = 0;
  if (at == std::string_view::npos)
    give_up("an answer without a length");
  std::from_chars(text.data() + at + name.size(), text.data() + text.size(), value);
  return value;
}

} // namespace

http_connection::http_connection(net::asio::io_context& loop, std::uint16_t port) : socket_(loop) {
  socket_.connect({net::asio::ip::address_v4::loopback(), port});
  socket_.set_option(net::asio::ip::tcp::no_delay(true));
}

void http_connection::post(std::string_view path, std::string_view token, std::string_view body, answered done) {
  out_.append("POST ").append(path).append(" HTTP/1.1\r\nHost: localhost");
  if (!token.empty())
    out_.append("\r\nAuthorization: Bearer ").append(token);
  out_.append("\r\nContent-Type: application/json\r\nContent-Length: ").append(std::to_string(body.size()));
  out_.append("\r\n\r\n").append(body);
  waiting_.push_back(std::move(done));
  if (!writing_)
    write();
  if (!reading_)
    read();
}

void http_connection::write() {
  writing_ = true;
  written_.swap(out_);
  out_.clear();
  net::asio::async_write(socket_, net::asio::buffer(written_), [this](net::io_error error, std::size_t) {
    if (error)
      give_up("cannot write: " + error.message());
    writing_ = false;
    if (!out_.empty())
      write();
  });
}

void http_connection::read() {
  reading_ = true;
  socket_.async_read_some(net::asio::buffer(buffer_), [this](net::io_error error, std::size_t count) {
    if (error)
      give_up("the node has gone: " + error.message());
    in_.append(buffer_.data(), count);
    while (take_answer()) {}
    reading_ = false;
    if (!waiting_.empty())
      read();
  });
}

bool http_connection::take_answer() {
  const auto head_end = in_.find("\r\n\r\n");
  if (head_end == std::string::npos)
    return false;
  const std::string_view head(in_.data(), head_end);
  const auto size = head_end + 4 + number_behind(head, "Content-Length: ");
  if (in_.size() < size)
    return false;
  const auto status = static_cast<int>(number_behind(head, "HTTP/1.1 "));
  if (status / 100 != 2)
    give_up(std::string_view(in_).substr(0, size));
  in_.erase(0, size);
  auto done = std::move(waiting_.front());
  waiting_.pop_front();
  done(status);
  return true;
}

std::string read_token(const std::filesystem::path& data) {
  std::ifstream file(data / "admin.token");
  std::string token;
  if (!(file >> token))
    give_up("the node's token is not in " + data.string());
  return token;
}

} // namespace penstock::bench
