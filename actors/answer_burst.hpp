#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "messages/actors/store.hpp"

namespace penstock::actors {

/// Stands while answers are told. Whoever submits the next unit when told of the last does so here, before the next is
/// told: the writer hears of them when the outermost one of this thread ends, and begins with all of them rather than with
/// the first. Until then it hears of no other unit of that port either, so that those who are told must not work. Never
/// const: it is changed through the thread's pointer to it.
class answer_burst {
public:
  answer_burst() noexcept;
  ~answer_burst();
  answer_burst(const answer_burst&) = delete;
  answer_burst& operator=(const answer_burst&) = delete;

  /// At once where none stands on this thread.
  static void tell(const store_writer_actor& store, std::shared_ptr<submitted_units> from);

private:
  std::vector<std::pair<store_writer_actor, std::shared_ptr<submitted_units>>> untold_;
};

} // namespace penstock::actors
