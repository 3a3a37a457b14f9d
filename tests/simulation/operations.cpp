// What a simulated node is made to do and to suffer.
#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <caf/send.hpp>

#include "core/duration_text.hpp"
#include "core/id_text.hpp"
#include "tests/simulation/simulated_node.hpp"

namespace penstock::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_jobs_told = 700; ///< each look reads them all
constexpr std::int64_t most_seconds_of_rest = 20'000;

std::chrono::milliseconds ms(std::uint64_t count) { return std::chrono::milliseconds(count); }

} // namespace

std::string simulated_node::any_queue() {
  static const std::vector<std::string> queues = {"alpha", "beta", "fetch", "process", "default"};
  return queues[draw(queues.size())];
}

job_request simulated_node::any_job() {
  job_request made;
  boost::json::object args;
  const auto failures = one_in(3) ? static_cast<std::int64_t>(draw(sim_attempts + 1)) : 0;
  switch (draw(8)) {
    case 0:
      made.kind = "sim.tree";
      args = {{"children", static_cast<std::int64_t>(draw(6))}, {"failures", static_cast<std::int64_t>(draw(2))}};
      break;
    case 1:
    case 2:
      made.kind = "sim.wait";
      args = {{"ms", static_cast<std::int64_t>(draw(25'000))}};
      break;
    case 3:
    case 4:
      made.kind = "sim.solo";
      args = {{"failures", failures}};
      break;
    default:
      made.kind = "sim.append";
      args = {{"failures", failures}};
      break;
  }
  made.args = boost::json::serialize(args);
  if (one_in(5))
    made.run_at = clock.now() + ms(draw(60'000));
  if (one_in(3))
    made.priority = static_cast<std::uint8_t>(draw(10));
  if (one_in(6))
    made.unique_key = "key-" + std::to_string(draw(4));
  if (one_in(3) && made.kind != "sim.tree") {
    made.group_key = "tenant-" + std::to_string(draw(3)); // takes turns
    if (one_in(2))
      made.group_key += "/credential/stream-" + std::to_string(draw(2)); // one at a time
  }
  return made;
}

void simulated_node::operate() {
  const auto dice = draw(100);
  if (dice < 30)
    enqueue_some();
  else if (dice < 60)
    pass_time();
  else if (dice < 66)
    cancel_one();
  else if (dice < 70)
    retry_one();
  else if (dice < 75)
    pause_or_resume();
  else if (dice < 81)
    sync_one();
  else if (dice < 82)
    reset_one();
  else if (dice < 88) {
    for (auto changes = draw(8) + 1; changes > 0; --changes)
      feed.change_something();
    note("feed: " + std::to_string(feed.last()) + " changes");
  } else if (dice < 91) {
    const auto one_request_in = one_in(2) ? 0 : draw(6) + 2;
    feed.misbehave(one_request_in);
    note("feed: trouble for one request in " + std::to_string(one_request_in));
  } else if (dice < 94)
    trouble_storage();
  else if (dice < 96)
    step_clock();
  else
    die();
}

void simulated_node::enqueue_some() {
  if (known.told.size() > most_jobs_told)
    return;
  unit_of_work unit;
  std::vector<told_job> expected;
  for (auto count = one_in(20) ? draw(60) + 1 : draw(3) + 1; count > 0; --count) {
    auto job = any_job();
    const auto args = boost::json::parse(job.args).as_object();
    const auto value = [&](const char* key) { return args.contains(key) ? args.at(key).as_int64() : 0; };
    expected.push_back({.kind = job.kind,
                        .failures = job.kind == "sim.tree" ? 0 : value("failures"),
                        .children = value("children"),
                        .unique_key = job.unique_key});
    unit.jobs.push_back(std::move(job));
  }
  note("enqueue " + std::to_string(unit.jobs.size()));
  submit(std::move(unit), [this, expected = std::move(expected)](result<unit_result> answer) {
    if (!answer)
      return;
    for (std::size_t i = 0; i < answer->jobs.size(); ++i)
      if (!answer->jobs[i].deduplicated)
        known.told.emplace(answer->jobs[i].id.value, expected[i]);
  });
}

void simulated_node::cancel_one() {
  if (known.told.empty())
    return;
  const auto chosen = std::next(known.told.begin(), static_cast<std::ptrdiff_t>(draw(known.told.size())));
  const job_id id{chosen->first};
  note("cancel " + to_string(id));
  // As the API does it: a running one is asked to stop, any other is cancelled in the store.
  caf::anon_send(aut->handles().supervisor, actors::cancel_running{id, "the simulation said so"});
  unit_of_work unit;
  unit.changes.push_back(cancel_job{id, "the simulation said so"});
  submit(std::move(unit), [this, id](result<unit_result> answer) {
    if (!answer)
      return;
    known.told[id.value].cancelled = true;
    if (aut)
      caf::anon_send(aut->handles().supervisor, actors::cancel_running{id, "the simulation said so", true});
  });
}

void simulated_node::retry_one() {
  const auto failed = watcher.jobs_in(job_state::failed);
  if (failed.empty())
    return;
  const job_id id{failed[draw(failed.size())]};
  note("retry " + to_string(id));
  if (const auto told = known.told.find(id.value); told != known.told.end())
    told->second.may_retry = true;
  else
    known.told[id.value] = {.kind = "", .failures = sim_attempts, .may_retry = true};
  unit_of_work unit;
  unit.changes.push_back(retry_job{id});
  submit(std::move(unit), [](result<unit_result>) {});
}

void simulated_node::pause_or_resume() {
  const auto queue = any_queue();
  auto& paused = pause_wanted_[queue];
  paused = !paused;
  note((paused ? "pause " : "resume ") + queue);
  known.paused[queue] = false;
  // As the API does it: the word is stored first, then the queue hears of it.
  auto stored = std::make_shared<bool>(false);
  unit_of_work unit;
  unit.changes.push_back(pause_queue{queue, paused});
  submit(std::move(unit), [stored](result<unit_result> answer) { *stored = answer.has_value(); });
  deliver_all();
  if (!*stored) {
    paused = !paused; // it was refused, and the person knows
    // It may be stored all the same where nobody could tell: then it is said again, until it is answered.
    return;
  }
  caf::anon_send(aut->handles().supervisor, actors::command_named_queue{queue, paused ? actors::queue_command::pause
                                                                                      : actors::queue_command::resume});
  deliver_all();
  known.paused[queue] = paused;
}

void simulated_node::sync_one() {
  const auto id = integrations_[draw(integrations_.size())];
  const bool force = one_in(2);
  note("fetch " + to_string(id) + (force ? " by force" : ""));
  caf::anon_send(aut->handles().integrations,
                 actors::fetch_integration{
                   .integration = id, .force = force, .triggered_by = "simulation", .answer = [](result<enqueued>) {}});
}

void simulated_node::reset_one() {
  const auto id = integrations_[draw(integrations_.size())];
  note("reset " + to_string(id));
  unit_of_work unit;
  unit.changes.push_back(reset_cursor{id, std::string(feed_stream), ""});
  submit(std::move(unit), [](result<unit_result>) {});
}

void simulated_node::pass_time() {
  const auto slices = draw(12) + 1;
  note("time passes: " + std::to_string(slices) + " slices");
  for (auto left = slices; left > 0; --left) {
    pass(ms(draw(1000) + 1));
    if (one_in(3))
      deliver(draw(30));
    else
      deliver_all();
  }
}

void simulated_node::step_clock() {
  const auto step = one_in(2) ? -ms(draw(600'000)) : ms(draw(1'200'000));
  note("the wall clock steps by " + std::to_string(step.count()) + " ms");
  clock.advance(step);
}

void simulated_node::trouble_storage() {
  static constexpr error_code codes[] = {error_code::storage_busy, error_code::storage_full,
                                         error_code::storage_failed};
  storage_trouble_one_in_ = one_in(2) ? 0 : 10 + draw(200);
  storage_trouble_ = codes[draw(std::size(codes))];
  note("storage: " + std::string(to_string(storage_trouble_)) + " for one call in " +
       std::to_string(storage_trouble_one_in_));
}

void simulated_node::die() {
  note("the process dies");
  ++report_.deaths;
  const auto ran = known.open_runs; // coroutines that await something: claimed, and not at their end
  end_life();
  clock.advance(ms(draw(120'000)));
  begin_life();
  const auto& recovery = aut->recovery();
  for (const auto& [number, run] : ran) {
    looking_ = true;
    const auto job = db().jobs().find(run.job);
    looking_ = false;
    if (!job || is_ended(job->state) || job->job.attempts != run.attempts)
      continue;
    const auto is_it = [&](const auto& each) { return each.id == run.job; };
    if (std::none_of(recovery.suspects.begin(), recovery.suspects.end(), is_it) && run.queue != "default")
      watcher.complain("job " + to_string(run.job) + " ran when the process died and is no suspect");
  }
}

void simulated_node::come_to_rest() {
  note("nothing disturbs any more");
  storage_trouble_one_in_ = 0;
  feed.misbehave(0);
  clock.set(std::max(latest_, clock.now()));
  for (const auto& [queue, paused] : std::map<std::string, bool>(pause_wanted_)) {
    unit_of_work unit;
    unit.changes.push_back(pause_queue{queue, false});
    submit(std::move(unit), [](result<unit_result>) {});
    deliver_all();
    caf::anon_send(aut->handles().supervisor, actors::command_named_queue{queue, actors::queue_command::resume});
    known.paused[queue] = false;
  }
  for (const auto* name : {"often", "minutely", "check-integration-updates"}) {
    unit_of_work unit;
    unit.changes.push_back(enable_schedule{name, false});
    submit(std::move(unit), [](result<unit_result>) {});
  }
  deliver_all();
  for (std::int64_t seconds = 0; seconds < most_seconds_of_rest && (seconds < 60 || left_to_do()); ++seconds) {
    pass(1s);
    deliver_all();
  }
  // Each integration syncs once more, for the changes that the feed has had since.
  for (const auto id : integrations_)
    caf::anon_send(aut->handles().integrations,
                   actors::fetch_integration{
                     .integration = id, .force = true, .triggered_by = "rest", .answer = [](result<enqueued>) {}});
  for (std::int64_t seconds = 0; seconds < most_seconds_of_rest && (seconds < 5 || left_to_do()); ++seconds) {
    pass(1s);
    deliver_all();
  }
}

bool simulated_node::left_to_do() {
  looking_ = true;
  const auto found =
    db().rows().select("SELECT id FROM v_jobs WHERE state IN ('waiting', 'active', 'awaiting_children') UNION ALL "
                       "SELECT id FROM v_runs WHERE state = 'running' LIMIT 1",
                       {}, 1);
  looking_ = false;
  return !found || !found->rows.empty();
}

} // namespace penstock::simulation
