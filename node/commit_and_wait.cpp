#include "node/commit_and_wait.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace penstock::node {

result<unit_result> commit_and_wait(actors::commit_port& commits, unit_of_work unit) {
  constexpr auto limit = std::chrono::seconds(10);
  auto outcome = std::make_shared<std::promise<result<unit_result>>>();
  auto answer = outcome->get_future();
  commits.submit(std::move(unit),
                 [outcome = std::move(outcome)](result<unit_result> told) { outcome->set_value(std::move(told)); });
  if (answer.wait_for(limit) != std::future_status::ready)
    return failure(error_code::unavailable, "the store did not answer in time");
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return failure(error_code::unavailable, "the node is stopping"); // it was dropped with those who were to answer
  }
}

} // namespace penstock::node
