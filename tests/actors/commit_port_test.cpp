#include "actors/commit_port.hpp"

#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include "actors/answer_burst.hpp"
#include "actors/caf_settings.hpp"

namespace penstock::actors {
namespace {

constexpr std::size_t portion_bytes = 200'000, large = commit_request::small_bytes + 1;

/// In the place of the store writer: only notes that there is something to take.
class commit_ports : public ::testing::Test {
protected:
  commit_ports() {
    writer = system.spawn([this](store_writer_actor::pointer) -> store_writer_actor::behavior_type {
      return {[](commit_request&) {}, [this](units_submitted& word) { told.push_back(std::move(word.from)); },
              [](attach_queue&) {}, [](const take_over_node&) {}, [](const writes_query&) { return writes_state{}; }};
    });
    port = std::make_unique<commit_port>(writer, 4);
    deliver();
  }
  ~commit_ports() override {
    port->give_up();
    caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
    deliver();
  }
  void deliver() { dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()).run(); }

  /// A unit that is told from others by its job's kind.
  static unit_of_work unit(const std::string& name, std::size_t bytes = 0) {
    unit_of_work made;
    auto& job = made.jobs.emplace_back();
    job.kind = name;
    job.args = std::string(bytes, ' ');
    return made;
  }
  void submit(const std::string& name, std::size_t bytes = 0) {
    port->submit(unit(name, bytes), [this, name](const result<unit_result>& outcome) {
      const bool made_one = outcome && !outcome->jobs.empty();
      answers.push_back(name + (outcome ? "" : ": " + std::string(to_string(outcome.error().code))) +
                        (made_one ? " as " + std::to_string(outcome->jobs.front().id.value) : ""));
    });
  }
  static std::vector<std::string> names_of(const commit_request& request) {
    std::vector<std::string> names;
    for (const auto& each : request.units)
      names.push_back(each.jobs.front().kind);
    return names;
  }
  static commit_answer stored(std::size_t units) {
    commit_answer answer;
    answer.units.resize(units);
    return answer;
  }

  struct settings : caf::actor_system_config {
    settings() {
      apply_engine_settings(*this);
      set("scheduler.policy", caf::atom("testing"));
    }
  };
  settings config;
  caf::actor_system system{config};
  store_writer_actor writer;
  std::unique_ptr<commit_port> port;
  std::vector<std::shared_ptr<submitted_units>> told;
  std::vector<std::string> answers;
  using names = std::vector<std::string>;
};

TEST_F(commit_ports, TheWriterIsToldOnceOfAllThatComeBeforeItTakesThem) {
  submit("a");
  submit("b");
  deliver();
  submit("c");
  deliver();
  ASSERT_EQ(told.size(), 1u);
  auto taken = told[0]->take(portion_bytes);
  EXPECT_EQ(names_of(taken.small), (names{"a", "b", "c"}));
  EXPECT_TRUE(taken.is_all);
  submit("d");
  deliver();
  EXPECT_EQ(told.size(), 2u);
  EXPECT_EQ(names_of(told[1]->take(portion_bytes).small), names{"d"});
}

TEST_F(commit_ports, EachIsToldItsOwnOutcome) {
  submit("stored");
  submit("refused");
  deliver();
  auto taken = told.at(0)->take(portion_bytes);
  auto answer = stored(2);
  answer.units[0].jobs.push_back({job_id{7}});
  answer.units[1].refused = error{error_code::conflict, "somebody else was first"};
  taken.small.answer(std::move(answer));
  EXPECT_EQ(answers, (names{"stored as 7", "refused: conflict"}));
}

TEST_F(commit_ports, WhatTheDatabaseDidNotTakeIsToldToAllOfThem) {
  submit("a");
  submit("b");
  deliver();
  auto taken = told.at(0)->take(portion_bytes);
  commit_answer answer;
  answer.failed = error{error_code::storage_busy, "busy"};
  taken.small.answer(std::move(answer));
  EXPECT_EQ(answers, (names{"a: storage_busy", "b: storage_busy"}));
}

TEST_F(commit_ports, ALargeUnitIsARequestOfItsOwn) {
  submit("small");
  submit("large", large);
  submit("another");
  deliver();
  auto taken = told.at(0)->take(portion_bytes);
  EXPECT_EQ(names_of(taken.small), (names{"small", "another"}));
  ASSERT_EQ(taken.large.size(), 1u);
  EXPECT_EQ(names_of(taken.large[0]), names{"large"});
  taken.large[0].answer(stored(1));
  taken.small.answer(stored(2));
  EXPECT_EQ(answers, (names{"large", "small", "another"}));
}

TEST_F(commit_ports, LargeUnitsComeByPortionsAndSmallOnesNeverWaitForThem) {
  submit("a", portion_bytes);
  submit("b", portion_bytes);
  submit("small");
  deliver();
  auto first = told.at(0)->take(portion_bytes);
  ASSERT_EQ(first.large.size(), 1u);
  EXPECT_EQ(names_of(first.large[0]), names{"a"});
  EXPECT_EQ(names_of(first.small), names{"small"});
  EXPECT_FALSE(first.is_all);
  submit("another");
  deliver();
  EXPECT_EQ(told.size(), 1u) << "the writer knows that it is to take more";
  auto second = told[0]->take(portion_bytes);
  ASSERT_EQ(second.large.size(), 1u);
  EXPECT_EQ(names_of(second.large[0]), names{"b"});
  EXPECT_EQ(names_of(second.small), names{"another"});
  EXPECT_TRUE(second.is_all);
}

TEST_F(commit_ports, TheWriterHearsOfWhatAnswersLeadToWhenAllAreTold) {
  submit("first");
  port->submit(unit("second"), [this](const result<unit_result>&) {
    submit("next of the second");
    deliver();
    EXPECT_EQ(told.size(), 1u) << "more answers may lead to more";
  });
  port->submit(unit("third"), [this](const result<unit_result>&) { submit("next of the third"); });
  deliver();
  {
    answer_burst outer;
    answer_burst together;
    told.at(0)->take(portion_bytes).small.answer(stored(3));
  }
  deliver();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(names_of(told[1]->take(portion_bytes).small), (names{"next of the second", "next of the third"}));
}

TEST_F(commit_ports, MoreThanItsCapacityIsRefusedUntilOthersAreAnswered) {
  for (const auto* name : {"a", "b", "c", "d", "e"})
    submit(name);
  EXPECT_EQ(answers, names{"e: unavailable"});
  deliver();
  auto taken = told.at(0)->take(portion_bytes);
  submit("f");
  EXPECT_EQ(answers.back(), "f: unavailable") << "what is being stored counts";
  answers.clear();
  taken.small.answer(stored(4));
  for (const auto* name : {"g", "h", "i", "j", "k"})
    submit(name);
  EXPECT_EQ(answers, (names{"a", "b", "c", "d", "k: unavailable"}));
}

TEST_F(commit_ports, MoreThanItsBytesIsRefusedUntilTheWriterTakesSome) {
  constexpr std::size_t kilobyte = 1'000;
  port = std::make_unique<commit_port>(writer, 100, 3 * large);
  submit("very large", 4 * large);
  EXPECT_EQ(answers, names{}) << "alone it may wait";
  submit("large", large);
  EXPECT_EQ(answers, names{"large: unavailable"});
  for (int i = 0; i < 4; ++i)
    submit("small", large - 2 * kilobyte);
  EXPECT_EQ(answers, (names{"large: unavailable", "small: unavailable"})) << "they wait apart, the fourth is too much";
  deliver();
  ASSERT_EQ(told.size(), 1u);
  (void)told[0]->take(portion_bytes); // who asked is told that nothing comes of it
  answers.clear();
  submit("large", large);
  submit("small", large - 2 * kilobyte);
  EXPECT_EQ(answers, names{}) << "there is room again";
}

TEST_F(commit_ports, AClosedIntakeRefusesJobsAndTakesOtherChanges) {
  port->set_intake(error{error_code::storage_full, "the disk is full"});
  submit("job");
  EXPECT_EQ(answers, names{"job: storage_full"});
  port->submit(unit_of_work{}, [](const result<unit_result>&) {});
  deliver();
  EXPECT_EQ(told.size(), 1u);
  port->set_intake(std::nullopt);
  submit("again");
  EXPECT_EQ(told.at(0)->take(portion_bytes).small.units.size(), 2u);
}

TEST_F(commit_ports, WhoeverWaitsWhenTheStoreEndsIsToldSo) {
  submit("taken");
  deliver();
  auto taken = told.at(0)->take(portion_bytes);
  submit("waiting");
  deliver();
  taken = {};
  EXPECT_EQ(answers, names{"taken: unavailable"});
  port->close();
  EXPECT_EQ(answers.size(), 1u) << "the writer may still take it";
  port->give_up();
  EXPECT_EQ(answers.back(), "waiting: unavailable");
}

TEST_F(commit_ports, WhoeverWaitsInALostPortIsToldSo) {
  submit("small");
  submit("large", large);
  port = std::make_unique<commit_port>(writer, 4);
  deliver();
  told.clear();
  EXPECT_EQ(answers, (names{"small: unavailable", "large: unavailable"}));
}

TEST_F(commit_ports, ClosingTellsTheWriterOfWhatNobodyToldItYet) {
  submit("waiting");
  port->close();
  deliver();
  EXPECT_EQ(told.size(), 2u);
}

TEST_F(commit_ports, AClosedPortRefusesAndLeavesWhatCameBefore) {
  submit("before");
  port->close();
  submit("after");
  EXPECT_EQ(answers, names{"after: unavailable"});
  deliver();
  EXPECT_EQ(names_of(told.at(0)->take(portion_bytes).small), names{"before"});
}

} // namespace
} // namespace penstock::actors
