#pragma once

#include <string>
#include <string_view>

namespace penstock::storage {

/// Statements on their way to a server that nobody waits for one by one. Throws what the driver throws. For one thread.
class statement_pipeline {
public:
  virtual ~statement_pipeline() = default;
  /// Sends a statement without parameters some time before the next that is waited for. Its failure is that one's too.
  virtual void post(const std::string& sql) = 0;
  /// Sends it behind what was posted, and waits for all.
  virtual void run(const std::string& sql) = 0;
  /// Waits for what was posted, and sends `COPY ... FROM STDIN` with these bytes; it counts as posted.
  virtual void copy(const std::string& sql, std::string_view bytes) = 0;
  /// Waits for what was posted.
  virtual void flush() = 0;
  /// What was posted, and what comes of it, is of no interest any more.
  virtual void discard() noexcept = 0;
  /// Whether a transaction is open, as far as the server has told.
  [[nodiscard]] virtual bool in_transaction() const noexcept = 0;
  /// Whether the last failure was that of a posted statement.
  [[nodiscard]] virtual bool posted_failed() const noexcept = 0;
};

} // namespace penstock::storage
