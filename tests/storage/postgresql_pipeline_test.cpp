#include "storage/dialect.hpp"
#include "storage/session.hpp"
#include "storage/statement.hpp"
#include "tests/storage/store_fixture.hpp"

// Statements that nobody waits for one by one, and rows that go as COPY.
namespace penstock::storage {
namespace {

class postgresql_pipeline : public store_fixture {
protected:
  void SetUp() override {
    if (!use_postgresql())
      GTEST_SKIP() << scratch_schema::why_skipped;
    settings.url = schema->url();
    dialect = make_postgresql_dialect(settings);
    connection = std::make_unique<session>(*dialect, connection_role::writer, nullptr);
    connection->execute("make table", "CREATE TABLE notes (n BIGINT PRIMARY KEY, word TEXT NOT NULL)");
  }
  void TearDown() override { connection.reset(); }

  void post_note(std::int64_t n, const char* word) {
    auto& add = connection->query<add_note>();
    add.n = n;
    add.word = word;
    add.sql.post();
  }
  std::string notes() { return schema->value("SELECT COALESCE(string_agg(word, ',' ORDER BY n), '') FROM notes"); }

  struct add_note {
    std::int64_t n = 0;
    std::string word;
    statement sql;
    explicit add_note(session& db) : sql(db, "add note", "INSERT INTO notes (n, word) VALUES (:n, :word)") {
      sql.in(n).in(word);
    }
  };

  database_settings settings;
  std::unique_ptr<storage::dialect> dialect;
  std::unique_ptr<session> connection;
};

TEST_F(postgresql_pipeline, WhatIsPostedKeepsItsOrderAndItsValues) {
  connection->begin();
  for (int i = 0; i < 200; ++i) // more than are kept back
    post_note(i, i % 2 == 0 ? "even" : "odd");
  std::int64_t count = 0;
  statement look{*connection, "count notes", "SELECT count(*) FROM notes WHERE word = 'odd'"};
  look.out(count);
  look.one();
  EXPECT_EQ(count, 100);
  EXPECT_EQ(notes(), "") << "nobody else sees them yet";
  connection->commit();
  EXPECT_EQ(schema->value("SELECT count(*) FROM notes"), "200");
}

TEST_F(postgresql_pipeline, AFailureOfWhatWasPostedIsThrownAtTheCommitAndNothingIsStored) {
  connection->begin();
  post_note(1, "one");
  post_note(1, "one again");
  post_note(2, "two");
  try {
    connection->commit();
    FAIL() << "the commit went through";
  } catch (const storage_exception& thrown) {
    EXPECT_EQ(thrown.blame(), storage_blame::unit);
  }
  EXPECT_TRUE(connection->posted_failed());
  connection->rollback();
  EXPECT_EQ(notes(), "");
  connection->begin();
  post_note(3, "three");
  connection->commit();
  EXPECT_FALSE(connection->posted_failed());
  EXPECT_EQ(notes(), "three");
}

TEST_F(postgresql_pipeline, WhatIsPostedForTheEndIsNotBlamedOnTheWork) {
  connection->begin();
  post_note(1, "one");
  connection->begin_end();
  post_note(1, "one again");
  EXPECT_THROW(connection->commit(), storage_exception);
  EXPECT_FALSE(connection->posted_failed());
  connection->rollback();
  connection->begin();
  post_note(2, "two");
  post_note(2, "two again");
  connection->begin_end();
  EXPECT_THROW(connection->commit(), storage_exception);
  EXPECT_TRUE(connection->posted_failed());
  connection->rollback();
}

TEST_F(postgresql_pipeline, AStatementThatGoesHidesNoFailureOfWhatWasPosted) {
  connection->begin();
  post_note(1, "one");
  post_note(1, "one again");
  {
    std::int64_t n = 0;
    statement look{*connection, "look", "SELECT 1"};
    look.out(n);
    EXPECT_THROW(look.one(), storage_exception);
  }
  EXPECT_TRUE(connection->posted_failed());
  connection->rollback();
}

TEST_F(postgresql_pipeline, ACopyThatIsRefusedIsToldAtTheNextStatement) {
  connection->begin();
  post_note(1, "one");
  connection->copy("copy notes", "COPY notes (n, word) FROM STDIN (FORMAT binary)", "nonsense");
  EXPECT_THROW(connection->commit(), storage_exception);
  EXPECT_TRUE(connection->posted_failed());
  connection->rollback();
  EXPECT_FALSE(connection->lost());
  connection->begin();
  post_note(2, "two");
  connection->commit();
  EXPECT_EQ(notes(), "two");
}

TEST_F(postgresql_pipeline, AConnectionThatBreaksBehindACopyIsLost) {
  connection->begin();
  connection->copy("copy notes", "COPY notes (n, word) FROM STDIN (FORMAT binary)", "nonsense");
  schema->break_connections();
  EXPECT_THROW(connection->commit(), storage_exception);
  connection->rollback();
  EXPECT_TRUE(connection->lost());
}

TEST_F(postgresql_pipeline, NullInAColumnThatHasNoneIsAnError) {
  std::int64_t n = 0;
  statement look{*connection, "look", "SELECT CAST(NULL AS BIGINT)"};
  look.out(n);
  EXPECT_THROW(look.one(), storage_exception);
}

TEST_F(postgresql_pipeline, ARollbackForgetsWhatWasPosted) {
  connection->begin();
  post_note(1, "one");
  connection->rollback();
  connection->rollback(); // of nothing
  connection->begin();
  post_note(2, "two");
  connection->commit();
  EXPECT_EQ(notes(), "two");
}

TEST_F(postgresql_pipeline, ACommitOfATransactionThatFailedIsNoCommit) {
  connection->begin();
  post_note(1, "one");
  EXPECT_THROW(connection->execute("fail", "SELECT 1 / 0"), storage_exception);
  EXPECT_THROW(connection->commit(), storage_exception);
  connection->rollback();
  EXPECT_EQ(notes(), "");
}

TEST_F(postgresql_pipeline, ABrokenConnectionIsToldAtTheNextStatement) {
  connection->begin();
  post_note(1, "one");
  schema->break_connections();
  EXPECT_THROW(connection->commit(), storage_exception);
  EXPECT_TRUE(connection->lost());
  connection->reconnect();
  connection->begin();
  post_note(2, "two");
  connection->commit();
  EXPECT_EQ(notes(), "two");
}

TEST_F(postgresql_pipeline, ColonsInTextAreNoParameters) {
  std::string word = "w", found;
  statement look{*connection, "echo", "SELECT ':no' || CAST(:word AS TEXT) || ':no'"};
  look.in(word).out(found);
  ASSERT_TRUE(look.one());
  EXPECT_EQ(found, ":now:no");
}

TEST_F(postgresql_pipeline, ManyJobsAtOnceAreStoredAsFewAre) {
  const std::string odd = "{\"text\":\"a 'quote', a \\\\ and \\\"these\\\", ü 漢\"}";
  open();
  std::int64_t total = 0;
  for (const std::size_t count : {3u, 249u, 250u, 251u, 1200u}) {
    total += static_cast<std::int64_t>(count);
    unit_of_work unit;
    for (std::size_t i = 0; i < count; ++i) {
      auto& job = unit.jobs.emplace_back(request());
      job.args = i % 3 == 0 ? odd : "{}";
      job.priority = static_cast<std::uint8_t>(i % 10);
      if (i % 2 == 0)
        job.trace_id = "trace \xff" + std::to_string(i);
    }
    const auto made = commit_one(std::move(unit));
    ASSERT_EQ(made.jobs.size(), count);
    EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), total);
    EXPECT_EQ(number("SELECT COUNT(*) FROM waiting_jobs w JOIN jobs j ON j.id = w.id AND j.run_at = w.run_at AND "
                     "j.priority = w.priority AND j.queue_id = w.queue_id"),
              total);
    const auto first = job(made.jobs.front().id);
    EXPECT_EQ(first.job.args, odd);
    EXPECT_EQ(first.job.trace_id, "trace \xef\xbf\xbd"
                                  "0")
      << "mended";
    const auto last = job(made.jobs.back().id);
    EXPECT_EQ(last.job.priority, (count - 1) % 10);
    EXPECT_EQ(last.state, job_state::waiting);
    expect_counts_agree();
  }
}

} // namespace
} // namespace penstock::storage
