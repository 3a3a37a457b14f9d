// A database of a former level, with rows in every table, brought up to date by all of today's program.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "core/id_generator.hpp"
#include "core/manual_clock.hpp"
#include "storage/database.hpp"
#include "storage/databases.hpp"
#include "storage/read_session.hpp"
#include "storage/write_session.hpp"
#include "tests/node/every_connector.hpp"

namespace penstock::node {
namespace {

namespace fs = std::filesystem;

/// That sealed what is in fixtures/level_28.sql.
constexpr const char* former_key = "9c1sk/6tns/dnKLjqQTM4F1i5KsWxxe7iDDPqRqmn2w=";

/// A row: the SQL literals of its columns by name.
using stored_row = std::map<std::string, std::string>;
using stored_rows = std::vector<stored_row>;

/// The file, read and written as SQLite's own shell would.
class plain_file {
public:
  explicit plain_file(const fs::path& file) {
    sqlite3* opened = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &opened), SQLITE_OK);
    db_.reset(opened);
  }

  void run(const std::string& sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << (message ? message : "");
    sqlite3_free(message);
  }

  stored_rows select(const std::string& sql) {
    stored_rows rows;
    const auto take = [](void* into, int count, char** values, char** names) {
      auto& row = static_cast<stored_rows*>(into)->emplace_back();
      for (int i = 0; i < count; ++i)
        row[names[i]] = values[i] ? values[i] : "";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db_.get(), sql.c_str(), take, &rows, nullptr), SQLITE_OK) << sql;
    return rows;
  }
  std::string value(const std::string& sql) { return select(sql).at(0).begin()->second; }

  /// All rows of all tables, sorted.
  std::map<std::string, stored_rows> tables() {
    std::map<std::string, stored_rows> found;
    for (const auto& table : select("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")) {
      const auto& name = table.at("name");
      std::string columns;
      for (const auto& column : select("SELECT name FROM pragma_table_info('" + name + "')"))
        columns += (columns.empty() ? "" : ", ") + ("quote(" + column.at("name") + ") AS " + column.at("name"));
      found[name] = select("SELECT " + columns + " FROM " + name);
      std::sort(found[name].begin(), found[name].end());
    }
    return found;
  }

private:
  struct closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, closer> db_;
};

class former_database : public ::testing::Test {
protected:
  former_database() {
    std::string pattern = (fs::temp_directory_path() / "penstock-former-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    std::ifstream sql(std::string(PENSTOCK_SOURCE_DIR) + "/tests/node/fixtures/level_28.sql");
    std::ostringstream text;
    text << sql.rdbuf();
    plain_file(folder / "penstock.db").run(text.str());
    std::ofstream(folder / "secrets.key") << former_key << '\n';
    fs::permissions(folder / "secrets.key", fs::perms::owner_read | fs::perms::owner_write);
  }
  ~former_database() override { fs::remove_all(folder); }

  plain_file file() { return plain_file(folder / "penstock.db"); }

  /// As a node opens it.
  void open() {
    storage::database_context context;
    context.clock = &clock;
    context.ids = &ids;
    context.kinds = &plan.kinds;
    context.tables = plan.connectors.tables();
    context.migrations = plan.connectors.migrations();
    context.secrets = &*secrets;
    context.node_name = "old-node";
    auto opened = storage::database::open({.url = "sqlite://" + (folder / "penstock.db").string()}, std::move(context));
    ASSERT_TRUE(opened) << opened.error().message;
    db = std::move(*opened);
  }

  fs::path folder;
  manual_clock clock{timestamp{std::chrono::sys_days{std::chrono::year{2027} / 1 / 1}}};
  id_generator ids{clock, 1};
  node_plan plan = plan_with_every_connector();
  result<storage::secret_box> secrets = failure(error_code::none, "");
  std::unique_ptr<storage::database> db;
};

TEST_F(former_database, HasRowsInEveryTable) {
  for (const auto& [table, rows] : file().tables())
    EXPECT_FALSE(rows.empty()) << table;
}

TEST_F(former_database, KeepsAllThatItHolds) {
  const auto before = file().tables();
  const auto ran_before = file().select("SELECT owner, number FROM schema_migrations WHERE number > 0");
  const auto all = storage::all_migrations(plan.connectors.migrations());
  const auto numbered = std::count_if(all.begin(), all.end(), [](const auto& each) { return each.number > 0; });
  secrets = storage::secret_box::open(folder / "secrets.key", false);
  ASSERT_TRUE(secrets) << secrets.error().message;
  open();
  const auto ran = db->migrate();
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_GE(*ran, numbered - std::ssize(ran_before));
  EXPECT_GE(*ran, 1) << "this program knows no more than the one that wrote it";
  EXPECT_EQ(file().value("SELECT count(*) FROM schema_migrations WHERE number > 0"), std::to_string(numbered));

  const auto after = file().tables();
  for (const auto& [table, rows] : before) {
    if (table == "schema_migrations")
      continue;
    ASSERT_TRUE(after.contains(table)) << table;
    auto kept = after.at(table);
    for (auto& row : kept)
      std::erase_if(row, [&](const auto& column) { return !rows.front().contains(column.first); });
    std::sort(kept.begin(), kept.end());
    EXPECT_EQ(kept, rows) << table;
  }
}

TEST_F(former_database, IsReadAndWrittenOn) {
  secrets = storage::secret_box::open(folder / "secrets.key", false);
  ASSERT_TRUE(secrets) << secrets.error().message;
  open();
  ASSERT_TRUE(db->migrate());
  auto writer = db->open_writer();
  ASSERT_TRUE(writer) << writer.error().message;
  auto reader = db->open_reader();
  ASSERT_TRUE(reader) << reader.error().message;
  for (const auto& row : file().select("SELECT integration_id FROM credentials")) {
    const auto found = (*reader)->integrations().credential_of({std::stoll(row.at("integration_id"))});
    ASSERT_TRUE(found && *found) << (found ? "gone" : found.error().message);
    EXPECT_FALSE((*found)->access_token.empty());
  }
  const auto hook = file().value("SELECT integration_id FROM webhook_addresses WHERE signing_key IS NOT NULL");
  const auto address = (*reader)->integrations().webhook_of({std::stoll(hook)});
  ASSERT_TRUE(address && *address) << (address ? "gone" : address.error().message);
  EXPECT_TRUE((*address)->signing_key.starts_with("whsec_"));

  // A delivery that waits still has its body.
  const auto waits = file().value("SELECT j.id FROM jobs j JOIN job_payloads p ON p.job_id = j.id WHERE j.state = 0 LIMIT 1");
  const auto body = (*reader)->jobs().payload_from({std::stoll(waits)}, 0);
  ASSERT_TRUE(body && *body);
  EXPECT_TRUE((*body)->bytes.starts_with(R"({"waits": "xxx)"));

  // And a new one is stored beside it.
  std::vector<storage::write_batch> batches(1);
  job_request wanted;
  wanted.kind = "probe.delivery";
  wanted.payload = "small";
  batches.front().units.emplace_back().jobs.push_back(wanted);
  const auto done = (*writer)->commit(batches);
  ASSERT_FALSE(done.batches.front().failed) << done.batches.front().failed->message;
  const auto stored = (*reader)->jobs().payload_from(done.batches.front().units.front().jobs.front().id, 0);
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->bytes, "small");
}

} // namespace
} // namespace penstock::node
