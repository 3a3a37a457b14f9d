#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/id_generator.hpp"
#include "core/manual_clock.hpp"
#include "storage/database.hpp"
#include "storage/read_session.hpp"
#include "storage/write_session.hpp"

namespace penstock::power_cut {

/// How a store is opened in a life of it.
struct store_settings {
  storage::synchronous_mode synchronous = storage::synchronous_mode::full;
  std::int64_t log_bytes = 0;
};

/// The real store on the file of a folder, opened as a node opens it: migrated, its writer recovered.
class opened_store {
public:
  /// `clock` outlives the store.
  [[nodiscard]] static result<std::unique_ptr<opened_store>>
  open(const std::filesystem::path& folder, const store_settings& settings, const manual_clock& clock);

  [[nodiscard]] storage::database& database() noexcept { return *database_; }
  [[nodiscard]] storage::write_session& writer() noexcept { return *writer_; }
  [[nodiscard]] const storage::recovery_report& recovered() const noexcept { return recovered_; }

private:
  explicit opened_store(const manual_clock& clock);
  result<void> prepare(const std::filesystem::path& folder, const store_settings& settings);

  const manual_clock& clock_;
  id_generator ids_;
  job_kind_catalogue kinds_;
  std::unique_ptr<storage::database> database_;
  std::unique_ptr<storage::write_session> writer_;
  storage::recovery_report recovered_;
};

} // namespace penstock::power_cut
