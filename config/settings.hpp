#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/listen_address.hpp"
#include "config/section.hpp"
#include "core/backoff.hpp"
#include "core/host_list.hpp"
#include "core/ip_network.hpp"
#include "core/time.hpp"
#include "core/token_bucket.hpp"

namespace penstock::config {

struct node_settings {
  std::filesystem::path data_dir;                       ///< absolute
  std::string name;                                     ///< the host's name unless set
  duration shutdown_timeout = std::chrono::seconds(30); ///< for active jobs, after SIGTERM
  std::int64_t min_free_space = 0;                      ///< bytes; below it the node takes no new work
};

enum class synchronous : std::uint8_t { full, normal };

struct database_settings {
  std::string url; ///< sqlite:///absolute/path or postgresql://...
  synchronous sync = synchronous::full;
  int pool = 4; ///< connections to PostgreSQL: one writes, the others read
};

struct http_settings {
  listen_address listen;
  std::string public_url;    ///< without a slash at its end; empty: the address that the node listens on
  std::int64_t max_body = 0; ///< bytes of a request's body
  std::filesystem::path tls_certificate{}, tls_key{}; ///< absolute; both empty: plain HTTP
  std::vector<ip_network> trusted_proxies{};
  std::vector<std::string> cors_origins{}; ///< "https://app.example.org"; "*" alone: any
  std::optional<token_rate> rate_limit{};  ///< of one token, or of one address without a token; nothing: no limit
  host_list allow_private_hosts{};
  std::string outgoing_proxy{};    ///< a URL that may hold a password; empty: none
  std::filesystem::path ca_file{}; ///< absolute; empty: the system's authorities alone
  duration session_lifetime{};     ///< of people who sign in

  [[nodiscard]] bool has_tls() const noexcept { return !tls_certificate.empty(); }
};

struct webhook_settings {
  std::int64_t max_body = 0;         ///< bytes of a delivery
  std::optional<token_rate> limit{}; ///< deliveries to each integration, on this node
};

struct secrets_settings {
  std::filesystem::path key_file; ///< absolute
};

struct queue_settings {
  int concurrency = 4;                                     ///< jobs at once on this node
  std::optional<token_rate> limit{};                       ///< starts, in all nodes together
  int tenant_concurrency = 0, credential_concurrency = 0;  ///< at once on this node; 0: no rule
  std::optional<duration> timeout{};                       ///< of jobs that name none
  std::optional<int> max_attempts{};                       ///< of jobs that name none
  std::optional<backoff_policy> backoff{};                 ///< of jobs that name none
  std::optional<duration> keep_completed{}, keep_failed{}; ///< ages, instead of retention's
  std::int64_t warn_failed = 100, warn_waiting = 1'000;    ///< more are a warning
  duration warn_stalled = std::chrono::minutes(5);         ///< no completion for as long while work waits
};

/// Ages after which the sweep deletes.
struct retention_settings {
  duration completed_jobs{}, failed_jobs{}, events{}, occurrences{}, audit{};
  std::int64_t most_ended_jobs = 0, most_events = 0; ///< 0: any number
  duration sweep_every = std::chrono::minutes(1);
};

struct sentry_settings {
  std::string dsn{}; ///< where reports of failures go, a secret; empty: nowhere
  std::string environment{};
  std::string release{};   ///< empty: the program's version
  duration repeat_after{}; ///< the same failure is reported no sooner again
};

enum class log_level : std::uint8_t { debug, info, warn, error };
enum class log_format : std::uint8_t { text, json };

struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::text;
  std::filesystem::path file{}; ///< absolute; empty: standard error
  std::int64_t file_size = 0;   ///< bytes, at which the file is rotated
  int files_kept = 0;           ///< rotated files beside the current one
};

/// The whole configuration, checked. A value: whoever reloads makes a new one.
struct settings {
  node_settings node;
  database_settings database;
  http_settings http;
  webhook_settings webhooks;
  secrets_settings secrets;
  std::map<std::string, queue_settings, std::less<>> queues; ///< the engine's own, and those that were configured
  retention_settings retention;
  sentry_settings sentry;
  log_settings log;
  std::map<std::string, section, std::less<>> connectors; ///< by name; each has the boolean `enabled`

  /// Of a queue made on first use too.
  [[nodiscard]] queue_settings queue(std::string_view name) const {
    const auto found = queues.find(name);
    return found == queues.end() ? queue_settings{} : found->second;
  }
};

} // namespace penstock::config
