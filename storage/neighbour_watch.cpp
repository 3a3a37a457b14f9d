#include "storage/neighbour_watch.hpp"

#include <algorithm>
#include <utility>

#include "storage/node_places.hpp"
#include "storage/postgresql_errors.hpp"
#include "storage/seam.hpp"

namespace penstock::storage {
namespace {

using std::chrono::steady_clock;

constexpr auto look_pause = std::chrono::milliseconds(1000);
// NOTIFY makes commits wait for each other: many hints become one.
constexpr auto told_pause = std::chrono::milliseconds(25);

/// "3\nfetch\nprocess": who says it, and of which queues; none: of any.
std::string message_of(std::int64_t node, const std::set<std::string>& queues) {
  auto text = std::to_string(node);
  for (const auto& queue : queues)
    text.append("\n").append(queue);
  return text.size() <= wake_channel::most_bytes ? text : std::to_string(node);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

} // namespace

neighbour_watch::neighbour_watch(const dialect& dialect, const database_settings& settings, node_membership& node)
    : dialect_(dialect), settings_(settings), node_(node) {}

neighbour_watch::~neighbour_watch() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wakened_.set();
  if (thread_.joinable())
    thread_.join();
  if (!db_ || db_->lost() || node_.number == 0 || !node_.held) // else it is another process's place
    return;
  try {
    leave_nodes(*db_, node_.number);
  } catch (const std::exception&) {
    // The others find out when the lease is over.
  }
}

result<void> neighbour_watch::join(const std::string& name) {
  return at_seam([&]() -> result<void> {
    db_ = std::make_unique<session>(dialect_, connection_role::upkeep, nullptr);
    // A process that was killed a moment ago may still be going.
    const auto end = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(settings_.lease);
    while (!join_nodes(*db_, node_, name, settings_.lease)) {
      if (steady_clock::now() > end)
        return failure(error_code::unavailable, "a node named '" + name +
                                                  "' works on this database: give this one another node.name, or stop "
                                                  "that one");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    const auto info = postgresql_conninfo(settings_.url);
    if (!info)
      return failure(info.error());
    auto channel = wake_channel::open(*info);
    if (!channel)
      return failure(std::move(channel).error());
    channel_ = std::move(*channel);
    shown_at_ = judges_from_ = steady_clock::now();
    thread_ = std::thread([this] { run(); });
    return {};
  });
}

void neighbour_watch::listen(neighbour_news listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

void neighbour_watch::tell(const std::vector<std::string>& queues) {
  {
    const std::lock_guard lock(mutex_);
    to_tell_.insert(queues.begin(), queues.end());
  }
  wakened_.set();
}

std::chrono::milliseconds neighbour_watch::pause() const {
  const auto third = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.lease / 3);
  return std::min(look_pause, third);
}

void neighbour_watch::run() {
  auto look_at = steady_clock::now();
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(look_at - steady_clock::now());
    const bool stands = channel_ && channel_->wait(std::max(left, std::chrono::milliseconds(0)), wakened_);
    {
      const std::lock_guard lock(mutex_);
      if (stopped_)
        return;
    }
    wakened_.clear();
    if (stands) {
      hear();
      send_told();
    } else {
      channel_.reset();
    }
    if (steady_clock::now() < look_at && stands)
      continue;
    try {
      if (!stands || db_->lost() || !node_.held)
        reconnect();
      look();
    } catch (const std::exception&) {
      // The server is away: the next round tries again. Whoever reads or writes says so in the log.
      if (db_->lost())
        node_.held = false; // at once: the writer may be back before, when the place may be another's
    }
    look_at = steady_clock::now() + pause();
    if (!channel_)
      std::this_thread::sleep_for(std::chrono::milliseconds(200)); // nothing to wait on
  }
}

void neighbour_watch::reconnect() {
  if (db_->lost()) {
    node_.held = false;
    db_->reconnect();
    shown_at_ = {};
    judge_nobody_for_a_lease();
  }
  if (!node_.held)
    node_.held = hold_place(*db_, node_.number);
  if (!channel_) {
    const auto info = postgresql_conninfo(settings_.url);
    auto channel = info ? wake_channel::open(*info) : failure(info.error());
    if (!channel)
      return;
    channel_ = std::move(*channel);
    const std::lock_guard lock(listener_mutex_);
    if (listener_.look_again)
      listener_.look_again({});
  }
}

/// Others may have been cut off as this node was, or their writes have stood still as its own: they show life first.
void neighbour_watch::judge_nobody_for_a_lease() {
  judges_from_ = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(settings_.lease);
}

void neighbour_watch::look() {
  const auto now = steady_clock::now();
  if (node_.held && now - shown_at_ >= settings_.lease / 3) {
    show_life(*db_, node_.number, settings_.lease);
    shown_at_ = now;
    if (steady_clock::now() - now > settings_.lease / 3) // what was stored so late may be over already
      judge_nobody_for_a_lease();
  }
  const auto seen = look_at_neighbours(*db_, node_.number);
  living_ = seen.living;
  if (now < judges_from_)
    return;
  const std::lock_guard lock(listener_mutex_);
  if (listener_.node_died)
    for (const auto node : seen.silent)
      listener_.node_died(node);
}

void neighbour_watch::send_told() {
  if (const auto since = steady_clock::now() - told_at_; since < told_pause)
    std::this_thread::sleep_for(told_pause - since);
  std::set<std::string> queues;
  {
    const std::lock_guard lock(mutex_);
    queues.swap(to_tell_);
  }
  if (queues.empty() || living_ == 0)
    return;
  if (!channel_->say(message_of(node_.number, queues))) {
    channel_.reset();
    const std::lock_guard lock(mutex_);
    to_tell_.merge(queues);
  }
  told_at_ = steady_clock::now();
}

void neighbour_watch::hear() {
  for (const auto& message : channel_->take()) {
    auto queues = lines_of(message);
    if (queues.front() == std::to_string(node_.number))
      continue;
    queues.erase(queues.begin());
    const std::lock_guard lock(listener_mutex_);
    if (listener_.look_again)
      listener_.look_again(std::move(queues));
  }
}

} // namespace penstock::storage
