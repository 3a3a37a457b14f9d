#include "sandbox/front.hpp"

#include "net/http_date.hpp"
#include "sandbox/json_reply.hpp"

namespace penstock::sandbox {

namespace {

constexpr std::string_view control_path = "/sandbox";

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string_view bearer_token(const net::http_server_request& request) {
  const auto value = request.headers.value_or("Authorization", "");
  constexpr std::string_view scheme = "Bearer ";
  return value.starts_with(scheme) ? value.substr(scheme.size()) : std::string_view{};
}

net::http_reply with_retry_after(net::http_reply reply, duration length) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(length).count();
  reply.headers.add("Retry-After", std::to_string(seconds));
  return reply;
}

/// What stands in place of an answer; nothing: the request is answered first.
std::optional<net::http_reply> replacement(const fault_plan::strike& strike) {
  switch (*strike.kind) {
    case fault_kind::error_500:
      return code_reply(500, "internal_service", "An internal error, as the sandbox was told");
    case fault_kind::error_503:
      return with_retry_after(
        code_reply(503, "internal_service.unavailable", "Out of service, as the sandbox was told"), strike.retry_after);
    case fault_kind::rate_limited:
      return with_retry_after(code_reply(429, "rate_limited", "Too many requests, as the sandbox was told"),
                              strike.retry_after);
    case fault_kind::rate_limited_bare:
      return code_reply(429, "rate_limited", "Too many requests, as the sandbox was told");
    default: return {};
  }
}

/// JSON still, but no list where one belongs.
std::string misshapen(std::string_view path) {
  return "{\"" + std::string(path.substr(path.rfind('/') + 1)) + "\":\"oops\"}";
}

} // namespace

net::http_reply front::welcome() const {
  net::http_reply reply;
  reply.headers.add("Content-Type", "text/plain; charset=utf-8");
  reply.body = "penstock-sandbox plays these providers, with made-up data:\n";
  for (const auto& each : parts_.stand_ins)
    reply.body += "  /" + std::string(each->name()) + '\n';
  reply.body += "It is steered below /sandbox: /sandbox/totals, /sandbox/stats, ...\n";
  return reply;
}

front::goal front::goal_of(const net::http_server_request& request) const {
  const auto path = request.path();
  for (const auto& each : parts_.stand_ins) {
    const std::string mount = '/' + std::string(each->name());
    if (!is_below(path, mount))
      continue;
    goal out{each.get(), request.target.substr(mount.size()), {}};
    if (!out.inner.starts_with('/'))
      out.inner.insert(0, "/");
    out.way = each->find(request.method, path_of(out.inner));
    return out;
  }
  for (const auto& each : parts_.stand_ins)
    if (auto way = each->find(request.method, path))
      return {each.get(), request.target, way};
  return {nullptr, request.target, {}};
}

net::http_reply front::healthy_answer(const goal& to, const net::http_server_request& request,
                                      std::string& counted_as) const {
  if (parts_.files) {
    const auto query = request.query_values();
    auto served = parts_.files->find(request.method, request.path(), query);
    if (!served && to.to)
      served = parts_.files->find(request.method, path_of(to.inner), query);
    if (served) {
      counted_as = "file " + request.method + ' ' + std::string(request.path());
      return std::move(*served);
    }
  }
  if (!to.way)
    return code_reply(404, "not_found", "The sandbox has nothing here; docs/sandbox.md lists its routes");
  counted_as = std::string(to.to->name()) + ' ' + std::string(to.way->name);
  net::http_server_request inner = request;
  inner.target = to.inner;
  return to.to->answer(*to.way, inner);
}

net::http_reply front::answer_with(const fault_plan::strike& strike, const goal& to,
                                   const net::http_server_request& request, std::string& counted_as) const {
  if (!strike.kind)
    return healthy_answer(to, request, counted_as);
  if (auto instead = replacement(strike)) {
    counted_as = "fault";
    return std::move(*instead);
  }
  if (auto* oauth = to.to ? to.to->oauth() : nullptr; oauth) {
    const auto who = oauth->check(bearer_token(request));
    if (who.state == access::good && strike.kind == fault_kind::expired_token)
      oauth->expire_tokens(who.user);
    if (who.state == access::good && strike.kind == fault_kind::revoked_token)
      oauth->revoke(who.user);
  }
  auto reply = healthy_answer(to, request, counted_as);
  if (strike.kind == fault_kind::dropped)
    reply.cut = {.before_head = true};
  else if (strike.kind == fault_kind::dropped_midway)
    reply.cut = net::reply_cut{};
  else if (strike.kind == fault_kind::truncated)
    reply.cut = {.body_bytes = reply.body.size() / 2};
  else if (strike.kind == fault_kind::malformed && reply.status == 200)
    reply.body = misshapen(path_of(to.inner));
  return reply;
}

net::asio::awaitable<net::http_reply> front::answer(net::http_server_request request) {
  if (is_below(request.path(), control_path)) {
    auto reply = control_.answer(request);
    co_return reply;
  }
  if (request.method == "GET" && request.target == "/") {
    auto reply = welcome();
    co_return reply;
  }
  const auto to = goal_of(request);
  fault_plan::strike strike;
  // What nobody has cannot fail either.
  if (to.to)
    strike = parts_.faults.strike_for(path_of(to.inner), to.way && to.way->kind == route::kind::sign_in);
  std::string counted_as = "unknown";
  auto reply = answer_with(strike, to, request, counted_as);
  counts_.add(counted_as, reply.status);
  const auto shown_time = parts_.time.now() + (strike.kind == fault_kind::clock_skew ? strike.skew : duration::zero());
  reply.headers.set("Date", net::format_http_date(shown_time));
  if (parts_.log)
    parts_.log(request.method + ' ' + std::string(request.path()) + ' ' + std::to_string(reply.status) + ' ' +
               std::to_string(reply.body.size()) + (strike.kind ? ' ' + std::string(to_string(*strike.kind)) : ""));
  if (const auto wait = parts_.latency + strike.delay; wait > duration::zero())
    co_await parts_.sleeper.sleep(wait);
  co_return reply;
}

} // namespace penstock::sandbox
