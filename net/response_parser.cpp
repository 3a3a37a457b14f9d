#include <optional>

#include "net/beast_parser_base.hpp"
#include "net/http_parser.hpp"

namespace penstock::net {

namespace {

namespace http = boost::beast::http;

class beast_response : public beast_parser_base<false> {
public:
  beast_response(std::size_t header_limit, std::size_t body_limit, bool head,
                 const std::function<bool(std::string_view)>* sink)
      : beast_parser_base(header_limit, body_limit), sink_(sink) {
    skip(head);
  }

  int status = 0;

private:
  void on_response_impl(int code, string_view_type, int, error_type&) override {
    status = code;
    if (streams())
      body_limit(boost::none);
  }

  bool accept_field(http::field, string_view_type) override { return true; }

  bool accept_body(std::string_view bytes) override {
    return streams() ? (*sink_)(bytes) : beast_parser_base::accept_body(bytes);
  }

  [[nodiscard]] bool streams() const { return *sink_ && status / 100 == 2; }

  const std::function<bool(std::string_view)>* sink_;
};

} // namespace

class response_parser::state {
public:
  state(std::size_t header_limit, std::size_t body_limit, bool head)
      : header_limit_(header_limit), body_limit_(body_limit), head_(head) {
    renew();
  }
  void renew() { parser.emplace(header_limit_, body_limit_, head_, &sink); }

  std::function<bool(std::string_view)> sink;
  std::optional<beast_response> parser;
  bool started = false; ///< interim answers count: the server has seen the request

private:
  std::size_t header_limit_;
  std::size_t body_limit_;
  bool head_;
};

response_parser::response_parser(std::size_t header_limit, std::size_t body_limit, bool head)
    : state_(std::make_unique<state>(header_limit, body_limit, head)) {}
response_parser::~response_parser() = default;

void response_parser::on_body(std::function<bool(std::string_view)> sink) { state_->sink = std::move(sink); }

std::size_t response_parser::put(std::string_view unread) {
  std::size_t used = 0;
  for (;;) {
    const auto step = state_->parser->feed(unread.substr(used));
    used += step;
    state_->started = state_->started || state_->parser->got_some();
    const auto& parser = *state_->parser;
    const bool interim = complete() && parser.status / 100 == 1 && parser.status != 101;
    if (!interim)
      return used;
    state_->renew();
  }
}

void response_parser::put_end() {
  auto& parser = *state_->parser;
  if (parser.failure != parse_failure::none || parser.is_done())
    return;
  boost::beast::error_code error;
  if (parser.got_some())
    parser.put_eof(error);
  if (error || !parser.got_some())
    parser.failure = parse_failure::ended_early;
}

bool response_parser::complete() const noexcept {
  return failure() == parse_failure::none && state_->parser->is_done();
}
parse_failure response_parser::failure() const noexcept { return state_->parser->failure; }
bool response_parser::started() const noexcept { return state_->started; }
bool response_parser::header_complete() const noexcept { return state_->parser->is_header_done(); }
bool response_parser::keep_alive() const noexcept { return state_->parser->keep_alive(); }

http_response response_parser::take() {
  auto& from = *state_->parser;
  return {from.status, std::move(from.headers), std::move(from.body)};
}

} // namespace penstock::net
