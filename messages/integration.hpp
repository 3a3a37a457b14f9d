#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/integration_state.hpp"
#include "core/run_state.hpp"
#include "core/time.hpp"

namespace penstock {

/// One connected account of one service. Its secrets are a credential, kept apart and encrypted.
struct integration {
  integration_id id{};
  std::string service; ///< "monzo"
  std::string name;
  organisation_id organisation{};
  std::string owner;                   ///< the user who added it, empty if nobody did
  std::string config = "{}";           ///< JSON object, validated by the connector; no secrets
  integration_schedule_state schedule; ///< status, frequency, last trigger and success, failures, next due
  run_id live_run{};                   ///< the run in progress, if any
  std::string last_error;              ///< one line, empty if the last run went well
  timestamp created_at = no_time, updated_at = no_time;
  std::int64_t version = 1; ///< grows with each edit by a person
};

/// How far one stream of an integration has been stored.
struct stream_cursor {
  integration_id integration{};
  std::string stream;    ///< "transactions/acc_1"
  std::string cursor;    ///< JSON of the connector's own; empty: never stored anything
  run_id run{};          ///< the run that moved it last
  std::int64_t page = 0; ///< the last page of that run that was stored, from 1
  std::string gap;       ///< a stretch the provider would not give, in words; empty: none
  timestamp updated_at = no_time;
};

/// What a run did to rows.
struct row_counts {
  std::int64_t added = 0, updated = 0, unchanged = 0, deleted = 0, errors = 0;
  row_counts& operator+=(const row_counts& more) noexcept {
    added += more.added, updated += more.updated, unchanged += more.unchanged;
    deleted += more.deleted, errors += more.errors;
    return *this;
  }
  [[nodiscard]] bool changed() const noexcept { return added + updated + deleted > 0; }
};

/// One sync of an integration: its root job and all that follows from it.
struct run {
  run_id id{};
  integration_id integration{};
  job_id root{};
  run_state state = run_state::running;
  row_counts rows;
  std::int64_t pages = 0;
  std::string error;
  std::string triggered_by;
  timestamp started_at = no_time, ended_at = no_time;
  bool dry = false; ///< it stored nothing: its counts are what it would have done
};

/// What a dry run would have done to one table.
struct table_difference {
  std::string table;
  row_counts rows;
};

/// A row that a dry run would have added, updated or marked as deleted.
struct row_difference {
  std::string table, source_id;
  bool added = false; ///< else updated, unless `deleted`
  std::string before,
    after; ///< JSON objects: of an updated row the columns that differ; `before` is empty for an added one
  bool deleted = false;
};

/// The rows of it that are kept, at most `most_rows` a run; the counts are of all.
struct run_difference {
  std::vector<table_difference> tables;
  std::vector<row_difference> rows;
  static constexpr std::int64_t most_rows = 200;
};

} // namespace penstock
