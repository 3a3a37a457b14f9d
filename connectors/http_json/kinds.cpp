#include "connectors/http_json/kinds.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/follow_up.hpp"
#include "connectors/http_json/args.hpp"
#include "connectors/http_json/cursor.hpp"
#include "connectors/http_json/list_identity.hpp"
#include "connectors/http_json/page_check.hpp"
#include "connectors/http_json/paging.hpp"
#include "connectors/http_json/requests.hpp"
#include "connectors/http_json/rows.hpp"
#include "connectors/http_json/service.hpp"
#include "connectors/provider_refusal.hpp"

namespace penstock::connectors::http_json {
namespace {

job_request in_stream_of(const ready_job& job, std::string kind) {
  auto next = follow_up(job, std::move(kind));
  next.stream = job.stream;
  next.group_key = stream_group(job, job.stream);
  return next;
}

/// Behind a page: up to when nothing is missing. Items in no order say nothing before the last of them came, and then only
/// of the time before the first was asked for: what changed later may stand on a page that had been read by then. Nor does
/// an item that is dated in the future say anything of the time until then. Where items may be missing the next run asks
/// for the same again.
cursor cursor_after(const description& of, const cursor& committed, const position& at, timestamp newest, bool ended) {
  auto moved = committed;
  if (!of.is_incremental() || !(ended || of.oldest_first) || at.missed)
    return moved;
  moved.updated = std::max(committed.updated, std::min(newest, at.begun));
  return moved;
}

/// The page goes on as a process job if it has items that were not handed on before, or moves the cursor.
unit_of_work hand_on(const description& of, const fetch_context& context, pull_args args, const cursor& committed,
                     bool known, const page_summary& page, std::optional<position> next, std::string body) {
  const auto newest = std::max(args.at.newest, page.newest);
  const auto moved = cursor_after(of, committed, args.at, newest, !next);
  unit_of_work unit;
  if (page.items > (page.begins_with_sought ? 1U : 0U) || moved.updated != committed.updated) {
    data_args handed;
    handed.known = args.page > 1 || known;
    handed.page = args.page++;
    handed.skip_first = page.begins_with_sought;
    handed.cursor = to_text(moved);
    auto stored = in_stream_of(context.job, of.data_kind());
    stored.args = to_text(handed);
    stored.payload = std::move(body);
    unit.jobs.push_back(std::move(stored));
  }
  if (next) {
    args.at = std::move(*next);
    auto more = in_stream_of(context.job, context.job.kind);
    more.args = to_text(args);
    unit.jobs.push_back(std::move(more));
  }
  return unit;
}

void tell(const fetch_context& context, const description& of, const position& at) {
  if (!context.report)
    return;
  progress asking;
  asking.stage = "items";
  asking.message = "page " + std::to_string(at.pages + 1) + " of " + of.name;
  context.report(std::move(asking));
}

/// A list of one page, and that one full: perhaps the description does not say where the next one is.
void warn_of_full_page(const fetch_context& context, const description& of, const position& asked,
                       const page_summary& page) {
  if (asked.pages > 0 || page.items != static_cast<std::size_t>(of.page_size))
    return;
  const auto* leads = of.paging == paging_style::none ? ""
                      : of.more_place.empty()         ? " and next_field"
                                                      : " and more_field";
  context.log.warn(of.what() + ": " + std::to_string(page.items) + " items came, as many as page_size, and nothing " +
                   "leads on: if the list is longer, look at paging" + leads + " of connectors.http_json." + of.name);
}

net::asio::awaitable<result<unit_of_work>> pull_page(shared_description shared, fetch_context& context) {
  const auto& of = *shared;
  auto args = parse_pull_args(context.job.kind, context.job.args);
  if (!args)
    co_return failure(args.error());
  if (!context.account || context.job.stream != stream_name)
    co_return failure(error_code::invalid_argument,
                      context.job.kind + ": the job must belong to an integration and to its stream 'items'");
  const auto with = read_config(of, context.account->config);
  if (!with)
    co_return failure(error_code::bad_configuration, with.error().message);
  const auto stored = parse_cursor(context.committed.cursor, of.what());
  if (!stored)
    co_return failure(stored.error());
  const auto identity = list_identity(of, *with);
  const auto committed = valid_for(*stored, identity);
  if (!args->begun) {
    args->at = start_of_run(of, committed.updated, context.clock.now());
    args->of = identity;
  } else if (args->of != identity) {
    co_return failure(error_code::bad_configuration, of.what() +
                                                       ": another list is described since this run began: the next one "
                                                       "reads it from its beginning");
  }
  tell(context, of, args->at);

  auto request = page_request(of, args->at, *with);
  if (!request)
    co_return failure(request.error());
  const auto asked_url = request->url;
  auto answer = co_await send(of, context, std::move(*request));
  if (!answer)
    co_return failure(answer.error());
  if (const auto accepted = accept(*answer, of.what(), context.clock.now()); !accepted)
    co_return failure(accepted.error());
  const auto sought = of.offset_overlap ? args->at.behind : std::string();
  const auto page = check_page(of, *answer, sought);
  if (!page)
    co_return failure(page.error());
  if (!args->at.missed && may_miss_items(of, args->at, *page)) {
    args->at.missed = true;
    context.log.warn(of.what() +
                     ": the list moves too much while it is read, items may be missing until the next sync, which " +
                     "begins where this one did: look for an order that stays, or another paging, for " +
                     "connectors.http_json." + of.name);
  }
  auto next = next_position(of, args->at, *page, asked_url);
  if (!next)
    co_return failure(next.error());
  if (!*next)
    warn_of_full_page(context, of, args->at, *page);
  const bool known = stored->of == identity;
  co_return hand_on(of, context, std::move(*args), committed, known, *page, std::move(*next), std::move(answer->body));
}

/// The first items that are wrong in ways of their own ("item 3: …; item 7: …"), three at most.
std::string first_reasons(const std::vector<row_error>& errors) {
  std::vector<std::string_view> told;
  std::string text;
  for (const auto& each : errors) {
    const std::string_view message = each.message;
    const auto reason = message.substr(std::min(message.size(), message.find(": ")));
    if (told.size() == 3 || std::find(told.begin(), told.end(), reason) != told.end())
      continue;
    told.push_back(reason);
    text.append(text.empty() ? "" : "; ").append(message);
  }
  return text;
}

/// Some wrong items among good ones are row errors. Where all are, it is the description that is wrong, and a run that
/// completes with nothing stored would hide that. Of a list that was read before a page must be full to tell so: the few
/// items that changed since may all be wrong, and would keep all later ones away.
std::optional<error> all_refused(const description& of, const row_page& page, const data_args& args) {
  const auto count = page.errors.size();
  const bool full = count > 1 && count + (args.skip_first ? 1 : 0) >= static_cast<std::size_t>(of.page_size);
  if (!page.rows.empty() || count == 0 || (args.known && !full))
    return std::nullopt;
  const auto whole = count == 1 ? "the only item of a page was refused: "
                                : "all " + std::to_string(count) + " items of a page were refused: ";
  return error{error_code::unexpected_shape, of.what() + ": " + whole + first_reasons(page.errors) +
                                               ": compare connectors.http_json." + of.name +
                                               " with what the API sends"};
}

result<unit_of_work> store_page(const description& of, process_context& context) {
  auto args = parse_data_args(context.job.kind, context.job.args);
  if (!args)
    return failure(args.error());
  if (!context.job.integration || context.job.stream.empty())
    return failure(error_code::invalid_argument,
                   context.job.kind + ": the job must belong to an integration and to its stream 'items'");
  auto page = read_items(of, context.payload, args->skip_first);
  if (!page)
    return failure(page.error());
  if (auto refused = all_refused(of, *page, *args))
    return failure(std::move(*refused));
  unit_of_work unit;
  if (!page->rows.empty())
    unit.rows.push_back({of.table, context.job.integration, std::move(page->rows)});
  unit.row_errors = std::move(page->errors);
  cursor_advance moved;
  moved.integration = context.job.integration;
  moved.stream = context.job.stream;
  moved.run = context.job.run;
  moved.page = args->page;
  moved.cursor = std::move(args->cursor);
  unit.cursors.push_back(std::move(moved));
  return unit;
}

} // namespace

job_handler pull(const shared_description& of) {
  return {job_kind::fetch(of->pull_kind()),
          fetch_handler([of](fetch_context& context) { return pull_page(of, context); })};
}

job_handler data(const shared_description& of) {
  return {job_kind::process(of->data_kind()),
          process_handler([of](process_context& context) { return store_page(*of, context); })};
}

} // namespace penstock::connectors::http_json
