#include "storage/key_rotation.hpp"

#include <algorithm>
#include <vector>

#include "storage/key_check.hpp"
#include "storage/sealed_columns.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr std::int64_t rows_a_transaction = 200;

struct sealed_row {
  std::int64_t key = 0, owner = 0;
  std::string text;
};

std::vector<sealed_row> read_rows(session& db, const sealed_column& column, std::int64_t after) {
  std::vector<sealed_row> rows;
  sealed_row row;
  std::int64_t limit = rows_a_transaction;
  const std::string key = column.key;
  statement read(db, "read sealed texts",
                 "SELECT " + key + ", " + column.owner + ", " + column.value + " FROM " + column.table + " WHERE " +
                   key + " > :after AND " + column.value + " IS NOT NULL ORDER BY " + key + " LIMIT :limit");
  read.in(after).in(limit).out(row.key).out(row.owner).out(row.text);
  for (bool more = read.first(); more; more = read.next())
    rows.push_back(row);
  return rows;
}

/// A stretch behind `after`, which moves on; 0 at the end. A text that was replaced since it was read stays: whoever wrote it
/// sealed it with the new key.
void seal_again(session& db, const secret_box& secrets, const sealed_column& column, std::int64_t& after,
                rotation_report& report) {
  const auto rows = read_rows(db, column, after);
  std::int64_t key = 0;
  std::string before, sealed;
  statement write(db, "seal again",
                  std::string{"UPDATE "} + column.table + " SET " + column.value + " = :sealed WHERE " + column.key +
                    " = :key AND " + column.value + " = :before");
  write.in(sealed).in(key).in(before);
  for (const auto& row : rows) {
    const auto purpose = column.purpose_of(row.owner);
    if (secrets.is_current(row.text, purpose))
      continue;
    const auto plain = secrets.open_sealed(row.text, purpose);
    if (!plain) {
      ++report.unreadable;
      continue;
    }
    key = row.key;
    before = row.text;
    sealed = secrets.seal(*plain, purpose);
    report.resealed += write.run();
  }
  after = std::ssize(rows) == rows_a_transaction ? rows.back().key : 0;
}

/// Nobody writes to the tables before this transaction ends.
void wait_for_writers(session& db) {
  if (db.sql_dialect().shared())
    for (const auto& column : sealed_columns())
      db.execute("wait for writers", std::string{"LOCK TABLE "} + column.table + " IN SHARE ROW EXCLUSIVE MODE");
}

/// The first transaction with the new key. Once it holds the tables, whoever sealed with the former key has committed, and
/// whoever seals later reads the key file again.
result<void> begin(upkeep_database& database, session& db, const secret_box& secrets, timestamp now) {
  wait_for_writers(db);
  if (auto fits = require_fitting_key(db, secrets); !fits)
    return fits;              // it was changed since it was looked at
  note_key(db, secrets, now); // a node that comes with the former key alone is refused
  database.note("penstock keys rotate", "keys");
  return {};
}

/// Before anything is sealed with a second key: a backup that was made meanwhile would need both.
result<void> announce(upkeep_database& database, const secret_box& secrets, timestamp now) {
  return database.in_transaction([&](session& db) -> result<void> {
    auto fits = require_fitting_key(db, secrets);
    if (fits)
      note_key_change(db, secrets, now);
    return fits;
  });
}

result<void> note_end(upkeep_database& database) {
  return database.in_transaction([](session& db) -> result<void> {
    note_key_changed(db);
    return {};
  });
}

/// Others than the one that reads this very key file.
result<void> require_one_node(upkeep_database& database, const std::string& node_name) {
  const auto living = database.living_nodes();
  if (std::all_of(living.begin(), living.end(), [&](const std::string& name) { return name == node_name; }))
    return {};
  return failure(
    error_code::conflict,
    "nodes with key files of their own work on this database (" + living.front() +
      (living.size() > 1 ? " and others" : "") +
      "): stop all nodes but this machine's, do it again, and copy the key file to the others before they start");
}

constexpr int most_passes = 100;

result<void> seal_all_again(upkeep_database& database, const secret_box& secrets, rotation_report& report) {
  for (const auto& column : sealed_columns())
    for (std::int64_t after = 0, next = 0;; after = next) {
      const rotation_report before = report;
      auto sealed = database.in_transaction([&](session& db) -> result<void> {
        report = before;
        next = after;
        wait_for_writers(db);
        seal_again(db, secrets, column, next, report);
        return {};
      });
      if (!sealed)
        return sealed;
      if (next == 0)
        break;
    }
  return {};
}

} // namespace

result<rotation_report> rotate_keys(upkeep_database& database, secret_box& secrets, const std::string& node_name,
                                    const wall_clock& clock) {
  if (auto alone = require_one_node(database, node_name); !alone)
    return failure(std::move(alone).error());
  // Before a key is made: with another database's key file everything would look unreadable, and the right one be locked out.
  auto fits = announce(database, secrets, clock.now());
  if (!fits)
    return failure(std::move(fits).error());
  rotation_report report{.resumed = secrets.has_former_key()};
  if (auto added = secrets.add_key(); !added) {
    if (!report.resumed)
      static_cast<void>(note_end(database)); // nothing was begun
    return failure(std::move(added).error());
  }
  auto begun = database.in_transaction([&](session& db) { return begin(database, db, secrets, clock.now()); });
  if (!begun)
    return failure(std::move(begun).error());
  // One that started a moment ago found the former key still noted; it is seen now.
  if (auto alone = require_one_node(database, node_name); !alone)
    return failure(std::move(alone).error());
  // Who sealed with the former key before it was replaced, and stored it after the walk had passed, is found by the next one.
  for (int pass = 0; pass < most_passes; ++pass) {
    const auto before = report.resealed;
    report.unreadable = 0;
    if (auto done = seal_all_again(database, secrets, report); !done)
      return failure(std::move(done).error());
    if (pass > 0 && report.resealed == before)
      break;
  }
  if (auto ended = note_end(database); !ended)
    return failure(std::move(ended).error());
  if (auto dropped = secrets.drop_former_key(); !dropped)
    return failure(std::move(dropped).error());
  return report;
}

} // namespace penstock::storage
