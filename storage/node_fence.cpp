#include "storage/node_fence.hpp"

#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

struct enter_transaction {
  std::int64_t number = 0, epoch = 0, transaction = 0;
  statement sql;
  explicit enter_transaction(session& db)
      : sql(db, "enter transaction",
            "UPDATE nodes SET last_commit = last_commit + 1 WHERE number = :number AND epoch = :epoch "
            "RETURNING last_commit") {
    sql.in(number).in(epoch).out(transaction);
  }
};

struct renew_epoch {
  std::int64_t number = 0, epoch = 0, transaction = 0;
  statement sql;
  explicit renew_epoch(session& db)
      : sql(db, "renew epoch",
            "UPDATE nodes SET epoch = epoch + 1, last_commit = last_commit + 1 WHERE number = :number "
            "RETURNING epoch, last_commit") {
    sql.in(number).out(epoch).out(transaction);
  }
};

} // namespace

bool node_fence::enter() {
  auto& enter = db_.query<enter_transaction>();
  enter.number = node_.number;
  enter.epoch = epoch_ = node_.epoch;
  if (enter.sql.one()) {
    transaction_ = enter.transaction;
    return true;
  }
  if (!node_.held)
    throw storage_exception(error{error_code::storage_busy,
                                  "another process may have this node's place: is a second node "
                                  "of its name running?"},
                            storage_blame::database);
  auto& renew = db_.query<renew_epoch>();
  renew.number = node_.number;
  if (!renew.sql.one())
    throw storage_exception(error{error_code::storage_failed, "this node's place was given to another: start it again"},
                            storage_blame::database);
  transaction_ = renew.transaction;
  epoch_ = renew.epoch;
  return false;
}

void node_fence::stored() noexcept { node_.epoch = epoch_; }

bool node_fence::was_stored(session& db, std::int64_t node, const transaction_number& transaction) {
  std::int64_t number = node, last = 0, epoch = 0;
  db.begin();
  statement look{db, "look for transaction",
                 "SELECT last_commit, epoch FROM nodes WHERE number = :number" + db.sql_dialect().for_update()};
  look.in(number).out(last).out(epoch);
  const bool found = look.one();
  db.rollback();
  return found && epoch == transaction.epoch && last >= transaction.number;
}

} // namespace penstock::storage
