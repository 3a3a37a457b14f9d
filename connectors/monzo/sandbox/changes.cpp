#include "connectors/monzo/sandbox/changes.hpp"

#include <string>
#include <vector>

#include <boost/json/array.hpp>

namespace penstock::sandbox::monzo {

namespace json = boost::json;

namespace {

constexpr std::uint64_t most_at_once = 100'000;

struct place {
  account_book* account = nullptr;
  std::uint64_t index = 0;
};

/// How many, or which.
struct demand {
  std::uint64_t count = 0;
  std::vector<std::string> ids;
};

std::string text_of(const json::value& value) { return {value.get_string().data(), value.get_string().size()}; }

result<demand> demand_at(const json::object& wanted, std::string_view key) {
  demand out;
  const auto* found = wanted.if_contains({key.data(), key.size()});
  if (!found)
    return out;
  boost::system::error_code problem;
  if (found->is_string()) {
    out.ids.push_back(text_of(*found));
  } else if (const auto* list = found->if_array()) {
    for (const auto& each : *list) {
      if (!each.is_string())
        return failure(error_code::invalid_argument, std::string(key) + ": a list holds ids");
      out.ids.push_back(text_of(each));
    }
  } else if (out.count = found->to_number<std::uint64_t>(problem); problem || out.count > most_at_once) {
    return failure(error_code::invalid_argument, std::string(key) + ": give a number up to " +
                                                   std::to_string(most_at_once) + ", an id or a list of ids");
  }
  return out;
}

/// One request's work on a user's accounts.
class changer {
public:
  changer(user_book& book, account_book* only, timestamp now) : book_(book), only_(only), now_(now) {}

  result<json::array> add(std::uint64_t count, bool as_pending) {
    json::array ids;
    auto* account = only_;
    for (auto& each : book_.accounts())
      if (!account && !each.facts().is_closed)
        account = &each;
    if (!account && count > 0)
      return failure(error_code::not_found, "there is no open account to add to");
    for (; count > 0; --count, ++book_.counts.added)
      ids.emplace_back(id_of({account, account->add(now_, as_pending)}));
    return ids;
  }

  result<json::array> settle(const demand& wanted) {
    return each_of(
      wanted, "pending", [this] { return oldest_pending(); },
      [this](const place& at) { return at.account->settle(at.index, now_) && ++book_.counts.settled; });
  }

  result<json::array> amend(const demand& wanted) {
    std::uint64_t skip = 0;
    return each_of(
      wanted, "young enough to be amended", [&] { return newest_amendable(skip++); },
      [this](const place& at) { return at.account->amend(at.index, now_) && ++book_.counts.amended; });
  }

private:
  [[nodiscard]] static std::string id_of(const place& at) {
    const auto& facts = at.account->facts();
    return transaction_id({facts.place, at.index}, facts.seed);
  }

  [[nodiscard]] bool is_meant(const account_book& account) const { return !only_ || only_ == &account; }

  place oldest_pending() {
    place oldest;
    for (auto& each : book_.accounts()) {
      if (!is_meant(each) || each.pending().empty())
        continue;
      const auto index = *each.pending().begin();
      if (!oldest.account || each.created(index) < oldest.account->created(oldest.index))
        oldest = {&each, index};
    }
    return oldest;
  }

  place newest_amendable(std::uint64_t skip) {
    for (auto& each : book_.accounts())
      if (is_meant(each) && !each.facts().is_closed)
        if (const auto index = each.amendable(skip))
          return {&each, *index};
    return {};
  }

  place named(std::string_view id) {
    for (auto& each : book_.accounts()) {
      const auto found = parse_transaction_id(id, each.facts().seed);
      if (found && found->account == each.facts().place && found->index < each.size())
        return {&each, found->index};
    }
    return {};
  }

  template <class Choose, class Change>
  result<json::array> each_of(const demand& wanted, std::string_view what, Choose choose, Change change) {
    json::array ids;
    const auto total = wanted.ids.empty() ? wanted.count : wanted.ids.size();
    for (std::size_t i = 0; i < total; ++i) {
      const place at = wanted.ids.empty() ? choose() : named(wanted.ids[i]);
      if (!at.account || !change(at))
        return failure(error_code::not_found, "there is no transaction " +
                                                (wanted.ids.empty() ? "" : wanted.ids[i] + ' ') + "that is " +
                                                std::string(what));
      ids.emplace_back(id_of(at));
    }
    return ids;
  }

  user_book& book_;
  account_book* const only_;
  const timestamp now_;
};

result<account_book*> account_named(user_book& book, const json::object& wanted) {
  const auto* named = wanted.if_contains("account");
  if (!named)
    return nullptr;
  for (auto& each : book.accounts())
    if (named->is_string() && each.facts().id == text_of(*named))
      return &each;
  return failure(error_code::not_found, "that user has no such account");
}

result<void> check_keys(const json::object& wanted) {
  for (const auto& [key, value] : wanted)
    if (key != "add" && key != "settle" && key != "amend" && key != "account" && key != "user" && key != "pending")
      return failure(error_code::invalid_argument, "there is no change '" + std::string(key.data(), key.size()) +
                                                     "'; monzo knows add, settle, amend, account, user and pending");
  return {};
}

} // namespace

result<json::object> make_changes(user_book& book, const json::object& wanted, timestamp now) {
  if (const auto known = check_keys(wanted); !known)
    return failure(known.error());
  const auto only = account_named(book, wanted);
  if (!only)
    return failure(only.error());
  const auto add = demand_at(wanted, "add"), settle = demand_at(wanted, "settle"), amend = demand_at(wanted, "amend");
  for (const auto* each : {&add, &settle, &amend})
    if (!*each)
      return failure(each->error());
  if (!add->ids.empty())
    return failure(error_code::invalid_argument, "add: give a number");
  const auto* pending = wanted.if_contains("pending");
  changer work(book, *only, now);
  auto added = work.add(add->count, pending && pending->is_bool() && pending->get_bool());
  if (!added)
    return failure(added.error());
  auto settled = work.settle(*settle);
  if (!settled)
    return failure(settled.error());
  auto amended = work.amend(*amend);
  if (!amended)
    return failure(amended.error());
  return json::object{{"added", std::move(*added)}, {"settled", std::move(*settled)}, {"amended", std::move(*amended)}};
}

} // namespace penstock::sandbox::monzo
