#include "connectors/monzo/sandbox/account_json.hpp"

#include "connectors/monzo/sandbox/json_text.hpp"
#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

constexpr std::int64_t sort_code = 40'004;
constexpr std::int64_t least_account_number = 10'000'000;
/// What an account held before its first transaction, so that it is not overdrawn.
constexpr std::int64_t first_balance = 250'000;

void append_account(std::string& out, const account_book& account) {
  const auto& facts = account.facts();
  const bool is_joint = facts.type == "uk_retail_joint";
  out.append("{\"id\":");
  append_plain(out, facts.id);
  out.append(",\"closed\":").append(facts.is_closed ? "true" : "false").append(",\"created\":");
  append_time(out, account.opened());
  out.append(",\"description\":\"").append(is_joint ? "Joint account of user_" : "Account of user_");
  append(out, facts.place.user);
  out.append("\",\"type\":");
  append_plain(out, facts.type);
  out.append(",\"currency\":");
  append_plain(out, facts.currency);
  out.append(R"(,"country_code":"GB","owners":[{"user_id":"user_)");
  append(out, facts.place.user);
  out.append(R"(","preferred_name":"Owner One","preferred_first_name":"Owner"})");
  if (is_joint)
    out.append(R"(,{"user_id":"user_joint","preferred_name":"Owner Two","preferred_first_name":"Owner"})");
  out.append("],\"account_number\":\"");
  append(out, least_account_number + static_cast<std::int64_t>(facts.key % (9 * least_account_number)));
  out.append("\",\"sort_code\":\"0");
  append(out, sort_code);
  out.append("\"}");
}

void append_pot(std::string& out, const account_book& account, std::string_view name, std::uint64_t salt,
                bool is_deleted) {
  out.append("{\"id\":\"");
  append_drawn_id(out, "pot_", account.facts().key + salt);
  out.append("\",\"name\":\"").append(name).append(R"(","style":"beach_ball","balance":)");
  append(out, is_deleted ? 0 : static_cast<std::int64_t>(mix(account.facts().key + salt) % 500'000));
  out.append(",\"currency\":");
  append_plain(out, account.facts().currency);
  out.append(R"(,"type":"default","current_account_id":)");
  append_plain(out, account.facts().id);
  out.append(",\"created\":");
  append_time(out, account.opened());
  out.append(",\"updated\":");
  append_time(out, account.opened() + std::chrono::hours(1));
  out.append(",\"deleted\":").append(is_deleted ? "true" : "false").append(",\"locked\":false}");
}

} // namespace

std::string accounts_json(const user_book& book, std::string_view type) {
  std::string out = R"({"accounts":[)";
  const auto empty_size = out.size();
  for (const auto& account : book.accounts()) {
    if (!type.empty() && type != account.facts().type)
      continue;
    if (out.size() > empty_size)
      out.append(",");
    append_account(out, account);
  }
  return out + "]}";
}

std::string balance_json(const account_book& account, timestamp now) {
  std::int64_t spent = 0;
  const auto today = account.first_from(std::chrono::floor<std::chrono::days>(now));
  for (auto index = today; index < account.size(); ++index)
    if (const auto each = account.at(index); each.amount < 0 && !each.is_declined())
      spent += each.amount;
  const auto balance = account.facts().is_closed ? 0 : first_balance + account.sum();
  std::string out = "{\"balance\":";
  append(out, balance);
  out.append(",\"total_balance\":");
  append(out, balance);
  out.append(",\"currency\":");
  append_plain(out, account.facts().currency);
  out.append(",\"spend_today\":");
  append(out, spent);
  return out + '}';
}

std::string pots_json(const account_book& account) {
  std::string out = R"({"pots":[)";
  if (!account.facts().is_closed) {
    constexpr std::uint64_t savings = 5, holiday = 8;
    append_pot(out, account, "Savings", savings, false);
    out.append(",");
    append_pot(out, account, "Holiday", holiday, true);
  }
  return out + "]}";
}

} // namespace penstock::sandbox::monzo
