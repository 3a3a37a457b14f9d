#include "core/random.hpp"
#include "tests/storage/store_fixture.hpp"

// Counts are kept by delta. Whatever happens, they are what counting the rows gives.
namespace penstock::storage {
namespace {

class queue_counts : public store_fixture, public ::testing::WithParamInterface<std::uint64_t> {
protected:
  std::uint64_t draw(std::uint64_t bound) { return uniform(random_, bound); }

  job_id any_job() { return jobs_.empty() ? job_id{12345} : jobs_[draw(jobs_.size())]; }

  job_request any_request() {
    auto wanted = request(draw(2) == 0 ? "probe.task" : "probe.page");
    if (draw(4) == 0)
      wanted.queue = "q" + std::to_string(draw(5));
    if (draw(4) == 0)
      wanted.unique_key = "k" + std::to_string(draw(10));
    if (draw(4) == 0)
      wanted.group_key = "o/c/g" + std::to_string(draw(4));
    if (draw(4) == 0)
      wanted.parent = any_job();
    if (draw(8) == 0)
      wanted.payload = std::string(draw(10) + 1, 'x');
    if (draw(30) == 0)
      wanted.kind = "no.such_kind";
    return wanted;
  }

  unit_of_work any_unit() {
    unit_of_work unit;
    if (draw(2) == 0) {
      const auto outcome = static_cast<attempt_outcome>(draw(5));
      const auto id = any_job();
      unit = end_of(id, outcome, draw(3) == 0 ? "" : "default");
      unit.ends->attempts = static_cast<std::uint16_t>(draw(3) == 0 ? draw(3) : attempts_of(id));
    }
    for (auto left = draw(4); left > 0; --left)
      unit.jobs.push_back(any_request());
    if (draw(4) == 0)
      unit.changes.push_back(cancel_job{any_job(), "random"});
    if (draw(4) == 0)
      unit.changes.push_back(retry_job{any_job()});
    if (draw(10) == 0)
      unit.changes.push_back(pause_queue{"q" + std::to_string(draw(8)), draw(2) == 0});
    if (draw(10) == 0)
      unit.changes.push_back(sweep_history{
        .completed_before = clock.now(), .failed_before = clock.now(), .events_before = clock.now(), .limit = 3});
    if (draw(10) == 0)
      unit.rows.push_back({"things", {1}, {{"a", {{}, std::int64_t{1000}}, 0}}}); // the table refuses it
    return unit;
  }

  std::uint16_t attempts_of(job_id id) {
    const auto found = reader->jobs().find(id);
    return found ? found->job.attempts : std::uint16_t{0};
  }

  seeded_random random_{GetParam()};
  std::vector<job_id> jobs_;
};

TEST_P(queue_counts, AgreeWithTheRowsAfterRandomWork) {
  open();
  int stored = 0, refused = 0;
  for (int round = 0; round < 150; ++round) {
    std::vector<unit_of_work> units;
    for (auto left = draw(12); left > 0; --left)
      units.push_back(any_unit());
    std::vector<slot_claim> claims;
    if (draw(3) == 0)
      claims.push_back({"default", static_cast<std::uint16_t>(draw(3)), false, {any_job(), any_job()}});
    if (draw(3) == 0)
      faults.fail_at(static_cast<int>(draw(60)) + 1,
                     draw(2) == 0 ? error_code::storage_failed : error_code::storage_busy);
    const auto done = commit(std::move(units), std::move(claims));
    faults.heal();
    for (const auto& unit : done.batches[0].units) {
      (unit.ok() ? stored : refused)++;
      for (const auto& each : unit.jobs)
        if (each.id && !each.deduplicated && !done.batches[0].failed)
          jobs_.push_back(each.id);
    }
    clock.advance(std::chrono::milliseconds{static_cast<int>(draw(2000))});
    ASSERT_NO_FATAL_FAILURE(expect_counts_agree());
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
  EXPECT_GT(stored, 100);
  EXPECT_GT(refused, 50);

  EXPECT_EQ(number("SELECT COUNT(*) FROM unique_keys u WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = u.job_id "
                   "AND j.state IN (0, 2))"),
            0)
    << "a key without a live job";
  EXPECT_EQ(number("SELECT COUNT(*) FROM job_children c JOIN jobs p ON p.id = c.parent_id WHERE p.state = 2 "
                   "AND c.open = 0"),
            0)
    << "a parent that awaits nobody";
  EXPECT_EQ(number("SELECT COUNT(*) FROM job_children c WHERE c.open <> (SELECT COUNT(*) FROM jobs j "
                   "WHERE j.parent_id = c.parent_id AND j.state IN (0, 2))"),
            0)
    << "open children are miscounted";
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs WHERE (state = 0 AND spare <> 2) OR (state <> 0 AND spare <> 0)"), 0);
}

INSTANTIATE_TEST_SUITE_P(seeds, queue_counts, ::testing::Values(1, 2, 3, 4, 5, 6));

} // namespace
} // namespace penstock::storage
