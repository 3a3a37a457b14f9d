#include "tests/storage/store_fixture.hpp"

namespace penstock::storage {
namespace {

/// Readers keep what they have learned. A read that fails half-way must leave nothing wrong among it.
class read_faults : public store_fixture {
protected:
  read_faults() { open(true); }

  /// Fails each call of a read in turn, on a new connection. What the same read says next.
  template <class Read>
  void after_each_fault(Read read) {
    for (int call = 1; call < 100; ++call) {
      reader = std::move(*db->open_reader());
      faults.fail_at(call, error_code::storage_busy);
      const bool told = read(false);
      const bool fired = faults.fired();
      faults.heal();
      if (!fired) {
        EXPECT_TRUE(told);
        EXPECT_GT(call, 2) << "it does several";
        return;
      }
      EXPECT_TRUE(read(true)) << "after call " << call;
    }
    FAIL() << "it does not end";
  }
};

TEST_F(read_faults, ReadyJobsAreWholeAfterAReadThatFailed) {
  enqueue(request("probe.task"));
  enqueue(request("integration.process"));
  after_each_fault([&](bool healthy) {
    const auto window = reader->jobs().ready("default", clock.now(), 10);
    EXPECT_TRUE(window || !healthy);
    const bool found = window && window->jobs.size() == 2;
    if (found) {
      EXPECT_EQ(window->jobs[0].kind, "probe.task");
      EXPECT_EQ(window->jobs[1].kind, "integration.process");
    }
    return found;
  });
}

TEST_F(read_faults, LanesAreWholeAfterAReadThatFailed) {
  auto grouped = request("probe.task");
  grouped.group_key = "tenant";
  enqueue(grouped);
  after_each_fault([&](bool healthy) {
    lane_request wanted;
    wanted.search = true;
    wanted.now = clock.now();
    const auto window = reader->jobs().lanes("default", wanted);
    EXPECT_TRUE(window || !healthy);
    const bool found = window && window->lanes.size() == 1 && window->lanes[0].jobs.size() == 1;
    if (found) {
      EXPECT_EQ(window->lanes[0].jobs[0].kind, "probe.task");
    }
    return found;
  });
}

} // namespace
} // namespace penstock::storage
