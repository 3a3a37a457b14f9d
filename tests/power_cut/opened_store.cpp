#include "tests/power_cut/opened_store.hpp"

#include <utility>

namespace penstock::power_cut {
namespace {

std::vector<table_schema> tables() {
  return {{"items", {{"name", column_type::text}, {"amount", column_type::integer}}},
          {"effects", {{"unit", column_type::integer}}, true}};
}

std::vector<storage::migration> migrations() {
  return {{"probe",
           1,
           "create tables of effects",
           {"CREATE TABLE items (integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, "
            "source_version BIGINT NOT NULL, first_seen_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, "
            "deleted_at BIGINT, name TEXT, amount BIGINT, PRIMARY KEY (integration_id, source_id))",
            "CREATE TABLE effects (unit BIGINT)"}}};
}

} // namespace

opened_store::opened_store(const manual_clock& clock) : clock_(clock), ids_(clock, 0) {
  job_kind kind;
  kind.name = "probe.task";
  kind.queue = "default";
  kinds_.add(std::move(kind));
}

result<std::unique_ptr<opened_store>> opened_store::open(const std::filesystem::path& folder,
                                                         const store_settings& settings, const manual_clock& clock) {
  std::unique_ptr<opened_store> store(new opened_store(clock));
  if (auto ready = store->prepare(folder, settings); !ready)
    return failure(std::move(ready).error());
  return store;
}

result<void> opened_store::prepare(const std::filesystem::path& folder, const store_settings& settings) {
  storage::database_context house;
  house.clock = &clock_;
  house.ids = &ids_;
  house.kinds = &kinds_;
  house.tables = tables();
  house.migrations = migrations();
  auto opened = storage::database::open({.url = "sqlite://" + (folder / "store.db").string(),
                                         .synchronous = settings.synchronous,
                                         .log_bytes = settings.log_bytes},
                                        std::move(house));
  if (!opened)
    return failure(std::move(opened).error());
  database_ = std::move(*opened);
  if (auto ran = database_->migrate(); !ran)
    return failure(std::move(ran).error());
  auto write = database_->open_writer();
  if (!write)
    return failure(std::move(write).error());
  writer_ = std::move(*write);
  auto report = writer_->recover();
  if (!report)
    return failure(std::move(report).error());
  recovered_ = std::move(*report);
  return {};
}

} // namespace penstock::power_cut
