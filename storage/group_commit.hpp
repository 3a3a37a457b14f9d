#pragma once

#include <memory>
#include <vector>

#include "storage/session.hpp"
#include "storage/unit_executor.hpp"
#include "storage/write_session.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// The writer: everything that it is given goes into one transaction.
class group_commit final : public write_session {
public:
  /// `db` may be shared with a reader on the same thread. `house` outlives the writer. Throws storage_exception.
  group_commit(std::shared_ptr<session> db, const database_context& house);

  [[nodiscard]] group_result commit(std::span<write_batch> batches) override;
  [[nodiscard]] result<void> try_write() override;
  [[nodiscard]] result<recovery_report> recover() override;

private:
  struct placed_item {
    write_item item{};
    std::size_t batch = 0;
    std::optional<error> failed{}; ///< the database did not take it
    bool alone = false;            ///< a unit that failed by itself: asking again would not help
  };

  void run(std::span<placed_item> items, bool careful, commit_news& news);
  void give_up(std::span<placed_item> items, const error& problem);

  std::shared_ptr<session> db_;
  write_state state_;
  unit_executor executor_;
  std::vector<write_item> scratch_;
};

} // namespace penstock::storage
