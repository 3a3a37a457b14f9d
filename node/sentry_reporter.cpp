#include "node/sentry_reporter.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "core/rfc3339.hpp"
#include "net/sentry_limit.hpp"
#include "node/sentry_repeats.hpp"

namespace penstock::node {

namespace {

/// A report that waits, and what tells it from others; an empty key: it is not one of those that are told once in a while.
struct waiting_report {
  net::sentry_report report;
  std::string key{};
  std::int64_t left_out = 0; ///< that it tells of
};

} // namespace

struct sentry_reporter::shared {
  shared(sentry_reporter_config of, net::http_client& client, const wall_clock& wall, random_source& draw)
      : config(std::move(of)), http(client), clock(wall), random(draw), repeats(config.repeat_after) {}

  const sentry_reporter_config config;
  net::http_client& http;
  const wall_clock& clock;
  random_source& random;

  std::mutex mutex;
  std::condition_variable idle;
  // All of it guarded by mutex.
  sentry_repeats repeats;
  std::deque<waiting_report> waiting;
  bool sending = false;   ///< a coroutine is at work, and takes what waits
  bool in_flight = false; ///< it waits for the answer to one
  net::sentry_limit limit;
  std::int64_t dropped = 0; ///< since it was last told
  std::string reason;       ///< of the last one
  timestamp told_at = no_time;

  /// What to send next. Nothing: the coroutine ends.
  std::optional<waiting_report> take() {
    const std::lock_guard lock(mutex);
    if (!waiting.empty() && limit.holds(clock.now())) {
      drop(static_cast<std::int64_t>(waiting.size()), limit_text());
      for (const auto& each : waiting)
        note_lost(each);
      waiting.clear();
    }
    if (waiting.empty()) {
      sending = false;
      idle.notify_all();
      return std::nullopt;
    }
    auto next = std::move(waiting.front());
    waiting.pop_front();
    in_flight = true;
    return next;
  }

  /// Under the lock.
  void drop(std::int64_t count, std::string why) {
    dropped += count;
    reason = std::move(why);
  }
  /// Under the lock. False: the same was told a short while ago.
  [[nodiscard]] bool admit(waiting_report& what) {
    auto& report = what.report;
    if (report.fingerprint.empty())
      return true;
    for (const auto& each : report.fingerprint)
      what.key.append(each).push_back('\n');
    bool repeated = false;
    for (const auto& [name, value] : report.tags) {
      if (name == "integration")
        what.key += value;
      repeated = repeated || name == repeated_tag;
    }
    const auto left_out = repeats.admit(what.key, clock.now(), repeated);
    what.left_out = left_out.value_or(0);
    if (what.left_out > 0)
      report.tags.emplace_back("left_out", std::to_string(what.left_out));
    return left_out.has_value();
  }
  /// Under the lock. What did not arrive is not told.
  void note_lost(const waiting_report& what) {
    if (!what.key.empty())
      repeats.note_lost(what.key, what.left_out);
  }
  [[nodiscard]] std::string limit_text() const { return "Sentry wants none until " + format_rfc3339(limit.until()); }

  void settle(const waiting_report& sent, const result<net::http_response>& answer) {
    const std::lock_guard lock(mutex);
    in_flight = false;
    if (!answer) {
      note_lost(sent);
      drop(1, answer.error().message);
      return;
    }
    limit.note(*answer, clock.now());
    if (answer->status >= 200 && answer->status < 300)
      return;
    note_lost(sent);
    constexpr int too_many_requests = 429, unauthorised = 401, forbidden = 403;
    const bool refused = answer->status == unauthorised || answer->status == forbidden;
    drop(1, answer->status == too_many_requests
              ? limit_text()
              : "Sentry answered " + std::to_string(answer->status) + (refused ? ": look at sentry.dsn" : ""));
  }

  /// One line for all that was dropped, if the last one was long enough ago. The line is written without the lock: the log
  /// may call us.
  void tell(bool at_once = false) {
    std::string line;
    {
      const std::lock_guard lock(mutex);
      const auto now = clock.now();
      const bool early = told_at != no_time && now >= told_at && now - told_at < config.note_pause;
      if (dropped == 0 || (early && !at_once))
        return;
      line = fmt::format("{} report{} of failures did not reach Sentry: {}", dropped, dropped == 1 ? "" : "s", reason);
      dropped = 0;
      told_at = now;
    }
    if (config.note)
      config.note(line);
    else
      spdlog::warn("{}", line);
  }

  [[nodiscard]] net::http_request request_of(const net::sentry_report& report) {
    const auto id = fmt::format("{:016x}{:016x}", random.next(), random.next());
    net::http_request request;
    request.method = "POST";
    request.url = config.dsn.envelope().to_string();
    request.headers.add("Content-Type", "application/x-sentry-envelope");
    request.headers.add("X-Sentry-Auth", config.dsn.auth("penstock/" + config.sender.version));
    request.body = net::make_sentry_envelope(report, config.sender, id, clock.now());
    request.timeout = config.timeout;
    request.idempotent = true; // an event that comes twice has the same id
    constexpr std::size_t most_answer = 64 * 1024;
    request.max_body = most_answer;
    return request;
  }

  /// An exception that nobody expected: what waits is sent with the next report.
  void stop_sending() {
    const std::lock_guard lock(mutex);
    sending = false;
    drop(std::exchange(in_flight, false) ? 1 : 0, "an error of this program");
    idle.notify_all();
  }
};

namespace {

template <class Shared>
net::asio::awaitable<void> send_all(std::shared_ptr<Shared> all) {
  while (auto next = all->take()) {
    auto request = all->request_of(next->report);
    const auto answer = co_await all->http.send(std::move(request));
    all->settle(*next, answer);
    all->tell();
  }
  all->tell();
}

} // namespace

sentry_reporter::sentry_reporter(sentry_reporter_config config, net::http_client& http, const wall_clock& clock,
                                 random_source& random, net::asio::any_io_executor executor)
    : shared_(std::make_shared<shared>(std::move(config), http, clock, random)), executor_(std::move(executor)) {}

sentry_reporter::~sentry_reporter() = default;

void sentry_reporter::report(net::sentry_report what) {
  bool start = false;
  {
    const std::lock_guard lock(shared_->mutex);
    waiting_report made{std::move(what)};
    if (shared_->limit.holds(shared_->clock.now()))
      shared_->drop(1, shared_->limit_text());
    else if (shared_->waiting.size() >= shared_->config.most_waiting)
      shared_->drop(1, "more came at once than are kept in memory");
    else if (shared_->admit(made)) {
      shared_->waiting.push_back(std::move(made));
      start = !std::exchange(shared_->sending, true);
    }
  }
  // Whoever reports may be writing to the log: nothing of ours happens on its stack.
  net::asio::post(executor_, [all = shared_, executor = executor_, start] {
    if (!start)
      return all->tell();
    net::asio::co_spawn(executor, send_all(all), [all](const std::exception_ptr& thrown) {
      if (thrown)
        all->stop_sending();
    });
  });
}

bool sentry_reporter::flush(duration limit) {
  bool all = false;
  {
    std::unique_lock lock(shared_->mutex);
    all = shared_->idle.wait_for(lock, limit, [this] { return !shared_->sending && shared_->waiting.empty(); });
    if (!all) {
      shared_->drop(static_cast<std::int64_t>(shared_->waiting.size()) + (shared_->in_flight ? 1 : 0),
                    "the node stopped before they were sent");
      shared_->waiting.clear();
    }
  }
  shared_->tell(true);
  return all;
}

} // namespace penstock::node
