// Kinds that wait: for time, or for an answer.
#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/args_reader.hpp"
#include "connectors/authorised_request.hpp"
#include "connectors/probe/kinds.hpp"
#include "connectors/provider_refusal.hpp"
#include "core/id_text.hpp"
#include "net/url.hpp"

namespace penstock::connectors::probe {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t longest_sleep_ms = 24 * 3'600'000;

net::asio::awaitable<result<unit_of_work>> run_sleep(fetch_context& context) {
  args_reader args(context.job.kind, context.job.args, {"ms"});
  const auto ms = args.integer("ms", 0, longest_sleep_ms);
  if (args.problem())
    co_return failure(*args.problem());
  const duration whole = std::chrono::milliseconds(ms);
  for (duration slept{}; slept < whole;) {
    const auto step = std::min<duration>(whole - slept, 1s);
    co_await context.sleeper.sleep(step);
    slept += step;
    if (slept < whole && context.report) {
      progress so_far;
      so_far.stage = "sleeping";
      so_far.done = std::chrono::duration_cast<std::chrono::milliseconds>(slept).count();
      so_far.total = ms;
      context.report(std::move(so_far));
    }
  }
  co_return unit_of_work{};
}

/// The tokens of the integration that `credential` names; null: this job has no way to them.
std::shared_ptr<token_source> tokens_for(fetch_context& context, integration_id named) {
  if (context.account && context.account->id == named)
    return {std::shared_ptr<void>(), &context.tokens};
  return context.tokens_of ? context.tokens_of(named) : nullptr;
}

unit_of_work done_with(const fetch_context& context, const net::http_response& answer) {
  boost::json::object told{{"status", answer.status}, {"bytes", answer.body.size()}};
  unit_of_work unit;
  unit.ends = attempt_end{};
  unit.ends->job = context.job.id;
  unit.ends->attempts = context.job.attempts;
  unit.ends->result = boost::json::serialize(told);
  return unit;
}

net::asio::awaitable<result<unit_of_work>> run_call(fetch_context& context) {
  args_reader args(context.job.kind, context.job.args, {"url", "credential"});
  net::http_request request;
  request.url = args.text("url");
  const auto credential = args.text("credential", "");
  const auto url = net::parse_url(request.url);
  if (!url)
    args.refuse("'url' must be an absolute http or https URL");
  result<integration_id> named = integration_id{};
  if (!credential.empty()) {
    named = parse_id<integration_id>(credential);
    if (!named)
      args.refuse("'credential' must be the id of an integration");
  }
  if (args.problem())
    co_return failure(*args.problem());

  const std::string what = "GET " + url->origin();
  result<net::http_response> answer;
  if (!*named) {
    answer = co_await context.http.send(std::move(request));
  } else {
    auto tokens = tokens_for(context, *named);
    if (!tokens)
      co_return failure(error_code::not_found, context.job.kind + ": no tokens of integration " + credential +
                                                   " here: give the id of one that was authorised");
    answer = co_await send_authorised(context.http, *tokens, std::move(request), what);
  }
  if (!answer)
    co_return failure(answer.error());
  context.log.info(what + ": HTTP " + std::to_string(answer->status));
  const auto accepted = accept(*answer, what, context.clock.now());
  if (!accepted)
    co_return failure(accepted.error());
  co_return done_with(context, *answer);
}

job_kind fetch_on_default(std::string name) {
  auto kind = job_kind::fetch(std::move(name));
  kind.queue = "default";
  return kind;
}

} // namespace

job_handler sleep() { return {fetch_on_default("probe.sleep"), fetch_handler(run_sleep)}; }

job_handler call(const call_rules& rules) {
  auto kind = fetch_on_default("probe.call");
  kind.credential_arg = "credential";
  kind.budget = rules.budget;
  kind.pause_after = rules.pause_after;
  return {std::move(kind), fetch_handler(run_call)};
}

} // namespace penstock::connectors::probe
