#include "connectors/monzo/sandbox/webhook_book.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/monzo/sandbox/transaction_json.hpp"
#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace json = boost::json;

namespace {

constexpr std::uint64_t salt_of_webhooks = 0x686f6f6b73u;

json::object object_of(const webhook_book::webhook& one) {
  return {{"account_id", one.account_id}, {"id", one.id}, {"url", one.url}};
}

} // namespace

const webhook_book::webhook* webhook_book::add(const account_book& account, std::string url, std::uint64_t seed) {
  const auto& place = account.facts().place;
  if (of(place).size() >= most_of_an_account)
    return nullptr;
  webhook made;
  made.id = drawn_id("webhook_", mix({seed, salt_of_webhooks, ++last_id_}));
  made.url = std::move(url);
  made.account = place;
  made.account_id = account.facts().id;
  made.told = account.size();
  return &all_.emplace_back(std::move(made));
}

std::vector<const webhook_book::webhook*> webhook_book::of(const account_place& account) const {
  std::vector<const webhook*> found;
  for (const auto& each : all_)
    if (each.account == account)
      found.push_back(&each);
  return found;
}

bool webhook_book::remove(std::uint32_t user, std::string_view id) {
  return std::erase_if(all_, [&](const auto& each) { return each.account.user == user && each.id == id; }) > 0;
}

void webhook_book::gather(const account_finder& account_of) {
  for (auto& each : all_) {
    const auto* account = account_of(each.account);
    if (!account)
      continue;
    const auto size = account->size();
    if (size > each.told + most_waiting) {
      dropped += size - most_waiting - each.told;
      each.told = size - most_waiting;
    }
    for (; each.told < size; ++each.told)
      put(each, *account, each.told);
  }
}

void webhook_book::pass_over(std::uint32_t user, const account_finder& account_of) {
  for (auto& each : all_)
    if (const auto* account = each.account.user == user ? account_of(each.account) : nullptr)
      each.told = account->size();
}

bool webhook_book::send_again(const account_book& account, std::uint64_t index) {
  const auto wanting = of(account.facts().place);
  for (const auto* each : wanting)
    put(*each, account, index);
  return !wanting.empty();
}

void webhook_book::put(const webhook& to, const account_book& account, std::uint64_t index) {
  delivery made;
  made.url = to.url;
  made.body = R"({"type":"transaction.created","data":)";
  append_transaction(made.body, account.facts(), account.at(index), true);
  made.body += '}';
  made.number = ++last_number_;
  waiting_.push_back(std::move(made));
  if (waiting_.size() > most_waiting) {
    waiting_.pop_front();
    ++dropped;
  }
}

std::vector<delivery> webhook_book::take(std::size_t most) {
  std::vector<delivery> out;
  for (; !waiting_.empty() && out.size() < most; waiting_.pop_front())
    out.push_back(std::move(waiting_.front()));
  return out;
}

std::string webhook_json(const webhook_book::webhook& one) {
  return json::serialize(json::object{{"webhook", object_of(one)}});
}

std::string webhooks_json(const std::vector<const webhook_book::webhook*>& all) {
  json::array list;
  for (const auto* each : all)
    list.push_back(object_of(*each));
  return json::serialize(json::object{{"webhooks", std::move(list)}});
}

} // namespace penstock::sandbox::monzo
