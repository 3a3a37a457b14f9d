#include "tests/storage/store_conformance.hpp"

// A job that awaits its children holds no slot and ends with the last of them.
namespace penstock::storage {
namespace {

class job_store_children : public store_conformance {
protected:
  job_request child_of(job_id parent) {
    auto wanted = request("probe.page");
    wanted.parent = parent;
    return wanted;
  }
  /// A parent whose own work is done, and its children.
  job_id parent_of(int count, std::vector<job_id>& children) {
    const auto parent = enqueue("probe.task");
    unit_of_work rest;
    rest.jobs.assign(static_cast<std::size_t>(count), child_of(parent));
    const auto done = end(parent, attempt_outcome::succeeded, std::move(rest));
    EXPECT_TRUE(done.ok());
    for (const auto& each : done.jobs)
      children.push_back(each.id);
    return parent;
  }
  std::vector<job_id> children;
};
PENSTOCK_ON_EVERY_STORE(job_store_children);

TEST_P(job_store_children, ParentAwaitsAndIsNotRunAgain) {
  const auto parent = parent_of(2, children);
  EXPECT_EQ(job(parent).state, job_state::awaiting_children);
  EXPECT_EQ(job(parent).children.open, 2);
  EXPECT_TRUE(ready_ids("default").empty());
  EXPECT_EQ(ready_ids("process"), children);
  EXPECT_EQ(job(children[0]).job.parent, parent);
  EXPECT_EQ(summary("default").awaiting_children, 1);
  EXPECT_EQ(summary("default").waiting, 0);
}

TEST_P(job_store_children, LastChildEndsTheParentWithCountsOfBothOutcomes) {
  const auto parent = parent_of(3, children);
  end(children[0], attempt_outcome::succeeded);
  end(children[1], attempt_outcome::failed);
  EXPECT_EQ(job(parent).state, job_state::awaiting_children);
  EXPECT_EQ(job(parent).children.open, 1);
  end(children[2], attempt_outcome::succeeded);
  const auto ended = job(parent);
  EXPECT_EQ(ended.state, job_state::completed);
  EXPECT_EQ(ended.finished_at, clock.now());
  EXPECT_EQ(ended.children.open, 0);
  EXPECT_EQ(ended.children.completed, 2);
  EXPECT_EQ(ended.children.failed, 1);
  EXPECT_EQ(summary("default").completed, 1);
  EXPECT_EQ(summary("default").awaiting_children, 0);
}

TEST_P(job_store_children, ParentFailsWhenNoChildSucceeded) {
  const auto parent = parent_of(2, children);
  end(children[0], attempt_outcome::failed);
  apply(cancel_job{children[1], ""});
  EXPECT_EQ(job(parent).state, job_state::failed);
  EXPECT_EQ(job(parent).children.failed, 1);
  EXPECT_EQ(job(parent).children.cancelled, 1);
}

TEST_P(job_store_children, ARetryOfAChildKeepsItOpen) {
  const auto parent = parent_of(1, children);
  end(children[0], attempt_outcome::retry);
  EXPECT_EQ(job(parent).state, job_state::awaiting_children);
  end(children[0], attempt_outcome::succeeded);
  EXPECT_EQ(job(parent).state, job_state::completed);
}

TEST_P(job_store_children, AChildHandsItsPlaceOnToItsContinuation) {
  const auto parent = parent_of(1, children);
  unit_of_work rest;
  rest.jobs.push_back(child_of(parent));
  const auto next = end(children[0], attempt_outcome::succeeded, std::move(rest)).jobs.at(0).id;
  EXPECT_EQ(job(parent).state, job_state::awaiting_children);
  EXPECT_EQ(job(parent).children.open, 1);
  end(next, attempt_outcome::succeeded);
  EXPECT_EQ(job(parent).state, job_state::completed);
  EXPECT_EQ(job(parent).children.completed, 2);
}

TEST_P(job_store_children, ChildrenThatEndedBeforeTheParentsOwnWorkCountToo) {
  const auto parent = enqueue("probe.task");
  const auto child = enqueue(child_of(parent)).id;
  end(child, attempt_outcome::succeeded);
  EXPECT_EQ(end(parent, attempt_outcome::succeeded).ended_as, job_state::completed);
  EXPECT_EQ(job(parent).children.completed, 1);
}

TEST_P(job_store_children, ALateChildLeavesAnEndedParentAlone) {
  const auto parent = enqueue("probe.task");
  end(parent, attempt_outcome::succeeded);
  const auto late = enqueue(child_of(parent)).id;
  EXPECT_EQ(job(parent).state, job_state::completed);
  end(late, attempt_outcome::failed);
  EXPECT_EQ(job(parent).state, job_state::completed);
  EXPECT_EQ(summary("default").completed, 1);
}

TEST_P(job_store_children, ARetriedParentCountsItsNewChildrenAlone) {
  const auto parent = parent_of(2, children);
  end(children[0], attempt_outcome::failed);
  apply(cancel_job{children[1], ""});
  ASSERT_EQ(job(parent).state, job_state::failed);
  const auto late = enqueue(child_of(parent)).id;
  apply(retry_job{parent});
  EXPECT_EQ(job(parent).children.failed, 0);
  EXPECT_EQ(job(parent).children.cancelled, 0);
  EXPECT_EQ(job(parent).children.open, 1) << "what is open stays its child";
  EXPECT_EQ(end(parent, attempt_outcome::succeeded).ended_as, job_state::awaiting_children);
  end(late, attempt_outcome::succeeded);
  EXPECT_EQ(job(parent).state, job_state::completed);
  EXPECT_EQ(job(parent).children.completed, 1);
}

TEST_P(job_store_children, AnOldChildRetriedAfterItsParentIsCountedOnce) {
  const auto parent = parent_of(1, children);
  end(children[0], attempt_outcome::failed);
  apply(retry_job{parent});
  apply(retry_job{children[0]});
  EXPECT_EQ(job(parent).children.open, 1);
  EXPECT_EQ(job(parent).children.failed, 0);
  EXPECT_EQ(end(parent, attempt_outcome::succeeded).ended_as, job_state::awaiting_children);
  end(children[0], attempt_outcome::failed);
  EXPECT_EQ(job(parent).state, job_state::failed);
  EXPECT_EQ(job(parent).children.failed, 1);
}

TEST_P(job_store_children, APayloadStaysForTheRetryOfAChildThatFailed) {
  for (const std::size_t size : {10u, 3'000'000u}) {
    children.clear();
    auto wanted = request("probe.task");
    wanted.payload = std::string(size, 'x');
    const auto parent = enqueue(wanted).id;
    unit_of_work rest;
    rest.jobs.assign(2, child_of(parent));
    for (const auto& each : end(parent, attempt_outcome::succeeded, std::move(rest)).jobs)
      children.push_back(each.id);
    end(children[0], attempt_outcome::succeeded);
    end(children[1], attempt_outcome::failed);
    EXPECT_EQ(job(parent).state, job_state::completed);
    EXPECT_EQ(jobs().payload(parent), wanted.payload) << size;
    EXPECT_EQ(apply(retry_job{children[1]}), children[1].value);
    EXPECT_EQ(jobs().payload(parent), wanted.payload) << size;
    end(children[1], attempt_outcome::succeeded);
    EXPECT_EQ(jobs().payload(parent).error().code, error_code::not_found) << size;
    EXPECT_FALSE(job(parent).job.has_payload);
  }
}

TEST_P(job_store_children, GrandchildrenEndTheirParentsInTurn) {
  const auto parent = parent_of(1, children);
  unit_of_work rest;
  rest.jobs.push_back(child_of(children[0]));
  const auto grandchild = end(children[0], attempt_outcome::succeeded, std::move(rest)).jobs.at(0).id;
  EXPECT_EQ(job(children[0]).state, job_state::awaiting_children);
  EXPECT_EQ(job(parent).state, job_state::awaiting_children);
  end(grandchild, attempt_outcome::succeeded);
  EXPECT_EQ(job(children[0]).state, job_state::completed);
  EXPECT_EQ(job(parent).state, job_state::completed);
}

} // namespace
} // namespace penstock::storage
