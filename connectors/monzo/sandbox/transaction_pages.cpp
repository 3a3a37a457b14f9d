#include "connectors/monzo/sandbox/transaction_pages.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "connectors/monzo/sandbox/transaction_json.hpp"
#include "core/rfc3339.hpp"

namespace penstock::sandbox::monzo {

namespace {

constexpr std::uint64_t usual_limit = 30, largest_limit = 100;
constexpr duration longest_span = std::chrono::days(365);
constexpr duration unconfirmed_reach = std::chrono::days(90);
constexpr std::size_t usual_size = 1700; ///< bytes of one transaction, with some to spare

std::optional<std::uint64_t> limit_of(const net::query_parameters& query) {
  const auto text = net::find_parameter(query, "limit");
  if (!text)
    return usual_limit;
  std::uint64_t limit = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (problem != std::errc{} || end != text->data() + text->size() || limit == 0 || limit > largest_limit)
    return {};
  return limit;
}

bool expands_merchant(const net::query_parameters& query) {
  return std::any_of(query.begin(), query.end(), [](const auto& each) {
    return (each.first == "expand[]" || each.first == "expand") && each.second == "merchant";
  });
}

struct start_of_range {
  timestamp moment;
  std::uint64_t index;
  bool is_open = false; ///< no `since`: as far back as there is anything
};

std::optional<start_of_range> start_of(const account_book& account, const net::query_parameters& query) {
  const auto since = net::find_parameter(query, "since");
  if (!since || since->empty())
    return start_of_range{account.opened(), 0, true};
  if (const auto moment = parse_rfc3339(*since))
    return start_of_range{*moment, account.first_from(*moment)};
  const auto named = parse_transaction_id(*since, account.facts().seed);
  if (!named || named->account != account.facts().place || named->index >= account.size())
    return {};
  return start_of_range{account.created(named->index), named->index + 1};
}

} // namespace

tl::expected<transaction_range, page_refusal> find_range(const account_book& account,
                                                         const net::query_parameters& query, const history_rule& rule) {
  const auto refuse = [](int status, std::string_view code, std::string_view message) {
    return tl::unexpected(page_refusal{status, code, message});
  };
  const auto limit = limit_of(query);
  if (!limit)
    return refuse(400, "bad_request.bad_param.limit", "limit must be a number from 1 to 100");
  const auto start = start_of(account, query);
  if (!start)
    return refuse(400, "bad_request.bad_param.since",
                  "since must be a time or the id of a transaction of this account");
  auto end_moment = rule.now;
  auto end = account.size();
  if (const auto before = net::find_parameter(query, "before"); before && !before->empty()) {
    const auto moment = parse_rfc3339(*before);
    if (!moment)
      return refuse(400, "bad_request.bad_param.before", "before must be a time");
    end_moment = *moment;
    end = account.first_from(*moment);
  }
  if (!rule.is_whole && (start->is_open || rule.now - start->moment >= unconfirmed_reach))
    return refuse(403, "forbidden.verification_required",
                  "Verification required: transactions older than 90 days need a fresh consent");
  if (end_moment - start->moment > longest_span)
    return refuse(400, "bad_request.bad_param.time_range", "The time range must not exceed 365 days");
  transaction_range out{.first = start->index, .expand_merchant = expands_merchant(query)};
  out.count = end > start->index ? std::min(*limit, end - start->index) : 0;
  return out;
}

std::string page_json(const account_book& account, const transaction_range& range) {
  std::string out;
  out.reserve(64 + range.count * usual_size);
  out.append(R"({"transactions":[)");
  for (std::uint64_t i = 0; i < range.count; ++i) {
    if (i > 0)
      out.append(",");
    append_transaction(out, account.facts(), account.at(range.first + i), range.expand_merchant);
  }
  out.append("]}");
  return out;
}

} // namespace penstock::sandbox::monzo
