// Every fault of the sandbox before the first page and before a later one of the declarative connector, in the whole engine
// and over real HTTP: once, and for as long as somebody asks. Two ways of paging, and two ways to come by a token. What was
// seen is printed, a line for each fault.
#include <gmock/gmock.h>

#include <iomanip>
#include <iostream>
#include <map>

#include <boost/json.hpp>

#include "config/setting_value.hpp"
#include "core/id_text.hpp"
#include "tests/provider_faults/synced_fixture.hpp"

namespace penstock::connectors::http_json {
void register_connector(registry& out);
}

namespace penstock::provider_faults {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;
using ::testing::IsEmpty;
using texts = std::vector<std::string>;
using table_values = std::map<std::string, config::section::value>;

constexpr std::int64_t items_of_a_page = 50;

/// How the list is read, and which of its pages is struck.
struct list_case {
  const char* name;
  const char* style;  ///< the sandbox's
  bool as_client;     ///< the token is given to the client itself; else each integration has one of its own
  const char* having; ///< in the target of the request that is struck
  [[nodiscard]] bool is_later() const { return *having != '\0'; }
};
const list_case all_lists[] = {
  {"pages_first", "page", false, ""},
  {"pages_later", "page", false, "page=2"},
  {"cursor_first", "cursor", true, ""},
  {"cursor_later", "cursor", true, "cursor=from-50"},
};

class http_json_faults : public synced_fixture, public ::testing::WithParamInterface<list_case> {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    connectors::registry declared;
    connectors::http_json::register_connector(declared);
    const auto& declaration = declared.declarations().front();
    const auto set = shop_table();
    config::named_section table{"shop", {}};
    for (const auto& each : declaration.table_settings) {
      const auto found = set.find(each.key);
      table.settings.put(each.key, found == set.end() ? config::default_value(each) : found->second,
                         found != set.end());
    }
    config::section section;
    section.put_table(std::move(table));
    return {declaration.build(section).value()};
  }
  table_values shop_table() const {
    table_values table{{"base_url", line.base() + "/http_json/" + GetParam().style},
                       {"list_path", std::string("/shops/{shop}/items")},
                       {"auth", std::string(GetParam().as_client ? "client_credentials" : "bearer")},
                       {"paging", std::string(GetParam().style)},
                       {"size_parameter", std::string("limit")},
                       {"page_size", items_of_a_page},
                       {"list", std::string("items")},
                       {"deleted_field", std::string("deleted")},
                       {"fields", texts{"title", "price:integer=pricing.amount", "currency=pricing.currency"}},
                       {"table", std::string("shop_items")}};
    if (std::string_view(GetParam().style) == "cursor") {
      table["list"] = std::string("data.items");
      table["next_field"] = std::string("meta.next_cursor");
    }
    if (GetParam().as_client) {
      table["token_url"] = line.base() + "/http_json/shops/oauth2/token";
      table["client_id"] = std::string("client");
      table["client_secret"] = std::string("secret");
    }
    return table;
  }
  void give_access() {
    if (GetParam().as_client)
      return;
    credential made; // a token that a person was given by the provider
    made.access_token = consent_at("/http_json/shops").at("access_token").as_string().c_str();
    authorise(made);
  }
  /// In a shop of its own.
  void connect() {
    begin_anew("shop", R"({"shop":"shop-)" + std::to_string(++shops_) + "\"}");
    give_access();
  }

  std::int64_t number(const std::string& what, const std::string& where) {
    const auto found = db().rows().select("SELECT " + what + " FROM shop_items WHERE " + where, {}).value();
    return std::get<std::int64_t>(found.rows.front().front());
  }
  std::int64_t rows_of_it() { return number("COUNT(*)", "integration_id = " + to_string(id)); }
  /// Of all shops, as the sandbox tells of all that were asked for.
  std::string stored() {
    return json::serialize(
      json::object{{"rows", number("COUNT(*)", "deleted_at IS NULL")},
                   {"deleted", number("COUNT(*)", "deleted_at IS NOT NULL")},
                   {"sums", {{"price", {{"GBP", number("SUM(price)", "deleted_at IS NULL")}}}}}});
  }
  std::string served() {
    return json::serialize(line.ask_json("GET", "/sandbox/totals").at("http_json").at("tables").at("shop_items"));
  }

  outcome meet(const fault_case& met, bool lasts) {
    const auto begun = mark_here();
    line.strike(met.what, "GET", "/http_json/", GetParam().having, lasts ? 1'000'000 : 1);
    sync_before(met, lasts);
    outcome out;
    note_requests(out, begun.seen);
    note_jobs(out, begun);
    note_since(out, begun);
    out.whole = stored() == served();
    return out;
  }
  void note_requests(outcome& out, std::size_t from) {
    std::optional<timestamp> last;
    for (auto i = from; i < line.seen().size(); ++i) {
      const auto& each = line.seen()[i];
      const bool is_list = each.method == "GET";
      if (!is_list && out.struck > 0)
        ++out.refreshes;
      if (!is_list || !(each.struck || last))
        continue;
      if (last && each.at - *last > 20s)
        out.gaps.push_back(each.at - *last);
      last = each.at;
      out.struck += each.struck ? 1u : 0u;
    }
  }
  void note_jobs(outcome& out, const mark& begun) {
    for (const auto& each : jobs_since(begun)) {
      if (each.job.kind == "integration.process")
        continue; // it fails of what it awaited
      out.errors.insert(out.errors.end(), each.errors.begin(), each.errors.end());
      if (each.state == job_state::failed)
        out.failed_jobs.push_back(each.job.kind);
    }
  }

  void judge(const fault_case& met, bool lasts, const outcome& seen);
  void expect_all_well(const outcome& seen);
  void expect_failed(const outcome& seen, const std::vector<error_code>& codes);
  void expect_access_asked_for(const outcome& seen);

  /// The fault is over, or there is a new token: nothing is missing then.
  void recover() {
    line.heal();
    let_it_end();
    if (status() == integration_status::requires_reauth)
      give_access();
    sync();
    EXPECT_EQ(status(), integration_status::idle);
    EXPECT_EQ(rows_of_it(), transactions);
    EXPECT_EQ(stored(), served());
  }

  int shops_ = 0;
};

void http_json_faults::expect_all_well(const outcome& seen) {
  EXPECT_THAT(seen.errors, IsEmpty());
  EXPECT_THAT(seen.failed_jobs, IsEmpty());
  EXPECT_EQ(seen.run, run_state::completed);
  EXPECT_EQ(seen.status, integration_status::idle);
  EXPECT_EQ(seen.alerts, 0u);
  EXPECT_TRUE(seen.whole);
}

/// What came before the page that did not stays, and the next sync is not put off for it.
void http_json_faults::expect_failed(const outcome& seen, const std::vector<error_code>& codes) {
  texts found, specified;
  for (const auto& each : seen.errors)
    found.emplace_back(to_string(each.code));
  for (const auto each : codes)
    specified.emplace_back(to_string(each));
  EXPECT_EQ(found, specified);
  EXPECT_EQ(seen.failed_jobs, texts{"shop.pull"});
  const bool is_later = GetParam().is_later();
  EXPECT_EQ(seen.run, is_later ? run_state::completed_with_failures : run_state::failed);
  EXPECT_EQ(seen.status, is_later ? integration_status::idle : integration_status::failed);
  EXPECT_EQ(rows_of_it(), is_later ? items_of_a_page : 0);
}

void http_json_faults::expect_access_asked_for(const outcome& seen) {
  EXPECT_EQ(seen.struck, 1u) << "there is no other token";
  EXPECT_EQ(seen.status, integration_status::requires_reauth);
  EXPECT_EQ(seen.alerts, 1u);
  EXPECT_THAT(seen.waits, IsEmpty());
  EXPECT_EQ(rows_of_it(), GetParam().is_later() ? items_of_a_page : 0);
}

void http_json_faults::judge(const fault_case& met, bool lasts, const outcome& seen) {
  constexpr duration longest_wait_in_attempt = 30s;
  switch (met.means) {
    case manner::harmless:
      EXPECT_THAT(seen.waits, IsEmpty());
      return expect_all_well(seen);
    case manner::passes:
      if (met.retry_after > longest_wait_in_attempt) { // put off, at no cost, as often as the provider wants
        EXPECT_THAT(seen.waits, IsEmpty());
        EXPECT_THAT(seen.errors, IsEmpty());
        EXPECT_THAT(seen.gaps, ::testing::Each(::testing::Ge(met.retry_after)));
        EXPECT_GE(seen.gaps.size(), lasts ? 2u : 1u);
        EXPECT_EQ(seen.status, lasts ? integration_status::processing : integration_status::idle);
        return;
      }
      if (!lasts) {
        EXPECT_EQ(seen.waits.size(), 1u);
        EXPECT_THAT(seen.waits, ::testing::Each(::testing::Ge(std::max<duration>(met.retry_after, 250ms))));
        return expect_all_well(seen);
      }
      EXPECT_EQ(seen.struck, 16u) << "four tries in each of four attempts";
      EXPECT_EQ(seen.gaps.size(), 3u) << "60, 300 and 600 s";
      return expect_failed(seen, {met.code, met.code, met.code, met.code});
    case manner::shape:
      EXPECT_EQ(seen.struck, 1u);
      EXPECT_THAT(seen.waits, IsEmpty());
      return expect_failed(seen, {met.code});
    case manner::expiry:
    case manner::end:
      if (!GetParam().as_client)
        return expect_access_asked_for(seen);
      EXPECT_EQ(seen.refreshes, 1u) << "the client asks for another token";
      if (!lasts)
        return expect_all_well(seen);
      EXPECT_EQ(seen.struck, 2u) << "no loop, whatever the provider says";
      return expect_failed(seen, {error_code::bad_configuration}); // no consent of a person would help
  }
}

TEST_P(http_json_faults, EachEndsAsItIsSpecified) {
  std::cout << "http_json: " << GetParam().name << '\n';
  for (const auto& met : all_faults()) {
    for (const bool lasts : {false, true}) {
      SCOPED_TRACE(met.what.name + (lasts ? ", lasting" : ", once"));
      connect();
      const auto seen = meet(met, lasts);
      std::cout << "  " << std::left << std::setw(16) << met.what.name << (lasts ? "lasting  " : "once     ")
                << in_words(seen) << '\n';
      judge(met, lasts, seen);
      recover();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(lists, http_json_faults, ::testing::ValuesIn(all_lists),
                         [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace penstock::provider_faults
