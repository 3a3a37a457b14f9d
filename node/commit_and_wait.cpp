#include "node/commit_and_wait.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include <caf/send.hpp>

namespace penstock::node {

result<unit_result> commit_and_wait(const actors::commit_port_actor& commits, unit_of_work unit) {
  constexpr auto limit = std::chrono::seconds(10);
  auto outcome = std::make_shared<std::promise<result<unit_result>>>();
  auto answer = outcome->get_future();
  caf::anon_send(commits,
                 actors::submit_unit{std::move(unit), [outcome = std::move(outcome)](result<unit_result> told) {
                                       outcome->set_value(std::move(told));
                                     }});
  if (answer.wait_for(limit) != std::future_status::ready)
    return failure(error_code::unavailable, "the store did not answer in time");
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return failure(error_code::unavailable, "the node is stopping"); // the message was dropped with its actor
  }
}

} // namespace penstock::node
