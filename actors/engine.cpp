#include "actors/engine.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "actors/engine_kinds.hpp"
#include "actors/event_bus.hpp"
#include "actors/fetcher.hpp"
#include "actors/integration_directory.hpp"
#include "actors/log_keeper.hpp"
#include "actors/processor.hpp"
#include "actors/queue.hpp"
#include "actors/scheduler.hpp"
#include "actors/store_reader.hpp"
#include "actors/store_writer.hpp"
#include "actors/supervisor.hpp"
#include "core/rfc3339.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {

namespace {

/// Where nodes share a database they tell each other; this finds what was not told.
constexpr duration look_pause = std::chrono::seconds(30);
constexpr std::int64_t most_paused_queues = 100'000;

std::function<void(const std::vector<std::string>&)> tells_neighbours(storage::database& database) {
  if (!database.shared())
    return {};
  return [&database](const std::vector<std::string>& queues) { database.tell_neighbours(queues); };
}

void read_paused_queues(const store_reader_actor& reader, const std::shared_ptr<engine_handles>& later) {
  caf::anon_send(reader, read_task{[later](storage::read_session& session) {
                   const auto paused =
                     session.rows().select("SELECT name FROM queues WHERE paused <> 0", {}, most_paused_queues);
                   const auto maintenance = session.jobs().maintenance();
                   if (!paused || !maintenance)
                     return; // the next look finds it
                   paused_queues told;
                   told.maintained = maintenance->on;
                   for (const auto& row : paused->rows)
                     told.names.push_back(std::get<std::string>(row.front()));
                   caf::anon_send(later->supervisor, std::move(told));
                 }});
}

caf::error await_end(const caf::actor& one) {
  std::promise<caf::error> ended;
  one->attach_functor([&ended](const caf::error& reason) { ended.set_value(reason); });
  return ended.get_future().get();
}

} // namespace

engine::engine(caf::actor_system& system, engine_parts parts, engine_config config)
    : system_(system), parts_(std::move(parts)), config_(std::move(config)) {
  if (!config_.fatal)
    config_.fatal = [](const std::string& reason) { spdlog::critical("{}", reason); };
}

result<std::unique_ptr<engine>> engine::start(caf::actor_system& system, engine_parts parts, engine_config config) {
  std::unique_ptr<engine> made(new engine(system, std::move(parts), std::move(config)));
  if (auto ready = made->prepare(); !ready) {
    made->stopped_ = true;
    return failure(std::move(ready.error()));
  }
  made->spawn_all();
  return made;
}

result<void> engine::prepare() {
  auto writer = parts_.database->open_writer();
  if (!writer)
    return failure(std::move(writer.error()));
  writer_ = std::move(*writer);
  const int readers = config_.detached ? std::max(config_.readers, 1) : 1;
  for (int i = 0; i < readers; ++i) {
    auto reader = parts_.database->open_reader();
    if (!reader)
      return failure(std::move(reader.error()));
    readers_.push_back(std::move(*reader));
  }
  auto recovered = writer_->recover();
  if (!recovered)
    return failure(std::move(recovered.error()));
  recovery_ = std::move(*recovered);

  auto queues = readers_.front()->jobs().queues(parts_.clock->now());
  if (!queues)
    return failure(std::move(queues.error()));
  for (const auto& each : *queues)
    if (each.paused)
      paused_.insert(each.name);
  const auto maintenance = readers_.front()->jobs().maintenance();
  if (!maintenance)
    return failure(maintenance.error());
  maintained_ = maintenance->on;
  if (maintained_)
    spdlog::warn("maintenance is on since {}: no job starts and no schedule fires until somebody ends it (penstock "
                 "maintenance off)",
                 format_rfc3339(maintenance->since));

  storage::write_batch batch;
  batch.units.emplace_back().changes.push_back(put_schedule{check_updates_schedule()});
  auto written = writer_->commit({&batch, 1});
  if (written.batches.front().failed)
    return failure(std::move(*written.batches.front().failed));
  if (written.batches.front().units.front().refused)
    return failure(std::move(*written.batches.front().units.front().refused));
  return {};
}

void engine::spawn_all() {
  // From the ground up: whoever is started finds those it talks to. The store's listeners need the bus and the
  // supervisor, which need the store: they are reached through this shared place, filled before the first message.
  auto later = std::make_shared<engine_handles>();
  const store_listeners listeners{
    [later](const std::string& queue) { caf::anon_send(later->supervisor, queue_needed{queue}); },
    [later](std::vector<event> events) { caf::anon_send(later->events, publish_events{std::move(events)}); },
    tells_neighbours(*parts_.database),
    [later] { caf::anon_send(later->supervisor, look_at_queues{}); },
    [later](std::vector<storage::recovery_report::suspect> found) {
      suspects_found told;
      for (auto& each : found)
        told.suspects.push_back({each.id, std::move(each.queue)});
      caf::anon_send(later->supervisor, std::move(told));
    },
    [later](bool on) { caf::anon_send(later->supervisor, maintain_node{on}); }};
  if (config_.detached && writer_->syncs_apart())
    handles_.log_keeper = spawn_log_keeper(system_, writer_, listeners);
  handles_.store = spawn_store_writer(system_, {writer_, listeners, handles_.log_keeper}, config_.detached);
  for (const auto& reader : readers_)
    handles_.readers.push_back(spawn_store_reader(system_, reader, config_.detached));
  handles_.commits = std::make_shared<commit_port>(handles_.store);
  handles_.events = spawn_event_bus(system_, {[later](bool wanted) {
                                      if (later->supervisor)
                                        caf::anon_send(later->supervisor, live_interest{wanted});
                                    }});
  const auto& reader = handles_.readers.front();
  integration_directory_config directory;
  directory.connectors = parts_.connectors;
  directory.store = handles_.store;
  directory.reader = reader;
  directory.http = parts_.http;
  directory.clock = parts_.clock;
  directory.ids = parts_.ids;
  directory.executor = parts_.executor;
  directory.public_url = config_.public_url;
  directory.shared = parts_.database->shared();
  handles_.integrations = spawn_integration_directory(system_, std::move(directory));
  later->events = handles_.events;

  const auto make_worker = [this, reader](handler_style style) -> worker_actor {
    switch (style) {
      case handler_style::fetch:
        return spawn_fetcher(system_, {parts_.connectors, reader, handles_.integrations, parts_.http, parts_.sleeper,
                                       parts_.clock, parts_.random, parts_.executor, config_.webhooks_at});
      case handler_style::engine: return handles_.integrations;
      case handler_style::process: break;
    }
    return spawn_processor(system_, {parts_.connectors, reader, parts_.clock, config_.detached});
  };
  const auto lives = std::make_shared<std::uint32_t>(0);
  supervisor_config supervised;
  supervised.recovery = recovery_;
  for (const auto& [name, concurrency] : config_.concurrency)
    supervised.queues.push_back(name);
  supervised.paused = paused_;
  supervised.maintained = maintained_;
  supervised.start_queue = [this, reader, make_worker, lives](const std::string& name, bool paused, bool held,
                                                              suspect_listener_actor recovery) {
    queue_config queue;
    if (const auto found = config_.rules.find(name); found != config_.rules.end())
      queue.rules = found->second;
    queue.rules.name = name;
    const auto set = config_.concurrency.find(name);
    queue.rules.concurrency = set == config_.concurrency.end() ? config_.default_concurrency : set->second;
    queue.rules.window = config_.queue_window;
    queue.rules.leaves_slots_open = true;
    queue.rules.life = ++*lives;
    queue.rules.paused = paused;
    queue.rules.held = held;
    queue.store = handles_.store;
    queue.reader = reader;
    queue.bus = handles_.events;
    queue.recovery = std::move(recovery);
    queue.make_worker = make_worker;
    queue.kinds = parts_.kinds;
    queue.clock = parts_.clock;
    queue.random = parts_.random;
    return spawn_queue(system_, std::move(queue));
  };
  supervised.start_scheduler = [this, reader, later] {
    return spawn_scheduler(system_, {handles_.store, reader, parts_.clock, parts_.random,
                                     [later](job_id job, const std::string& reason, bool stored) {
                                       caf::anon_send(later->supervisor, cancel_running{job, reason, stored});
                                     }});
  };
  supervised.store = handles_.store;
  supervised.pillars = {{"the store writer", caf::actor_cast<caf::actor>(handles_.store), true},
                        {"the event bus", caf::actor_cast<caf::actor>(handles_.events)},
                        {"the integration directory", caf::actor_cast<caf::actor>(handles_.integrations)}};
  for (const auto& each : handles_.readers)
    supervised.pillars.push_back({"a store reader", caf::actor_cast<caf::actor>(each)});
  if (handles_.log_keeper)
    supervised.pillars.push_back({"the log keeper", caf::actor_cast<caf::actor>(handles_.log_keeper), true});
  if (parts_.database->shared()) {
    supervised.look_pause = look_pause;
    supervised.read_paused = [later, reader] { read_paused_queues(reader, later); };
  }
  supervised.fatal = config_.fatal;
  handles_.supervisor = spawn_supervisor(system_, std::move(supervised));
  later->supervisor = handles_.supervisor;
  if (!recovery_.news.events.empty())
    caf::anon_send(handles_.events, publish_events{recovery_.news.events});
  watch_neighbours();
}

void engine::watch_neighbours() {
  parts_.database->tell_of_neighbours(
    {[store = handles_.store](std::int64_t node) { caf::anon_send(store, take_over_node{node}); },
     [supervisor = handles_.supervisor](std::vector<std::string> queues) {
       caf::anon_send(supervisor, look_at_queues{std::move(queues)});
     }});
}

std::uint64_t engine::stop(duration patience) {
  if (std::exchange(stopped_, true))
    return 0;
  std::uint64_t handed_back = 0;
  {
    caf::scoped_actor self{system_};
    const auto limit = std::chrono::duration_cast<std::chrono::nanoseconds>(patience + std::chrono::seconds(20));
    self->request(handles_.supervisor, limit, stop_work_of_node{patience})
      .receive([&](const node_work_stopped& stopped) { handed_back = stopped.handed_back; },
               [](const caf::error&) {
                 spdlog::error("the engine did not stop in order; the next start recovers what was running");
               });
    send_exits();
    // The writer works off its mailbox before it sees the exit, so all that was sent to it is stored; so does the keeper.
    expect_in_order("the store writer", await_end(caf::actor_cast<caf::actor>(handles_.store)));
    if (handles_.log_keeper) {
      caf::anon_send_exit(handles_.log_keeper, caf::exit_reason::user_shutdown);
      expect_in_order("the log keeper", await_end(caf::actor_cast<caf::actor>(handles_.log_keeper)));
    }
    handles_.commits->give_up();
  }
  handles_ = {};
  return handed_back;
}

/// The supervisor, who else tells of their deaths, has ended before them.
void engine::expect_in_order(const char* who, const caf::error& ended) {
  if (ended != caf::exit_reason::user_shutdown)
    config_.fatal(std::string{who} + " died while the node stopped (" + system_.render(ended) +
                  "): what was to be stored last may be lost, and nobody was told that it is stored");
}

void engine::send_exits() {
  stopped_ = true;
  parts_.database->tell_of_neighbours({}); // they hold handles
  // The supervisor first: it must not take the others' ends for deaths.
  caf::anon_send_exit(handles_.supervisor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(handles_.integrations, caf::exit_reason::user_shutdown);
  handles_.commits->close();
  caf::anon_send_exit(handles_.events, caf::exit_reason::user_shutdown);
  for (const auto& reader : handles_.readers)
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(handles_.store, caf::exit_reason::user_shutdown);
}

engine::~engine() {
  if (!stopped_)
    stop(duration{0});
}

} // namespace penstock::actors
