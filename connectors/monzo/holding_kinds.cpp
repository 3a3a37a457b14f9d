// What an account holds now: its pots and its balance. Neither has pages or a cursor; each is a stream of its own, so that
// an account that has no pots keeps nothing else back.
#include <utility>

#include "connectors/authorised_request.hpp"
#include "connectors/follow_up.hpp"
#include "connectors/monzo/account_args.hpp"
#include "connectors/monzo/balance_rows.hpp"
#include "connectors/monzo/bank_day.hpp"
#include "connectors/monzo/kinds.hpp"
#include "connectors/monzo/page_check.hpp"
#include "connectors/monzo/pot_rows.hpp"
#include "connectors/monzo/requests.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/provider_refusal.hpp"

namespace penstock::connectors::monzo {
namespace {

/// Begin messages.
const std::string pots_what = "Monzo's pots", balance_what = "Monzo's balance";

result<account_args> args_of(const ready_job& job, bool dated = false) {
  auto args = parse_account_args(job.kind, job.args, dated);
  if (args && (!job.integration || job.stream.empty()))
    return failure(error_code::invalid_argument, job.kind + ": the job must belong to an integration and to a stream");
  return args;
}

/// The answer's body, or nothing where the account has no such thing. The token was just good for the list of accounts:
/// a 403 is about this account and no matter of consent.
net::asio::awaitable<result<std::optional<std::string>>> ask(fetch_context& context, net::http_request request,
                                                             std::string what, account_args args) {
  auto answer = co_await send_authorised(context.http, context.tokens, std::move(request), what);
  if (!answer)
    co_return failure(answer.error());
  if (args.may_have_none && is_refused_or_unknown(*answer)) {
    context.log.info(what + ": account " + args.account + " has none (HTTP " + std::to_string(answer->status) + ")");
    co_return std::nullopt;
  }
  if (const auto accepted = accept(*answer, what, context.clock.now()); !accepted)
    co_return failure(accepted.error());
  co_return std::move(answer->body);
}

unit_of_work hand_on(const ready_job& job, std::string kind, const account_args& args, std::string body) {
  auto data = follow_up(job, std::move(kind));
  data.stream = job.stream;
  data.group_key = job.group_key;
  data.args = to_text(args);
  data.payload = std::move(body);
  unit_of_work unit;
  unit.jobs.push_back(std::move(data));
  return unit;
}

net::asio::awaitable<result<unit_of_work>> pull_pots(shared_settings settings, fetch_context& context) {
  const auto args = args_of(context.job);
  if (!args)
    co_return failure(args.error());
  auto request = pots_request(*settings, args->account);
  auto body = co_await ask(context, std::move(request), pots_what, *args);
  if (!body)
    co_return failure(body.error());
  if (!*body)
    co_return unit_of_work{};
  const auto pots = check_pot_page(**body);
  if (!pots)
    co_return failure(pots.error());
  if (*pots == 0)
    co_return unit_of_work{};
  account_args handed;
  handed.account = args->account;
  co_return hand_on(context.job, "monzo.pot_data", handed, std::move(**body));
}

result<unit_of_work> store_pots(process_context& context) {
  const auto args = args_of(context.job);
  if (!args)
    return failure(args.error());
  auto page = read_pots(context.payload, args->account);
  if (!page)
    return failure(page.error());
  unit_of_work unit;
  if (!page->rows.empty())
    unit.rows.push_back({std::string(pots_table), context.job.integration, std::move(page->rows)});
  unit.row_errors = std::move(page->errors);
  return unit;
}

net::asio::awaitable<result<unit_of_work>> pull_balance(shared_settings settings, fetch_context& context) {
  const auto args = args_of(context.job);
  if (!args)
    co_return failure(args.error());
  auto request = balance_request(*settings, args->account);
  auto body = co_await ask(context, std::move(request), balance_what, *args);
  if (!body)
    co_return failure(body.error());
  if (!*body)
    co_return unit_of_work{};
  if (const auto checked = check_balance(**body); !checked)
    co_return failure(checked.error());
  account_args handed;
  handed.account = args->account;
  handed.read_at = context.clock.now();
  auto day = bank_day(handed.read_at);
  if (!day)
    co_return failure(day.error());
  handed.date = std::move(*day);
  co_return hand_on(context.job, "monzo.balance_data", handed, std::move(**body));
}

result<unit_of_work> store_balance(process_context& context) {
  const auto args = args_of(context.job, true);
  if (!args)
    return failure(args.error());
  auto page = read_balance(context.payload, {args->account, args->date, args->read_at});
  if (!page)
    return failure(page.error());
  unit_of_work unit;
  if (!page->rows.empty())
    unit.rows.push_back({std::string(balances_table), context.job.integration, std::move(page->rows)});
  unit.row_errors = std::move(page->errors);
  return unit;
}

} // namespace

job_handler pot_pull(shared_settings settings) {
  return {job_kind::fetch("monzo.pot_pull"),
          fetch_handler([settings](fetch_context& context) { return pull_pots(settings, context); })};
}

job_handler pot_data() { return {job_kind::process("monzo.pot_data"), process_handler(store_pots)}; }

job_handler balance_pull(shared_settings settings) {
  return {job_kind::fetch("monzo.balance_pull"),
          fetch_handler([settings](fetch_context& context) { return pull_balance(settings, context); })};
}

job_handler balance_data() { return {job_kind::process("monzo.balance_data"), process_handler(store_balance)}; }

} // namespace penstock::connectors::monzo
