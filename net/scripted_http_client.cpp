#include "net/scripted_http_client.hpp"

#include <algorithm>

#include "net/url.hpp"

namespace penstock::net {

namespace {

bool is_there(std::string_view where, const http_request& request) {
  if (where.empty() || where == request.url)
    return true;
  const auto target = parse_url(request.url);
  if (!target || !where.starts_with('/'))
    return false;
  return where == (where.find('?') == std::string_view::npos ? target->path : target->target());
}

bool fits(const scripted_http_client::expectation& e, const http_request& request) {
  return e.method == request.method && is_there(e.where, request) && (!e.matches || e.matches(request));
}

} // namespace

scripted_http_client::scripted_http_client(std::shared_ptr<sleeper> delays) : delays_(std::move(delays)) {}

scripted_http_client& scripted_http_client::expect(expectation next) {
  const std::scoped_lock lock(mutex_);
  script_.push_back(std::move(next));
  return *this;
}

scripted_http_client& scripted_http_client::reply(std::string method, std::string where, int status, std::string body,
                                                  http_headers headers) {
  expectation next;
  next.method = std::move(method);
  next.where = std::move(where);
  next.answer = http_response{status, std::move(headers), std::move(body)};
  return expect(std::move(next));
}

scripted_http_client& scripted_http_client::fail(std::string method, std::string where, error_code code,
                                                 std::string message) {
  expectation next;
  next.method = std::move(method);
  next.where = std::move(where);
  next.answer = failure(code, std::move(message));
  return expect(std::move(next));
}

scripted_http_client::expectation scripted_http_client::next_for(const http_request& request) {
  const std::scoped_lock lock(mutex_);
  requests_.push_back(request);
  // Expectations without number stand aside for those that come after them.
  for (auto at = script_.begin(); at != script_.end(); ++at) {
    if (fits(*at, request)) {
      expectation found = *at;
      if (at->times > 0 && --at->times == 0)
        script_.erase(at);
      return found;
    }
    if (at->times != 0)
      break;
  }
  unexpected_.push_back(request.method + ' ' + request.url);
  expectation none;
  none.answer = failure(error_code::internal, "unexpected request: " + unexpected_.back());
  return none;
}

asio::awaitable<result<http_response>> scripted_http_client::send(http_request request) {
  auto found = next_for(request);
  if (delays_ && found.delay > duration::zero())
    co_await delays_->sleep(found.delay);
  co_return std::move(found.answer);
}

std::vector<http_request> scripted_http_client::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

std::vector<std::string> scripted_http_client::unexpected() const {
  const std::scoped_lock lock(mutex_);
  return unexpected_;
}

std::size_t scripted_http_client::outstanding() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(
    std::count_if(script_.begin(), script_.end(), [](const expectation& e) { return e.times != 0; }));
}

} // namespace penstock::net
