#include "storage/postgresql_pipeline.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

namespace penstock::storage {

void postgresql_pipeline::fail(const PGresult* result) const {
  const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  throw soci::postgresql_soci_error(result ? PQresultErrorMessage(result) : PQerrorMessage(connection_),
                                    state ? state : "     ");
}

bool postgresql_pipeline::is_good(const PGresult* result) const noexcept {
  const auto status = PQresultStatus(result); // of none: fatal error
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

void postgresql_pipeline::enter() {
  end_copy();
  if (PQpipelineStatus(connection_) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection_) != 1)
    fail(nullptr);
}

void postgresql_pipeline::leave() noexcept {
  pending_ = 0;
  if (marked_ != no_mark)
    marked_ = 0;
  // Refused where the connection broke on the way: then it is opened anew before it is used again.
  static_cast<void>(PQexitPipelineMode(connection_));
}

void postgresql_pipeline::sent(int accepted) {
  if (accepted != 1)
    fail(nullptr);
}

void postgresql_pipeline::count_posted() {
  if (++pending_ >= most_pending)
    flush();
}

void postgresql_pipeline::begin(const std::string& sql) {
  marked_ = no_mark;
  post(sql);
}

void postgresql_pipeline::post(const std::string& sql) {
  enter();
  sent(PQsendQueryParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
  count_posted();
}

void postgresql_pipeline::post_prepared(const std::string& name, std::span<const char* const> values) {
  enter();
  sent(PQsendQueryPrepared(connection_, name.c_str(), static_cast<int>(values.size()), values.data(), nullptr, nullptr,
                           0));
  // What is long takes the server a while: it may begin, while we write what comes next.
  constexpr std::size_t long_values = 8 * 1024;
  std::size_t bytes = 0;
  for (const auto* each : values)
    bytes += each ? std::strlen(each) : 0;
  if (bytes >= long_values && PQflush(connection_) < 0)
    fail(nullptr);
  count_posted();
}

void postgresql_pipeline::run(const std::string& sql) {
  posted_failed_ = false;
  end_copy();
  postgresql_result result;
  if (pending_ == 0) {
    result.reset(PQexec(connection_, sql.c_str()));
  } else {
    sent(PQsendQueryParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
    result = collect(true);
  }
  if (!is_good(result.get()))
    fail(result.get());
  // COMMIT of a transaction that failed is carried out, as a ROLLBACK.
  if (sql == "COMMIT" && std::string_view(PQcmdStatus(result.get())) != "COMMIT")
    throw soci::postgresql_soci_error("the transaction was rolled back", "25P02");
}

postgresql_result postgresql_pipeline::run_prepared(const std::string& name, std::span<const char* const> values) {
  posted_failed_ = false;
  end_copy();
  const auto count = static_cast<int>(values.size());
  if (pending_ == 0) {
    postgresql_result alone(PQexecPrepared(connection_, name.c_str(), count, values.data(), nullptr, nullptr, 0));
    if (!is_good(alone.get()))
      fail(alone.get());
    return alone;
  }
  sent(PQsendQueryPrepared(connection_, name.c_str(), count, values.data(), nullptr, nullptr, 0));
  return collect(true);
}

void postgresql_pipeline::copy(const std::string& sql, std::string_view bytes) {
  flush(); // COPY has no place in a pipeline
  const postgresql_result begun(PQexec(connection_, sql.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN)
    fail(begun.get());
  constexpr std::size_t piece = 1 << 20;
  bool taken = true;
  for (; taken && !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    taken = PQputCopyData(connection_, bytes.data(), static_cast<int>(std::min(piece, bytes.size()))) == 1;
  copying_ = true;
  taken = PQputCopyEnd(connection_, taken ? nullptr : "cannot go on") == 1 && taken;
  if (!taken || PQflush(connection_) < 0)
    end_copy();
}

void postgresql_pipeline::end_copy() {
  if (!std::exchange(copying_, false))
    return;
  const postgresql_result ended(PQgetResult(connection_));
  if (PQresultStatus(ended.get()) == PGRES_COPY_IN) {
    abandoned_ = true; // the end could not be said, and the server waits for more
    posted_failed_ = true;
    fail(nullptr);
  }
  while (const postgresql_result rest{PQgetResult(connection_)}) {}
  if (PQresultStatus(ended.get()) == PGRES_COMMAND_OK)
    return;
  posted_failed_ = true;
  fail(ended.get());
}

void postgresql_pipeline::flush() {
  posted_failed_ = false;
  end_copy();
  if (pending_ > 0)
    static_cast<void>(collect(false));
}

void postgresql_pipeline::settle() noexcept {
  try {
    flush();
  } catch (const std::exception&) {
    // Of no interest.
  }
}

postgresql_result postgresql_pipeline::next_result() {
  postgresql_result result(PQgetResult(connection_));
  // The mark; a connection that broke gives no more of either.
  if (result && PQstatus(connection_) == CONNECTION_OK)
    postgresql_result{PQgetResult(connection_)};
  return result;
}

postgresql_result postgresql_pipeline::collect(bool last) {
  const auto posted = pending_;
  if (PQpipelineSync(connection_) != 1) {
    leave();
    fail(nullptr);
  }
  postgresql_result answer, failed;
  bool posted_failed = false, good = true;
  for (std::size_t i = 0; i < posted + (last ? 1 : 0); ++i) {
    auto result = next_result();
    if (!is_good(result.get()) && std::exchange(good, false)) {
      failed = std::move(result);
      posted_failed = i < std::min(posted, marked_);
    } else if (i == posted) {
      answer = std::move(result);
    }
  }
  postgresql_result{PQgetResult(connection_)}; // the end of the pipeline
  leave();
  if (!good) {
    posted_failed_ = posted_failed;
    fail(failed.get());
  }
  return answer;
}

} // namespace penstock::storage
