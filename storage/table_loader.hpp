#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "storage/session.hpp"
#include "storage/table_copy.hpp"

namespace penstock::storage {

/// Puts what a source gives into tables of the same names, in the transaction in flight. What was there goes. Jobs that ran
/// become those of a node that died: they go on as after a crash. Throws storage_exception.
class table_loader final : public table_taker {
public:
  table_loader(session& db, copy_progress progress);
  ~table_loader() override;

  void begin_table(const stored_table& table) override;
  void take(table_row& row) override;
  void end_table() override;

  /// Of each table what was put there.
  struct loaded {
    std::vector<std::string> columns;
    row_sum sum{};
  };
  [[nodiscard]] const std::map<std::string, loaded>& tables() const noexcept { return loaded_; }

  /// What only this database knows: its nodes, the numbers that it draws next. After the last table.
  void settle();

private:
  struct target;
  [[nodiscard]] bool adapt(table_row& row);

  session& db_;
  const bool shared_;
  copy_progress progress_;
  std::map<std::string, stored_table> known_;
  std::map<std::string, loaded> loaded_;
  std::unique_ptr<target> into_;
  std::map<std::int64_t, std::int64_t> slots_; ///< by queue, how many are taken
  bool left_work_ = false;
};

/// What stands in the tables, summed up in the columns' order of what was loaded. Throws storage_exception.
class table_summer final : public table_taker {
public:
  explicit table_summer(const std::map<std::string, table_loader::loaded>& expected) : expected_(expected) {}

  void begin_table(const stored_table& table) override;
  void take(table_row& row) override;
  void end_table() override;
  /// Throws, naming the first table that is not what was loaded.
  void compare() const;

private:
  const std::map<std::string, table_loader::loaded>& expected_;
  std::map<std::string, row_sum> found_;
  std::vector<std::size_t> order_;
  row_sum* sum_ = nullptr;
  table_row ordered_;
  std::string bytes_;
};

} // namespace penstock::storage
