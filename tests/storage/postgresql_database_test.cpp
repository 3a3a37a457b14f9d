#include <future>
#include <memory>
#include <thread>

#include "storage/dialect.hpp"
#include "storage/postgresql_errors.hpp"
#include "storage/session.hpp"
#include "storage/statement.hpp"
#include "tests/storage/store_fixture.hpp"

namespace penstock::storage {
namespace {

TEST(postgresql_errors, SqlstatesTellTheUnitsFaultFromTheDatabases) {
  const std::tuple<const char*, error_code, storage_blame> rows[] = {
    {"23505", error_code::storage_failed, storage_blame::unit},
    {"22P02", error_code::storage_failed, storage_blame::unit},
    {"42P01", error_code::storage_failed, storage_blame::unit},
    {"57014", error_code::storage_failed, storage_blame::unit},
    {"53100", error_code::storage_full, storage_blame::database},
    {"53300", error_code::storage_busy, storage_blame::database},
    {"57P01", error_code::storage_busy, storage_blame::database},
    {"08006", error_code::storage_busy, storage_blame::database},
    {"55P03", error_code::storage_busy, storage_blame::database},
    {"25006", error_code::storage_busy, storage_blame::database},
    {"XX001", error_code::storage_failed, storage_blame::database},
    {"40P01", error_code::storage_busy, storage_blame::moment},
    {"40001", error_code::storage_busy, storage_blame::moment}};
  for (const auto& [state, code, blame] : rows) {
    const auto told = explain_sqlstate(state, "write things");
    EXPECT_EQ(told.problem().code, code) << state;
    EXPECT_EQ(told.blame(), blame) << state;
    EXPECT_NE(told.problem().message.find("write things"), std::string::npos) << told.problem().message;
  }
}

TEST(postgresql_errors, AUrlKeepsWhatItSaysAndGetsTheRest) {
  const auto info = postgresql_conninfo("postgresql://ann:p%20%3D%27w@h:5433/d?connect_timeout=9");
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_NE(info->find("password=p%20%3D%27w"), std::string::npos);
  EXPECT_NE(info->find("port=5433"), std::string::npos);
  EXPECT_NE(info->find("connect_timeout=9"), std::string::npos);
  EXPECT_NE(info->find("tcp_user_timeout="), std::string::npos);
  EXPECT_EQ(info->find(' '), std::string::npos);
  const auto refused = postgresql_conninfo("postgresql://ann:hidden@h:port:5/%zz");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::bad_configuration);
  EXPECT_EQ(refused.error().message.find("hidden"), std::string::npos);
}

class postgresql_database : public store_fixture {
protected:
  void SetUp() override {
    if (!use_postgresql())
      GTEST_SKIP() << scratch_schema::why_skipped;
  }
  database_context context(std::string name) {
    database_context wanted;
    wanted.clock = &clock;
    wanted.ids = &other_ids;
    wanted.kinds = &kinds;
    wanted.node_name = std::move(name);
    return wanted;
  }
  result<std::unique_ptr<database>> open_other(std::string name, duration other_lease = std::chrono::seconds(15)) {
    return database::open({.url = schema->url(), .lease = other_lease}, context(std::move(name)));
  }

  id_generator other_ids{clock, 1};
};

TEST_F(postgresql_database, WhatCannotBeReachedSaysSoWithoutThePassword) {
  auto opened = database::open({.url = "postgresql://ann:hidden@127.0.0.1:1/d"}, context("a"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, error_code::storage_busy);
  EXPECT_EQ(opened.error().message.find("hidden"), std::string::npos) << opened.error().message;
  EXPECT_EQ(opened.error().message.find('\n'), std::string::npos) << opened.error().message;
}

TEST_F(postgresql_database, BodiesMayHoldAnyByteAndTextsAreMended) {
  open();
  auto wanted = request();
  wanted.payload = std::string{"a\0b\xff\xfe", 5} + std::string(200'000, '\0') + "end";
  wanted.args = R"({"ü":"\u0000"})";
  wanted.triggered_by = std::string{"who\0 \xC3", 6};
  const auto id = enqueue(wanted);
  EXPECT_EQ(reader->jobs().payload(id), wanted.payload);
  EXPECT_EQ(job(id).job.args, wanted.args);
  EXPECT_EQ(job(id).triggered_by, "who\xEF\xBF\xBD \xEF\xBF\xBD");
  wanted.payload.resize(5); // lies in its job's row
  EXPECT_EQ(reader->jobs().payload(enqueue(wanted)), wanted.payload);
}

TEST_F(postgresql_database, TextThatIsCutInPiecesKeepsItsCharacters) {
  open();
  auto wanted = request();
  for (int i = 0; i < 50'000; ++i)
    wanted.payload += "äöü";
  const auto id = enqueue(wanted);
  EXPECT_EQ(reader->jobs().payload(id), wanted.payload);
  EXPECT_EQ(number("SELECT COUNT(*) FROM job_payloads WHERE body LIKE '%b64:%'"), 0);
}

TEST_F(postgresql_database, ViewsShowTimesAsText) {
  open();
  enqueue(request());
  const auto rows = reader->rows().select("SELECT run_at, created_at, id FROM v_jobs", {});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(std::get<std::string>(rows->rows.at(0).at(0)), "2024-01-15T12:00:00.000000Z");
  EXPECT_EQ(std::get<std::string>(rows->rows.at(0).at(1)), "2024-01-15T12:00:00.000Z");
}

TEST_F(postgresql_database, SelectsOfConnectorsMustNotWrite) {
  open();
  enqueue(request());
  for (const auto* sql : {"DELETE FROM jobs", "UPDATE jobs SET state = 3",
                          "WITH gone AS (DELETE FROM jobs RETURNING id) SELECT id FROM gone",
                          "SELECT 1; DELETE FROM jobs", "SELECT 1; SELECT 2"}) {
    const auto told = reader->rows().select(sql, {});
    ASSERT_FALSE(told) << sql;
    EXPECT_EQ(told.error().code, error_code::invalid_argument) << sql << told.error().message;
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 1);
}

TEST_F(postgresql_database, TwoThatStartTogetherMigrateOnce) {
  std::vector<std::future<int>> ran;
  for (int i = 0; i < 4; ++i)
    ran.push_back(std::async(std::launch::async, [this] {
      database_context wanted;
      id_generator own{clock, 1};
      wanted.clock = &clock;
      wanted.ids = &own;
      wanted.kinds = &kinds;
      auto opened = database::open({.url = schema->url()}, wanted);
      return opened ? (*opened)->migrate().value_or(-100) : -1000;
    }));
  int all = 0;
  for (auto& each : ran)
    all += each.get();
  open();
  EXPECT_EQ(all, number("SELECT COUNT(*) FROM schema_migrations WHERE owner = 'engine'"));
}

TEST_F(postgresql_database, ANameIsTakenByOneLivingNode) {
  open();
  auto other = open_other("node", std::chrono::milliseconds(300));
  ASSERT_TRUE(other);
  const auto refused = (*other)->open_writer();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::unavailable);
  EXPECT_NE(refused.error().message.find("node.name"), std::string::npos) << refused.error().message;
  auto third = open_other("third");
  ASSERT_TRUE(third);
  EXPECT_TRUE((*third)->open_writer());
  EXPECT_EQ(number("SELECT MAX(number) FROM nodes"), 2);
}

TEST_F(postgresql_database, AConnectionThatBreaksIsOpenedAnewAndNothingIsLost) {
  open();
  const auto before = enqueue(request());
  schema->break_connections();
  std::vector<write_batch> batches(1);
  batches[0].units.resize(1);
  batches[0].units[0].jobs.push_back(request());
  bool reconnected = false;
  auto done = writer->commit(batches);
  for (int tries = 0; tries < 200 && done.batches[0].failed; ++tries) {
    EXPECT_EQ(done.batches[0].failed->code, error_code::storage_busy) << done.batches[0].failed->message;
    std::this_thread::yield();
    done = writer->commit(batches);
    reconnected = reconnected || done.reconnected;
  }
  ASSERT_FALSE(done.batches[0].failed) << done.batches[0].failed->message;
  EXPECT_TRUE(reconnected);
  auto found = reader->jobs().find(before);
  for (int tries = 0; tries < 200 && !found; ++tries)
    found = reader->jobs().find(before);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 2);
  expect_counts_agree();
}

} // namespace
} // namespace penstock::storage
