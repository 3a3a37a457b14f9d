#include <optional>
#include <utility>

#include "net/beast_parser_base.hpp"
#include "net/http_parser.hpp"

namespace penstock::net {

namespace {

namespace http = boost::beast::http;

/// Whether a field goes on in the next line (RFC 9112, 5.2: given up, and read differently by different programs).
bool has_folded_line(std::string_view header) {
  if (header.starts_with("\r\n"))
    return false; // only the empty line was left of it
  for (auto at = header.find('\n'); at != std::string_view::npos && at + 1 < header.size();
       at = header.find('\n', at + 1)) {
    const char next = header[at + 1];
    if (next == ' ' || next == '\t')
      return true;
    if (next == '\r')
      return false; // the empty line; behind it is the body
  }
  return false;
}

class beast_request : public beast_parser_base<true> {
public:
  beast_request(std::size_t header_limit, std::size_t body_limit, const request_parser::body_limit_of& other_limit)
      : beast_parser_base(header_limit, body_limit), other_limit_(other_limit) {}

  std::string method;
  std::string target;
  bool expects_continue = false;
  std::size_t hosts = 0, codings = 0;

  [[nodiscard]] bool is_http_1_1() const noexcept { return version_ == 11; }

private:
  void on_request_impl(http::verb, string_view_type method_text, string_view_type target_text, int version,
                       error_type&) override {
    method.assign(method_text.data(), method_text.size());
    target.assign(target_text.data(), target_text.size());
    version_ = version;
    // Ahead of the fields: one of them says how long the body is.
    if (other_limit_)
      set_body_limit(other_limit_(method, target));
  }

  bool accept_field(http::field name, string_view_type value) override {
    if (name == http::field::host)
      return ++hosts == 1;
    if (name == http::field::expect)
      expects_continue = equals_ignoring_case({value.data(), value.size()}, "100-continue");
    if (name != http::field::transfer_encoding)
      return true;
    // Another transfer coding would leave the end of the body to guesswork (RFC 9112, 6.3), and so would two.
    return ++codings == 1 && equals_ignoring_case({value.data(), value.size()}, "chunked");
  }

  void on_header_impl(error_type& error) override {
    // RFC 9112, 3.2: exactly one Host in HTTP/1.1.
    if (is_http_1_1() && hosts != 1)
      error = http::error::bad_field;
    // RFC 9112, 6.1: HTTP/1.0 has no codings; a proxy that does not know them sees another end of the message.
    if (!is_http_1_1() && codings > 0)
      error = http::error::bad_transfer_encoding;
  }

  const request_parser::body_limit_of& other_limit_;
  int version_ = 11;
};

} // namespace

class request_parser::state {
public:
  state(std::size_t header_limit, std::size_t body_limit, body_limit_of other_limit)
      : header_limit_(header_limit), body_limit_(body_limit), other_limit_(std::move(other_limit)) {
    renew();
  }
  void renew() { parser.emplace(header_limit_, body_limit_, other_limit_); }

  std::optional<beast_request> parser;

private:
  std::size_t header_limit_;
  std::size_t body_limit_;
  body_limit_of other_limit_;
};

request_parser::request_parser(std::size_t header_limit, std::size_t body_limit, body_limit_of other_limit)
    : state_(std::make_unique<state>(header_limit, body_limit, std::move(other_limit))) {}
request_parser::~request_parser() = default;

std::size_t request_parser::put(std::string_view unread) {
  auto& parser = *state_->parser;
  const bool was_read = parser.is_header_done();
  const auto used = parser.feed(unread);
  // Beast takes whole fields, so none stands in two pieces.
  if (!was_read && has_folded_line(unread.substr(0, used)))
    parser.failure = parse_failure::malformed;
  return used;
}

bool request_parser::complete() const noexcept { return failure() == parse_failure::none && state_->parser->is_done(); }
parse_failure request_parser::failure() const noexcept { return state_->parser->failure; }
bool request_parser::started() const noexcept { return state_->parser->got_some(); }
bool request_parser::header_complete() const noexcept { return state_->parser->is_header_done(); }
bool request_parser::is_http_1_1() const noexcept { return state_->parser->is_http_1_1(); }
bool request_parser::keep_alive() const noexcept { return state_->parser->keep_alive(); }
bool request_parser::expects_continue() const noexcept {
  return state_->parser->expects_continue && state_->parser->is_http_1_1();
}

std::size_t request_parser::body_limit() const noexcept { return state_->parser->most_of_body(); }
std::size_t request_parser::body_size() const noexcept { return state_->parser->body.size(); }
std::string request_parser::take_body() { return std::exchange(state_->parser->body, {}); }

http_server_request request_parser::head() const {
  http_server_request out;
  out.method = state_->parser->method;
  out.target = state_->parser->target;
  out.headers = state_->parser->headers;
  return out;
}

http_server_request request_parser::take() {
  auto& from = *state_->parser;
  http_server_request out;
  out.method = std::move(from.method);
  out.target = std::move(from.target);
  out.headers = std::move(from.headers);
  out.body = std::move(from.body);
  state_->renew();
  return out;
}

} // namespace penstock::net
