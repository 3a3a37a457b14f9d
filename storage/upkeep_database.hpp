#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/id_generator.hpp"
#include "storage/database.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A database that is changed beside the nodes that work on it, or without any: small durable transactions, each of which
/// finds the database as the last commit left it. For one thread.
class upkeep_database {
public:
  /// `not_found` where there is none, `bad_configuration` unless it is as new as this program. `clock` outlives it.
  [[nodiscard]] static result<std::unique_ptr<upkeep_database>>
  open(const database_settings& settings, const std::vector<migration>& contributed, const wall_clock& clock);
  ~upkeep_database();

  [[nodiscard]] session& db() noexcept { return *db_; }

  /// Runs `work` in a transaction, and again where another node's stood in its way. Its error rolls back.
  [[nodiscard]] result<void> in_transaction(const std::function<result<void>(session&)>& work);

  /// Inside the transaction in flight: an entry of the audit by the command line.
  void note(std::string action, std::string subject);

  /// The names of the nodes that share the database and live, by their leases. Empty for SQLite.
  [[nodiscard]] std::vector<std::string> living_nodes();

private:
  explicit upkeep_database(const wall_clock& clock) : clock_(clock), ids_(clock, id_generator::max_node) {}

  /// Now and then, where no node may be there to do it: the log must not grow with all that is changed.
  void move_log() noexcept;

  const wall_clock& clock_;
  int commits_ = 0;
  id_generator ids_;
  std::unique_ptr<dialect> dialect_;
  std::unique_ptr<session> db_;
};

} // namespace penstock::storage
