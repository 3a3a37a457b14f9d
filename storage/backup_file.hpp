#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "storage/table_copy.hpp"

namespace penstock::storage {

/// A backup: a line "PENSTOCK BACKUP 1", then frames of one byte of kind, four of length (the least significant first) and
/// so many bytes. `H` the facts as JSON; for each table `T` its name and columns as JSON, any number of `R` with rows
/// (row_code.hpp), `E` its number of rows and their sum as JSON; `Z` with the BLAKE2b-256 of all before it. Nothing follows.

/// Writes under a name of its own beside `file`, for the owner alone; `finish` makes it durable and gives it its name. One
/// that is not finished leaves nothing.
class backup_writer final : public table_taker {
public:
  /// Throws storage_exception, as all of it.
  backup_writer(const std::filesystem::path& file, const copy_facts& facts, copy_progress progress);
  ~backup_writer() override;

  void begin_table(const stored_table& table) override;
  void take(table_row& row) override;
  void end_table() override;
  void finish();

  [[nodiscard]] std::int64_t tables() const noexcept { return tables_; }
  [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }

private:
  struct open_file;
  void put_frame(char kind, std::string_view payload);
  void put_rows();

  std::unique_ptr<open_file> out_;
  copy_progress progress_;
  std::string table_, block_, row_;
  row_sum sum_;
  std::int64_t tables_ = 0, rows_ = 0;
};

/// Reads one that `verify` found whole.
class backup_reader final : public table_source {
public:
  /// `not_found`, `bad_configuration` (no backup, or of a later version's form), `storage_failed` (cut off or altered).
  /// Reads all of it.
  [[nodiscard]] static result<std::unique_ptr<backup_reader>> verify(const std::filesystem::path& file,
                                                                     const copy_progress& progress);
  ~backup_reader() override;

  [[nodiscard]] copy_facts facts() override { return facts_; }
  void give_all(table_taker& taker) override;
  [[nodiscard]] std::int64_t tables() const noexcept { return tables_; }
  [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }

private:
  struct open_file;
  explicit backup_reader(std::unique_ptr<open_file> in);
  void walk(table_taker* taker, const copy_progress& progress);

  std::unique_ptr<open_file> in_;
  copy_facts facts_;
  std::int64_t tables_ = 0, rows_ = 0;
};

} // namespace penstock::storage
