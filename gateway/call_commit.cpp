#include "gateway/call_commit.hpp"

#include <utility>

#include "net/body_redaction.hpp"
#include "net/utf8_text.hpp"

namespace penstock::gateway {
namespace {

/// Of a long body its beginning says enough.
constexpr std::size_t most_kept = 4'096;

std::string kept(std::string_view body) {
  auto text = net::redact_body(body);
  if (text.size() > most_kept) {
    text.resize(net::clip_utf8(text, most_kept).size());
    text += "…";
  }
  return text;
}

/// With its parameters: they say what is asked for.
std::string subject_of(const call& one) {
  std::string subject(one.request.path());
  if (!one.made.empty())
    subject.append("/").append(one.made);
  if (!one.request.query().empty())
    subject.append("?").append(one.request.query());
  return subject;
}

note_audit audit_of(const call& one, std::string subject, const std::string& before) {
  return {{.actor = one.who.name,
           .action = std::string(one.at->method) + " " + std::string(one.at->pattern),
           .subject = std::move(subject),
           .organisation = one.who.organisation ? one.who.organisation : one.concerns,
           .before = kept(before),
           .after = kept(one.request.body),
           .request_id = one.request_id,
           .address = one.request.remote_address}};
}

} // namespace

net::asio::awaitable<result<unit_result>> commit_unaudited(service_desk& desk, call& one, unit_of_work unit) {
  if (one.once)
    unit.changes.emplace(unit.changes.begin(), *one.once);
  auto stored = co_await desk.port.commit(std::move(unit));
  one.repeated = stored && stored->repeated;
  co_return stored;
}

net::asio::awaitable<result<unit_result>> commit_for(service_desk& desk, call& one, unit_of_work unit,
                                                     std::string before) {
  unit.changes.emplace_back(audit_of(one, subject_of(one), before));
  auto stored = co_await commit_unaudited(desk, one, std::move(unit));
  co_return stored;
}

// No default argument: g++ 12 destroys those of coroutines twice.
net::asio::awaitable<result<unit_result>> commit_for(service_desk& desk, call& one, unit_of_work unit) {
  return commit_for(desk, one, std::move(unit), std::string());
}

net::asio::awaitable<result<void>> note_for(service_desk& desk, call& one) {
  return note_for(desk, one, subject_of(one));
}

net::asio::awaitable<result<void>> note_for(service_desk& desk, call& one, std::string subject) {
  unit_of_work unit;
  unit.changes.emplace_back(audit_of(one, std::move(subject), {}));
  auto stored = co_await desk.port.commit(std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  co_return result<void>{};
}

bool may_have_removed(const call& one, const error& not_there) noexcept {
  return one.once && not_there.code == error_code::not_found;
}

std::string origin_of(const call& one) { return one.who.is_stored() ? one.who.name : "api"; }

} // namespace penstock::gateway
