#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "net/http_headers.hpp"
#include "net/http_parser.hpp"

namespace penstock::net {

/// What requests and answers share: limits, headers and body, filled by Beast's parser. For http_parser's .cpp files.
template <bool IsRequest>
class beast_parser_base : public boost::beast::http::basic_parser<IsRequest> {
public:
  using string_view_type = boost::beast::string_view;
  using error_type = boost::beast::error_code;

  beast_parser_base(std::size_t header_limit, std::size_t body_limit)
      : header_limit_(header_limit), body_limit_(body_limit) {
    this->eager(true);
    this->header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(header_limit, UINT32_MAX)));
    this->body_limit(static_cast<std::uint64_t>(body_limit));
    headers.reserve(8, 256);
  }

  /// Feeds Beast and translates its verdict.
  std::size_t feed(std::string_view unread) {
    // Asked again about the end of a chunked body that has not all come, Beast's assertions want five bytes ("0", twice CRLF):
    // with fewer there is nothing to be found yet.
    constexpr std::size_t last_chunk = 5;
    if (stopped_in_chunk_ && unread.size() < last_chunk)
      return 0;
    std::size_t used = 0;
    while (used < unread.size() && !this->is_done() && failure == parse_failure::none) {
      error_type error;
      used += this->put(boost::asio::const_buffer(unread.data() + used, unread.size() - used), error);
      stopped_in_chunk_ = error == boost::beast::http::error::need_more && this->is_header_done() && this->chunked();
      if (error == boost::beast::http::error::need_more)
        break;
      if (error)
        failure = verdict(error);
    }
    // Beast limits what it is given at once; a header that trickles in is limited here.
    if (!this->is_header_done()) {
      header_bytes_ += used;
      if (header_bytes_ + (unread.size() - used) > header_limit_ && failure == parse_failure::none)
        failure = parse_failure::header_too_large;
    }
    return used;
  }

  /// Of the body that is to come; before any field of the header came.
  void set_body_limit(std::size_t bytes) {
    body_limit_ = bytes;
    this->body_limit(static_cast<std::uint64_t>(bytes));
  }
  [[nodiscard]] std::size_t most_of_body() const noexcept { return body_limit_; }

  http_headers headers;
  std::string body;
  parse_failure failure = parse_failure::none;

protected:
  static constexpr std::size_t max_fields = 128;

  virtual bool accept_field(boost::beast::http::field name, string_view_type value) = 0;
  virtual bool accept_body(std::string_view bytes) {
    body.append(bytes);
    return true;
  }

private:
  static parse_failure verdict(const error_type& error) {
    namespace http = boost::beast::http;
    if (error == http::error::header_limit)
      return parse_failure::header_too_large;
    if (error == http::error::body_limit)
      return parse_failure::body_too_large;
    if (error == http::error::partial_message || error == http::error::end_of_stream)
      return parse_failure::ended_early;
    if (error == http::error::end_of_chunk)
      return parse_failure::stopped;
    return parse_failure::malformed;
  }

  void on_request_impl(boost::beast::http::verb, string_view_type, string_view_type, int, error_type&) override {}
  void on_response_impl(int, string_view_type, int, error_type&) override {}

  void on_field_impl(boost::beast::http::field field, string_view_type name, string_view_type value,
                     error_type& error) override {
    if (this->is_header_done())
      return; // a trailer: never mixed with the header, where it could override what was already acted upon
    if (headers.size() >= max_fields)
      error = boost::beast::http::error::header_limit;
    else if (!accept_field(field, value))
      error = boost::beast::http::error::bad_field;
    else
      headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }

  void on_header_impl(error_type&) override {}

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_type&) override {
    // What a header promises is not what comes: trust it for a first megabyte only.
    if (length)
      body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>({*length, body_limit_, 1024 * 1024})));
  }

  std::size_t on_body_impl(string_view_type bytes, error_type& error) override {
    if (!accept_body({bytes.data(), bytes.size()}))
      error = boost::beast::http::error::end_of_chunk;
    return bytes.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view_type, error_type&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view_type bytes, error_type& error) override {
    return on_body_impl(bytes, error);
  }

  void on_finish_impl(error_type&) override {}

  std::size_t header_limit_;
  std::size_t body_limit_;
  std::size_t header_bytes_ = 0;
  bool stopped_in_chunk_ = false;
};

} // namespace penstock::net
