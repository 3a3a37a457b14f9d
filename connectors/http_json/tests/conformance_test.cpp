// The exam, for each way of paging, and with each way to show who asks.
#include "connectors/testing/conformance_suite.hpp"

#include "connectors/http_json/tests/small_shop.hpp"

namespace penstock::connectors::testing {
namespace {

constexpr std::int64_t page_size = 3;
constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

connector_subject shop_subject(const std::string& paging, const std::string& auth,
                               const http_json::table_values& more = {}) {
  http_json::small_shop shop;
  shop.paging = paging;
  shop.auth = auth;
  connector_subject subject;
  subject.name = paging + "_" + auth + (more.empty() ? "" : "_" + more.begin()->first);
  subject.build = [shop, more] { return http_json::built_shop(shop, page_size, more); };
  subject.service = "shop";
  subject.now = today;
  subject.healthy = [shop](std::int64_t items) -> answer_function {
    auto filled = shop;
    for (std::int64_t i = 0; i < items; ++i)
      filled.items.push_back(
        {"itm_" + std::to_string(i), today - std::chrono::days{8} + std::chrono::hours{i}, 100 + i});
    return [filled](const net::http_request& request) -> result<net::http_response> { return filled.answer(request); };
  };
  subject.page_size = page_size;
  subject.table = "shop_items";
  subject.misshapen = {"{}",
                       "7",
                       R"("text")",
                       "null",
                       R"({"data":{}})",
                       R"({"data":{"items":{}}})",
                       R"({"data":{"items":null}})",
                       R"({"data":[]})",
                       R"({"error":"x"})"};
  if (paging == "cursor" || paging == "next")
    subject.misshapen.emplace_back(R"({"data":{"items":[]},"meta":{"next":{}}})");
  if (paging == "last_id" && !more.contains("more_field")) {
    subject.misshapen.emplace_back(R"({"data":{"items":[]},"meta":{"more":true}})");
    subject.misshapen.emplace_back(R"({"data":{"items":[{"id":1}]},"meta":{"more":1}})");
    subject.misshapen.emplace_back(R"({"data":{"items":[{}]},"meta":{"more":true}})");
  }
  if (auth == "client_credentials")
    subject.when_refused = error_code::bad_configuration;
  if (paging != "link" && paging != "none")
    subject.misshapen.emplace_back("[]");
  subject.secrets = {"client-SECRET", "dG9rZW4tU0VDUkVUL"};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(
  http_json, connector_conformance,
  ::testing::Values(shop_subject("page", "bearer"), shop_subject("page", "basic", {{"short_page_ends", true}}),
                    shop_subject("offset", "header"), shop_subject("offset", "basic", {{"offset_overlap", true}}),
                    shop_subject("cursor", "oauth2"), shop_subject("cursor", "bearer", {{"oldest_first", true}}),
                    shop_subject("link", "query"), shop_subject("next", "query"), shop_subject("none", "header"),
                    shop_subject("last_id", "client_credentials"),
                    shop_subject("last_id", "basic", {{"short_page_ends", true}, {"more_field", std::string()}}),
                    shop_subject("next", "bearer", {{"since_parameter", std::string()}})),
  [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::connectors::testing
