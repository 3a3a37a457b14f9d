#include "net/server_core.hpp"

#include "net/server_connection.hpp"

namespace penstock::net {

server_core::server_core(asio::any_io_executor executor, http_server_config config, http_handler handler)
    : config(std::move(config)), handler(std::move(handler)), executor(std::move(executor)) {}

void server_core::set_tls(std::shared_ptr<asio::ssl::context> context) {
  const std::scoped_lock lock(mutex_);
  tls_ = std::move(context);
}

std::shared_ptr<asio::ssl::context> server_core::tls() const {
  const std::scoped_lock lock(mutex_);
  return tls_;
}

server_core::admission server_core::enter(const std::shared_ptr<server_connection>& connection) {
  std::shared_ptr<server_connection> giving_way;
  admission outcome;
  {
    const std::scoped_lock lock(mutex_);
    if (draining_ || connections_.size() >= config.max_connections + max_refusals)
      return {};
    outcome.admitted = true;
    if (connections_.size() >= config.max_connections) {
      giving_way = longest_waiting();
      outcome.refused = giving_way == nullptr;
    }
    connections_.emplace(connection.get(), connection);
  }
  if (giving_way)
    server_connection::give_way(std::move(giving_way));
  return outcome;
}

std::shared_ptr<server_connection> server_core::longest_waiting() const {
  for (;;) {
    server_connection* longest = nullptr;
    std::int64_t since = 0;
    for (const auto& [raw, weak] : connections_)
      if (const auto waits = raw->waiting_since.load(std::memory_order_relaxed);
          waits != 0 && (longest == nullptr || waits < since)) {
        longest = raw;
        since = waits;
      }
    if (longest == nullptr)
      return nullptr;
    longest->waiting_since.store(0, std::memory_order_relaxed); // chosen once
    if (auto found = connections_.at(longest).lock())
      return found;
  }
}

void server_core::leave(server_connection* connection) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    connections_.erase(connection);
  }
  left_.notify_all();
}

std::size_t server_core::size() const {
  const std::scoped_lock lock(mutex_);
  return connections_.size();
}

void server_core::accepting(bool on) {
  {
    const std::scoped_lock lock(mutex_);
    accepting_ = on;
  }
  left_.notify_all();
}

std::vector<std::shared_ptr<server_connection>> server_core::everybody() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<server_connection>> out;
  for (const auto& [raw, weak] : connections_)
    if (auto connection = weak.lock())
      out.push_back(std::move(connection));
  return out;
}

void server_core::drain() {
  {
    const std::scoped_lock lock(mutex_);
    draining_ = true;
  }
  for (auto& connection : everybody())
    server_connection::drain(std::move(connection));
}

void server_core::kill() {
  for (auto& connection : everybody())
    server_connection::kill(std::move(connection));
}

bool server_core::wait_until_empty(duration limit) {
  std::unique_lock lock(mutex_);
  return left_.wait_for(lock, limit, [this] { return connections_.empty() && !accepting_; });
}

} // namespace penstock::net
