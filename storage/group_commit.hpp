#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/log_sync.hpp"
#include "storage/session.hpp"
#include "storage/slot_offers.hpp"
#include "storage/unit_executor.hpp"
#include "storage/write_session.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// The writer: everything that it is given goes into one transaction.
class group_commit final : public write_session {
public:
  /// `db` may be shared with a reader on the same thread. `house`, `node` and `log` outlive the writer; `node` is null
  /// where nobody shares the database. Throws storage_exception.
  group_commit(std::shared_ptr<session> db, const database_context& house, node_membership* node = nullptr,
               log_sync* log = nullptr);

  [[nodiscard]] group_result commit(std::span<write_batch> batches) override;
  [[nodiscard]] group_result commit_ahead(std::span<write_batch> batches) override;
  [[nodiscard]] bool syncs_apart() const noexcept override { return log_ != nullptr; }
  [[nodiscard]] result<void> make_durable() override;
  void close_slots_of(const std::string& queue) noexcept override;
  [[nodiscard]] result<void> try_write() override;
  [[nodiscard]] result<recovery_report> recover() override;
  [[nodiscard]] result<recovery_report> take_over(std::int64_t node) override;

private:
  struct placed_item {
    write_item item{};
    std::size_t batch = 0;
    std::optional<error> failed{}; ///< the database did not take it
    bool alone = false;            ///< a unit that failed by itself: asking again would not help
  };

  enum class transaction_phase : std::uint8_t { begin, work, commit };

  [[nodiscard]] result<void> is_log_intact() const;
  void load();
  [[nodiscard]] bool revive(group_result& done);
  void give_up_slots(std::span<const slot_claim> claims);
  void run(std::span<placed_item> items, bool careful, commit_news& news, int tries = 0);
  void undo() noexcept;
  /// Of what is stored now. Ends the process where there is no memory: nobody may be told that nothing was stored.
  void tell(commit_news& news) noexcept;
  [[nodiscard]] bool was_stored();
  void give_up(std::span<placed_item> items, const error& problem);
  [[nodiscard]] result<recovery_report> recover_from(std::int64_t node);

  std::shared_ptr<session> db_;
  const database_context& house_;
  node_membership* node_;
  log_sync* log_;          ///< null: COMMIT itself waits for the disk
  slot_offers offers_;     ///< outlives connections: which slots were given away is not found out again
  bool give_slots_ = true; ///< nothing of this group has failed yet
  // Both absent while the connection is lost: their statements belong to it.
  std::optional<write_state> state_;
  std::optional<unit_executor> executor_;
  std::vector<write_item> scratch_;
};

} // namespace penstock::storage
