#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>

#include <soci/soci.h>

#include "storage/dialect.hpp"
#include "storage/fault_injector.hpp"
#include "storage/prepared_query.hpp"
#include "storage/statement_pipeline.hpp"

namespace penstock::storage {

/// One connection and the statements prepared on it. For one thread at a time. Throws storage_exception. A connection
/// that was lost stays lost, and says so at each use, until `reconnect`.
class session {
public:
  /// `dialect` and `faults` (may be null) outlive the session.
  session(const dialect& dialect, connection_role role, fault_injector* faults);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// A query is a struct that holds its bound parameters and columns and a `statement`, and is made from a session.
  /// The first use makes it, later ones find it: `auto& q = db.query<find_job>(); q.id = 5; q.sql.one();`
  /// Code that runs for each job keeps the reference instead of asking again.
  template <class Query>
  [[nodiscard]] Query& query() {
    auto& place = queries_[std::type_index{typeid(Query)}];
    if (!place)
      place = std::make_shared<Query>(*this);
    return *static_cast<Query*>(place.get());
  }

  /// Runs SQL without parameters or rows. `call` names it for faults and errors.
  void execute(std::string_view call, const std::string& sql);

  void begin_migration() { execute("begin", dialect_.begin_migration()); }
  void begin();
  void commit();
  /// From now on `turn` is held from each `begin` to its `commit` or `rollback`: whoever holds it meanwhile finds this
  /// connection between two transactions. It outlives the session.
  void take_turns(std::mutex& turn) { turn_ = std::unique_lock{turn, std::defer_lock}; }
  /// Ends the transaction, whatever state it is in. Does not throw: a transaction that cannot be rolled back is gone
  /// already.
  void rollback() noexcept;

  /// Posts `COPY ... FROM STDIN` with these bytes. Only where statements are posted.
  void copy(std::string_view call, const std::string& sql, std::string_view bytes);
  /// What is posted from now on is the house's own, for the end of the transaction: `posted_failed` does not tell of it.
  void begin_end() noexcept {
    if (pipeline_)
      pipeline_->mark();
  }
  /// Whether the last exception was about a statement that had been posted, not the one that was waited for.
  [[nodiscard]] bool posted_failed() const noexcept { return pipeline_ && pipeline_->posted_failed(); }

  /// Whether the connection broke.
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  /// Opens the connection anew. Everything that was made by `query` goes; statements that others keep are dead, and
  /// must be gone before.
  void reconnect();
  /// Does so if the connection is lost and the last attempt was not a moment ago. Whether it stands now.
  bool revive() noexcept;

  /// For `statement`.
  [[nodiscard]] std::unique_ptr<prepared_query> prepare(std::string sql) {
    return dialect_.prepare(raw(), pipeline_.get(), std::move(sql));
  }

  /// Throws if the fault injector wants this call to fail.
  void before(std::string_view call) {
    if (faults_) [[unlikely]]
      ask_faults(call);
  }
  /// Turns the exception in flight into a storage_exception. Call it inside a catch block only.
  [[noreturn]] void rethrow(std::string_view call);

  [[nodiscard]] soci::session& raw() {
    if (lost_) [[unlikely]]
      refuse_lost();
    return *connection_;
  }
  [[nodiscard]] const dialect& sql_dialect() const noexcept { return dialect_; }

private:
  template <class Ask>
  void ask_server(std::string_view call, Ask ask);
  void ask_faults(std::string_view call);
  void lose_answer_if_asked(std::string_view call);
  void roll_back() noexcept;
  void end_turn() noexcept;
  void connect();
  [[noreturn]] static void refuse_lost();

  const dialect& dialect_;
  fault_injector* faults_;
  const connection_role role_;
  bool lost_ = true;
  std::unique_lock<std::mutex> turn_; ///< of no mutex, unless take_turns was called
  std::chrono::steady_clock::time_point tried_at_{};
  std::unique_ptr<soci::session> connection_;
  std::unique_ptr<statement_pipeline> pipeline_;                       ///< null: statements are run at once
  std::unordered_map<std::type_index, std::shared_ptr<void>> queries_; // after connection_: statements go first
};

} // namespace penstock::storage
