#include "storage/key_check.hpp"

#include <string>

#include "storage/sealed_columns.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

auto foreign_key() {
  return failure(
    error_code::bad_configuration,
    "the key file is not the one that sealed the secrets in this database: put the right one in its place, "
    "from its backup or from a node that runs on this database");
}

std::string stored_fingerprint(session& db) {
  std::string fingerprint;
  statement read(db, "read the key's fingerprint", "SELECT fingerprint FROM secret_keys WHERE id = 1");
  read.out(fingerprint);
  return read.one() ? fingerprint : std::string{};
}

/// Of databases that are older than the fingerprint.
bool opens_what_is_there(session& db, const secret_box& secrets) {
  for (const auto& column : sealed_columns()) {
    std::int64_t owner = 0;
    std::string text;
    statement read(db, "read a sealed text",
                   std::string{"SELECT "} + column.owner + ", " + column.value + " FROM " + column.table + " WHERE " +
                     column.value + " IS NOT NULL ORDER BY " + column.key + " DESC LIMIT 1");
    read.out(owner).out(text);
    if (read.one() && !secrets.open_sealed(text, column.purpose_of(owner)))
      return false;
  }
  return true;
}

} // namespace

result<void> require_fitting_key(session& db, const secret_box& secrets) {
  const auto stored = stored_fingerprint(db);
  const bool fits = stored.empty() ? opens_what_is_there(db, secrets) : secrets.knows(stored);
  return fits ? result<void>{} : result<void>{foreign_key()};
}

namespace {

result<void> compare(session& db, const secret_box& secrets, timestamp now) {
  auto fits = require_fitting_key(db, secrets);
  if (fits && stored_fingerprint(db).empty())
    note_key(db, secrets, now);
  return fits;
}

} // namespace

result<void> check_key(session& db, const secret_box& secrets, timestamp now) {
  db.begin_migration(); // of two nodes that start together the second finds what the first has noted
  try {
    auto fits = compare(db, secrets, now);
    if (fits)
      db.commit();
    else
      db.rollback();
    return fits;
  } catch (...) {
    db.rollback();
    throw;
  }
}

void note_key_change(session& db, const secret_box& secrets, timestamp now) {
  if (stored_fingerprint(db).empty())
    note_key(db, secrets, now);
  std::int64_t since = micros(now);
  statement note(db, "note a change of the key",
                 "UPDATE secret_keys SET changing_since = :since WHERE id = 1 AND changing_since IS NULL");
  note.in(since);
  note.run();
}

void note_key_changed(session& db) {
  db.execute("note that the key is changed", "UPDATE secret_keys SET changing_since = NULL WHERE id = 1");
}

void note_key(session& db, const secret_box& secrets, timestamp now) {
  auto fingerprint = secrets.fingerprint();
  std::int64_t since = micros(now);
  statement note(
    db, "note the key's fingerprint",
    "INSERT INTO secret_keys (id, fingerprint, since) VALUES (1, :fingerprint, :since) ON CONFLICT (id) DO "
    "UPDATE SET fingerprint = excluded.fingerprint, since = excluded.since WHERE secret_keys.fingerprint "
    "<> excluded.fingerprint");
  note.in(fingerprint).in(since);
  note.run();
}

} // namespace penstock::storage
