#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include "net/asio.hpp"
#include "net/beast_http_client.hpp"
#include "net/query.hpp"
#include "net/sse.hpp"
#include "node/commands/command.hpp"
#include "node/commands/node_address.hpp"

namespace penstock::node {

struct api_reply {
  std::string body; ///< as it came
  boost::json::value json;
};

/// How far a stream of events was read, over all its connections.
struct stream_progress {
  std::string last_id{};  ///< where to go on; empty: from now
  bool connected = false; ///< the node has answered and begun to send
};

/// Calls of the node's HTTP interface. Plain calls block; coroutines run on `context()` for those who do two things at
/// once. For one thread.
class api_client {
public:
  using reply = tl::expected<api_reply, command_failure>;

  [[nodiscard]] static tl::expected<std::unique_ptr<api_client>, command_failure> connect(const session& with);

  [[nodiscard]] reply get(const std::string& path, const net::query_parameters& query = {});
  /// `method` is POST, PATCH or DELETE; an empty body is sent as none.
  [[nodiscard]] reply send(std::string method, const std::string& path, const boost::json::value& body = nullptr);
  /// All pages of a list as one body, at most 10,000 items; then `next_cursor` stays.
  [[nodiscard]] reply get_all(const std::string& path, net::query_parameters query = {});

  [[nodiscard]] net::asio::io_context& context() noexcept { return context_; }
  [[nodiscard]] net::asio::awaitable<reply> call(std::string method, std::string path, std::string body);
  /// Reads server-sent events until `on_event` returns false, the node ends the stream or nothing comes any more (the
  /// node sends a sign of life every 15 seconds). Goes on behind `progress`, which must outlive the coroutine, and moves
  /// it along.
  [[nodiscard]] net::asio::awaitable<outcome> stream(std::string path, stream_progress& progress,
                                                     std::function<bool(const net::sse_event&)> on_event);
  [[nodiscard]] const std::string& url() const noexcept { return node_.url; }

private:
  explicit api_client(node_address node) : node_(std::move(node)) {}
  [[nodiscard]] net::http_request request(std::string method, const std::string& path) const;
  [[nodiscard]] command_failure explain(const error& why) const;
  /// Of an answer that is no success.
  [[nodiscard]] command_failure explain(const net::http_response& answer) const;

  const node_address node_;
  net::asio::io_context context_{1};
  std::unique_ptr<net::beast_http_client> http_;
};

} // namespace penstock::node
