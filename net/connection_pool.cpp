#include "net/connection_pool.hpp"

#include <algorithm>

#include "net/strand.hpp"

namespace penstock::net {

connection_place::connection_place(std::weak_ptr<connection_pool> pool, std::string origin)
    : pool_(std::move(pool)), origin_(std::move(origin)) {}

connection_place::~connection_place() {
  if (const auto pool = pool_.lock())
    pool->leave(origin_);
}

connection_pool::connection_pool(asio::any_io_executor executor, connection_limits limits)
    : executor_(std::move(executor)), limits_(limits) {}

result<client_connection> connection_pool::take(const std::string& origin, bool fresh) {
  std::list<idle_connection> dead; // destroyed after the lock is released: their places take it again
  const std::scoped_lock lock(mutex_);
  dead = take_expired();
  for (auto at = idle_.end(); !fresh && at != idle_.begin();) {
    --at;
    if (at->connection.place.origin() != origin)
      continue;
    auto found = std::move(*at);
    at = idle_.erase(at);
    if (found.connection.stream->peek() == byte_stream::peer_state::quiet)
      return std::move(found.connection);
    dead.push_back(std::move(found));
  }
  auto& open = open_[origin];
  if (open >= limits_.max_open_per_origin)
    return failure(error_code::unavailable, "more than " + std::to_string(limits_.max_open_per_origin) +
                                              " connections to " + origin + " would be open");
  ++open;
  return client_connection{make_strand_on(executor_), nullptr, connection_place(weak_from_this(), origin)};
}

void connection_pool::give_back(client_connection connection) {
  std::list<idle_connection> dead;
  const std::scoped_lock lock(mutex_);
  dead = take_expired();
  const auto& origin = connection.place.origin();
  const auto of_origin =
    std::count_if(idle_.begin(), idle_.end(), [&](const auto& i) { return i.connection.place.origin() == origin; });
  idle_connection kept{std::move(connection), std::chrono::steady_clock::now()};
  if (static_cast<std::size_t>(of_origin) >= limits_.max_idle_per_origin || idle_.size() >= limits_.max_idle)
    dead.push_back(std::move(kept));
  else
    idle_.push_back(std::move(kept));
}

std::size_t connection_pool::idle() const {
  const std::scoped_lock lock(mutex_);
  return idle_.size();
}

std::list<connection_pool::idle_connection> connection_pool::take_expired() {
  std::list<idle_connection> out;
  const auto oldest = std::chrono::steady_clock::now() - limits_.idle_expiry;
  while (!idle_.empty() && idle_.front().since <= oldest) {
    out.push_back(std::move(idle_.front()));
    idle_.pop_front();
  }
  return out;
}

void connection_pool::leave(const std::string& origin) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto found = open_.find(origin);
  if (found != open_.end() && --found->second == 0)
    open_.erase(found);
}

} // namespace penstock::net
