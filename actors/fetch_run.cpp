#include "actors/fetch_run.hpp"

#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <caf/send.hpp>

#include "actors/await_answer.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {
namespace {

/// Most exchanges that are kept of one attempt; a handler asks for one page, so more is a loop.
constexpr std::size_t max_exchanges = 50;

} // namespace

class fetch_run::tokens_of_another : public connectors::token_source {
public:
  tokens_of_another(fetch_run& run, integration_id integration) : run_(run), integration_(integration) {}

  net::asio::awaitable<result<std::string>> access_token() override { return run_.ask_token(integration_, {}); }
  net::asio::awaitable<result<std::string>> replace(std::string rejected) override {
    return run_.ask_token(integration_, std::move(rejected));
  }

private:
  fetch_run& run_; // lives until the handler's coroutine has ended
  const integration_id integration_;
};

result<fetch_surroundings> load_surroundings(storage::read_session& db, const ready_job& job,
                                             const connectors::catalogue& connectors) {
  fetch_surroundings found;
  if (!job.integration)
    return found;
  auto account = db.integrations().find(job.integration);
  if (!account)
    return failure(std::move(account.error()));
  found.account = std::move(*account);
  const auto* service = connectors.find_service(found.account->service);
  if (service && service->webhook) {
    found.takes_webhooks = true;
    if (job.run) {
      const auto run = db.integrations().find_run(job.run);
      if (!run)
        return failure(run.error());
      found.takes_webhooks = !run->dry;
    }
  }
  if (job.stream.empty())
    return found;
  auto cursor = db.integrations().cursor(job.integration, job.stream);
  if (!cursor)
    return failure(std::move(cursor.error()));
  if (*cursor)
    found.committed = std::move(**cursor);
  return found;
}

fetch_run::fetch_run(const fetcher_config& config, work_order order, fetch_surroundings surroundings)
    : config_(config), order_(std::move(order)), surroundings_(std::move(surroundings)),
      strand_(net::asio::make_strand(config.executor)),
      http_(*config_.http, *config_.sleeper, *config_.random, *config_.clock, this),
      log_(static_cast<std::uint16_t>(order_.jobs.front().attempts + 1)) {
  if (surroundings_.account && surroundings_.takes_webhooks)
    webhooks_.emplace(config_.webhooks_at, surroundings_.account->service, surroundings_.account->id, config_.reader);
}

void fetch_run::start() {
  // The end of the coroutine holds this, since it may be given up before its first line. One that ends without having
  // waited for anything is cleared out of the slot after its frame and this end are gone: so this goes with the strand's
  // next turn.
  auto ended = [self = shared_from_this()](const std::exception_ptr&) mutable {
    const auto strand = self->strand_;
    net::asio::post(strand, [self = std::move(self)] {});
  };
  net::asio::co_spawn(strand_, run(), net::asio::bind_cancellation_slot(cancel_.slot(), std::move(ended)));
}

void fetch_run::stop() {
  net::asio::post(strand_, [self = shared_from_this()] {
    self->stopped_ = true;
    self->cancel_.emit(net::asio::cancellation_type::terminal);
  });
}

net::asio::awaitable<void> fetch_run::run() {
  work_result outcome;
  outcome.started_at = config_.clock->now();
  auto unit = co_await call_handler();
  if (unit) {
    outcome.unit = std::move(*unit);
  } else {
    outcome.failed = std::move(unit.error());
    outcome.cancelled = stopped_;
  }
  for (auto& exchange : exchanges_)
    outcome.unit.exchanges.push_back(std::move(exchange));
  outcome.unit.logs = log_.take();
  outcome.finished_at = config_.clock->now();
  work_done done{order_.turn, {}};
  done.results.push_back(std::move(outcome));
  caf::anon_send(order_.reply_to, std::move(done));
}

net::asio::awaitable<result<unit_of_work>> fetch_run::call_handler() {
  const auto& job = order_.jobs.front();
  const auto* handler = config_.connectors->handler(job.kind);
  const auto* fetch = handler ? std::get_if<connectors::fetch_handler>(&handler->handler) : nullptr;
  if (!fetch)
    co_return failure(error_code::bad_configuration,
                      "no handler for '" + job.kind + "' on this node: is its connector enabled?");
  connectors::fetch_context context{
    job,
    surroundings_.account ? &*surroundings_.account : nullptr,
    surroundings_.committed,
    http_,
    *this,
    *this,
    *config_.sleeper,
    *config_.clock,
    [this, id = job.id](progress value) {
      caf::anon_send(order_.reply_to, progress_report{order_.turn, id, std::move(value)});
    },
    connectors::job_log{
      [this](log_line_level level, std::string line) { log_.add(level, std::move(line), config_.clock->now()); }},
    [this](integration_id other) { return std::make_shared<tokens_of_another>(*this, other); },
    webhooks_ ? &*webhooks_ : nullptr};
  try {
    co_return co_await (*fetch)(context);
  } catch (const boost::system::system_error& problem) {
    if (problem.code() == net::asio::error::operation_aborted)
      co_return failure(error_code::cancelled, "stopped");
    co_return failure(error_code::internal, std::string("the handler threw: ") + problem.what());
  } catch (const std::exception& problem) {
    co_return failure(error_code::internal, std::string("the handler threw: ") + problem.what());
  }
}

net::asio::awaitable<result<std::string>> fetch_run::access_token() {
  return ask_token(order_.jobs.front().integration, {});
}

net::asio::awaitable<result<std::string>> fetch_run::replace(std::string rejected) {
  return ask_token(order_.jobs.front().integration, std::move(rejected));
}

net::asio::awaitable<result<std::string>> fetch_run::ask_token(integration_id integration, std::string rejected) {
  const auto ask = [this, integration, rejected](auto done) {
    caf::anon_send(config_.directory, token_query{integration, rejected, std::move(done)});
  };
  co_return co_await await_answer<std::string>(ask);
}

net::asio::awaitable<result<row_set>> fetch_run::select(std::string sql, std::vector<column_value> parameters) {
  const auto ask = [this, sql, parameters](auto done) {
    caf::anon_send(config_.reader, read_task{[sql, parameters, done](storage::read_session& db) {
                     done(storage::once_durable(db, db.rows().select(sql, parameters)));
                   }});
  };
  co_return co_await await_answer<row_set>(ask);
}

void fetch_run::on_exchange(const net::http_exchange& exchange) {
  if (exchange.try_number == 1)
    ++request_number_;
  if (exchange.hold_off)
    caf::anon_send(order_.reply_to, hold_off_report{order_.turn, order_.jobs.front().id, *exchange.hold_off});
  if (exchanges_.size() >= max_exchanges)
    return;
  const auto& job = order_.jobs.front();
  http_exchange kept;
  kept.job = job.id;
  kept.attempt = static_cast<std::uint16_t>(job.attempts + 1);
  kept.request_number = request_number_;
  kept.try_number = static_cast<std::uint16_t>(exchange.try_number);
  kept.method = exchange.method;
  kept.url = exchange.url;
  kept.status = exchange.status;
  if (exchange.failure)
    kept.error = exchange.failure->message;
  kept.took = exchange.took;
  kept.request_bytes = static_cast<std::int64_t>(exchange.request_bytes);
  kept.response_bytes = static_cast<std::int64_t>(exchange.response_bytes);
  kept.at = exchange.started_at;
  kept.request_body = exchange.request_body;
  kept.response_body = exchange.response_body;
  exchanges_.push_back(std::move(kept));
}

} // namespace penstock::actors
