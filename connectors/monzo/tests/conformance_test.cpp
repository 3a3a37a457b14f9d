#include "connectors/testing/conformance_suite.hpp"

#include "connectors/monzo/tests/small_monzo.hpp"

namespace penstock::connectors::testing {
namespace {

constexpr std::int64_t page_size = 3;
constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// One account, younger than the look-back, with so many transactions.
answer_function healthy_monzo(std::int64_t items) {
  monzo::small_monzo provider;
  provider.now = today;
  provider.accounts = {monzo::account_json("acc_1", "2026-02-20T08:00:00Z")};
  auto& transactions = provider.transactions["acc_1"];
  for (std::int64_t i = 0; i < items; ++i)
    transactions.push_back({.id = "tx_" + std::to_string(i),
                            .created = today - std::chrono::days{8} + std::chrono::hours{i},
                            .amount = -100 - i,
                            .settled = i % 2 == 0});
  return
    [provider](const net::http_request& request) -> result<net::http_response> { return provider.answer(request); };
}

connector_subject monzo_subject() {
  connector_subject subject;
  subject.name = "monzo";
  subject.build = [] { return monzo::built_monzo(page_size); };
  subject.service = "monzo";
  subject.now = today;
  subject.healthy = healthy_monzo;
  subject.page_size = page_size;
  subject.table = "monzo_transactions";
  subject.misshapen = {"[]",
                       "{}",
                       "7",
                       R"("text")",
                       "null",
                       R"({"transactions":{},"accounts":{}})",
                       R"({"transactions":null,"accounts":null})",
                       R"({"error":"x"})"};
  subject.deliveries = {
    R"({"type":"transaction.created","data":{"id":"tx_w","account_id":"acc_1","created":"2026-02-28T10:00:00Z",)"
    R"("amount":-350,"currency":"GBP","merchant":"merch_1"}})",
    R"({"type":"transaction.created","data":{"id":"tx_w","account_id":"acc_1","created":"2026-02-28T10:00:00Z",)"
    R"("amount":-350,"currency":"GBP","merchant":null,"updated":"2026-02-28T10:00:01Z"}})",
    R"({"type":"another.type"})"};
  subject.secrets = {"client-SECRET"};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(monzo, connector_conformance, ::testing::Values(monzo_subject()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::connectors::testing
