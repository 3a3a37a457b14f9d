#include "storage/node_places.hpp"

#include "core/id_generator.hpp"
#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

const std::string now_us = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
// One process at a time has a place: its session's lock tells, and goes with it.
const std::string place_lock = "(hashtext('penstock node ' || current_schema()), CAST(:node AS INTEGER))";

std::optional<std::int64_t> number_of(session& db, std::string& name) {
  std::int64_t number = 0;
  statement known{db, "find node", "SELECT number FROM nodes WHERE name = :name"};
  known.in(name).out(number);
  return known.one() ? std::optional{number} : std::nullopt;
}

std::int64_t new_number(session& db, std::string& name) {
  nullable<std::int64_t> free;
  statement unused{db, "find free number",
                   "SELECT MIN(n) FROM generate_series(1, " + std::to_string(id_generator::max_node) +
                     ") n WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE number = n)"};
  unused.out(free);
  unused.one();
  if (free.has_value()) {
    statement add{db, "add node", "INSERT INTO nodes (number, name, epoch, last_commit) VALUES (:number, :name, 0, 0)"};
    add.in(free.value).in(name);
    add.run();
    return free.value;
  }
  // Names that come and go (containers): the place of one that left in order is free again.
  std::int64_t left = 0;
  statement reuse{
    db, "reuse number",
    "UPDATE nodes SET name = :name WHERE number = (SELECT n.number FROM nodes n WHERE NOT EXISTS (SELECT 1 "
    "FROM node_leases l WHERE l.number = n.number) AND NOT EXISTS (SELECT 1 FROM suspects s WHERE s.node = "
    "n.number) ORDER BY n.last_commit LIMIT 1) RETURNING number"};
  reuse.in(name).out(left);
  if (!reuse.one())
    throw storage_exception(error{error_code::unavailable, "1023 nodes share this database already"});
  return left;
}

} // namespace

bool hold_place(session& db, std::int64_t node) {
  std::int64_t held = 0;
  statement lock{db, "hold place", "SELECT CASE WHEN pg_try_advisory_lock" + place_lock + " THEN 1 ELSE 0 END"};
  lock.in(node).out(held);
  lock.one();
  return held != 0;
}

std::optional<std::int64_t> join_nodes(session& db, node_membership& node, std::string name, duration lease) {
  db.begin_migration(); // one at a time: two never take one free number
  try {
    const auto known = number_of(db, name);
    std::int64_t number = known ? *known : new_number(db, name), epoch = 0;
    if (!hold_place(db, number)) {
      db.rollback();
      return std::nullopt;
    }
    statement renew{db, "renew epoch", "UPDATE nodes SET epoch = epoch + 1 WHERE number = :number RETURNING epoch"};
    renew.in(number).out(epoch);
    renew.one();
    show_life(db, number, lease);
    db.commit();
    node.epoch = epoch;
    node.number = number;
    node.held = true;
    return number;
  } catch (...) {
    db.rollback();
    throw;
  }
}

void show_life(session& db, std::int64_t node, duration lease) {
  std::int64_t length = lease.count();
  statement show{db, "show life",
                 "INSERT INTO node_leases (number, expires_at) VALUES (:node, " + now_us +
                   " + CAST(:lease AS BIGINT)) ON CONFLICT (number) DO UPDATE SET expires_at = excluded.expires_at"};
  show.in(node).in(length);
  show.run();
}

void leave_nodes(session& db, std::int64_t node) {
  statement end{db, "leave nodes", "UPDATE node_leases SET expires_at = 0 WHERE number = :node"};
  end.in(node);
  end.run();
  // What it leaves behind (a drain that took too long, suspects that had no turn) goes to others at once.
  std::int64_t first = node * slots_a_node, behind = first + slots_a_node;
  statement leave{
    db, "leave nodes",
    "DELETE FROM node_leases WHERE number = :node AND NOT EXISTS (SELECT 1 FROM suspects s WHERE s.node = "
    "node_leases.number) AND NOT EXISTS (SELECT 1 FROM slots s WHERE s.slot >= :first AND s.slot < :behind "
    "AND s.jobs <> '')"};
  leave.in(node).in(first).in(behind);
  leave.run();
}

neighbours look_at_neighbours(session& db, std::int64_t node) {
  neighbours seen;
  std::int64_t number = 0, silent = 0;
  statement all{db, "look at neighbours",
                "SELECT number, CASE WHEN expires_at < " + now_us +
                  " THEN 1 ELSE 0 END FROM node_leases WHERE number <> :node"};
  all.in(node).out(number).out(silent);
  for (bool row = all.first(); row; row = all.next())
    if (silent != 0)
      seen.silent.push_back(number);
    else
      ++seen.living;
  return seen;
}

bool expel_node(session& db, std::int64_t node) {
  // While its last transaction is open nothing can be said of it: the next look tries again, and nobody waits.
  std::int64_t still = node, free = 0;
  statement look{db, "look at silent node", "SELECT number FROM nodes WHERE number = :node FOR UPDATE SKIP LOCKED"};
  look.in(still).out(free);
  if (!look.one())
    return false;
  std::int64_t epoch = 0;
  statement expel{db, "expel node", "UPDATE nodes SET epoch = epoch + 1 WHERE number = :node RETURNING epoch"};
  expel.in(node).out(epoch);
  if (!expel.one())
    return false;
  // Only now: it may have shown life while its last transaction was waited for.
  statement leave{db, "end lease", "DELETE FROM node_leases WHERE number = :node AND expires_at < " + now_us};
  leave.in(node);
  return leave.run() == 1;
}

} // namespace penstock::storage
