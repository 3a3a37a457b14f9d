#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <soci/soci.h>

#include "storage/database.hpp"

namespace penstock::bench {

/// Which database a benchmark works on.
struct bench_database {
  std::filesystem::path folder; ///< of the SQLite file, and of nothing else
  std::string url{};            ///< of PostgreSQL; empty: SQLite
  storage::synchronous_mode synchronous = storage::synchronous_mode::full;
  std::string schema = "penstock_bench"; ///< of PostgreSQL

  [[nodiscard]] bool is_sqlite() const noexcept { return url.empty(); }
  /// As the store takes it.
  [[nodiscard]] std::string store_url() const;
};

/// Removes what is there, and makes room for another.
void make_anew(const bench_database& where);
/// Drops what was left in PostgreSQL; nothing to do on SQLite.
void drop_schema(const bench_database& where);
/// A connection beside the store's.
[[nodiscard]] soci::session open_beside(const bench_database& where);
/// What autovacuum would do once it came round; nothing on SQLite.
void analyse(soci::session& sql, const bench_database& where);

/// Fills in integrations 1 to `count` as a year of syncs, one each `frequency`, would leave them: each has succeeded at
/// `now`, and is due within `frequency`, two hours from now at the earliest.
void add_sleeping_integrations(soci::session& sql, std::int64_t count, timestamp now, duration frequency);

} // namespace penstock::bench
