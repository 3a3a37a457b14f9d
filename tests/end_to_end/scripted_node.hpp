#pragma once

#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio.hpp>

namespace penstock::end_to_end {

/// Answers one connection after the other with the given bytes and closes each; then nobody listens any more. For what
/// a real node does not do when a test wants it.
class scripted_node {
public:
  explicit scripted_node(std::vector<std::string> answers)
      : acceptor_(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()), thread_([this, texts = std::move(answers)] { run(texts); }) {
    // A program that inherited it would keep it open.
    ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
  }
  ~scripted_node() { end(); }
  scripted_node(const scripted_node&) = delete;
  scripted_node& operator=(const scripted_node&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Lets nobody in any more. The headers of the requests so far.
  [[nodiscard]] std::vector<std::string> asked() {
    end();
    return asked_;
  }

  /// An answer with a JSON body.
  [[nodiscard]] static std::string json(const std::string& body, const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

private:
  using tcp = boost::asio::ip::tcp;

  void end() {
    if (!thread_.joinable())
      return;
    // A closed one has no descriptor: that does nothing then.
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR); // wakes an accept that nobody came for
    thread_.join();
  }

  void run(const std::vector<std::string>& texts) {
    boost::system::error_code wrong;
    for (const auto& each : texts) {
      tcp::socket socket(context_);
      if (acceptor_.accept(socket, wrong))
        return;
      std::string header;
      boost::asio::read_until(socket, boost::asio::dynamic_buffer(header), "\r\n\r\n", wrong);
      asked_.push_back(header);
      if (asked_.size() == texts.size())
        acceptor_.close(wrong); // ahead of the last answer, so that whoever has it meets nobody any more
      boost::asio::write(socket, boost::asio::buffer(each), wrong);
    }
  }

  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  const std::uint16_t port_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

} // namespace penstock::end_to_end
