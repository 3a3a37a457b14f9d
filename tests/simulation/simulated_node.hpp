#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/actors/deterministic_engine.hpp"
#include "tests/simulation/outside_world.hpp"
#include "tests/simulation/planted_fault.hpp"

namespace penstock::simulation {

/// What a seed led to.
struct simulation_report {
  std::vector<std::string> violations; ///< none: all held
  std::uint64_t digest = 0;            ///< of the whole history
  int operations = 0, deaths = 0, storage_faults = 0;
  std::size_t jobs = 0;
  std::vector<std::string> history; ///< a line for each operation
};

/// A whole engine on one thread under a manual clock, whose every message, delay, fault and death is drawn from one
/// seed. After each operation the observer looks.
class simulated_node : private outside_world, private actors::testing::deterministic_engine {
public:
  simulated_node(std::uint64_t seed, planted_fault fault);

  /// Ends early at the first violation. Once only.
  [[nodiscard]] simulation_report run(int operations);

private:
  class bus_listener;

  void TestBody() override {}

  // What the engine is made of.
  std::vector<connectors::connector> enabled_connectors() override;
  actors::engine_config config() const override;
  net::http_client& http() override { return feed; }
  std::unique_ptr<storage::database> dressed(std::unique_ptr<storage::database> plain) override;
  std::optional<error> before(std::string_view call) override;

  // Operations (operations.cpp).
  void operate();
  void enqueue_some();
  void cancel_one();
  void retry_one();
  void pause_or_resume();
  void sync_one();
  void reset_one();
  void pass_time();
  void step_clock();
  void trouble_storage();
  void die();
  void come_to_rest();
  [[nodiscard]] bool left_to_do();

  // Means.
  void prepare();
  void begin_life();
  void end_life();
  void submit(unit_of_work unit, std::function<void(result<unit_result>)> done);
  void deliver(std::uint64_t most);
  /// Until nothing is left to do; a complaint when that never comes.
  void deliver_all();
  void note(std::string line);
  [[nodiscard]] std::uint64_t draw(std::uint64_t bound) { return uniform(dice, bound); }
  [[nodiscard]] bool one_in(std::uint64_t n) { return draw(n) == 0; }
  [[nodiscard]] std::string any_queue();
  [[nodiscard]] job_request any_job();

  planted_fault planted_;
  simulation_report report_;
  std::vector<integration_id> integrations_;
  std::shared_ptr<bus_listener> listener_;
  std::map<std::string, bool> pause_wanted_;
  std::uint64_t storage_trouble_one_in_ = 0;
  error_code storage_trouble_ = error_code::storage_busy;
  bool looking_ = false;       ///< the observer reads: nothing fails
  timestamp latest_ = no_time; ///< the latest time that the wall clock has shown
};

} // namespace penstock::simulation
