#pragma once

#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "storage/migration.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Brings a schema up to date, forward only. A step of number 0 is of what is made anew whenever it changes, such as a view
/// of a table that people describe: it runs unless the one that ran last had the same name, which therefore tells one text
/// of it from another. Its statements that begin with `{again}` do away with what the former one left, and are left out where
/// none ran before: what stands there under the same name then is somebody else's.
class migrator {
public:
  /// `known`: all migrations that this program has, each owner's in order.
  migrator(session& db, const std::vector<migration>& known) : db_(db), known_(known) {}

  /// Everything in the transaction in flight, as `run` else. A failure leaves that transaction to be rolled back.
  [[nodiscard]] result<int> run_within(const wall_clock& clock);

  /// `bad_configuration` if the database has steps that this program does not know: a newer one wrote it. Also if the
  /// program's own list is out of order.
  [[nodiscard]] result<void> check();

  /// Runs what is missing, each step in a transaction of its own. How many ran.
  [[nodiscard]] result<int> run(const wall_clock& clock);

private:
  [[nodiscard]] result<void> check_order() const;
  void make_own_table();
  [[nodiscard]] result<void> check_newest();
  [[nodiscard]] result<bool> run_if_missing(const migration& step, timestamp now);
  [[nodiscard]] int last_run(const std::string& owner);
  [[nodiscard]] bool has_run(const migration& step);
  void run_one(const migration& step, timestamp now);

  session& db_;
  const std::vector<migration>& known_;
};

} // namespace penstock::storage
