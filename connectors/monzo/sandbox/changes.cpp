#include "connectors/monzo/sandbox/changes.hpp"

#include <algorithm>
#include <array>
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
    auto* account = only_ ? only_ : open_account();
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

  /// Money goes into the first open pot.
  result<json::array> deposit(std::uint64_t count) {
    json::array ids;
    for (; count > 0; --count, ++book_.counts.added) {
      const auto to = open_pot();
      if (!to.account)
        return failure(error_code::not_found, "there is no open pot");
      constexpr std::int64_t amount = 1'000;
      ids.emplace_back(id_of({to.account, to.account->move_to_pot(to.number, amount, now_)}));
    }
    return ids;
  }

  result<json::array> open_pots(std::uint64_t count) {
    json::array ids;
    auto* account = open_account();
    if (!account && count > 0)
      return failure(error_code::not_found, "there is no open account");
    for (; count > 0; --count, ++book_.counts.pots_opened)
      ids.emplace_back(account->pots().all()[account->open_pot(now_)].id);
    return ids;
  }

  result<json::array> delete_pots(const demand& wanted) {
    json::array ids;
    const auto total = wanted.ids.empty() ? wanted.count : wanted.ids.size();
    for (std::size_t i = 0; i < total; ++i, ++book_.counts.pots_deleted) {
      const auto gone = wanted.ids.empty() ? open_pot() : pot_named(wanted.ids[i]);
      if (!gone.account || !gone.account->delete_pot(gone.number, now_))
        return failure(error_code::not_found, "there is no open pot beside which another stays open");
      ids.emplace_back(gone.account->pots().all()[gone.number].id);
    }
    return ids;
  }

private:
  struct pot_place {
    account_book* account = nullptr;
    std::uint32_t number = 0;
  };

  [[nodiscard]] account_book* open_account() {
    for (auto& each : book_.accounts())
      if (is_meant(each) && !each.facts().is_closed)
        return &each;
    return nullptr;
  }

  [[nodiscard]] pot_place open_pot() {
    auto* account = open_account();
    const auto& pots = account ? account->pots().all() : no_pots();
    for (std::uint32_t number = 0; number < pots.size(); ++number)
      if (!pots[number].is_deleted)
        return {account, number};
    return {};
  }

  [[nodiscard]] pot_place pot_named(std::string_view id) {
    for (auto& each : book_.accounts())
      if (const auto number = each.pots().find(id))
        return {&each, *number};
    return {};
  }

  [[nodiscard]] static const std::vector<pot_book::pot>& no_pots() {
    static const std::vector<pot_book::pot> none;
    return none;
  }

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
  constexpr std::array<std::string_view, 9> known{"add",        "settle",  "amend", "deposit", "open_pot",
                                                  "delete_pot", "account", "user",  "pending"};
  for (const auto& [key, value] : wanted)
    if (std::find(known.begin(), known.end(), std::string_view(key.data(), key.size())) == known.end())
      return failure(error_code::invalid_argument,
                     "there is no change '" + std::string(key.data(), key.size()) +
                       "'; monzo knows add, settle, amend, deposit, open_pot, delete_pot, account, user, pending and webhook");
  return {};
}

/// Adds what was done to the answer, if anything was asked for.
result<void> note(json::object& done, std::string_view name, result<json::array> ids, bool always) {
  if (!ids)
    return failure(ids.error());
  if (always || !ids->empty())
    done[{name.data(), name.size()}] = std::move(*ids);
  return {};
}

} // namespace

result<json::object> make_changes(user_book& book, const json::object& wanted, timestamp now) {
  if (const auto known = check_keys(wanted); !known)
    return failure(known.error());
  const auto only = account_named(book, wanted);
  if (!only)
    return failure(only.error());
  const auto add = demand_at(wanted, "add"), settle = demand_at(wanted, "settle"), amend = demand_at(wanted, "amend"),
             deposit = demand_at(wanted, "deposit"), open = demand_at(wanted, "open_pot"),
             remove = demand_at(wanted, "delete_pot");
  for (const auto* each : {&add, &settle, &amend, &deposit, &open, &remove})
    if (!*each)
      return failure(each->error());
  for (const auto* each : {&add, &deposit, &open})
    if (!(*each)->ids.empty())
      return failure(error_code::invalid_argument, "add, deposit, open_pot: give a number");
  const auto* pending = wanted.if_contains("pending");
  changer work(book, *only, now);
  json::object done;
  auto noted = note(done, "added", work.add(add->count, pending && pending->is_bool() && pending->get_bool()), true);
  if (noted)
    noted = note(done, "settled", work.settle(*settle), true);
  if (noted)
    noted = note(done, "amended", work.amend(*amend), true);
  if (noted)
    noted = note(done, "opened", work.open_pots(open->count), false);
  if (noted)
    noted = note(done, "deposited", work.deposit(deposit->count), false);
  if (noted)
    noted = note(done, "deleted", work.delete_pots(*remove), false);
  if (!noted)
    return failure(noted.error());
  return done;
}

} // namespace penstock::sandbox::monzo
