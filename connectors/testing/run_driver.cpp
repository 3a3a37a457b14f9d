#include "connectors/testing/run_driver.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "connectors/json_body.hpp"
#include "connectors/memory_pieces.hpp"
#include "core/id_text.hpp"
#include "core/retry_decision.hpp"
#include "net/manual_sleeper.hpp"

namespace penstock::connectors::testing {
namespace {

/// A run that has not ended after so many attempts never will.
constexpr std::size_t most_attempts = 5000;

catalogue catalogue_of(connector subject) {
  std::vector<connector> all;
  all.push_back(std::move(subject));
  auto built = catalogue::build(std::move(all));
  if (!built)
    throw std::runtime_error(built.error().message);
  return std::move(*built);
}

class table_reader : public row_reader {
public:
  explicit table_reader(const memory_tables& tables) : tables_(tables) {}
  net::asio::awaitable<result<row_set>> select(std::string sql, std::vector<column_value> parameters) override {
    co_return tables_.select(sql, parameters);
  }

private:
  const memory_tables& tables_;
};

/// Runs a coroutine to its end. Nothing in it may wait for anything outside.
result<unit_of_work> finish(net::asio::awaitable<result<unit_of_work>> work) {
  net::asio::io_context context;
  std::optional<result<unit_of_work>> outcome;
  net::asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown, result<unit_of_work> value) {
    if (thrown)
      std::rethrow_exception(thrown);
    outcome = std::move(value);
  });
  context.run();
  if (!outcome)
    throw std::runtime_error("a handler waits for something that never comes");
  return std::move(*outcome);
}

} // namespace

struct run_driver::waiting_job {
  ready_job job;
  std::string payload;
  const job_handler* handler = nullptr;
  timestamp enqueued_at{};
};

/// One run.
class run_driver::pass {
public:
  pass(run_driver& house, net::http_client& provider, job_order order)
      : house_(house), provider_(provider), order_(order), random_(1) {}

  run_report finish_all(std::vector<job_request> first) {
    run_ = run_id{++house_.last_id_};
    root_ = job_id{++house_.last_id_};
    for (auto& request : first) {
      request.integration = house_.account.id;
      request.run = run_;
      request.parent = root_;
      enqueue(std::move(request));
    }
    for (std::size_t attempts = 0; !waiting_.empty(); ++attempts) {
      if (attempts == most_attempts) {
        report_.violations.push_back("the run does not end");
        break;
      }
      attempt(next());
    }
    return std::move(report_);
  }

private:
  void enqueue(job_request request) {
    const auto* handler = house_.catalogue_.handler(request.kind);
    if (!handler) {
      report_.violations.push_back("unknown kind " + request.kind);
      return;
    }
    if (request.args.size() > max_args_bytes)
      report_.violations.push_back(request.kind + ": args are too large");
    if (request.integration != house_.account.id || request.run != run_)
      report_.violations.push_back(request.kind + ": not part of its run");
    for (const auto* text : {&request.args, &request.group_key, &request.unique_key, &request.stream, &request.payload})
      report_.texts.push_back(*text);
    waiting_job added;
    added.handler = handler;
    added.payload = std::move(request.payload);
    added.enqueued_at = house_.clock.now();
    auto& job = added.job;
    job.id = job_id{++house_.last_id_};
    job.kind = std::move(request.kind);
    job.queue = request.queue.empty() ? handler->kind.queue : std::move(request.queue);
    job.args = std::move(request.args);
    job.priority = request.priority;
    job.run_at = request.run_at;
    job.max_attempts = request.max_attempts;
    job.backoff = std::move(request.backoff);
    job.group_key = std::move(request.group_key);
    job.stream = std::move(request.stream);
    job.integration = request.integration;
    job.organisation = request.organisation;
    job.run = request.run;
    job.parent = request.parent;
    job.trace_id = std::move(request.trace_id);
    job.has_payload = !added.payload.empty();
    if (handler->in_pieces && job.has_payload)
      payloads_[job.id] = added.payload; // for its children
    waiting_.push_back(std::move(added));
  }

  /// Jobs of a group stand in order by themselves: the list is in order of ids, and a retried job keeps its place.
  waiting_job next() {
    auto chosen = waiting_.begin();
    if (order_ == job_order::fetch_first)
      for (auto at = waiting_.begin(); at != waiting_.end(); ++at)
        if (at->handler->kind.style == handler_style::fetch) {
          chosen = at;
          break;
        }
    auto taken = std::move(*chosen);
    waiting_.erase(chosen);
    return taken;
  }

  result<unit_of_work> call(waiting_job& work) {
    if (const auto* process = std::get_if<process_handler>(&work.handler->handler)) {
      auto payload = work.payload; // a handler may be run again for the same job
      make_room_for_padding(payload);
      process_context context{work.job, payload, house_.clock.now(), [this](progress told) { tell(told); }, log()};
      if (!work.handler->in_pieces)
        return (*process)(context);
      // Small ones, so that what a handler reads is cut everywhere.
      constexpr std::size_t piece_bytes = 64;
      memory_pieces pieces(work.job.has_payload ? std::exchange(payload, {}) : payloads_[work.job.parent], piece_bytes);
      context.pieces = &pieces;
      return (*process)(context);
    }
    table_reader rows(house_.tables);
    net::manual_sleeper sleeper(net::manual_sleeper::mode::skip);
    const auto cursor = house_.cursors.find(work.job.stream);
    fetch_context context{.job = work.job,
                          .account = &house_.account,
                          .committed = cursor == house_.cursors.end() ? stream_cursor{} : cursor->second,
                          .http = provider_,
                          .tokens = house_.tokens,
                          .rows = rows,
                          .sleeper = sleeper,
                          .clock = house_.clock,
                          .report = [this](progress told) { tell(told); },
                          .log = log(),
                          .webhooks = house_.webhooks};
    return finish(std::get<fetch_handler>(work.handler->handler)(context));
  }

  job_log log() {
    return job_log{[this](log_line_level, std::string line) {
      report_.log.push_back(line);
      report_.texts.push_back(std::move(line));
    }};
  }

  void tell(const progress& told) {
    report_.texts.push_back(told.stage);
    report_.texts.push_back(told.message);
  }

  void attempt(waiting_job work) {
    if (work.job.run_at > house_.clock.now())
      house_.clock.set(work.job.run_at);
    auto outcome = call(work);
    if (outcome) {
      commit(work.job, std::move(*outcome));
      ++report_.jobs_completed;
      return;
    }
    const int number = work.job.attempts + 1;
    const auto& kind = work.handler->kind;
    report_.texts.push_back(outcome.error().message);
    report_.failures.push_back({work.job.kind, number, outcome.error()});
    const auto decision = decide_retry(number, work.job.max_attempts.value_or(kind.max_attempts),
                                       house_.clock.now() - work.enqueued_at, outcome.error(),
                                       work.job.backoff.value_or(kind.backoff), random_);
    house_.clock.advance(decision.delay);
    if (decision.what == retry_decision::action::fail) {
      ++report_.jobs_failed;
      stop_stream(work.job.stream);
      return;
    }
    if (decision.what == retry_decision::action::retry)
      ++work.job.attempts;
    waiting_.push_front(std::move(work));
  }

  /// Later pages of a stream that failed will be asked for again by the next run.
  void stop_stream(const std::string& stream) {
    if (stream.empty())
      return;
    report_.jobs_dropped += std::erase_if(waiting_, [&](const auto& each) { return each.job.stream == stream; });
  }

  void commit(const ready_job& job, unit_of_work unit) {
    for (const auto& batch : unit.rows)
      report_.rows += house_.tables.upsert(batch, house_.clock.now());
    for (const auto& batch : unit.appends)
      house_.tables.append(batch);
    for (auto& wrong : unit.row_errors) {
      report_.texts.push_back(wrong.message);
      report_.row_errors.push_back(std::move(wrong));
      ++report_.rows.errors;
    }
    for (auto& moved : unit.cursors)
      move(job, std::move(moved));
    for (const auto& change : unit.changes)
      if (const auto* fresh = std::get_if<set_webhook_secret>(&change); fresh && house_.webhooks)
        house_.webhooks->committed = fresh->hash;
    for (const auto& event : unit.events)
      report_.texts.push_back(event.data);
    for (const auto& exchange : unit.exchanges)
      report_.texts.push_back(exchange.url + " " + exchange.error);
    if (unit.ends && !unit.ends->result.empty()) {
      report_.texts.push_back(unit.ends->result);
      report_.results.push_back(unit.ends->result);
    }
    for (auto& request : unit.jobs)
      enqueue(std::move(request));
  }

  void move(const ready_job& job, cursor_advance moved) {
    auto& stored = house_.cursors[moved.stream];
    const auto expected = stored.run == run_ ? stored.page + 1 : 1;
    if (moved.page != expected || moved.run != run_ || moved.integration != house_.account.id ||
        moved.stream != job.stream)
      report_.violations.push_back(moved.stream + ": page " + std::to_string(moved.page) + " after " +
                                   std::to_string(expected - 1));
    report_.texts.push_back(moved.cursor);
    report_.texts.push_back(moved.gap);
    stored.integration = moved.integration;
    stored.stream = moved.stream;
    stored.cursor = std::move(moved.cursor);
    stored.run = run_;
    stored.page = moved.page;
    if (!moved.gap.empty())
      stored.gap = std::move(moved.gap);
    stored.updated_at = house_.clock.now();
  }

  run_driver& house_;
  net::http_client& provider_;
  job_order order_;
  seeded_random random_;
  run_id run_{};
  job_id root_{};
  std::deque<waiting_job> waiting_;
  std::map<job_id, std::string> payloads_; ///< of jobs whose handlers read in pieces
  run_report report_;
};

run_driver::run_driver(connector subject, std::string service, timestamp now)
    : clock(now), tables(subject), catalogue_(catalogue_of(std::move(subject))), service_(std::move(service)) {
  account.id = integration_id{7};
  account.service = service_;
  account.name = "tested";
  account.schedule.status = integration_status::processing;
}

run_report run_driver::run(net::http_client& provider, job_order order) {
  const auto* offered = catalogue_.find_service(service_);
  if (!offered)
    throw std::runtime_error("no service " + service_);
  if (!offered->is_fetched())
    return run(provider, std::vector<job_request>{}, order); // its exam has nothing to ask of a provider
  auto first = offered->first_jobs(account);
  if (!first)
    throw std::runtime_error(first.error().message);
  return run(provider, std::move(*first), order);
}

run_report run_driver::run(net::http_client& provider, std::vector<job_request> first, job_order order) {
  auto report = pass(*this, provider, order).finish_all(std::move(first));
  if (report.jobs_failed == 0)
    account.schedule.last_successful_update_at = clock.now();
  return report;
}

} // namespace penstock::connectors::testing
