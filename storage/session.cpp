#include "storage/session.hpp"

#include <exception>
#include <new>

#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

/// Prepared once: parsing them would cost a small commit more than their work.
struct begin_write {
  statement sql;
  explicit begin_write(session& db) : sql(db, "begin", db.sql_dialect().begin_write()) {}
};
struct commit_write {
  statement sql;
  explicit commit_write(session& db) : sql(db, "commit", "COMMIT") {}
};

} // namespace

session::session(const dialect& dialect, connection_role role, fault_injector* faults)
    : dialect_(dialect), faults_(faults), role_(role) {
  connect();
}

session::~session() = default;

void session::connect() {
  before("connect");
  try {
    connection_ = dialect_.connect(role_);
    pipeline_ = dialect_.open_pipeline(*connection_);
    lost_ = false;
  } catch (const storage_exception&) {
    throw;
  } catch (const std::exception& thrown) {
    // No connection, no driver text that could hold parameters: what() names the file and the reason.
    throw storage_exception(
      error{error_code::storage_failed, std::string{"cannot open the database: "} + thrown.what()});
  }
}

void session::reconnect() {
  lost_ = true;
  queries_.clear();
  pipeline_.reset();
  connection_.reset();
  connect();
}

bool session::revive() noexcept {
  constexpr auto pause = std::chrono::milliseconds(500);
  if (!lost_)
    return true;
  const auto now = std::chrono::steady_clock::now();
  if (tried_at_ != std::chrono::steady_clock::time_point{} && now - tried_at_ < pause)
    return false;
  try {
    reconnect();
  } catch (const std::exception&) {
    // Whoever uses the connection is told that it is lost.
  }
  tried_at_ = std::chrono::steady_clock::now();
  return !lost_;
}

void session::refuse_lost() {
  throw storage_exception(error{error_code::storage_busy, "the connection to the database is lost"});
}

void session::execute(std::string_view call, const std::string& sql) {
  before(call);
  auto& connection = raw();
  try {
    if (pipeline_)
      pipeline_->flush();
    connection << sql;
  } catch (...) {
    rethrow(call);
  }
  lose_answer_if_asked(call);
}

template <class Ask>
void session::ask_server(std::string_view call, Ask ask) {
  before(call);
  static_cast<void>(raw());
  try {
    ask(*pipeline_);
  } catch (...) {
    rethrow(call);
  }
  lose_answer_if_asked(call);
}

void session::copy(std::string_view call, const std::string& sql, std::string_view bytes) {
  ask_server(call, [&](statement_pipeline& server) { server.copy(sql, bytes); });
}

void session::begin() {
  if (turn_.mutex() && !turn_.owns_lock())
    turn_.lock();
  // A server prepares nothing in a transaction that failed, and parses for itself. BEGIN travels with what follows.
  if (pipeline_)
    return ask_server("begin", [&](statement_pipeline& server) { server.begin(dialect_.begin_write()); });
  query<begin_write>().sql.run();
}

void session::commit() {
  if (pipeline_)
    return ask_server("commit", [](statement_pipeline& server) { server.run("COMMIT"); });
  query<commit_write>().sql.run();
  end_turn();
  lose_answer_if_asked("commit");
}

void session::lose_answer_if_asked(std::string_view call) {
  if (!faults_ || !faults_->loses_answer_of(call)) [[likely]]
    return;
  lost_ = true;
  refuse_lost();
}

void session::end_turn() noexcept {
  if (turn_.owns_lock())
    turn_.unlock();
}

void session::rollback() noexcept {
  if (!lost_)
    roll_back();
  end_turn();
}

void session::roll_back() noexcept {
  if (pipeline_) {
    pipeline_->settle();
    if (!pipeline_->in_transaction())
      return; // it never began
  }
  try {
    *connection_ << "ROLLBACK";
  } catch (const std::exception&) {
    // SQLite has rolled back by itself (disk full, I/O error), or the server has with the connection that broke. One that
    // still stands there may be within the transaction: it is not used again.
    lost_ = pipeline_ != nullptr;
  }
}

void session::ask_faults(std::string_view call) {
  if (auto fault = faults_->before(call))
    throw storage_exception(std::move(*fault));
}

void session::rethrow(std::string_view call) {
  try {
    throw;
  } catch (const storage_exception&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw storage_exception(error{error_code::storage_failed, "no memory is left for '" + std::string{call} + "'"},
                            storage_blame::database);
  } catch (const std::exception& thrown) {
    lost_ = !dialect_.connected(*connection_) || (pipeline_ && !pipeline_->usable());
    throw dialect_.explain(*connection_, call, thrown);
  }
}

} // namespace penstock::storage
