#include "storage/erasure.hpp"

#include <algorithm>
#include <set>

#include "core/id_text.hpp"
#include "storage/table_catalogue.hpp"
#include "tests/storage/lasting_stores.hpp"
#include "tests/storage/plain_tables.hpp"

namespace penstock::storage {
namespace {

class erasure : public store_conformance {
protected:
  void SetUp() override {
    store_conformance::SetUp();
    if (IsSkipped())
      return;
    acme = organisation_id{apply(add_organisation{{.id = {}, .name = "Acme"}})};
    mine = populate("account of Acme", acme);
    other = organisation_id{apply(add_organisation{{.id = {}, .name = "Other"}})};
    theirs = populate("account of others", other);
    fill_the_rest();
  }

  /// An integration with a run, jobs in all states, a credential, rows and cursors.
  integration_id populate(const std::string& name, organisation_id owner) {
    access_token token;
    token.name = name;
    token.hash = std::string(64, owner == acme ? 'a' : 'b');
    token.organisation = owner;
    token.created_by = "admin";
    apply(add_token{std::move(token)});
    const auto id = add_probe(name, std::chrono::hours{1}, owner);
    credential tokens;
    tokens.integration = id;
    tokens.access_token = "x";
    apply(store_credential{tokens, 0});
    const auto run = start_run_of(id);
    auto page = request("probe.page");
    page.integration = id;
    page.organisation = owner;
    page.run = run;
    page.unique_key = "page";
    const auto waits = enqueue(page).id;
    page.unique_key = "another";
    page.group_key = to_string(owner) + "/" + to_string(id);
    const auto grouped = enqueue(page).id;
    auto plain = request("probe.task");
    plain.organisation = owner;
    const auto ended = enqueue(plain).id;
    EXPECT_TRUE(end(ended, attempt_outcome::succeeded).ok());
    const auto active = enqueue(plain).id;
    claim("default", owner == acme ? 1 : 2, {active, waits});
    static_cast<void>(grouped);
    note_audit note;
    note.value.actor = "admin";
    note.value.action = "PATCH /api/v1/integrations/{id}";
    note.value.subject = "/api/v1/integrations/" + to_string(id);
    note.value.after = R"({"name":")" + name + "\"}";
    apply(note);
    apply(keep_answer_of(id));
    apply(do_once{"webhook " + to_string(id) + " abc", "webhook"});
    plan("fetch " + name, {schedule_job{"probe.task", fetch_args(id), ""}});
    return id;
  }
  static std::string fetch_args(integration_id id) { return R"({"integration_id":")" + to_string(id) + R"("})"; }
  /// A schedule of these jobs that has fired.
  void plan(const std::string& name, std::vector<schedule_job> jobs) {
    schedule value;
    value.name = name;
    value.rule = "every 1h";
    value.kind = jobs.front().kind;
    value.args = jobs.front().args;
    value.queue = jobs.front().queue;
    value.more_jobs.assign(jobs.begin() + 1, jobs.end());
    apply(add_schedule{std::move(value)});
    ASSERT_TRUE(answer(fire_schedule{.name = name, .reason = firing_reason::manual, .occurrence = clock.now()}).ok());
  }
  std::vector<std::string> schedules() {
    std::vector<std::string> names;
    const auto all = reader->schedules().all();
    for (const auto& each : *all)
      names.push_back(each.name);
    return names;
  }
  static keep_answer keep_answer_of(integration_id id) {
    return {"0 key" + to_string(id), "f", 201, R"({"id":")" + to_string(id) + "\"}"};
  }

  /// Tables that nothing above wrote to.
  void fill_the_rest() {
    plain_database base(place->url(), connection_role::upkeep);
    fill_tables(*base.db, 2,
                [&](const std::string& table, const std::string& column, int n) -> std::optional<column_value> {
                  if (column == "organisation_id")
                    return n == 1 ? acme.value : other.value;
                  if (column == "integration_id")
                    return n == 1 ? mine.value : theirs.value;
                  if (table == "slots" && column == "jobs")
                    return "";
                  return std::nullopt;
                });
  }

  result<std::int64_t> erase(const erased_owner& owner) {
    auto opened = upkeep_database::open({.url = place->url()}, {{"probe", 1, "create probe tables", {}}}, clock);
    if (!opened)
      return failure(opened.error());
    return erase_owned(**opened, owner, "it", {});
  }
  void erase_all(const erased_owner& owner) {
    const auto gone = erase(owner);
    ASSERT_TRUE(gone) << gone.error().message;
  }
  /// Where an id is still told of: columns that hold it, and texts.
  std::set<std::string> traces_of(std::int64_t id) {
    std::set<std::string> found;
    plain_database base(place->url());
    for (const auto& [table, rows] : read_texts(*base.db))
      for (const auto& row : rows)
        for (const auto& [column, text] : row)
          if (text == std::to_string(id) || text.find("\"" + std::to_string(id) + "\"") != std::string::npos ||
              text.find("/" + std::to_string(id)) != std::string::npos ||
              text.find(" " + std::to_string(id) + " ") != std::string::npos)
            found.insert(table + "." + column);
    return found;
  }

  organisation_id acme{}, other{};
  integration_id mine{}, theirs{};
};

TEST_P(erasure, NoRowInAnyTableIsLeftOfAnOrganisation) {
  {
    // A new table with an owner must have a row here, so that it is found if nobody erases it.
    plain_database base(place->url());
    for (const auto& table : read_tables(*base.db))
      if (table.has("organisation_id") || table.has("integration_id")) {
        EXPECT_FALSE(read_texts(*base.db).at(table.name).empty()) << table.name;
      }
  }
  EXPECT_FALSE(traces_of(acme.value).empty());
  const auto gone = erase({acme.value, 0});
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_GT(*gone, 10);
  EXPECT_EQ(traces_of(acme.value), std::set<std::string>{});
  EXPECT_EQ(traces_of(mine.value), std::set<std::string>{});
  const auto again = erase({acme.value, 0});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, 0);
}

TEST_P(erasure, OthersKeepWhatIsTheirs) {
  const auto before = traces_of(other.value), of_theirs = traces_of(theirs.value);
  erase_all({acme.value, 0});
  EXPECT_EQ(traces_of(other.value), before);
  EXPECT_EQ(traces_of(theirs.value), of_theirs);
  EXPECT_EQ(integration_of(theirs).name, "account of others");
}

TEST_P(erasure, OfAnIntegrationNothingIsLeftAndItsOrganisationStays) {
  erase_all({0, mine.value});
  EXPECT_EQ(traces_of(mine.value), std::set<std::string>{});
  EXPECT_TRUE(reader->access().find_organisation(acme));
  EXPECT_FALSE(traces_of(acme.value).empty());
}

TEST_P(erasure, SchedulesThatNameItGoWithTheirOccurrences) {
  plan("both", {schedule_job{"probe.task", fetch_args(mine), "reports"}, schedule_job{"probe.page", fetch_args(theirs), ""},
                schedule_job{"probe.task", fetch_args(mine), ""}});
  plan("neither", {schedule_job{"probe.task", "{}", ""}});
  erase_all({0, mine.value});
  EXPECT_EQ(schedules(), (std::vector<std::string>{"both", "fetch account of others", "neither"}));
  const auto all = reader->schedules().all();
  EXPECT_EQ(all->at(0).kind, "probe.page") << "what concerns others goes on";
  EXPECT_EQ(all->at(0).args, fetch_args(theirs));
  EXPECT_EQ(all->at(0).queue, "");
  EXPECT_TRUE(all->at(0).more_jobs.empty());
  plain_database base(place->url());
  auto kept = read_texts(*base.db);
  for (const auto* table : {"schedule_occurrences", "schedule_jobs"})
    for (const auto& row : kept.at(table))
      EXPECT_EQ(row.at("schedule").find("of Acme"), std::string::npos) << table;
  EXPECT_EQ(kept.at("schedule_occurrences").size(), 3u);
}

TEST_P(erasure, WhoRunsAJobOfItCanStoreNothing) {
  auto plain = request("probe.task");
  plain.organisation = acme;
  const auto runs = enqueue(plain).id;
  claim("default", 3, {runs});
  erase_all({acme.value, 0});
  unit_of_work late;
  late.ends.emplace();
  late.ends->job = runs;
  late.ends->queue = "default";
  late.ends->outcome = attempt_outcome::succeeded;
  late.jobs.push_back(plain);
  const auto refused = commit(std::move(late));
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(traces_of(acme.value), std::set<std::string>{});
}

TEST_P(erasure, CountsOfQueuesAgreeAfterwards) {
  erase_all({acme.value, 0});
  const auto wrong = reader->rows().select(
    "SELECT COUNT(*) FROM (SELECT queue_id, state, n FROM queue_counts WHERE n <> 0 EXCEPT SELECT queue_id, state, "
    "COUNT(*) FROM job_states GROUP BY queue_id, state) AS surplus",
    {});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(std::get<std::int64_t>(wrong->rows.at(0).at(0)), 0);
}

TEST_P(erasure, ThatItHappenedStays) {
  erase_all({0, mine.value});
  const auto told = reader->access().audit({}, {});
  ASSERT_TRUE(told);
  EXPECT_TRUE(std::any_of(told->items.begin(), told->items.end(),
                          [](const audit_entry& each) { return each.action == "penstock erase"; }));
}

INSTANTIATE_TEST_SUITE_P(stores, erasure, ::testing::ValuesIn(lasting_store_kinds()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::storage
