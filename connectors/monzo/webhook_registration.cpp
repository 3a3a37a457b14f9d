#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "connectors/follow_up.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/webhook_kinds.hpp"
#include "connectors/monzo/webhook_registry.hpp"
#include "connectors/monzo/webhook_state.hpp"
#include "connectors/webhook_reach.hpp"

namespace penstock::connectors::monzo {
namespace {

using accounts = std::vector<std::string>;
using entries = std::vector<webhook_registry::entry>;

/// Who has more open accounts polls the others.
constexpr std::size_t most_accounts = 20;
const std::string switched_off = "webhooks are switched off (connectors.monzo.webhooks)";

/// Both are in order, and so is what comes back.
accounts all_of(const accounts& some, const accounts& others) {
  accounts all;
  std::set_union(some.begin(), some.end(), others.begin(), others.end(), std::back_inserter(all));
  return all;
}

/// What one look found and is to change.
struct registration_plan {
  std::vector<std::pair<std::string, entries>> found; ///< by account
  std::string url;                                    ///< that is good; empty: none is registered
};

net::asio::awaitable<result<registration_plan>> look(webhook_registry& registry, const accounts& open) {
  registration_plan plan;
  for (const auto& account : open) {
    auto listed = co_await registry.list(account);
    if (!listed)
      co_return failure(listed.error());
    if (!*listed)
      continue;
    // One secret serves all accounts: an address that is good for one is good for the others.
    for (const auto& each : **listed)
      if (each.is_current && plan.url.empty())
        plan.url = each.url;
    plan.found.emplace_back(account, std::move(**listed));
  }
  co_return plan;
}

/// How many accounts have the plan's address when this is done.
net::asio::awaitable<result<std::size_t>> register_missing(webhook_registry& registry, const registration_plan& plan) {
  std::size_t reached = 0;
  for (const auto& [account, known] : plan.found) {
    const bool there = std::any_of(known.begin(), known.end(), [](const auto& each) { return each.is_current; });
    if (!there) {
      const auto added = co_await registry.add(account, plan.url);
      if (!added)
        co_return failure(added.error());
      if (!*added)
        continue;
    }
    ++reached;
  }
  co_return reached;
}

/// All of ours but the first good one, and of accounts that are not followed any more that one too.
net::asio::awaitable<result<void>> remove_stale(webhook_registry& registry, const std::string& account,
                                                const entries& known, bool followed) {
  bool kept = !followed;
  for (const auto& each : known) {
    if (each.is_current && !std::exchange(kept, true))
      continue;
    const auto removed = co_await registry.remove(account, each.id);
    if (!removed)
      co_return failure(removed.error());
  }
  co_return result<void>{};
}

net::asio::awaitable<result<void>> leave(webhook_registry& registry, const accounts& former) {
  for (const auto& account : former) {
    const auto known = co_await registry.list(account);
    if (!known)
      co_return failure(known.error());
    if (!*known)
      continue;
    const auto removed = co_await remove_stale(registry, account, **known, false);
    if (!removed)
      co_return failure(removed.error());
  }
  co_return result<void>{};
}

/// Broken off, the look is done again before long; until then nothing is known to be left.
void keep(unit_of_work& unit, const fetch_context& context, webhook_state state, const webhook_state& last,
          bool interrupted) {
  if (interrupted) {
    state.accounts = all_of(last.accounts, state.accounts);
    state.off.clear();
    state.unfinished = true;
  }
  state.checked_at = context.clock.now();
  cursor_advance moved;
  moved.integration = context.job.integration;
  moved.stream = context.job.stream;
  moved.run = context.job.run;
  moved.page = 1;
  moved.cursor = to_text(state);
  unit.cursors.push_back(std::move(moved));
}

/// Says so once, and takes back what was registered before.
net::asio::awaitable<result<unit_of_work>> stay_off(webhook_registry& registry, fetch_context& context,
                                                    const webhook_state& last, std::string why) {
  unit_of_work unit;
  if (last.off == why || (last.unfinished && !webhook_check_is_due(last, {}, context.clock.now())))
    co_return unit;
  const auto left = co_await leave(registry, last.accounts);
  if (!left)
    co_return failure(left.error());
  if (!registry.interrupted())
    context.log.info(why + ": new transactions come with each sync");
  webhook_state state;
  state.off = std::move(why);
  keep(unit, context, std::move(state), last, registry.interrupted());
  co_return unit;
}

/// Registers first and commits the new secret with the unit. If that is never committed the address stays good for nothing:
/// the next look finds it, removes it and registers anew.
net::asio::awaitable<result<unit_of_work>> see_to_it(webhook_registry& registry, fetch_context& context,
                                                     const webhook_state& last, const accounts& open,
                                                     webhook_addresses::fresh_address fresh) {
  auto plan = co_await look(registry, open);
  if (!plan)
    co_return failure(plan.error());
  unit_of_work unit;
  webhook_state state;
  state.accounts = open;
  if (registry.interrupted()) {
    // Without the whole list a second secret might take the place of a good one.
    keep(unit, context, std::move(state), last, true);
    co_return unit;
  }
  const bool renewed = plan->url.empty();
  if (renewed)
    plan->url = std::move(fresh.url);
  const auto reached = co_await register_missing(registry, *plan);
  if (!reached)
    co_return failure(reached.error());
  for (const auto& [account, known] : plan->found) {
    const auto removed = co_await remove_stale(registry, account, known, true);
    if (!removed)
      co_return failure(removed.error());
  }
  accounts former;
  std::set_difference(last.accounts.begin(), last.accounts.end(), open.begin(), open.end(), std::back_inserter(former));
  const auto left = co_await leave(registry, former);
  if (!left)
    co_return failure(left.error());
  if (renewed && *reached > 0)
    unit.changes.emplace_back(std::move(fresh.change));
  keep(unit, context, std::move(state), last, registry.interrupted());
  co_return unit;
}

net::asio::awaitable<result<unit_of_work>> check_registration(shared_settings settings, fetch_context& context) {
  args_reader args(context.job.kind, context.job.args, {"accounts", "some_unread"});
  auto open = args.texts("accounts");
  const bool some_unread = args.boolean("some_unread", false);
  if (args.problem())
    co_return failure(*args.problem());
  if (!context.account || context.job.stream != webhook_stream)
    co_return failure(error_code::invalid_argument,
                      context.job.kind + ": the job must belong to an integration and to its stream 'webhooks'");
  unit_of_work nothing_to_do;
  if (!context.webhooks)
    co_return nothing_to_do;
  std::sort(open.begin(), open.end());
  if (open.size() > most_accounts)
    open.resize(most_accounts);

  webhook_registry registry(*settings, context);
  const auto last = parse_webhook_state(context.committed.cursor);
  if (some_unread)
    // An account that could not be read this time is no account that is gone.
    open = all_of(open, last.accounts);
  auto fresh = context.webhooks->make();
  std::string off = settings->webhooks ? "" : switched_off;
  if (off.empty() && !fresh)
    off = fresh.error().message;
  if (off.empty())
    if (const auto reach = check_webhook_reach(fresh->url, settings->base_url, "Monzo"); !reach)
      off = reach.error().message;
  if (!off.empty())
    co_return co_await stay_off(registry, context, last, off);
  if (!last.off.empty() || webhook_check_is_due(last, open, context.clock.now()))
    co_return co_await see_to_it(registry, context, last, open, std::move(*fresh));
  co_return nothing_to_do;
}

bool is_open(const synced_row& account) {
  const auto* closed = std::get_if<std::int64_t>(&account.values[account_is_closed]);
  return !closed || *closed == 0;
}

/// In order before it is cut: which ones are left out does not depend on the order of Monzo's answer.
accounts open_accounts(const std::vector<synced_row>& found) {
  accounts open;
  for (const auto& account : found)
    if (is_open(account))
      open.push_back(account.source_id);
  std::sort(open.begin(), open.end());
  open.resize(std::min(open.size(), most_accounts));
  return open;
}

} // namespace

job_handler webhook_registration(shared_settings settings) {
  return {job_kind::fetch("monzo.webhook_registration"),
          fetch_handler([settings](fetch_context& context) { return check_registration(settings, context); })};
}

job_request registration_for(const ready_job& job, const std::vector<synced_row>& found, bool all_read) {
  boost::json::array open;
  for (const auto& id : open_accounts(found))
    open.emplace_back(id);
  auto next = follow_up(job, "monzo.webhook_registration");
  next.priority = usual_priority;
  next.stream = webhook_stream;
  next.group_key = stream_group(job, webhook_stream);
  boost::json::object args{{"accounts", std::move(open)}};
  if (!all_read)
    args["some_unread"] = true;
  next.args = boost::json::serialize(args);
  return next;
}

} // namespace penstock::connectors::monzo
