#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "connectors/authorised_request.hpp"
#include "connectors/follow_up.hpp"
#include "connectors/monzo/account_rows.hpp"
#include "connectors/monzo/kinds.hpp"
#include "connectors/monzo/page_check.hpp"
#include "connectors/monzo/requests.hpp"
#include "connectors/monzo/service.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/transaction_args.hpp"

namespace penstock::connectors::monzo {
namespace {

std::string data_args_text(const integration_config& config) {
  boost::json::object args;
  if (!config.account_types.empty())
    args["account_types"] = boost::json::array(config.account_types.begin(), config.account_types.end());
  return boost::json::serialize(args);
}

net::asio::awaitable<result<unit_of_work>> pull_accounts(shared_settings settings, fetch_context& context) {
  const args_reader args(context.job.kind, context.job.args, {});
  if (args.problem())
    co_return failure(*args.problem());
  if (!context.account)
    co_return failure(error_code::invalid_argument, context.job.kind + ": the job must belong to an integration");
  const auto config = read_config(context.account->config);
  if (!config)
    co_return failure(error_code::bad_configuration, config.error().message);

  const std::string what = "Monzo's accounts";
  auto answer = co_await send_authorised(context.http, context.tokens, accounts_request(*settings), what);
  if (!answer)
    co_return failure(answer.error());
  if (const auto accepted = accept_answer(*answer, what, context.clock.now()); !accepted)
    co_return failure(accepted.error());
  const auto accounts = check_account_page(answer->body);
  if (!accounts)
    co_return failure(accounts.error());

  unit_of_work unit;
  if (*accounts > 0) {
    auto data = follow_up(context.job, "monzo.account_data");
    data.args = data_args_text(*config);
    data.stream = context.job.stream;
    data.payload = std::move(answer->body);
    unit.jobs.push_back(std::move(data));
  }
  co_return unit;
}

job_request first_pull(const ready_job& job, const synced_row& account) {
  pull_args args;
  args.account = account.source_id;
  if (const auto* created = std::get_if<std::int64_t>(&account.values[account_created_at]))
    args.opened = timestamp{duration{*created}};
  auto pull = follow_up(job, "monzo.transaction_pull");
  pull.stream = stream_of(args.account);
  pull.group_key = stream_group(job, pull.stream);
  pull.args = to_text(args);
  return pull;
}

result<unit_of_work> store_accounts(process_context& context) {
  args_reader args(context.job.kind, context.job.args, {"account_types"});
  const auto types = args.texts("account_types");
  if (args.problem())
    return failure(*args.problem());
  if (!context.job.integration)
    return failure(error_code::invalid_argument, context.job.kind + ": the job must belong to an integration");
  auto page = read_accounts(context.payload, types);
  if (!page)
    return failure(page.error());

  unit_of_work unit;
  for (const auto& account : page->rows)
    unit.jobs.push_back(first_pull(context.job, account));
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
