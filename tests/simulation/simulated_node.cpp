#include "tests/simulation/simulated_node.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>

#include "core/id_text.hpp"
#include "core/rfc3339.hpp"

namespace penstock::simulation {

using namespace std::chrono_literals;

/// Follows the bus through one life of the engine: positions come one after the other.
class simulated_node::bus_listener : public actors::event_subscriber {
public:
  explicit bus_listener(observer& to) : to_(to) {}

  bool offer(const std::shared_ptr<const event>& value) override {
    if (value->position == 0)
      return true;
    if (last_ != 0 && value->position != last_ + 1)
      to_.complain("after event " + std::to_string(last_) + " the bus told event " + std::to_string(value->position));
    last_ = value->position;
    return true;
  }
  void dropped(const std::string& reason) override {
    if (!engine_ends_)
      to_.complain("a listener was dropped: " + reason);
  }
  void engine_ends() { engine_ends_ = true; }
  [[nodiscard]] std::int64_t last() const { return last_; }

private:
  observer& to_;
  std::int64_t last_ = 0;
  bool engine_ends_ = false;
};

simulated_node::simulated_node(std::uint64_t seed, planted_fault fault) : outside_world(seed), planted_(fault) {
  turns = &dice;
  feed.sleep_on(sleeper);
}

std::vector<connectors::connector> simulated_node::enabled_connectors() {
  std::vector<connectors::connector> enabled;
  enabled.push_back(sim_connector(*this));
  return enabled;
}

actors::engine_config simulated_node::config() const {
  auto made = deterministic_engine::config();
  made.concurrency = {{"alpha", 3}, {"beta", 2}, {"fetch", 2}, {"process", 2}, {"default", 2}};
  made.queue_window = 40; // so small that windows overflow and are filled again
  return made;
}

std::unique_ptr<storage::database> simulated_node::dressed(std::unique_ptr<storage::database> plain) {
  return planted_ == planted_fault::none ? std::move(plain) : plant(std::move(plain), planted_, fault_dice);
}

std::optional<error> simulated_node::before(std::string_view call) {
  if (auto dead = deterministic_engine::before(call))
    return dead;
  if (looking_ || storage_trouble_one_in_ == 0 || uniform(storage_dice, storage_trouble_one_in_) != 0)
    return std::nullopt;
  ++report_.storage_faults;
  return error{storage_trouble_, "drawn before " + std::string(call)};
}

void simulated_node::prepare() {
  start();
  const auto add = [this](duration frequency) {
    unit_of_work unit;
    integration account;
    account.service = "sim";
    account.name = "account";
    account.schedule.frequency = frequency;
    unit.changes.push_back(add_integration{account});
    integrations_.push_back({commit(std::move(unit)).value().created.at(0)});
  };
  add(1min);
  add(5min);
  const auto put = [this](const std::string& name, const std::string& rule, const std::string& zone,
                          const std::string& kind) {
    schedule made;
    made.name = name;
    made.rule = rule;
    made.time_zone = zone;
    made.kind = kind;
    unit_of_work unit;
    unit.changes.push_back(put_schedule{made});
    static_cast<void>(commit(std::move(unit)).value());
    watcher.watch_schedule(name, schedule_rule::parse(rule, zone).value());
  };
  put("often", "every 7s", "UTC", "sim.append");
  put("minutely", "* * * * *", "America/New_York", "sim.wait");
  kill(); // the scheduler reads its schedules at the start
  begin_life();
}

void simulated_node::begin_life() {
  // A node that cannot start is started again, as whoever watches it does, who in the end looks after the disk.
  for (int tries = 1;; ++tries) {
    try {
      start();
      break;
    } catch (const std::exception&) {
      if (storage_trouble_one_in_ == 0)
        throw;
      kill();
      if (tries == 5)
        storage_trouble_one_in_ = 0;
    }
  }
  listener_ = std::make_shared<bus_listener>(watcher);
  caf::anon_send(aut->handles().events, actors::subscribe_events{listener_});
}

void simulated_node::end_life() {
  listener_->engine_ends();
  dying = true;
  kill();
  dying = false;
  known.open_runs.clear();
}

void simulated_node::submit(unit_of_work unit, std::function<void(result<unit_result>)> done) {
  aut->handles().commits->submit(std::move(unit), std::move(done));
}

void simulated_node::deliver(std::uint64_t most) {
  for (std::uint64_t i = 0; i < most && step(); ++i) {}
}

void simulated_node::deliver_all() {
  for (int steps = 0; steps < 200'000; ++steps)
    if (!step())
      return;
  watcher.complain("the engine does not come to rest");
}

void simulated_node::note(std::string line) {
  report_.history.push_back(format_rfc3339(clock.now()) + " " + std::move(line));
}

simulation_report simulated_node::run(int operations) {
  prepare();
  for (; report_.operations < operations && watcher.violations().empty(); ++report_.operations) {
    operate();
    // Half of the operations fall into the midst of what the ones before have caused.
    if (one_in(2))
      deliver_all();
    else
      deliver(draw(40));
    latest_ = std::max(latest_, clock.now());
    looking_ = true;
    watcher.look(db());
    looking_ = false;
  }
  if (watcher.violations().empty()) {
    come_to_rest();
    looking_ = true;
    watcher.look_at_rest(db());
    if (const auto stored = db().events().last_position(); !stored || *stored != listener_->last())
      watcher.complain("the bus told events up to " + std::to_string(listener_->last()) + ", stored are " +
                       std::to_string(stored.value_or(-1)));
  }
  report_.violations = watcher.violations();
  report_.digest = watcher.digest();
  report_.jobs = known.told.size();
  looking_ = false;
  end_life();
  TearDown();
  return std::move(report_);
}

} // namespace penstock::simulation
