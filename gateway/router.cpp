#include "gateway/router.hpp"

#include <algorithm>
#include <optional>

#include <spdlog/spdlog.h>

#include "core/id_generator.hpp"
#include "gateway/api_error.hpp"
#include "gateway/service_desk.hpp"
#include "net/problem.hpp"
#include "net/query.hpp"
#include "net/utf8_text.hpp"

namespace penstock::gateway {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/'))
    path.remove_prefix(1);
  for (;;) {
    const auto end = path.find('/');
    segments.push_back(path.substr(0, end));
    if (end == std::string_view::npos)
      return segments;
    path.remove_prefix(end + 1);
  }
}

bool is_capture(std::string_view segment) { return segment.starts_with('{'); }

/// Fills `captured` as far as it goes; it counts only when the answer is yes.
bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path,
          std::array<std::string, 2>& captured) {
  if (pattern.size() != path.size())
    return false;
  std::size_t captures = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!is_capture(pattern[i])) {
      if (pattern[i] != path[i])
        return false;
      continue;
    }
    auto decoded = net::percent_decode(path[i]);
    if (!decoded || decoded->empty() || captures == captured.size())
      return false;
    captured[captures++] = std::move(*decoded);
  }
  return true;
}

void add_method(std::string& list, std::string_view method) {
  if (list.find(method) == std::string::npos)
    list.append(list.empty() ? "" : ", ").append(method);
}

/// Request ids go into headers and logs: short, and of harmless characters.
bool is_usable_id(std::string_view id) {
  const auto harmless = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  };
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), harmless);
}

net::http_reply no_such_path(std::string_view path) {
  const std::string detail = "there is nothing at " + std::string(net::clip_utf8(path, 200));
  return net::problem_reply({.status = 404, .code = "no_such_path", .detail = detail});
}

net::http_reply wrong_method(const std::string& method, const std::string& allowed) {
  const std::string detail = std::string(net::clip_utf8(method, 20)) + " is not offered here; " + allowed + " is";
  auto reply = net::problem_reply({.status = 405, .code = "method_not_allowed", .detail = detail});
  reply.headers.add("Allow", allowed);
  return reply;
}

} // namespace

router::router(service_desk& desk, access_policy access, std::vector<std::span<const route>> tables)
    : desk_(desk), access_(access) {
  for (const auto& table : tables)
    for (const auto& each : table)
      entries_.push_back({each, split(each.pattern)});
  // Fixed words before captures, so that /schedules/preview is not the schedule of that name.
  std::stable_sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
    return std::lexicographical_compare(
      a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
      [](std::string_view x, std::string_view y) { return !is_capture(x) && is_capture(y); });
  });
}

router::match router::find(std::string_view method, std::string_view path) const {
  match outcome;
  const auto segments = split(path);
  for (const auto& each : entries_) {
    std::array<std::string, 2> captured;
    if (!fits(each.segments, segments, captured))
      continue;
    const bool serves_head = method == "HEAD" && each.what.method == "GET" && !each.what.acts;
    if (each.what.method == method || serves_head) {
      outcome.found = &each.what;
      outcome.captured = std::move(captured);
      return outcome;
    }
    add_method(outcome.allowed, each.what.method);
    if (each.what.method == "GET" && !each.what.acts)
      add_method(outcome.allowed, "HEAD");
  }
  return outcome;
}

net::asio::awaitable<net::http_reply> router::handle(net::http_server_request request) const {
  call one;
  one.request = std::move(request);
  const auto given = one.request.headers.value_or("X-Request-Id", {});
  one.request_id = is_usable_id(given) ? std::string(given) : std::to_string(desk_.ids.next());
  auto answered = co_await serve(one);
  net::http_reply reply = answered ? std::move(*answered) : error_reply(answered.error());
  reply.headers.set("X-Request-Id", one.request_id);
  if (reply.status >= 500 && !answered)
    spdlog::warn("{} {} was answered with {}: {} (request {})", one.request.method, one.request.path(), reply.status,
                 answered.error().message, one.request_id);
  co_return reply;
}

net::asio::awaitable<result<net::http_reply>> router::serve(call& one) const {
  auto matched = find(one.request.method, one.request.path());
  if (matched.found == nullptr) {
    if (matched.allowed.empty())
      co_return no_such_path(one.request.path());
    co_return wrong_method(one.request.method, matched.allowed);
  }
  one.captured = std::move(matched.captured);
  if (auto refusal = access_.refuse(matched.found->needs, one.request))
    co_return std::move(*refusal);
  auto reply = co_await matched.found->handler(desk_, one);
  co_return reply;
}

std::vector<route> router::routes() const {
  std::vector<route> all;
  for (const auto& each : entries_)
    all.push_back(each.what);
  return all;
}

} // namespace penstock::gateway
