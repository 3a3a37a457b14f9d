#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "connectors/authorised_request.hpp"
#include "connectors/follow_up.hpp"
#include "connectors/monzo/account_args.hpp"
#include "connectors/monzo/account_rows.hpp"
#include "connectors/monzo/kinds.hpp"
#include "connectors/monzo/page_check.hpp"
#include "connectors/monzo/requests.hpp"
#include "connectors/monzo/service.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/transaction_args.hpp"
#include "connectors/monzo/webhook_kinds.hpp"
#include "core/quotable.hpp"

namespace penstock::connectors::monzo {
namespace {

/// How long a first sync waits for the person to approve the access: consent is given in the browser, the token has no
/// rights before the app has asked once more.
constexpr duration approval_check = std::chrono::seconds{10};
constexpr std::int64_t most_approval_checks = 60;

constexpr std::size_t most_of_a_name = 60, most_types_named = 10;

std::string data_args_text(const integration_config& config, bool history) {
  boost::json::object args;
  if (!config.account_types.empty())
    args["account_types"] = boost::json::array(config.account_types.begin(), config.account_types.end());
  if (history)
    args["history"] = true;
  return boost::json::serialize(args);
}

/// Nothing was synced yet, or not for so long that there is history to ask for.
bool has_history_to_load(const integration& account, timestamp now) {
  const auto last = account.schedule.last_successful_update_at;
  return last == no_time || now - last >= reachable_history;
}

/// The same job a little later.
unit_of_work ask_when_approved(const fetch_context& context, std::int64_t checked) {
  auto again = follow_up(context.job, context.job.kind);
  again.stream = context.job.stream;
  again.group_key = context.job.group_key;
  again.args = boost::json::serialize(boost::json::object{{"unapproved", checked + 1}});
  again.run_at = context.clock.now() + approval_check;
  if (checked == 0)
    context.log.info("Monzo gives nothing before the access is approved in the Monzo app: waiting for that");
  unit_of_work unit;
  unit.jobs.push_back(std::move(again));
  return unit;
}

void report(const fetch_context& context, std::string stage, std::string message) {
  if (!context.report)
    return;
  progress told;
  told.stage = std::move(stage);
  told.message = std::move(message);
  context.report(std::move(told));
}

net::asio::awaitable<result<unit_of_work>> pull_accounts(shared_settings settings, fetch_context& context) {
  args_reader args(context.job.kind, context.job.args, {"unapproved"});
  const auto checked = args.integer("unapproved", 0, most_approval_checks, 0);
  if (args.problem())
    co_return failure(*args.problem());
  if (!context.account)
    co_return failure(error_code::invalid_argument, context.job.kind + ": the job must belong to an integration");
  const auto config = read_config(context.account->config);
  if (!config)
    co_return failure(error_code::bad_configuration, config.error().message);
  if (checked > 0)
    report(context, "approval", "approve the access in the Monzo app");

  const std::string what = "Monzo's accounts";
  auto answer = co_await send_authorised(context.http, context.tokens, accounts_request(*settings), what);
  if (!answer)
    co_return failure(answer.error());
  if (is_not_approved(*answer) && checked < most_approval_checks)
    co_return ask_when_approved(context, checked);
  const auto now = context.clock.now();
  if (const auto accepted = accept_answer(*answer, what, now); !accepted)
    co_return failure(accepted.error());
  const auto accounts = check_account_page(answer->body);
  if (!accounts)
    co_return failure(accounts.error());

  unit_of_work unit;
  if (*accounts > 0) {
    const bool history = has_history_to_load(*context.account, now);
    auto data = follow_up(context.job, "monzo.account_data");
    if (history)
      data.priority = history_priority;
    data.args = data_args_text(*config, history);
    data.stream = context.job.stream;
    data.payload = std::move(answer->body);
    unit.jobs.push_back(std::move(data));
  } else {
    unit.jobs.push_back(registration_for(context.job, {}, true));
  }
  co_return unit;
}

job_request first_of_stream(const ready_job& job, std::string kind, std::string stream, std::string args) {
  auto first = follow_up(job, std::move(kind));
  first.priority = usual_priority;
  first.group_key = stream_group(job, stream);
  first.stream = std::move(stream);
  first.args = std::move(args);
  return first;
}

job_request first_transactions(const ready_job& job, const synced_row& account, bool history) {
  pull_args args;
  args.account = account.source_id;
  args.may_have_none = may_have_none(account);
  if (const auto* created = std::get_if<std::int64_t>(&account.values[account_created_at]))
    args.opened = timestamp{duration{*created}};
  auto first = first_of_stream(job, history ? "monzo.historical_data" : "monzo.transaction_pull",
                               stream_of(args.account), to_text(args));
  if (history)
    first.priority = history_priority;
  return first;
}

/// Types as a provider wrote them, for people.
std::string named(const std::vector<std::string>& types) {
  std::string text;
  for (std::size_t i = 0; i < types.size() && i < most_types_named; ++i)
    text += (i == 0 ? "" : ", ") + quotable(types[i], most_of_a_name);
  return text;
}

result<unit_of_work> store_accounts(process_context& context) {
  args_reader args(context.job.kind, context.job.args, {"account_types", "history"});
  const auto types = args.texts("account_types");
  const bool history = args.boolean("history", false);
  if (args.problem())
    return failure(*args.problem());
  if (!context.job.integration)
    return failure(error_code::invalid_argument, context.job.kind + ": the job must belong to an integration");
  auto page = read_accounts(context.payload);
  if (!page)
    return failure(page.error());
  const auto others = keep_types(*page, types);
  if (page->rows.empty() && !others.empty())
    context.log.warn("no account is of a type that the integration's account_types name: nothing is synced. Monzo's are "
                     "of " +
                     named(others));

  unit_of_work unit;
  for (const auto& account : page->rows)
    unit.jobs.push_back(first_transactions(context.job, account, history));
  for (const auto& account : page->rows) {
    account_args asked;
    asked.account = account.source_id;
    asked.may_have_none = may_have_none(account);
    const auto text = to_text(asked);
    unit.jobs.push_back(first_of_stream(context.job, "monzo.balance_pull", "balance/" + asked.account, text));
    unit.jobs.push_back(first_of_stream(context.job, "monzo.pot_pull", "pots/" + asked.account, text));
  }
  // Also for none: those that had an address before lose it.
  unit.jobs.push_back(registration_for(context.job, page->rows, page->errors.empty()));
  unit.row_errors = std::move(page->errors);
  if (!page->rows.empty())
    unit.rows.push_back({std::string(accounts_table), context.job.integration, std::move(page->rows)});
  return unit;
}

} // namespace

job_handler account_pull(shared_settings settings) {
  return {job_kind::fetch("monzo.account_pull"),
          fetch_handler([settings](fetch_context& context) { return pull_accounts(settings, context); })};
}

job_handler account_data() { return {job_kind::process("monzo.account_data"), process_handler(store_accounts)}; }

} // namespace penstock::connectors::monzo
