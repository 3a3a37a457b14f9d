#include "connectors/monzo/webhook_kinds.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "connectors/authorised_request.hpp"
#include "connectors/follow_up.hpp"
#include "connectors/monzo/requests.hpp"
#include "connectors/monzo/service.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/transaction_rows.hpp"
#include "connectors/monzo/webhook_body.hpp"
#include "connectors/monzo/webhook_requests.hpp"
#include "core/quotable.hpp"

namespace penstock::connectors::monzo {
namespace {

constexpr std::size_t most_of_a_name = 60;
/// Somebody waits for it.
constexpr std::uint8_t webhook_priority = 2;

/// The only row of a page with one transaction. unexpected_shape: what is wrong with it.
result<synced_row> only_row(std::string page, const std::string& account) {
  auto read = read_transactions(page, account);
  if (!read)
    return failure(read.error());
  if (!read->errors.empty())
    return failure(error_code::unexpected_shape, "Monzo's webhook: " + read->errors.front().message);
  if (read->rows.size() != 1)
    return failure(error_code::unexpected_shape,
                   "Monzo's webhook: it is to hold one transaction, not " + std::to_string(read->rows.size()));
  return std::move(read->rows.front());
}

result<unit_of_work> take_webhook(process_context& context) {
  const args_reader args(context.job.kind, context.job.args, {});
  if (args.problem())
    return failure(*args.problem());
  if (!context.job.integration)
    return failure(error_code::invalid_argument, context.job.kind + ": the job must belong to an integration");
  auto told = read_webhook(context.payload);
  if (!told)
    return failure(told.error());
  unit_of_work unit;
  if (told->type != transaction_created) {
    context.log.info("a webhook of the type " + quotable(told->type, most_of_a_name) + " is left alone");
    return unit;
  }
  const auto row = only_row(as_page(told->data), told->account);
  if (!row)
    return failure(row.error());
  auto next = follow_up(context.job, "monzo.webhook_transaction");
  // In no group of the integration's: nearly all ask Monzo nothing, so that its limits need not hold them.
  next.priority = webhook_priority;
  next.args =
    boost::json::serialize(boost::json::object{{"account", told->account}, {"transaction", std::move(told->data)}});
  unit.jobs.push_back(std::move(next));
  return unit;
}

/// Whether the integration's config follows the account: all are where it names no types, also one that no poll has seen yet.
net::asio::awaitable<result<bool>> is_followed(fetch_context& context, std::string account) {
  const auto config = read_config(context.account->config);
  if (!config)
    co_return failure(error_code::bad_configuration, config.error().message);
  if (config->account_types.empty())
    co_return true;
  std::string query = "SELECT type FROM monzo_accounts WHERE integration_id = :p1 AND source_id = :p2";
  std::vector<column_value> parameters{context.job.integration.value, std::move(account)};
  const auto found = co_await context.rows.select(std::move(query), std::move(parameters));
  if (!found)
    co_return failure(found.error());
  if (found->rows.empty())
    co_return false;
  const auto* type = std::get_if<std::string>(&found->rows.front().front());
  co_return !type ||
    std::find(config->account_types.begin(), config->account_types.end(), *type) != config->account_types.end();
}

/// The transaction as a poll would give it. An error says why there is none.
net::asio::awaitable<result<synced_row>> ask_for(const monzo_settings& settings, fetch_context& context, std::string id,
                                                 std::string account) {
  const std::string what = "Monzo's transaction";
  auto request = transaction_request(settings, id);
  auto answer = co_await send_authorised(context.http, context.tokens, std::move(request), what);
  if (!answer)
    co_return failure(answer.error());
  if (const auto accepted = accept_answer(*answer, what, context.clock.now()); !accepted)
    co_return failure(accepted.error());
  const auto text = read_transaction_answer(answer->body);
  if (!text)
    co_return failure(text.error());
  auto row = only_row(as_page(*text), account);
  if (row && row->source_id != id)
    co_return failure(error_code::unexpected_shape, what + ": the answer is about another one");
  co_return row;
}

net::asio::awaitable<result<unit_of_work>> store_transaction(shared_settings settings, fetch_context& context) {
  args_reader args(context.job.kind, context.job.args, {"account", "transaction"});
  const auto account = args.text("account");
  const auto text = args.text("transaction");
  if (args.problem())
    co_return failure(*args.problem());
  if (!context.account)
    co_return failure(error_code::invalid_argument, context.job.kind + ": the job must belong to an integration");
  auto row = only_row(as_page(text), account);
  if (!row)
    co_return failure(row.error());

  const auto followed = co_await is_followed(context, account);
  if (!followed)
    co_return failure(followed.error());
  unit_of_work unit;
  if (!*followed) {
    context.log.info("a webhook about account " + quotable(account, most_of_a_name) +
                     " is left alone: the integration's account_types do not follow it");
    co_return unit;
  }
  // A poll's form of the same version wins over what the webhook told, whichever comes first: unknown versions are 0.
  --row->version;
  if (!is_as_polled(text)) {
    auto whole = co_await ask_for(*settings, context, row->source_id, account);
    if (!whole && whole.error().code == error_code::cancelled)
      co_return failure(whole.error());
    if (whole)
      row = std::move(whole);
    else
      context.log.warn("the webhook told less than a poll would, and Monzo did not tell the rest now (" +
                       whole.error().message + "): the next sync brings it");
  }
  std::vector<synced_row> rows;
  rows.push_back(std::move(*row));
  unit.rows.push_back({std::string(transactions_table), context.job.integration, std::move(rows)});
  co_return unit;
}

} // namespace

job_handler webhook() { return {job_kind::webhook("monzo.webhook"), process_handler(take_webhook)}; }

job_handler webhook_transaction(shared_settings settings) {
  // In the same queue: not behind the pages of a first sync.
  auto kind = job_kind::webhook("monzo.webhook_transaction");
  kind.style = handler_style::fetch;
  return {std::move(kind),
          fetch_handler([settings](fetch_context& context) { return store_transaction(settings, context); })};
}

} // namespace penstock::connectors::monzo
