#include "actors/answer_burst.hpp"

#include <caf/send.hpp>

namespace penstock::actors {
namespace {

thread_local answer_burst* standing = nullptr;

} // namespace

answer_burst::answer_burst() noexcept {
  if (!standing)
    standing = this;
}

answer_burst::~answer_burst() {
  if (standing != this)
    return;
  standing = nullptr;
  for (auto& [store, from] : untold_)
    caf::anon_send(store, units_submitted{std::move(from)});
}

void answer_burst::tell(const store_writer_actor& store, std::shared_ptr<submitted_units> from) {
  if (standing)
    standing->untold_.emplace_back(store, std::move(from));
  else
    caf::anon_send(store, units_submitted{std::move(from)});
}

} // namespace penstock::actors
