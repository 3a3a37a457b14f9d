#pragma once

#include <string>
#include <string_view>

namespace penstock::storage {

/// Statements on their way to a server that nobody waits for one by one. Throws what the driver throws. For one thread.
class statement_pipeline {
public:
  virtual ~statement_pipeline() = default;
  /// Posts the BEGIN of a transaction: it goes some time before the next statement that is waited for, and its failure is
  /// that one's too.
  virtual void begin(const std::string& sql) = 0;
  /// Sends it behind what was posted, and waits for all.
  virtual void run(const std::string& sql) = 0;
  /// Waits for what was posted, and sends `COPY ... FROM STDIN` with these bytes; it counts as posted.
  virtual void copy(const std::string& sql, std::string_view bytes) = 0;
  /// Waits for what was posted.
  virtual void flush() = 0;
  /// Waits for what was posted, without asking what came of it.
  virtual void settle() noexcept = 0;
  /// From now on, in this transaction, `posted_failed` tells of what was posted before.
  virtual void mark() noexcept = 0;
  /// False after a failure that left the connection in the middle of something: only another one helps.
  [[nodiscard]] virtual bool usable() const noexcept = 0;
  /// Whether a transaction is open, as far as the server has told.
  [[nodiscard]] virtual bool in_transaction() const noexcept = 0;
  /// Whether the last failure was that of a posted statement.
  [[nodiscard]] virtual bool posted_failed() const noexcept = 0;
};

} // namespace penstock::storage
