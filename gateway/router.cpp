#include "gateway/router.hpp"

#include <algorithm>

#include <boost/system/system_error.hpp>
#include <spdlog/spdlog.h>

#include "core/id_generator.hpp"
#include "core/id_text.hpp"
#include "core/quotable.hpp"
#include "gateway/api_error.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"
#include "net/problem.hpp"
#include "net/query.hpp"
#include "net/url_redaction.hpp"

namespace penstock::gateway {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
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
  // Nearly all patterns fail here: nothing is decoded for them.
  for (std::size_t i = 0; i < path.size(); ++i)
    if (pattern[i] != path[i] && !is_capture(pattern[i]))
      return false;
  std::size_t captures = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!is_capture(pattern[i]))
      continue;
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
  const std::string detail = "there is nothing at " + quotable(net::redact_path(path), 200);
  return net::problem_reply({.status = 404, .code = "no_such_path", .detail = detail});
}

net::http_reply wrong_method(const std::string& method, const std::string& allowed) {
  const std::string detail = quotable(method, 20) + " is not offered here; " + allowed + " is";
  auto reply = net::problem_reply({.status = 405, .code = "method_not_allowed", .detail = detail});
  reply.headers.add("Allow", allowed);
  return reply;
}

constexpr std::size_t longest_key = 255;

/// The key is the caller's own: another one's of the same text is another key.
result<do_once> once_of(const call& one) {
  const auto given = one.request.headers.value_or("Idempotency-Key", {});
  const auto visible = [](char c) { return c > ' ' && c < 127; };
  if (given.empty() || given.size() > longest_key || !std::all_of(given.begin(), given.end(), visible))
    return failure(error_code::invalid_argument, "an Idempotency-Key is 1 to 255 visible ASCII characters");
  do_once once;
  once.key = (one.who.user ? "u" + to_string(one.who.user) : to_string(one.who.token)) + " " + std::string(given);
  once.fingerprint =
    to_hex(hash_token(one.request.method + " " + one.request.target + "\n" +
                      std::string(one.request.headers.value_or("If-Match", {})) + "\n" + one.request.body));
  return once;
}

/// Nothing for `*`, which fits whatever stands there. RFC 9110, 13.1.1.
result<std::optional<std::int64_t>> version_of(std::string_view if_match) {
  if (if_match == "*")
    return std::nullopt;
  if (if_match.size() > 2 && if_match.front() == '"' && if_match.back() == '"')
    if (const auto version = parse_id_value(if_match.substr(1, if_match.size() - 2)))
      return *version;
  return failure(error_code::precondition_failed,
                 "If-Match is one ETag as GET told it, such as \"3\": this one fits nothing");
}

net::http_reply under_way() {
  auto reply = net::problem_reply({.status = 409,
                                   .code = "request_under_way",
                                   .detail = "a request with this Idempotency-Key is being answered: ask again"});
  reply.headers.add("Retry-After", "1");
  return reply;
}

net::http_reply answered_before(const storage::kept_answer& earlier) {
  net::http_reply reply = earlier.body.empty() ? net::http_reply{} : json_reply(earlier.body);
  reply.status = earlier.status;
  reply.headers.add("Idempotency-Replayed", "true");
  return reply;
}

} // namespace

router::router(service_desk& desk, access_policy access, std::vector<std::span<const route>> tables, edge_rules rules)
    : desk_(desk), access_(access), rules_(std::move(rules)) {
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
  std::array<std::string, 2> captured;
  for (const auto& each : entries_) {
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

std::string router::request_id(const net::http_headers& of_request) const {
  const auto given = of_request.value_or("X-Request-Id", {});
  return is_usable_id(given) ? std::string(given) : std::to_string(desk_.ids.next());
}

std::optional<net::http_reply> router::refuse_early(const net::http_server_request& head) const {
  if (rules_.proxies.empty())
    return refuse_known(head); // each request with a body comes by here: it is not copied for nothing
  auto request = head;
  know_client(request);
  return refuse_known(request);
}

std::optional<net::http_reply> router::refuse_known(const net::http_server_request& request) const {
  caller who;
  std::optional<limit_standing> standing;
  auto refusal = refuse(find(request.method, request.path()), request, true, who, standing);
  if (refusal)
    complete_reply(rules_, request.headers, request_id(request.headers), standing, *refusal);
  return refusal;
}

void router::complete(const net::http_headers& of_request, net::http_reply& reply) const {
  complete_reply(rules_, of_request, request_id(of_request), std::nullopt, reply);
}

net::asio::awaitable<net::http_reply> router::handle(net::http_server_request request) const {
  call one;
  one.request = std::move(request);
  know_client(one.request);
  one.request_id = request_id(one.request.headers);
  std::optional<limit_standing> standing;
  auto answered = co_await serve_without_throwing(one, standing);
  net::http_reply reply = answered ? std::move(*answered) : error_reply(answered.error());
  complete_reply(rules_, one.request.headers, one.request_id, standing, reply);
  if (reply.status >= 500 && !answered)
    // Why the node takes nothing is told where it is found, not again with each of thousands of requests.
    spdlog::log(reply.status == 503 ? spdlog::level::debug : spdlog::level::warn,
                "{} {} was answered with {}: {} (request {} of {})", one.request.method,
                net::redact_path(one.request.path()), reply.status, answered.error().message, one.request_id,
                one.request.remote_address);
  co_return reply;
}

std::optional<net::http_reply> router::refuse(const match& matched, const net::http_server_request& request, bool early,
                                              caller& who, std::optional<limit_standing>& standing) const {
  access_policy::admission admitted;
  if (matched.found != nullptr)
    admitted = access_.admit(matched.found->needs, request);
  who = std::move(admitted.who);
  if (rules_.limits)
    standing = rules_.limits->ask(who, request.remote_address, desk_.clock.now(), !early && !request.spool);
  if (standing && !standing->admitted && !request.spool) // such a body is stored already
    return too_many_requests(standing->retry_after, "more requests than http.rate_limit allows: wait a little");
  if (matched.found == nullptr) {
    if (auto answer = rules_.cors.preflight(request, matched.allowed))
      return answer;
    return matched.allowed.empty() ? no_such_path(request.path()) : wrong_method(request.method, matched.allowed);
  }
  if (admitted.refusal) {
    count_refusal(request, *admitted.refusal);
    return std::move(admitted.refusal);
  }
  if (!matched.found->takes_query && !matched.found->foreign && !request.query().empty())
    return error_reply({error_code::invalid_argument, "this path takes no parameters: leave out what follows the '?'"});
  if ((early || !request.body.empty()) && matched.found->method == "GET")
    return error_reply({error_code::invalid_argument, "GET takes no body: leave it out"});
  return std::nullopt;
}

void router::count_refusal(const net::http_server_request& request, net::http_reply& refusal) const {
  if (!rules_.limits || refusal.status != 401 || !request.headers.contains("Authorization"))
    return;
  const auto wait = rules_.limits->note_refusal(request.remote_address, desk_.clock.now());
  if (wait > duration::zero())
    refusal = too_many_requests(wait, "too many wrong tokens came from this address: wait, then send a good one");
}

net::asio::awaitable<result<net::http_reply>>
router::serve_without_throwing(call& one, std::optional<limit_standing>& standing) const {
  std::string what;
  try {
    auto answered = co_await serve(one, standing);
    co_return answered;
  } catch (const boost::system::system_error& e) {
    if (e.code() == net::asio::error::operation_aborted)
      throw; // the connection was cut off: nobody waits for an answer
    what = e.what();
  } catch (const std::exception& e) {
    what = e.what();
  }
  spdlog::error("{} {} ended in an exception: {} (request {})", one.request.method,
                net::redact_path(one.request.path()), what, one.request_id);
  // The text of the exception is for the log: it may tell more than a client should know.
  co_return net::problem_reply({.status = 500,
                                .code = "internal",
                                .detail = "an unexpected error; the node's log says more under this request id"});
}

net::asio::awaitable<result<net::http_reply>> router::serve(call& one, std::optional<limit_standing>& standing) const {
  auto matched = find(one.request.method, one.request.path());
  if (auto refusal = refuse(matched, one.request, false, one.who, standing))
    co_return std::move(*refusal);
  one.captured = std::move(matched.captured);
  one.at = matched.found;
  if (auto read = read_conditions(one); !read)
    co_return failure(std::move(read.error()));
  if (one.once) {
    auto reply = co_await serve_once(one);
    co_return reply;
  }
  auto reply = co_await matched.found->handler(desk_, one);
  co_return reply;
}

/// However the request ends, also by being cut off.
class router::key_guard {
public:
  key_guard(open_keys& keys, std::string key) : keys_(keys), key_(std::move(key)) {}
  ~key_guard() { keys_.give_back(key_); }
  key_guard(const key_guard&) = delete;
  key_guard& operator=(const key_guard&) = delete;

private:
  open_keys& keys_;
  const std::string key_;
};

result<void> router::read_conditions(call& one) {
  const auto& headers = one.request.headers;
  if (one.at->foreign)
    return {};
  if (headers.contains("Idempotency-Key")) {
    if (one.at->method == "GET")
      return failure(error_code::invalid_argument, "Idempotency-Key is for what changes something: leave it out");
    if (one.at->tells_secret)
      return failure(error_code::invalid_argument,
                     "Idempotency-Key cannot be used here: the answer holds a secret and is kept nowhere, so that it "
                     "could not be told again");
    auto once = once_of(one);
    if (!once)
      return failure(std::move(once.error()));
    one.once = std::move(*once);
  }
  if (headers.contains("If-Match")) {
    if (!one.at->edits)
      return failure(error_code::invalid_argument, "If-Match is for edits (PATCH): leave it out");
    auto version = version_of(headers.value_or("If-Match", {}));
    if (!version)
      return failure(std::move(version.error()));
    one.expected_version = *version;
  }
  return {};
}

net::asio::awaitable<result<net::http_reply>> router::serve_once(call& one) const {
  const auto key = *one.once;
  if (!open_keys_.take(key.key))
    co_return under_way();
  const key_guard held(open_keys_, key.key);
  auto read = [name = key.key](storage::read_session& db) { return db.access().find_answer(name); };
  const auto earlier = co_await desk_.port.read(std::move(read));
  if (!earlier)
    co_return failure(earlier.error());
  const bool is_old = *earlier && (*earlier)->at + do_once::kept_for < desk_.clock.now();
  if (*earlier && !is_old && (*earlier)->fingerprint != key.fingerprint)
    co_return failure(error_code::key_reused,
                      "this Idempotency-Key came with another request before: use a new key for a new request");
  if (*earlier && !is_old && (*earlier)->status != 0)
    co_return answered_before(**earlier);
  auto reply = co_await one.at->handler(desk_, one);
  if (reply && one.repeated)
    reply->headers.set("Idempotency-Replayed", "true");
  // What was refused changed nothing: it may be tried again under the same key.
  if (!reply || reply->status >= 300 || reply->stream || reply->body.size() > keep_answer::most_bytes)
    co_return reply;
  unit_of_work unit;
  unit.changes.emplace_back(keep_answer{key.key, key.fingerprint, reply->status, reply->body});
  if (const auto kept = co_await desk_.port.commit(std::move(unit)); !kept)
    // The unit of work is done, and will not be done again: only the text of the answer may be another the next time.
    spdlog::warn("the answer to request {} could not be kept for its Idempotency-Key: {}", one.request_id,
                 kept.error().message);
  co_return reply;
}

std::vector<route> router::routes() const {
  std::vector<route> all;
  for (const auto& each : entries_)
    all.push_back(each.what);
  return all;
}

} // namespace penstock::gateway
