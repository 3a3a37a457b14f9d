#pragma once

#include "core/queue_health.hpp"
#include "messages/actors/queue.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {

/// What a queue's health is judged by: the store's view, and its actor's (null while it has none here).
[[nodiscard]] inline queue_facts facts_of(const storage::queue_summary& stored, const queue_state* live) {
  queue_facts facts;
  facts.name = stored.name;
  facts.paused = stored.stands_still();
  facts.waiting = stored.waiting;
  facts.failed = stored.failed;
  facts.oldest_waiting_since = stored.oldest_waiting_since;
  if (live) {
    facts.began_at = live->began_at;
    facts.last_ended_at = live->last_ended_at;
    facts.commits_delayed = live->commits_delayed;
  }
  return facts;
}

} // namespace penstock::actors
