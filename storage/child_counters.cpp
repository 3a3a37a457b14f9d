#include "storage/child_counters.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_children {
  std::int64_t parent = 0;
  child_counts counts;
  statement sql;
  explicit read_children(session& db)
      : sql(db, "count children",
            "SELECT open, completed, failed, cancelled FROM job_children WHERE parent_id = :parent") {
    sql.in(parent).out(counts.open).out(counts.completed).out(counts.failed).out(counts.cancelled);
  }
};

struct change_children {
  child_counts by;
  std::int64_t parent = 0;
  statement sql;
  explicit change_children(session& db)
      : sql(
          db, "move child",
          "UPDATE job_children SET open = open + :open, completed = completed + :completed, failed = failed + :failed, "
          "cancelled = cancelled + :cancelled WHERE parent_id = :parent") {
    sql.in(by.open).in(by.completed).in(by.failed).in(by.cancelled).in(parent);
  }
};

struct reopen_failed_child {
  std::int64_t parent = 0;
  statement sql;
  explicit reopen_failed_child(session& db)
      : sql(db, "reopen child",
            "UPDATE job_children SET open = open + 1, failed = CASE WHEN failed > 0 THEN failed - 1 ELSE 0 END "
            "WHERE parent_id = :parent") {
    sql.in(parent);
  }
};

struct forget_ended {
  std::int64_t parent = 0;
  statement sql;
  explicit forget_ended(session& db)
      : sql(db, "forget ended children",
            "UPDATE job_children SET completed = 0, failed = 0, cancelled = 0 WHERE parent_id = :parent") {
    sql.in(parent);
  }
};

std::int64_t& place_of(child_counts& counts, job_state state) {
  switch (state) {
    case job_state::completed: return counts.completed;
    case job_state::failed: return counts.failed;
    case job_state::cancelled: return counts.cancelled;
    default: return counts.open;
  }
}

} // namespace

child_counts read_child_counts(session& db, job_id parent) {
  auto& read = db.query<read_children>();
  read.parent = parent.value;
  return read.sql.one() ? read.counts : child_counts{};
}

void move_child(session& db, job_id parent, job_state from, job_state to) {
  auto& change = db.query<change_children>();
  change.by = {};
  --place_of(change.by, from);
  ++place_of(change.by, to);
  change.parent = parent.value;
  change.sql.post();
}

void reopen_child(session& db, job_id parent) {
  auto& reopen = db.query<reopen_failed_child>();
  reopen.parent = parent.value;
  reopen.sql.post();
}

void forget_ended_children(session& db, job_id parent) {
  auto& forget = db.query<forget_ended>();
  forget.parent = parent.value;
  forget.sql.post();
}

} // namespace penstock::storage
