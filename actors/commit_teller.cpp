#include "actors/commit_teller.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include <caf/send.hpp>

#include "actors/answer_burst.hpp"
#include "net/resume_batch.hpp"

namespace penstock::actors {

void commit_teller::attach(std::string name, job_taker_actor queue) {
  if (queue)
    queues_.insert_or_assign(std::move(name), std::move(queue));
  else
    queues_.erase(name);
}

void commit_teller::tell(stored_group group) const {
  // Before the answers: whoever counted a call must not start the next one first.
  if (!group.news.blocks.empty())
    for (const auto& [name, queue] : queues_)
      caf::anon_send(queue, groups_blocked{group.news.blocks});
  tell_neighbours(group.news);
  tell_of_maintenance(group.news);
  if (group.reconnected && listeners_.missed)
    listeners_.missed();
  // A queue that hears of an end knows then what its slot was given in the same transaction.
  tell_gifts(std::move(group.news.gifts));
  {
    net::resume_batch resumed_together;
    answer_burst told_together;
    for (auto& each : group.answers)
      if (each.to)
        caf::anon_send(each.to, std::move(each.answer));
      else
        each.call(std::move(each.answer));
  }
  tell_queues(std::move(group.news.ready));
  if (!group.news.events.empty())
    listeners_.events(std::move(group.news.events));
}

void commit_teller::tell_gifts(std::vector<commit_news::gift> gifts) const {
  for (auto& gift : gifts)
    if (const auto found = queues_.find(gift.queue); found != queues_.end())
      caf::anon_send(found->second, jobs_given{std::move(gift)});
    else
      listeners_.unknown_queue(gift.queue); // it starts now, and reads them from the store
}

void commit_teller::tell_queues(std::vector<ready_job> jobs) const {
  while (!jobs.empty()) {
    const std::string queue = jobs.front().queue;
    const auto others =
      std::stable_partition(jobs.begin(), jobs.end(), [&](const ready_job& job) { return job.queue == queue; });
    std::vector<ready_job> rest(std::make_move_iterator(others), std::make_move_iterator(jobs.end()));
    jobs.erase(others, jobs.end());
    auto same = std::exchange(jobs, std::move(rest));
    if (const auto found = queues_.find(queue); found != queues_.end())
      caf::anon_send(found->second, jobs_ready{std::move(same)});
    else
      listeners_.unknown_queue(queue);
  }
}

/// Other nodes' queues hear of what waits, and of what people paused.
void commit_teller::tell_neighbours(const commit_news& news) const {
  if (!listeners_.neighbours)
    return;
  std::set<std::string> names;
  for (const auto& job : news.ready)
    names.insert(job.queue);
  constexpr std::string_view of_queues = "queues/";
  for (const auto& each : news.events)
    if ((each.type == "queue.paused" || each.type == "queue.resumed") && each.subject.starts_with(of_queues))
      names.insert("!" + each.subject.substr(of_queues.size()));
    else if (each.type == "maintenance.began" || each.type == "maintenance.ended")
      names.insert("!");
  if (!names.empty())
    listeners_.neighbours({names.begin(), names.end()});
}

void commit_teller::tell_of_maintenance(const commit_news& news) const {
  if (!listeners_.maintained)
    return;
  for (const auto& each : news.events)
    if (each.type == "maintenance.began" || each.type == "maintenance.ended")
      listeners_.maintained(each.type == "maintenance.began");
}

} // namespace penstock::actors
