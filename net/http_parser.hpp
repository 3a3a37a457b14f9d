#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "net/http_handler.hpp"
#include "net/http_message.hpp"

namespace penstock::net {

/// Why a message could not be read.
enum class parse_failure : std::uint8_t {
  none,
  malformed, ///< not HTTP/1.x, or ambiguous (which could smuggle a request past a proxy)
  header_too_large,
  body_too_large,
  ended_early, ///< the connection ended within the message
  stopped      ///< the receiver of the body wants no more
};

/// Turns bytes into a request, without knowing where they come from. Beast's parser does the work.
/// Give it all unread bytes with each call: what is not consumed must be given again, with more behind it.
class request_parser {
public:
  /// The limit in bytes of the body of a request for that target.
  using body_limit_of = std::function<std::size_t(std::string_view method, std::string_view target)>;
  /// Limits in bytes. `other_limit`, if set, is asked for each request instead.
  request_parser(std::size_t header_limit, std::size_t body_limit, body_limit_of other_limit = {});
  ~request_parser();

  /// Returns how many bytes were used. Uses none once `complete` or failed.
  [[nodiscard]] std::size_t put(std::string_view unread);

  [[nodiscard]] bool complete() const noexcept;
  [[nodiscard]] parse_failure failure() const noexcept;
  /// Whether a byte of the message was seen.
  [[nodiscard]] bool started() const noexcept;
  [[nodiscard]] bool header_complete() const noexcept;

  // The following need header_complete().
  [[nodiscard]] bool is_http_1_1() const noexcept;
  /// Whether the peer lets the connection live on.
  [[nodiscard]] bool keep_alive() const noexcept;
  /// Method, target and header of the request that is being read, as far as they came (this does not need the whole
  /// header). A copy; address fields are left empty.
  [[nodiscard]] http_server_request head() const;
  /// The peer sends its body only after "100 Continue".
  [[nodiscard]] bool expects_continue() const noexcept;

  /// What holds for the body of this request.
  [[nodiscard]] std::size_t body_limit() const noexcept;
  /// So much of the body came and was not taken.
  [[nodiscard]] std::size_t body_size() const noexcept;
  /// Takes what came of the body: the rest begins behind it. The limit is that of all of it.
  [[nodiscard]] std::string take_body();

  /// Takes the request and makes ready for the next. Address fields are left empty.
  [[nodiscard]] http_server_request take();

private:
  class state;
  std::unique_ptr<state> state_;
};

/// The same for an answer. Interim answers (1xx but 101) are passed over.
class response_parser {
public:
  /// `head`: the request was a HEAD, so no body follows, whatever the header says.
  response_parser(std::size_t header_limit, std::size_t body_limit, bool head);
  ~response_parser();

  /// If set before the first `put`, gets the body of a 2xx answer piece by piece, without limit. False stops.
  void on_body(std::function<bool(std::string_view)> sink);

  [[nodiscard]] std::size_t put(std::string_view unread);
  /// The connection has ended: that completes an answer without Content-Length, or fails with ended_early.
  void put_end();

  [[nodiscard]] bool complete() const noexcept;
  [[nodiscard]] parse_failure failure() const noexcept;
  [[nodiscard]] bool started() const noexcept;
  [[nodiscard]] bool header_complete() const noexcept;
  /// Needs complete(): whether the connection can be used again.
  [[nodiscard]] bool keep_alive() const noexcept;
  /// Needs header_complete().
  [[nodiscard]] http_response take();

private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace penstock::net
