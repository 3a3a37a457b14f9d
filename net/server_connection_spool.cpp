// Of server_connection: large bodies, which are handed on piece by piece.
#include "net/server_connection.hpp"

#include <algorithm>
#include <exception>

#include "net/problem.hpp"

namespace penstock::net {

asio::awaitable<std::optional<server_connection::read_end>> server_connection::spool_some() {
  if (!core_->config.spool || keeps_body_)
    co_return std::nullopt;
  phase_ = phase::handler;
  waiting_since.store(0, std::memory_order_relaxed); // it waits for us: others give way before it
  deadline_.never();                                 // the time that we need is not the client's
  std::optional<http_reply> refusal;
  std::string what;
  try {
    refusal = co_await offer_to_spool();
  } catch (const std::exception& e) {
    what = e.what();
  }
  if (!what.empty()) {
    if (killed_)
      co_return read_end::closed;
    report(what);
    refusal =
      problem_reply({.status = 500, .code = "internal", .detail = "an unexpected error; the server's log says more"});
    if (core_->config.complete_own)
      core_->config.complete_own({}, *refusal);
  }
  if (refusal) {
    if (what.empty() && core_->config.complete_own)
      core_->config.complete_own(parser_.head().headers, *refusal);
    static_cast<void>(parser_.take());
    spool_.reset();
    refusal_ = std::move(*refusal);
    co_return read_end::refused;
  }
  phase_ = phase::body;
  begin_to_wait();
  const auto left = spool_until_ - std::chrono::steady_clock::now();
  const auto limit = core_->config.body_timeout;
  deadline_.expires_after(spool_ ? std::clamp(std::chrono::duration_cast<duration>(left), duration{0}, limit) : limit);
  co_return std::nullopt;
}

/// Its refusal, if there is one. Without a spool and a refusal the body stays here.
asio::awaitable<std::optional<http_reply>> server_connection::offer_to_spool() {
  if (!spool_) {
    auto head = parser_.head();
    head.remote_address = remote_address_;
    head.is_loopback = is_loopback_;
    auto decided = co_await core_->config.spool(std::move(head));
    if (decided.refusal)
      co_return std::move(decided.refusal);
    spool_ = std::move(decided.spool);
    keeps_body_ = spool_ == nullptr;
    if (keeps_body_)
      co_return std::nullopt;
    spool_until_ = std::chrono::steady_clock::now() + core_->config.spool_timeout;
  }
  auto piece = parser_.take_body();
  auto refused = co_await spool_->take(std::move(piece));
  co_return refused;
}

} // namespace penstock::net
