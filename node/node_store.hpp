#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/error.hpp"
#include "core/id_generator.hpp"
#include "core/system_clock.hpp"
#include "node/node_plan.hpp"
#include "storage/database.hpp"
#include "storage/secret_box.hpp"

namespace penstock::node {

/// The data directory of a node with its key and its database, open and migrated. Made where they are missing.
class node_store {
public:
  /// Errors: `unavailable` when another node works on this database (naming its process), `bad_configuration` when the
  /// directory or the key cannot be used. `plan` outlives the store.
  [[nodiscard]] static result<std::unique_ptr<node_store>> open(const node_plan& plan);

  [[nodiscard]] storage::database& database() noexcept { return *database_; }
  [[nodiscard]] const wall_clock& clock() const noexcept { return clock_; }
  /// Whether a change of the key was cut off.
  [[nodiscard]] bool has_former_key() const { return secrets_->has_former_key(); }
  [[nodiscard]] id_generator& ids() noexcept { return ids_; }
  /// Migrations that this opening ran.
  [[nodiscard]] int migrations() const noexcept { return migrations_; }

private:
  node_store() = default;
  result<void> prepare(const node_plan& plan);

  system_wall_clock clock_;
  id_generator ids_{clock_, 0}; // where nodes share a database, it gives each another number
  std::optional<storage::secret_box> secrets_;
  std::unique_ptr<storage::database> database_;
  int migrations_ = 0;
};

/// How a node opens its database.
[[nodiscard]] storage::database_settings database_settings_of(const config::settings& settings);

/// The file of an SQLite URL; nothing for other databases.
[[nodiscard]] std::optional<std::filesystem::path> database_file(const std::string& url);

} // namespace penstock::node
