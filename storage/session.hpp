#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>

#include <soci/soci.h>

#include "storage/dialect.hpp"
#include "storage/fault_injector.hpp"

namespace penstock::storage {

/// One connection and the statements prepared on it. For one thread at a time. Throws storage_exception.
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

  void begin() { execute("begin", dialect_.begin_write()); }
  void commit() { execute("commit", "COMMIT"); }
  /// Ends the transaction, whatever state it is in. Does not throw: a transaction that cannot be rolled back is gone
  /// already.
  void rollback() noexcept;

  /// Throws if the fault injector wants this call to fail.
  void before(std::string_view call) {
    if (faults_) [[unlikely]]
      ask_faults(call);
  }
  /// Turns the exception in flight into a storage_exception. Call it inside a catch block only.
  [[noreturn]] void rethrow(std::string_view call);

  [[nodiscard]] soci::session& raw() noexcept { return *connection_; }
  [[nodiscard]] const dialect& sql_dialect() const noexcept { return dialect_; }

private:
  void ask_faults(std::string_view call);

  const dialect& dialect_;
  fault_injector* faults_;
  std::unique_ptr<soci::session> connection_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> queries_; // after connection_: statements go first
};

} // namespace penstock::storage
