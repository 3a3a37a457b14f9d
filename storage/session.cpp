#include "storage/session.hpp"

#include <exception>
#include <new>

#include "storage/storage_exception.hpp"

namespace penstock::storage {

session::session(const dialect& dialect, connection_role role, fault_injector* faults)
    : dialect_(dialect), faults_(faults) {
  before("connect");
  try {
    connection_ = dialect.connect(role);
  } catch (const storage_exception&) {
    throw;
  } catch (const std::exception& thrown) {
    // No connection, no driver text that could hold parameters: what() names the file and the reason.
    throw storage_exception(
      error{error_code::storage_failed, std::string{"cannot open the database: "} + thrown.what()});
  }
}

session::~session() = default;

void session::execute(std::string_view call, const std::string& sql) {
  before(call);
  try {
    *connection_ << sql;
  } catch (...) {
    rethrow(call);
  }
}

void session::rollback() noexcept {
  try {
    *connection_ << "ROLLBACK";
  } catch (const std::exception&) {
    // SQLite has rolled back by itself (disk full, I/O error): there is nothing left to end.
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
    throw dialect_.explain(*connection_, call, thrown);
  }
}

} // namespace penstock::storage
