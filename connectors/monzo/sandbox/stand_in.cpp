#include <array>
#include <map>

#include <boost/json/array.hpp>

#include "connectors/monzo/sandbox/account_json.hpp"
#include "connectors/monzo/sandbox/changes.hpp"
#include "connectors/monzo/sandbox/transaction_json.hpp"
#include "connectors/monzo/sandbox/transaction_pages.hpp"
#include "connectors/monzo/sandbox/user_book.hpp"
#include "connectors/monzo/sandbox/webhook_book.hpp"
#include "net/url.hpp"
#include "sandbox/json_reply.hpp"
#include "sandbox/oauth_routes.hpp"
#include "sandbox/stand_in.hpp"
#include "sandbox/user_name.hpp"

namespace penstock::sandbox::monzo {

namespace json = boost::json;

namespace {

enum class path_kind : std::uint8_t {
  accounts,
  balance,
  pots,
  transactions,
  transaction,
  webhooks,
  new_webhook,
  webhook,
  whoami,
  consent,
  token,
  logout,
  wrong_method
};

struct known_path {
  std::string_view method, path;
  path_kind kind;
  std::string_view name;
};

constexpr std::string_view transaction_folder = "/transactions/", webhook_folder = "/webhooks/";
constexpr std::array<known_path, 12> known_paths{{
  {"GET", "/accounts", path_kind::accounts, "GET /accounts"},
  {"GET", "/balance", path_kind::balance, "GET /balance"},
  {"GET", "/pots", path_kind::pots, "GET /pots"},
  {"GET", "/transactions", path_kind::transactions, "GET /transactions"},
  {"GET", "/webhooks", path_kind::webhooks, "GET /webhooks"},
  {"POST", "/webhooks", path_kind::new_webhook, "POST /webhooks"},
  {"GET", "/ping/whoami", path_kind::whoami, "GET /ping/whoami"},
  {"GET", "/", path_kind::consent, "GET /authorize"},
  {"GET", "/authorize", path_kind::consent, "GET /authorize"},
  {"GET", "/oauth2/authorize", path_kind::consent, "GET /authorize"},
  {"POST", "/oauth2/token", path_kind::token, "POST /oauth2/token"},
  {"POST", "/oauth2/logout", path_kind::logout, "POST /oauth2/logout"},
}};

bool is_sign_in(path_kind kind) {
  return kind == path_kind::consent || kind == path_kind::token || kind == path_kind::logout;
}

route make_route(std::string_view name, path_kind kind) {
  return {name, is_sign_in(kind) ? route::kind::sign_in : route::kind::api, static_cast<int>(kind)};
}

class monzo_stand_in : public stand_in {
public:
  explicit monzo_stand_in(const surroundings& around) : around_(around), oauth_(around.oauth, around.time) {}

  std::string_view name() const override { return "monzo"; }
  oauth_provider* oauth() override { return &oauth_; }

  std::optional<route> find(std::string_view method, std::string_view path) const override {
    bool is_known = false;
    for (const auto& each : known_paths) {
      if (each.path != path)
        continue;
      if (each.method == method)
        return make_route(each.name, each.kind);
      is_known = true;
    }
    if (path.starts_with(transaction_folder) && path.size() > transaction_folder.size()) {
      if (method == "GET")
        return make_route("GET /transactions/{id}", path_kind::transaction);
      is_known = true;
    }
    if (path.starts_with(webhook_folder) && path.size() > webhook_folder.size()) {
      if (method == "DELETE")
        return make_route("DELETE /webhooks/{id}", path_kind::webhook);
      is_known = true;
    }
    return is_known ? std::optional(make_route("wrong method", path_kind::wrong_method)) : std::nullopt;
  }

  net::http_reply answer(const route& to, const net::http_server_request& request) override {
    const auto kind = static_cast<path_kind>(to.number);
    switch (kind) {
      case path_kind::consent: return consent_page(oauth_, request, around_.asks_for_consent);
      case path_kind::token: return token_endpoint(oauth_, request);
      case path_kind::wrong_method: return code_reply(405, "bad_request.method_not_allowed", "Method not allowed");
      default: break;
    }
    bearer who;
    auto refused = refuse_token(oauth_, request, who);
    // A token without rights yet is still a token.
    const bool needs_rights = kind != path_kind::whoami && kind != path_kind::logout;
    if (refused && (needs_rights || who.state != access::not_approved))
      return std::move(*refused);
    if (kind == path_kind::whoami)
      return json_reply(200, {{"authenticated", true}, {"client_id", who.client_id}, {"user_id", user_name(who.user)}});
    if (kind == path_kind::logout) {
      oauth_.revoke(who.user);
      return json_text_reply(200, "{}");
    }
    return answer_user(kind, who, request);
  }

  json::object tables(std::optional<std::uint32_t> user) override {
    std::uint64_t accounts = 0, transactions = 0, pots = 0, deleted_pots = 0;
    json::object amounts, in_pots, balances, totals;
    const auto add = [](json::object& sums, std::string_view currency, std::int64_t amount) {
      auto& sum = sums[{currency.data(), currency.size()}];
      sum = (sum.is_int64() ? sum.get_int64() : 0) + amount;
    };
    for (const auto each : oauth_.users()) {
      if (user.value_or(each) != each)
        continue;
      for (const auto& account : book_of(each).accounts()) {
        const auto currency = account.facts().currency;
        ++accounts;
        transactions += account.size();
        add(amounts, currency, account.sum());
        pots += account.pots().count_open();
        deleted_pots += account.pots().all().size() - account.pots().count_open();
        if (account.pots().count_open() > 0)
          add(in_pots, currency, account.in_pots());
        add(balances, currency, account.balance());
        add(totals, currency, account.balance() + account.in_pots());
      }
    }
    return {{"monzo_transactions", {{"rows", transactions}, {"sums", {{"amount", std::move(amounts)}}}}},
            {"monzo_accounts", {{"rows", accounts}}},
            {"monzo_pots", {{"rows", pots}, {"deleted", deleted_pots}, {"sums", {{"balance", std::move(in_pots)}}}}},
            {"monzo_balances",
             {{"rows", accounts}, {"sums", {{"balance", std::move(balances)}, {"total_balance", std::move(totals)}}}}}};
  }

  result<json::object> change(const json::object& wanted) override {
    const auto* named = wanted.if_contains("user");
    std::uint32_t user = 1;
    if (named) {
      const auto* text = named->if_string();
      const auto number = text ? user_number({text->data(), text->size()}) : std::nullopt;
      if (!number)
        return failure(error_code::invalid_argument, "user is written like \"user_1\"");
      user = *number;
    } else if (const auto place = place_of(wanted)) {
      user = place->user;
    } else if (const auto known = oauth_.users(); !known.empty()) {
      user = known.front();
    }
    // What happened before is told of; what happens now is too, unless somebody says otherwise.
    webhooks_.gather(finder());
    auto rest = wanted;
    rest.erase("webhook");
    auto done = make_changes(book_of(user), rest, around_.time.now());
    const auto* hook = wanted.if_contains("webhook");
    return done && hook ? change_webhooks(user, *hook, std::move(*done)) : std::move(done);
  }

  std::vector<delivery> take_deliveries(std::size_t most) override {
    if (webhooks_.registered() > 0)
      webhooks_.gather(finder());
    return webhooks_.take(most);
  }
  void note_delivery(const delivery&, bool taken) override { webhooks_.note(taken); }

  json::object stats() override {
    json::array users;
    for (const auto user : oauth_.users()) {
      const auto& book = book_of(user);
      json::array accounts;
      for (const auto& account : book.accounts())
        accounts.push_back({{"id", account.facts().id},
                            {"transactions", account.size()},
                            {"pending", account.pending().size()},
                            {"pots", account.pots().count_open()},
                            {"closed", account.facts().is_closed}});
      users.push_back({{"id", user_name(user)},
                       {"accounts", std::move(accounts)},
                       {"added", book.counts.added},
                       {"settled", book.counts.settled},
                       {"amended", book.counts.amended},
                       {"pots_opened", book.counts.pots_opened},
                       {"pots_deleted", book.counts.pots_deleted}});
    }
    return {{"users", std::move(users)},
            {"webhooks",
             {{"registered", webhooks_.registered()},
              {"waiting", webhooks_.waiting()},
              {"taken", webhooks_.taken},
              {"given_up", webhooks_.given_up},
              {"dropped", webhooks_.dropped}}}};
  }

private:
  /// A user's accounts as they are now.
  user_book& book_of(std::uint32_t user) {
    auto found = books_.find(user);
    if (found == books_.end())
      found = books_.emplace(user, user_book(user, around_.data, around_.time.start())).first;
    found->second.catch_up(around_.time.changes_until());
    return found->second;
  }

  /// The account that a change names, by itself or by one of its transactions.
  [[nodiscard]] std::optional<account_place> place_of(const json::object& wanted) const {
    for (const auto* key : {"account", "settle", "amend", "webhook"}) {
      const auto* found = wanted.if_contains(key);
      if (const auto* list = found ? found->if_array() : nullptr; list && !list->empty())
        found = &list->front();
      const auto* text = found ? found->if_string() : nullptr;
      if (!text)
        continue;
      const std::string_view id(text->data(), text->size());
      if (const auto account = parse_account_id(id, around_.data.seed))
        return account;
      if (const auto transaction = parse_transaction_id(id, around_.data.seed))
        return transaction->account;
    }
    return {};
  }

  /// The account that a parameter names; null: it is not this user's.
  account_book* account_of(std::uint32_t user, std::string_view id) {
    const auto place = parse_account_id(id, around_.data.seed);
    return place && place->user == user ? book_of(user).account(place->number) : nullptr;
  }

  net::http_reply answer_user(path_kind kind, const bearer& who, const net::http_server_request& request) {
    const auto query = request.query_values();
    if (kind == path_kind::accounts)
      return json_text_reply(200,
                             accounts_json(book_of(who.user), net::find_parameter(query, "account_type").value_or("")));
    if (kind == path_kind::transaction)
      return answer_transaction(who, request.path().substr(transaction_folder.size()), query);
    if (kind == path_kind::webhook) {
      const bool removed = webhooks_.remove(who.user, request.path().substr(webhook_folder.size()));
      return removed ? json_text_reply(200, "{}") : code_reply(404, "not_found.webhook", "Webhook not found");
    }
    if (kind == path_kind::new_webhook)
      return answer_new_webhook(who, net::parse_query(request.body));
    const std::string_view parameter = kind == path_kind::pots ? "current_account_id" : "account_id";
    const auto id = net::find_parameter(query, parameter);
    if (!id || id->empty())
      return code_reply(400, "bad_request.missing_param." + std::string(parameter),
                        "Missing " + std::string(parameter));
    auto* account = account_of(who.user, *id);
    if (!account)
      return code_reply(404, "not_found.account", "Account not found");
    if (kind == path_kind::balance)
      return json_text_reply(200, balance_json(*account, around_.time.now()));
    if (kind == path_kind::pots)
      return json_text_reply(200, pots_json(*account));
    if (kind == path_kind::webhooks)
      return json_text_reply(200, webhooks_json(webhooks_.of(account->facts().place)));
    return answer_transactions(who, *account, query);
  }

  net::http_reply answer_new_webhook(const bearer& who, const net::query_parameters& form) {
    const auto url = net::find_parameter(form, "url");
    if (!url || !net::parse_url(*url))
      return code_reply(400, "bad_request.bad_param.url", "url must be an http:// or https:// address");
    const auto* account = account_of(who.user, net::find_parameter(form, "account_id").value_or(""));
    if (!account)
      return code_reply(404, "not_found.account", "Account not found");
    const auto* made = webhooks_.add(*account, std::string(*url), around_.data.seed);
    return made ? json_text_reply(200, webhook_json(*made))
                : code_reply(400, "bad_request.too_many_webhooks", "This account has enough webhooks");
  }

  /// `false`: nothing is sent about what was added; an id or a list of ids: these are sent (again), each as often as it is
  /// named.
  result<json::object> change_webhooks(std::uint32_t user, const json::value& wanted, json::object done) {
    if (wanted.is_bool()) {
      if (!wanted.get_bool())
        webhooks_.pass_over(user, finder());
      return done;
    }
    const json::array only{wanted};
    const auto& ids = wanted.is_array() ? wanted.get_array() : only;
    for (const auto& each : ids) {
      const auto* text = each.if_string();
      const auto place = text ? parse_transaction_id({text->data(), text->size()}, around_.data.seed) : std::nullopt;
      const auto* account = place ? finder()(place->account) : nullptr;
      if (!account || place->index >= account->size())
        return failure(error_code::not_found, "webhook: give false, the id of a transaction or a list of ids");
      if (!webhooks_.send_again(*account, place->index))
        return failure(error_code::not_found, "nobody registered a webhook for account " + account->facts().id);
    }
    done["sent"] = ids;
    return done;
  }

  webhook_book::account_finder finder() {
    return
      [this](const account_place& place) -> const account_book* { return book_of(place.user).account(place.number); };
  }

  net::http_reply answer_transactions(const bearer& who, const account_book& account,
                                      const net::query_parameters& query) {
    const auto now = around_.time.now();
    const auto range =
      find_range(account, query, {.now = now, .is_whole = now < who.approved_at + around_.data.sca_window});
    if (!range)
      return code_reply(range.error().status, range.error().code, range.error().message);
    if (around_.faults.spoils(account.facts().id, range->first, range->count))
      return json_text_reply(200, R"({"transactions":"oops"})");
    return json_text_reply(200, page_json(account, *range));
  }

  net::http_reply answer_transaction(const bearer& who, std::string_view id, const net::query_parameters& query) {
    const auto place = parse_transaction_id(id, around_.data.seed);
    auto* account =
      place && place->account.user == who.user ? book_of(who.user).account(place->account.number) : nullptr;
    if (!account || place->index >= account->size())
      return code_reply(404, "not_found.transaction", "Transaction not found");
    const auto expand = net::find_parameter(query, "expand[]").value_or("") == "merchant";
    std::string body = R"({"transaction":)";
    append_transaction(body, account->facts(), account->at(place->index), expand);
    return json_text_reply(200, body + '}');
  }

  const surroundings around_;
  oauth_provider oauth_;
  std::map<std::uint32_t, user_book> books_;
  webhook_book webhooks_;
};

} // namespace

std::unique_ptr<stand_in> make_stand_in(const surroundings& around) { return std::make_unique<monzo_stand_in>(around); }

} // namespace penstock::sandbox::monzo
