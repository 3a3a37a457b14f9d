#include "connectors/monzo/sandbox/account_json.hpp"

#include "connectors/monzo/sandbox/json_text.hpp"
#include "core/time_zone.hpp"

namespace penstock::sandbox::monzo {

namespace {

constexpr std::int64_t sort_code = 40'004;
constexpr std::int64_t least_account_number = 10'000'000;

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

void append_pot(std::string& out, const account_book& account, std::uint32_t number) {
  const auto& pot = account.pots().all()[number];
  out.append("{\"id\":");
  append_plain(out, pot.id);
  out.append(",\"name\":");
  append_plain(out, pot.name);
  out.append(",\"style\":");
  append_plain(out, pot.style);
  out.append(",\"balance\":");
  append(out, account.pot_balance(number));
  out.append(",\"currency\":");
  append_plain(out, account.facts().currency);
  if (number == 0)
    out.append(R"(,"goal_amount":1000000)");
  out.append(R"(,"type":"default","product_id":"default","current_account_id":)");
  append_plain(out, account.facts().id);
  out.append(R"(,"cover_image_url":"","isa_wrapper":"","round_up":)").append(number == 0 ? "true" : "false");
  out.append(R"(,"round_up_multiplier":null,"is_tax_pot":false,"created":)");
  append_time(out, pot.created);
  out.append(",\"updated\":");
  append_time(out, pot.updated);
  out.append(",\"deleted\":").append(pot.is_deleted ? "true" : "false");
  out.append(R"(,"locked":false,"charity_id":"","available_for_bills":true})");
}

/// When the bank's day began: `spend_today` begins anew at midnight in London.
timestamp start_of_day(timestamp now) {
  const auto london = time_zone::find("Europe/London");
  if (!london)
    return std::chrono::floor<std::chrono::days>(now);
  return london->to_utc(std::chrono::floor<std::chrono::days>(london->to_local(now))).first;
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
  for (auto index = account.first_from(start_of_day(now)); index < account.size(); ++index) {
    const auto each = account.at(index);
    if (each.amount < 0 && !each.is_declined() && each.kind != transaction_kind::pot)
      spent += each.amount;
  }
  std::string out = "{\"balance\":";
  append(out, account.balance());
  out.append(",\"total_balance\":");
  append(out, account.balance() + account.in_pots());
  out.append(",\"currency\":");
  append_plain(out, account.facts().currency);
  out.append(",\"spend_today\":");
  append(out, spent);
  return out + '}';
}

std::string pots_json(const account_book& account) {
  std::string out = R"({"pots":[)";
  for (std::uint32_t number = 0; number < account.pots().all().size(); ++number) {
    if (number > 0)
      out.append(",");
    append_pot(out, account, number);
  }
  return out + "]}";
}

} // namespace penstock::sandbox::monzo
