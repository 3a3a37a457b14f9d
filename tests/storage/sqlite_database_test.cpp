#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include "storage/dialect.hpp"
#include "storage/log_space.hpp"
#include "storage/portable_text.hpp"
#include "storage/session.hpp"
#include "tests/storage/store_fixture.hpp"

namespace penstock::storage {
namespace {

class sqlite_database : public store_fixture {
protected:
  database_context context() {
    database_context wanted;
    wanted.clock = &clock;
    wanted.ids = &ids;
    wanted.kinds = &kinds;
    return wanted;
  }
  error refusal(const std::string& url, std::vector<migration> migrations = {}) {
    auto wanted = context();
    wanted.migrations = std::move(migrations);
    auto opened = database::open({.url = url}, std::move(wanted));
    EXPECT_FALSE(opened) << url;
    return opened ? error{} : opened.error();
  }
};

TEST_F(sqlite_database, UrlsThatCannotWorkSayWhatToDo) {
  for (const auto* url : {"", "store.db", "sqlite://store.db", "sqlite:store.db", "mysql://x", "sqlite:///a\"b.db"}) {
    const auto told = refusal(url);
    EXPECT_EQ(told.code, error_code::bad_configuration) << url;
    EXPECT_NE(told.message.find("sqlite:///"), std::string::npos) << told.message;
  }
  EXPECT_EQ(refusal("sqlite:///no/such/folder/store.db").code, error_code::bad_configuration);
}

TEST_F(sqlite_database, PathsWithBlanksAndUmlautsWork) {
  std::string pattern = (std::filesystem::temp_directory_path() / "penstock böse pfade-XXXXXX").string();
  file = std::string{::mkdtemp(pattern.data())} + "/a store.db";
  open(true);
  const auto id = enqueue(request());
  EXPECT_TRUE(std::filesystem::exists(file));
  reopen();
  EXPECT_EQ(job(id).state, job_state::waiting);
}

TEST_F(sqlite_database, LogThatWasLaidOutKeepsWhatACrashLeftInItAndDoesNotGrow) {
  open(true);
  const auto id = enqueue(request());
  const auto crashed = file + ".crashed";
  for (const auto* end : {"", "-wal"}) // as a dead process leaves them
    std::filesystem::copy_file(file + end, crashed + end);
  reader.reset(), writer.reset(), db.reset();
  constexpr std::int64_t bytes = 4 << 20; // more than the migrations and the jobs below write
  lay_out_log(crashed, bytes);
  file = crashed;
  open(true);
  EXPECT_EQ(job(id).state, job_state::waiting);
  for (int i = 0; i < 50; ++i)
    enqueue(request());
  EXPECT_EQ(std::filesystem::file_size(file + "-wal"), bytes);
}

TEST_F(sqlite_database, LogOfANewDatabaseIsLaidOutForItsWriter) {
  open(true); // makes the folder, and removes it in the end
  const auto place = file + ".new";
  constexpr std::int64_t bytes = 3 << 20;
  auto opened = database::open({.url = "sqlite://" + place, .log_bytes = bytes}, context());
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE((*opened)->migrate());
  const auto writer_of_it = (*opened)->open_writer();
  ASSERT_TRUE(writer_of_it);
  EXPECT_EQ(std::filesystem::file_size(place + "-wal"), bytes);
}

TEST_F(sqlite_database, ASecondNodeIsKeptAwayAndToldByWhom) {
  open(true);
  const auto told = refusal("sqlite://" + file);
  EXPECT_EQ(told.code, error_code::unavailable);
  EXPECT_NE(told.message.find(std::to_string(::getpid())), std::string::npos) << told.message;
  reader.reset(), writer.reset(), db.reset();
  open(true);
}

TEST_F(sqlite_database, ALockDiesWithItsProcess) {
  open(true);
  reader.reset(), writer.reset(), db.reset();
  const auto child = ::fork();
  if (child == 0) {
    auto held = database::open({.url = "sqlite://" + file}, context());
    ::_exit(held ? 0 : 1); // without any clean-up
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(std::filesystem::exists(file + ".lock"));
  open(true);
}

TEST_F(sqlite_database, ANewerSchemaIsRefusedWithTheReason) {
  open(true);
  ASSERT_TRUE(commit_one(unit_of_work{}).ok());
  reader.reset(), writer.reset(), db.reset();
  const migration one{"probe", 1, "create things", {"SELECT 1"}};
  const migration two{"probe", 2, "more", {"CREATE TABLE more (id BIGINT)"}};
  {
    auto wanted = context();
    wanted.migrations = {one, two};
    auto opened = database::open({.url = "sqlite://" + file}, wanted);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->migrate(), 1) << "only what is missing runs";
    EXPECT_EQ((*opened)->migrate(), 0);
  }
  const auto told = refusal("sqlite://" + file, {one});
  EXPECT_EQ(told.code, error_code::bad_configuration);
  EXPECT_NE(told.message.find("probe 2"), std::string::npos) << told.message;
  auto without = database::open({.url = "sqlite://" + file}, context());
  EXPECT_TRUE(without) << "a connector that is not built in any more leaves its tables behind";
}

TEST_F(sqlite_database, MigrationsOutOfOrderAreRefused) {
  const migration one{"probe", 1, "first", {"SELECT 1"}}, two{"probe", 2, "second", {"SELECT 1"}};
  EXPECT_EQ(refusal("sqlite::memory:", {two, one}).code, error_code::bad_configuration);
  EXPECT_EQ(refusal("sqlite::memory:", {one, one}).code, error_code::bad_configuration);
}

TEST_F(sqlite_database, ATableWithoutWhatItsConnectorWritesIsToldBeforeAnythingRuns) {
  const migration made{"shop", 1, "items", {"CREATE TABLE shop_items (title TEXT)"}};
  const column title{"title", column_type::text}, stock{"stock", column_type::integer};
  const auto migrated = [&](std::vector<table_schema> tables) {
    auto wanted = context();
    wanted.tables = std::move(tables);
    wanted.migrations = {made};
    auto opened = database::open({.url = "sqlite::memory:"}, std::move(wanted));
    return opened ? (*opened)->migrate() : failure(opened.error());
  };
  EXPECT_TRUE(migrated({{"shop_items", {title}}}));
  const auto edited = migrated({{"shop_items", {title, stock}}});
  ASSERT_FALSE(edited);
  EXPECT_EQ(edited.error().code, error_code::bad_configuration);
  EXPECT_NE(edited.error().message.find("column stock in table shop_items"), std::string::npos) << edited.error().message;
  const auto gone = migrated({{"shop_orders", {title}}});
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().message.find("table shop_orders"), std::string::npos) << gone.error().message;
}

TEST_F(sqlite_database, AMigrationThatFailsLeavesNothing) {
  auto wanted = context();
  wanted.migrations = {{"probe", 1, "broken", {"CREATE TABLE half (id BIGINT)", "CREATE TABEL other (id BIGINT)"}}};
  auto opened = database::open({.url = "sqlite::memory:"}, wanted);
  ASSERT_TRUE(opened);
  const auto migrated = (*opened)->migrate();
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().code, error_code::storage_failed);
  EXPECT_NE(migrated.error().message.find("probe 1"), std::string::npos) << migrated.error().message;
  auto read = (*opened)->open_reader();
  ASSERT_TRUE(read);
  EXPECT_TRUE((*read)->rows().select("SELECT 1 FROM sqlite_master WHERE name = 'half'", {})->rows.empty());
}

TEST_F(sqlite_database, AWriterBeforeTheMigrationsIsAnError) {
  auto opened = database::open({.url = "sqlite::memory:"}, context());
  ASSERT_TRUE(opened);
  EXPECT_FALSE((*opened)->open_writer());
}

TEST_F(sqlite_database, AFileThatIsNoDatabaseIsLeftAlone) {
  std::string pattern = (std::filesystem::temp_directory_path() / "penstock-writer-XXXXXX").string();
  file = std::string{::mkdtemp(pattern.data())} + "/notes.txt";
  std::ofstream{file} << std::string(5000, 'n');
  const auto told = refusal("sqlite://" + file);
  EXPECT_EQ(told.code, error_code::storage_failed);
  EXPECT_EQ(std::filesystem::file_size(file), 5000u);
}

TEST_F(sqlite_database, ACheckpointMovesTheLogWhileTheWriterIsOpen) {
  open(true);
  for (int i = 0; i < 20; ++i) {
    unit_of_work unit;
    unit.jobs.assign(100, request());
    ASSERT_TRUE(commit_one(std::move(unit)).ok());
  }
  const auto before = std::filesystem::file_size(file);
  EXPECT_GT(std::filesystem::file_size(file + "-wal"), 100'000u);
  const auto left = db->checkpoint();
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(*left, 0);
  EXPECT_GT(std::filesystem::file_size(file), before);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 2000);
}

TEST_F(sqlite_database, EverythingIsThereAfterADeathWithoutACleanEnd) {
  open(true);
  reader.reset(), writer.reset(), db.reset();
  const auto child = ::fork();
  if (child == 0) {
    open(true);
    auto unit = unit_of_work{};
    unit.jobs.assign(70, request());
    const auto done = commit({unit}, {{"default", 0, false, {{1}}}});
    ::_exit(done.batches[0].failed || done.batches[0].units[0].jobs.size() != 70 ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  open(true);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 70);
  expect_counts_agree();
  const auto known = number("SELECT MAX(id) FROM jobs");
  EXPECT_GT(enqueue(request()).value, known) << "ids go on after those that are stored";
}

TEST_F(sqlite_database, AnotherProcessesLockIsBusyNotBroken) {
  open(true);
  reader.reset(), writer.reset(), db.reset();
  database_settings settings{.url = "sqlite://" + file, .busy_timeout = std::chrono::milliseconds{20}};
  auto opened = database::open(settings, context());
  ASSERT_TRUE(opened);
  ASSERT_TRUE((*opened)->migrate());
  auto mine = (*opened)->open_writer();
  ASSERT_TRUE(mine);
  const auto other_dialect = make_sqlite_dialect(file, settings);
  session other{*other_dialect, connection_role::writer, nullptr};
  other.begin();
  std::vector<write_batch> batches(1);
  batches[0].units.resize(1);
  batches[0].units[0].jobs.push_back(request());
  const auto refused = (*mine)->commit(batches);
  ASSERT_TRUE(refused.batches[0].failed);
  EXPECT_EQ(refused.batches[0].failed->code, error_code::storage_busy);
  other.rollback();
  EXPECT_FALSE((*mine)->commit(batches).batches[0].failed);
}

TEST_F(sqlite_database, ADamagedFileIsNoUnitsFault) {
  open(true);
  const auto page = number("SELECT rootpage FROM sqlite_master WHERE name = 'things'");
  reader.reset(), writer.reset(), db.reset(); // the last one out moves the log into the file
  {
    std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekp((page - 1) * 4096);
    bytes << std::string(4096, '\x7f');
    ASSERT_TRUE(bytes);
  }
  open(true);
  std::vector<write_batch> batches(2);
  batches[0].units.resize(2);
  batches[0].units[0].jobs.push_back(request());
  batches[0].units[1].rows.push_back({"things", {1}, {{"a", {std::string{"n"}, std::int64_t{1}}, 0}}});
  batches[1].units.resize(1);
  batches[1].units[0].jobs.push_back(request());
  const auto done = writer->commit(batches);
  for (const auto& batch : done.batches) {
    ASSERT_TRUE(batch.failed);
    EXPECT_EQ(batch.failed->code, error_code::storage_failed);
    EXPECT_NE(batch.failed->message.find("damaged"), std::string::npos) << batch.failed->message;
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 0);
}

TEST_F(sqlite_database, TextsMayHoldAnyByte) {
  open();
  auto wanted = request();
  wanted.payload = std::string{"a\0b\xff\xfe", 5} + std::string(200'000, '\0') + "end";
  wanted.args = R"({"ü":"\u0000"})";
  const auto id = enqueue(wanted);
  EXPECT_EQ(reader->jobs().payload(id), wanted.payload);
  EXPECT_EQ(job(id).job.args, wanted.args);
  const auto stored = reader->rows().select("SELECT body FROM job_payloads ORDER BY chunk", {});
  ASSERT_TRUE(stored) << stored.error().message;
  for (const auto& row : stored->rows)
    EXPECT_TRUE(is_portable(std::get<std::string>(row.at(0)))) << "a copy on PostgreSQL would be another";
}

TEST_F(sqlite_database, SmallPayloadLiesInItsJobsRowAndLeavesIt) {
  open();
  auto wanted = request();
  wanted.payload = std::string{"a\0b\xff\xfe", 5};
  const auto id = enqueue(wanted);
  EXPECT_EQ(reader->jobs().payload(id), wanted.payload);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs WHERE payload IS NOT NULL"), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM job_payloads"), 0);
  commit({end_of(id)});
  EXPECT_EQ(job(id).state, job_state::completed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs WHERE payload IS NOT NULL"), 0);
  EXPECT_EQ(reader->jobs().payload(id).error().code, error_code::not_found);
}

} // namespace
} // namespace penstock::storage
