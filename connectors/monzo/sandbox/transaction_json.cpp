#include "connectors/monzo/sandbox/transaction_json.hpp"

#include <array>

#include "connectors/monzo/sandbox/json_text.hpp"
#include "connectors/monzo/sandbox/merchants.hpp"
#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

constexpr std::array<std::string_view, 8> people{"Alex Finch",  "Bo Larsen",   "Cleo Marsh",  "Dinesh Rao",
                                                 "Elif Yılmaz", "Finn O'Neil", "Grace Okoro", "Hanna Weiß"};
constexpr std::string_view employer = "EXAMPLE WORKS LTD";

std::string_view person_of(const transaction_facts& transaction) { return people[transaction.key % people.size()]; }

std::string_view scheme_of(transaction_kind kind) {
  switch (kind) {
    case transaction_kind::card: return "mastercard";
    case transaction_kind::faster_payment: return "payport_faster_payments";
    case transaction_kind::salary: return "bacs";
    case transaction_kind::friend_payment: return "p2p_payment";
    case transaction_kind::pot: return "uk_retail_pot";
    case transaction_kind::interest: return "account_interest";
    case transaction_kind::top_up: return "topup";
  }
  return "";
}

std::string_view description_of(const transaction_facts& transaction) {
  switch (transaction.kind) {
    case transaction_kind::card: return merchants()[transaction.merchant].statement_text;
    case transaction_kind::faster_payment: return "Rent & bills";
    case transaction_kind::salary: return employer;
    case transaction_kind::friend_payment: return person_of(transaction);
    case transaction_kind::pot: return "Savings pot";
    case transaction_kind::interest: return "Interest";
    case transaction_kind::top_up: return "Top up";
  }
  return "";
}

void append_field(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":\"").append(text).append("\"");
}

void append_metadata(std::string& out, const account_facts& account, const transaction_facts& transaction) {
  out.append(R"(,"metadata":{"ledger_insertion_id":")");
  append_drawn_id(out, "entryset_", transaction.key + 1);
  out.append("\"");
  if (transaction.kind == transaction_kind::card) {
    out.append(R"(,"mastercard_approval_type":"full","mastercard_auth_message_id":")");
    append_drawn_id(out, "mcauthmsg_", transaction.key + 2);
    out.append(R"(","mastercard_card_id":")");
    append_drawn_id(out, "mccard_", account.key);
    out.append(R"(","mastercard_lifecycle_id":")");
    append_drawn_id(out, "mclifecycle_", transaction.key + 3);
    out.append("\"");
    append_field(out, "mcc", merchants()[transaction.merchant].mcc);
  } else if (transaction.kind == transaction_kind::pot) {
    out.append(R"(,"pot_account_id":")");
    append_drawn_id(out, "acc_", account.key + 4);
    out.append("\"");
    append_field(out, "pot_id", transaction.pot_id);
  } else if (transaction.kind == transaction_kind::friend_payment) {
    append_field(out, "p2p_initiator", "external-user");
  }
  out.append("}");
}

void append_counterparty(std::string& out, const transaction_facts& transaction) {
  out.append(R"(,"counterparty":{)");
  const auto other = mix(transaction.key + 6);
  if (transaction.kind == transaction_kind::faster_payment || transaction.kind == transaction_kind::salary) {
    constexpr std::int64_t eight_digits = 10'000'000, six_digits = 100'000;
    out.append(R"("account_number":")");
    append(out, eight_digits + static_cast<std::int64_t>(other % (9 * eight_digits)));
    out.append("\"");
    append_field(out, "name", transaction.kind == transaction_kind::salary ? employer : person_of(transaction));
    out.append(R"(,"sort_code":")");
    append(out, six_digits + static_cast<std::int64_t>(other % (9 * six_digits)));
    out.append("\"");
  } else if (transaction.kind == transaction_kind::friend_payment) {
    out.append("\"name\":\"").append(person_of(transaction)).append("\",\"user_id\":\"");
    append_drawn_id(out, "user_", transaction.key % people.size());
    out.append("\"");
  }
  out.append("}");
}

void append_merchant(std::string& out, const transaction_facts& transaction, bool expand) {
  out.append(",\"merchant\":");
  if (transaction.kind != transaction_kind::card)
    out.append("null");
  else if (const auto& shop = merchants()[transaction.merchant]; expand)
    out.append(shop.json);
  else
    append_plain(out, shop.id);
}

void append_flag(std::string& out, std::string_view name, bool value) {
  out.append(",\"").append(name).append(value ? "\":true" : "\":false");
}

} // namespace

void append_transaction(std::string& out, const account_facts& account, const transaction_facts& transaction,
                        bool expand_merchant) {
  const bool is_card = transaction.kind == transaction_kind::card;
  out.append("{\"id\":");
  append_plain(out, transaction_id({account.place, transaction.index}, account.seed));
  out.append(",\"created\":");
  append_time(out, transaction.created);
  append_field(out, "description", description_of(transaction));
  out.append(",\"amount\":");
  append(out, transaction.amount);
  out.append(",\"fees\":{}");
  append_field(out, "currency", account.currency);
  append_merchant(out, transaction, expand_merchant);
  append_field(out, "notes", transaction.notes);
  append_metadata(out, account, transaction);
  out.append(R"(,"labels":null,"attachments":null,"international":null)");
  append_field(out, "category", transaction.category);
  out.append(",\"categories\":{\"").append(transaction.category).append("\":");
  append(out, transaction.amount);
  out.append("}");
  append_flag(out, "is_load", transaction.kind == transaction_kind::top_up);
  out.append(",\"settled\":");
  append_time(out, transaction.settled);
  if (transaction.is_declined())
    append_field(out, "decline_reason", transaction.decline_reason);
  out.append(",\"local_amount\":");
  append(out, transaction.local_amount);
  append_field(out, "local_currency", transaction.local_currency);
  out.append(",\"updated\":");
  append_time(out, transaction.updated);
  append_field(out, "account_id", account.id);
  out.append(R"(,"user_id":"user_)");
  append(out, account.place.user);
  out.append("\"");
  append_counterparty(out, transaction);
  append_field(out, "scheme", scheme_of(transaction.kind));
  out.append(R"(,"dedupe_id":")");
  append_drawn_id(out, is_card ? "mclifecycle_" : "dedupe_", transaction.key + 3);
  out.append("\"");
  append_flag(out, "originator", !is_card && transaction.amount < 0);
  append_flag(out, "include_in_spending", transaction.amount < 0 && transaction.kind != transaction_kind::pot);
  append_flag(out, "can_be_excluded_from_breakdown", is_card);
  append_flag(out, "can_be_made_subscription", is_card);
  append_flag(out, "can_split_the_bill", is_card);
  append_flag(out, "can_add_to_tab", is_card);
  append_flag(out, "amount_is_pending", transaction.is_pending());
  out.append(",\"atm_fees_detailed\":null}");
}

} // namespace penstock::sandbox::monzo
