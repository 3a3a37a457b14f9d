#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <libpq-fe.h>

#include "storage/statement_pipeline.hpp"

namespace penstock::storage {

struct clear_result {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using postgresql_result = std::unique_ptr<PGresult, clear_result>;

/// libpq's pipeline mode: what was posted goes to the server with the next statement whose result is wanted, and costs
/// no round trip of its own. Throws soci::postgresql_soci_error. One for each connection, which outlives it.
class postgresql_pipeline final : public statement_pipeline {
public:
  explicit postgresql_pipeline(PGconn* connection) : connection_(connection) {}

  [[nodiscard]] PGconn* connection() const noexcept { return connection_; }

  void begin(const std::string& sql) override;
  void post(const std::string& sql);
  void run(const std::string& sql) override;
  void copy(const std::string& sql, std::string_view bytes) override;
  void flush() override;
  void mark() noexcept override { marked_ = pending_; }
  void settle() noexcept override;
  [[nodiscard]] bool usable() const noexcept override {
    return !abandoned_ && PQpipelineStatus(connection_) == PQ_PIPELINE_OFF;
  }
  [[nodiscard]] bool in_transaction() const noexcept override {
    return PQtransactionStatus(connection_) != PQTRANS_IDLE;
  }
  [[nodiscard]] bool posted_failed() const noexcept override { return posted_failed_; }

  [[nodiscard]] bool has_posted() const noexcept { return pending_ > 0 || copying_; }
  /// A prepared statement; null is NULL. What `values` point at is copied.
  void post_prepared(const std::string& name, std::span<const char* const> values);
  [[nodiscard]] postgresql_result run_prepared(const std::string& name, std::span<const char* const> values);

  /// Ends the process of a result that is no answer. `result` may be null.
  [[noreturn]] void fail(const PGresult* result) const;

private:
  static constexpr std::size_t most_pending = 64;

  void enter();
  void sent(int accepted);
  void count_posted();
  /// Waits for the end of a COPY that was sent.
  void end_copy();
  /// Waits for the results of what was posted and, if `last`, of one statement behind it.
  postgresql_result collect(bool last);
  /// One statement's result, with the mark behind it.
  postgresql_result next_result();
  void leave() noexcept;
  [[nodiscard]] bool is_good(const PGresult* result) const noexcept;

  PGconn* const connection_;
  std::size_t pending_ = 0;
  static constexpr std::size_t no_mark = static_cast<std::size_t>(-1);
  std::size_t marked_ = no_mark; ///< of those pending, how many were posted before the mark
  bool copying_ = false, abandoned_ = false;
  bool posted_failed_ = false;
};

} // namespace penstock::storage
