#include "storage/sql_read_session.hpp"

#include "storage/access_reads.hpp"
#include "storage/change_reads.hpp"
#include "storage/event_reads.hpp"
#include "storage/integration_reads.hpp"
#include "storage/job_reads.hpp"
#include "storage/schedule_reads.hpp"

namespace penstock::storage {
namespace {

class sql_read_session final : public read_session {
public:
  sql_read_session(std::unique_ptr<session> own, session& db, const secret_box* secrets, log_sync* log)
      : log_(log), own_(std::move(own)), db_(db), jobs_(make_job_reads(db)),
        integrations_(make_integration_reads(db, secrets)), schedules_(make_schedule_reads(db)),
        events_(make_event_reads(db)), access_(make_access_reads(db)), rows_(db.sql_dialect().make_row_reads(db)),
        changes_(make_change_reads(db)) {}

  // A connection that was lost is opened anew before it is used again.
  job_reads& jobs() override { return revived(*jobs_); }
  integration_reads& integrations() override { return revived(*integrations_); }
  schedule_reads& schedules() override { return revived(*schedules_); }
  event_reads& events() override { return revived(*events_); }
  access_reads& access() override { return revived(*access_); }
  row_reads& rows() override { return revived(*rows_); }
  change_reads& changes() override { return revived(*changes_); }

  result<void> await_durable() override { return log_ ? log_->await(durable_patience) : result<void>{}; }

private:
  template <class Reads>
  Reads& revived(Reads& reads) {
    static_cast<void>(db_.revive());
    return reads;
  }

  static constexpr duration durable_patience = std::chrono::seconds(5);

  log_sync* const log_;
  std::unique_ptr<session> own_; // first: what reads through it goes before it
  session& db_;
  std::unique_ptr<job_reads> jobs_;
  std::unique_ptr<integration_reads> integrations_;
  std::unique_ptr<schedule_reads> schedules_;
  std::unique_ptr<event_reads> events_;
  std::unique_ptr<access_reads> access_;
  std::unique_ptr<row_reads> rows_;
  std::unique_ptr<change_reads> changes_;
};

} // namespace

std::unique_ptr<read_session> make_read_session(std::unique_ptr<session> db, const secret_box* secrets, log_sync* log) {
  auto& used = *db;
  return std::make_unique<sql_read_session>(std::move(db), used, secrets, log);
}

std::unique_ptr<read_session> make_read_session(session& shared, const secret_box* secrets) {
  return std::make_unique<sql_read_session>(nullptr, shared, secrets, nullptr);
}

} // namespace penstock::storage
