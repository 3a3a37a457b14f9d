#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "messages/access.hpp"
#include "messages/credential.hpp"
#include "messages/event.hpp"
#include "messages/integration.hpp"
#include "messages/job.hpp"
#include "messages/row.hpp"
#include "messages/schedule.hpp"
#include "messages/unit_of_work.hpp"
#include "messages/webhook.hpp"

namespace penstock::storage {

/// A page of a list, newest first unless said otherwise. `cursor` is opaque. Anything else than a `next_cursor` of the
/// same list, or a limit outside its range, is `invalid_argument`.
struct page_request {
  std::string cursor{};
  std::int64_t limit = 50; ///< 1 ... 200
};
/// A page looks at a bounded number of rows: under a filter that fits few of them it may hold fewer items than asked
/// for, or none, and still have a `next_cursor`.
template <class T>
struct page_of {
  std::vector<T> items;
  std::string next_cursor; ///< empty: no more
};

struct ready_window {
  /// Due now, by priority, run_at, id; without those that have a group (see lane_window). Jobs that a worker slot holds
  /// wait too as far as the store knows, and are among them: the queue leaves out those that it runs.
  std::vector<ready_job> jobs;
  timestamp next_run_at = no_time; ///< the earliest run_at to come of those not in `jobs`; no_time: none
  bool more = false;               ///< the limit cut the list
};

/// What to read of the lanes of a queue: its waiting jobs with a group, by group key.
struct lane_request {
  struct wish {
    std::string key;
    queue_place after{}; ///< only due jobs behind it
  };
  std::vector<wish> lanes{};
  bool search = false; ///< also those whose keys follow `search_after`
  std::string search_after{};
  std::int64_t most_lanes = 500, jobs_a_lane = 100;
  std::int64_t most_jobs = 10'000; ///< the search goes no further with as many
  timestamp due_since = no_time;   ///< also lanes with jobs that became due since
  timestamp now = no_time;
};

struct lane_window {
  struct lane {
    std::string key;
    bool in_order = false;         ///< only its first job may run: at most that one is told
    std::vector<ready_job> jobs{}; ///< due, by priority, run_at, id
    bool more = false;
  };
  std::vector<lane> lanes{};
  std::string searched_to{};                ///< where the search goes on
  bool searched_all = false;                ///< it came to the end
  bool due_cut = false;                     ///< more became due than were looked at
  timestamp next_run_at = no_time;          ///< the earliest to come; no_time: none
  std::vector<commit_news::block> blocks{}; ///< that stand now
};

struct job_filter {
  std::optional<job_state> state{}; ///< active: held by a worker slot; waiting: not held, due or delayed
  std::string queue{}, kind{};      ///< empty: any
  std::string text{};               ///< looked for, as it stands, in kind, args up to 2 KB and errors; empty: any
  integration_id integration{};
  organisation_id organisation{};
  run_id run{};
  timestamp finished_before = no_time; ///< only those that ended before; no_time: any
  /// Of waiting jobs only those that are due by this moment, or only those that are not; no_time: any.
  timestamp due_by = no_time, due_after = no_time;
};

/// `waiting` are the due ones that no slot holds. Of very many delayed jobs some are counted as waiting.
struct queue_summary {
  std::string name;
  bool paused = false; ///< by itself
  bool held = false;   ///< with all others: maintenance is on
  std::int64_t waiting = 0, delayed = 0, active = 0, completed = 0, failed = 0, cancelled = 0, awaiting_children = 0;
  timestamp oldest_waiting_since = no_time; ///< the run_at of the oldest of `waiting`

  [[nodiscard]] bool stands_still() const noexcept { return paused || held; }
};

struct integration_filter {
  std::string service{};
  std::optional<integration_status> status{};
  organisation_id organisation{};
};

struct event_filter {
  std::string type_glob{}; ///< "integration.*": `*` is any text, `?` one character; empty: any
  std::string subject{}, source{};
  std::int64_t after_position = 0;
  std::int64_t before_position = 0; ///< 0: no end
  timestamp since = no_time;
  organisation_id organisation{};
  bool newest_first = false;
};

struct event_count {
  std::string type;
  std::int64_t count = 0;
  timestamp last_at = no_time;
};

struct event_counts {
  timestamp since = no_time; ///< from when on they were counted
  std::vector<event_count> items{};
};

/// A part of the events, in their order.
struct event_stretch {
  std::vector<event> events{};
  std::int64_t ended_at = 0; ///< the last position that was looked at; 0: nothing is left behind it
};

struct change_filter {
  std::string table{}; ///< empty: any
  organisation_id organisation{};
  /// Those that come behind this row of that event; by default behind all of its rows.
  std::int64_t after_position = 0, after_index = most_index;
  static constexpr std::int64_t most_index = std::numeric_limits<std::int64_t>::max();
};
struct changed_rows {
  std::vector<changed_row> rows; ///< in order
  bool more = false;
};

struct maintenance_state {
  bool on = false;
  timestamp since = no_time;
  std::string by{};
};

struct audit_filter {
  std::string actor{}, subject{}; ///< as they stand; empty: any
  organisation_id organisation{}; ///< of the actor
};

/// What a caller was answered under an Idempotency-Key.
struct kept_answer {
  std::string fingerprint; ///< of the request
  int status = 0;          ///< 0: the answer is not known (any more); the unit of work is done all the same
  std::string body;
  timestamp at = no_time; ///< when the key was used; see do_once::kept_for
};

/// A payload lies in pieces of at most 128 KB, numbered from 0, perhaps with gaps.
struct payload_piece {
  std::int64_t number = 0;
  std::string bytes;
};

class job_reads {
public:
  virtual ~job_reads() = default;
  /// At most `limit` (from 1) of those that stand behind `after`; {}: from the first.
  [[nodiscard]] virtual result<ready_window> ready(std::string_view queue, timestamp now, std::int64_t limit,
                                                   const queue_place& after = {}) = 0;
  /// Waiting jobs with a group.
  [[nodiscard]] virtual result<lane_window> lanes(std::string_view queue, const lane_request& wanted) = 0;
  [[nodiscard]] virtual result<job_record> find(job_id id) = 0; ///< not_found
  [[nodiscard]] virtual result<std::optional<ready_job>> find_waiting(job_id id) = 0;
  /// As `find` shows them, but args over 2 KB are left out (empty).
  [[nodiscard]] virtual result<page_of<job_record>> list(const job_filter& filter, const page_request& page) = 0;
  [[nodiscard]] virtual result<std::string> payload(job_id id) = 0; ///< not_found
  /// The first piece of the payload from number `from` on; nothing behind the last one.
  [[nodiscard]] virtual result<std::optional<payload_piece>> payload_from(job_id id, std::int64_t from) = 0;
  [[nodiscard]] virtual result<std::vector<http_exchange>> exchanges(job_id id) = 0;
  [[nodiscard]] virtual result<std::vector<job_log_line>> logs(job_id id) = 0;
  [[nodiscard]] virtual result<std::vector<queue_summary>> queues(timestamp now) = 0;
  [[nodiscard]] virtual result<maintenance_state> maintenance() = 0;
};

class integration_reads {
public:
  virtual ~integration_reads() = default;
  [[nodiscard]] virtual result<integration> find(integration_id id) = 0; ///< not_found
  [[nodiscard]] virtual result<page_of<integration>> list(const integration_filter& filter,
                                                          const page_request& page) = 0;
  [[nodiscard]] virtual result<std::optional<stream_cursor>> cursor(integration_id id, std::string_view stream) = 0;
  [[nodiscard]] virtual result<std::vector<stream_cursor>> cursors(integration_id id) = 0;
  [[nodiscard]] virtual result<page_of<run>> runs(integration_id id, const page_request& page) = 0;
  [[nodiscard]] virtual result<run> find_run(run_id id) = 0;
  /// Of a dry run; empty for any other.
  [[nodiscard]] virtual result<run_difference> difference_of(run_id id) = 0;
  /// Decrypted. nullopt: the integration has none.
  [[nodiscard]] virtual result<std::optional<credential>> credential_of(integration_id id) = 0;
  /// Where webhooks are taken, by the hash of the address's secret (64 hexadecimal digits), or of an integration, with
  /// the signing key decrypted. nullopt: there is no such address.
  [[nodiscard]] virtual result<std::optional<webhook_address>> find_webhook(const std::string& hash) = 0;
  [[nodiscard]] virtual result<std::optional<webhook_address>> webhook_of(integration_id id) = 0;
};

class schedule_reads {
public:
  virtual ~schedule_reads() = default;
  [[nodiscard]] virtual result<std::vector<schedule>> all() = 0;            ///< by name
  [[nodiscard]] virtual result<schedule> find(const std::string& name) = 0; ///< not_found
  /// The latest occurrence first; those of an unknown schedule are none.
  [[nodiscard]] virtual result<page_of<schedule_occurrence>> occurrences(const std::string& name,
                                                                         const page_request& page) = 0;
  /// Those of these moments that made jobs, as far as they are remembered.
  [[nodiscard]] virtual result<std::vector<timestamp>> fired_between(const std::string& name, timestamp from,
                                                                     timestamp to) = 0;
};

class event_reads {
public:
  virtual ~event_reads() = default;
  /// In order of position (or its reverse), at most `limit` (1 ... 1000).
  [[nodiscard]] virtual result<std::vector<event>> list(const event_filter& filter, std::int64_t limit) = 0;
  /// The same at a bounded cost, however rare what fits: it looks at so many events only, and may end early.
  [[nodiscard]] virtual result<event_stretch> look_through(const event_filter& filter, std::int64_t limit) = 0;
  [[nodiscard]] virtual result<std::int64_t> last_position() = 0;
  /// 0: it is not stored, or not any more.
  [[nodiscard]] virtual result<std::int64_t> position_of(event_id id) = 0;
  /// Of the oldest that was not swept; 0: there is none.
  [[nodiscard]] virtual result<std::int64_t> first_position() = 0;
  static constexpr std::int64_t most_events_counted = 100'000;
  /// How many there are of each type since then, the most frequent first; of more than most_events_counted the latest.
  /// `organisation` 0: any.
  [[nodiscard]] virtual result<event_counts> count_by_type(timestamp since, organisation_id organisation) = 0;
};

class access_reads {
public:
  virtual ~access_reads() = default;
  [[nodiscard]] virtual result<organisation> find_organisation(organisation_id id) = 0; ///< not_found
  [[nodiscard]] virtual result<page_of<organisation>> organisations(const page_request& page) = 0;
  /// All of them, the newest first.
  [[nodiscard]] virtual result<std::vector<access_token>> tokens() = 0;
  /// All of them, the newest first.
  [[nodiscard]] virtual result<std::vector<user>> users() = 0;
  [[nodiscard]] virtual result<user> find_user(user_id id) = 0; ///< not_found
  /// Nothing if there is none of that name.
  [[nodiscard]] virtual result<std::optional<user>> find_user_named(const std::string& name) = 0;
  /// Those that have not expired by `now`; of their users what says who they are and what they may.
  [[nodiscard]] virtual result<std::vector<user_session>> user_sessions(timestamp now) = 0;
  [[nodiscard]] virtual result<page_of<audit_entry>> audit(const audit_filter& filter, const page_request& page) = 0;
  [[nodiscard]] virtual result<std::optional<kept_answer>> find_answer(const std::string& key) = 0;
};

class row_reads {
public:
  virtual ~row_reads() = default;
  /// Runs a SELECT of a connector with numbered parameters (:p1, :p2, ..., each as often as needed). At most `limit`
  /// rows. `invalid_argument` for anything but one SELECT, or a parameter that is not given.
  [[nodiscard]] virtual result<row_set> select(const std::string& sql, const std::vector<column_value>& parameters,
                                               std::int64_t limit = 1000) = 0;
};

class change_reads {
public:
  virtual ~change_reads() = default;
  /// Which synced rows were changed, in the order of the events that tell of them, as long as those are kept. At most
  /// `limit` (1 ... 1000).
  [[nodiscard]] virtual result<changed_rows> list(const change_filter& filter, std::int64_t limit) = 0;
};

/// Everything that can be read, one interface for each aggregate. One thread at a time; blocks on disk.
class read_session {
public:
  virtual ~read_session() = default;
  virtual job_reads& jobs() = 0;
  virtual integration_reads& integrations() = 0;
  virtual schedule_reads& schedules() = 0;
  virtual event_reads& events() = 0;
  virtual access_reads& access() = 0;
  virtual row_reads& rows() = 0;
  virtual change_reads& changes() = 0;

  /// What was read may not be on the disk yet, and goes with the power if that fails: wait for this before it leaves the
  /// node. `unavailable` if that does not come to be.
  [[nodiscard]] virtual result<void> await_durable() { return {}; }
};

/// What was read from `db`, once it is on the disk.
template <class T>
[[nodiscard]] result<T> once_durable(read_session& db, result<T> read) {
  if (read)
    if (auto durable = db.await_durable(); !durable)
      return failure(std::move(durable).error());
  return read;
}

} // namespace penstock::storage
