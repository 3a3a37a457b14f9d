#include <utility>

#include "connectors/authorised_request.hpp"
#include "connectors/follow_up.hpp"
#include "connectors/monzo/kinds.hpp"
#include "connectors/monzo/page_check.hpp"
#include "connectors/monzo/paging.hpp"
#include "connectors/monzo/requests.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/transaction_args.hpp"
#include "connectors/monzo/transaction_cursor.hpp"
#include "connectors/monzo/transaction_rows.hpp"

namespace penstock::connectors::monzo {
namespace {

/// "Monzo's transactions": begins messages.
const std::string what = "Monzo's transactions";

net::asio::awaitable<result<std::optional<timestamp>>> oldest_pending(row_reader& rows, integration_id integration,
                                                                      std::string account, timestamp none_before) {
  std::vector<column_value> parameters{integration.value, std::move(account), none_before.time_since_epoch().count()};
  const auto found = co_await rows.select(std::string(oldest_pending_query()), std::move(parameters));
  if (!found)
    co_return failure(found.error());
  std::optional<timestamp> oldest;
  if (!found->rows.empty() && !found->rows.front().empty())
    if (const auto* micros = std::get_if<std::int64_t>(&found->rows.front().front()))
      oldest = timestamp{duration{*micros}};
  co_return oldest;
}

/// Where the run starts: asked once, in its first fetch job.
net::asio::awaitable<result<page_position>> begin(const monzo_settings& settings, fetch_context& context,
                                                  const transaction_cursor& committed, const pull_args& args) {
  run_start known;
  known.committed = committed;
  known.opened = args.opened;
  known.now = context.clock.now();
  known.look_back = settings.look_back;
  if (!committed.empty() && !committed.history) {
    const auto oldest =
      co_await oldest_pending(context.rows, context.job.integration, args.account, known.now - reachable_history);
    if (!oldest)
      co_return failure(oldest.error());
    known.oldest_pending = *oldest;
  }
  co_return start_of_run(known);
}

/// One page. Where Monzo refuses history, the position moves to what it still gives and `args.gap` says what is lost.
net::asio::awaitable<result<net::http_response>> ask(const monzo_settings& settings, fetch_context& context,
                                                     const transaction_cursor& committed, pull_args& args) {
  auto request = transactions_request(settings, args.account, args.position);
  auto answer = co_await send_authorised(context.http, context.tokens, std::move(request), what);
  if (!answer || !is_history_refused(*answer))
    co_return answer;
  auto instead = after_refused_history(args.position, committed.watched_until(), args.opened, context.clock.now());
  if (!instead)
    co_return answer;
  args.position = std::move(instead->position);
  if (!instead->gap.empty()) {
    context.log.warn(instead->gap);
    args.gap = std::move(instead->gap);
  }
  auto second = transactions_request(settings, args.account, args.position);
  co_return co_await send_authorised(context.http, context.tokens, std::move(second), what);
}

job_request in_stream_of(const ready_job& job, std::string kind) {
  auto next = follow_up(job, std::move(kind));
  next.priority = usual_priority;
  next.stream = job.stream;
  next.group_key = stream_group(job, job.stream);
  return next;
}

/// Two kinds do the same in different queues: history has a queue of its own, where nothing else keeps it waiting.
std::string_view kind_of(const page_position& position) {
  return position.history ? "monzo.historical_data" : "monzo.transaction_pull";
}

job_request pull_of(const ready_job& job, const pull_args& args) {
  auto next = in_stream_of(job, std::string(kind_of(args.position)));
  if (args.position.history)
    next.priority = history_priority;
  next.args = to_text(args);
  return next;
}

/// The page goes on as a process job if it has anything to say: items, the end of the first sync, a gap, or once a day
/// that the stream was read to its end.
unit_of_work hand_on(const fetch_context& context, pull_args args, const transaction_cursor& committed,
                     const page_summary& page, std::optional<page_position> next, std::string body) {
  const bool ended = !next;
  auto seen = next ? *next : args.position;
  if (!page.last_id.empty()) {
    seen.last_id = page.last_id;
    seen.last_created = page.last_created;
  }
  const auto now = context.clock.now();
  const bool end_counts = ended && (args.position.history || seen_whole_is_due(committed, now));
  unit_of_work unit;
  if (page.items > 0 || !args.gap.empty() || end_counts) {
    data_args handed;
    handed.account = args.account;
    handed.page = args.page;
    handed.cursor = to_text(cursor_after(committed, seen, ended, now));
    handed.gap = std::exchange(args.gap, {});
    auto data = in_stream_of(context.job, "monzo.transaction_data");
    data.args = to_text(handed);
    data.payload = std::move(body);
    unit.jobs.push_back(std::move(data));
    ++args.page;
  }
  if (next) {
    args.position = std::move(*next);
    unit.jobs.push_back(pull_of(context.job, args));
  }
  return unit;
}

net::asio::awaitable<result<unit_of_work>> pull_transactions(shared_settings settings, fetch_context& context) {
  auto args = parse_pull_args(context.job.kind, context.job.args);
  if (!args)
    co_return failure(args.error());
  if (!context.account || context.job.stream != stream_of(args->account))
    co_return failure(error_code::invalid_argument,
                      context.job.kind + ": the job must belong to an integration and to its account's stream");
  const auto committed = parse_cursor(context.committed.cursor);
  if (!committed)
    co_return failure(committed.error());
  if (args->position.since.empty()) {
    auto begun = co_await begin(*settings, context, *committed, *args);
    if (!begun)
      co_return failure(begun.error());
    args->position = std::move(*begun);
    if (context.job.kind != kind_of(args->position)) {
      unit_of_work handed_over;
      handed_over.jobs.push_back(pull_of(context.job, *args));
      co_return handed_over;
    }
  }
  if (context.report) {
    progress asking;
    asking.stage = args->position.history ? "history" : "transactions";
    asking.message = "page " + std::to_string(args->page) + " of " + args->account;
    context.report(std::move(asking));
  }

  auto answer = co_await ask(*settings, context, *committed, *args);
  if (!answer)
    co_return failure(answer.error());
  if (args->may_have_none && is_refused_or_unknown(*answer) && !is_history_refused(*answer)) {
    context.log.warn(what + ": account " + args->account + " has none (HTTP " + std::to_string(answer->status) + ")");
    co_return unit_of_work{};
  }
  const auto now = context.clock.now();
  if (const auto accepted = accept_answer(*answer, what, now); !accepted)
    co_return failure(accepted.error());
  const auto page = check_transaction_page(answer->body);
  if (!page)
    co_return failure(page.error());
  auto next = next_position(args->position, *page, settings->page_size, now);
  if (!next)
    co_return failure(next.error());
  co_return hand_on(context, std::move(*args), *committed, *page, std::move(*next), std::move(answer->body));
}

result<unit_of_work> store_transactions(process_context& context) {
  auto args = parse_data_args(context.job.kind, context.job.args);
  if (!args)
    return failure(args.error());
  if (!context.job.integration || context.job.stream.empty())
    return failure(error_code::invalid_argument,
                   context.job.kind + ": the job must belong to an integration and to its account's stream");
  auto page = read_transactions(context.payload, args->account);
  if (!page)
    return failure(page.error());

  unit_of_work unit;
  if (!page->rows.empty())
    unit.rows.push_back({std::string(transactions_table), context.job.integration, std::move(page->rows)});
  unit.row_errors = std::move(page->errors);
  cursor_advance moved;
  moved.integration = context.job.integration;
  moved.stream = context.job.stream;
  moved.run = context.job.run;
  moved.page = args->page;
  moved.cursor = std::move(args->cursor);
  moved.gap = std::move(args->gap);
  unit.cursors.push_back(std::move(moved));
  return unit;
}

} // namespace

job_handler transaction_pull(shared_settings settings) {
  return {job_kind::fetch("monzo.transaction_pull"),
          fetch_handler([settings](fetch_context& context) { return pull_transactions(settings, context); })};
}

job_handler historical_data(shared_settings settings) {
  return {job_kind::init("monzo.historical_data"),
          fetch_handler([settings](fetch_context& context) { return pull_transactions(settings, context); })};
}

job_handler transaction_data() {
  return {job_kind::process("monzo.transaction_data"), process_handler(store_transactions)};
}

} // namespace penstock::connectors::monzo
