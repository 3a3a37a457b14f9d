#include "storage/key_rotation.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/manual_clock.hpp"
#include "storage/databases.hpp"
#include "storage/key_check.hpp"
#include "storage/migrator.hpp"
#include "storage/statement.hpp"
#include "storage/whole_copy.hpp"
#include "tests/storage/lasting_stores.hpp"
#include "tests/storage/plain_tables.hpp"
#include "tests/storage/scratch_schema.hpp"

namespace penstock::storage {
namespace {

namespace fs = std::filesystem;

class key_rotation : public ::testing::TestWithParam<store_kind> {
protected:
  void SetUp() override {
    place = GetParam().make();
    if (place->url().empty())
      GTEST_SKIP() << scratch_schema::why_skipped;
    std::string pattern = (fs::temp_directory_path() / "penstock-keys-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    file = folder / "secrets.key";
    plain_database base(place->url(), connection_role::upkeep);
    const auto all = all_migrations({});
    ASSERT_TRUE((migrator{*base.db, all}.run(clock)));
    auto box = secret_box::open(file, true);
    ASSERT_TRUE(check_key(*base.db, *box, clock.now()));
    for (std::int64_t id = 1; id <= 450; ++id)
      put(*base.db, id, box->seal("secret " + std::to_string(id), "credential/" + std::to_string(id + 1000)));
    auto opened = upkeep_database::open({.url = place->url()}, {}, clock);
    ASSERT_TRUE(opened) << opened.error().message;
    database = std::move(*opened);
  }
  ~key_rotation() override {
    database.reset();
    if (!folder.empty())
      fs::remove_all(folder);
  }

  static void put(session& db, std::int64_t id, std::string body) {
    std::int64_t integration = id + 1000;
    statement write(db, "put",
                    "INSERT INTO credentials (id, integration_id, version, body, updated_at) VALUES (:id, "
                    ":integration, 1, :body, 1) ON CONFLICT (id) DO UPDATE SET body = excluded.body");
    write.in(id).in(integration).in(body);
    write.run();
  }
  /// How many of the stored secrets open.
  std::int64_t readable(const secret_box& box) {
    plain_database base(place->url());
    std::int64_t integration = 0, good = 0;
    std::string body;
    statement read(*base.db, "read", "SELECT integration_id, body FROM credentials ORDER BY id");
    read.out(integration).out(body);
    for (bool row = read.first(); row; row = read.next())
      if (box.open_sealed(body, "credential/" + std::to_string(integration)))
        ++good;
    return good;
  }
  std::size_t lines() const {
    std::ifstream in(file);
    std::string line;
    std::size_t count = 0;
    while (std::getline(in, line))
      ++count;
    return count;
  }

  std::unique_ptr<scratch_database> place;
  fs::path folder, file;
  manual_clock clock{timestamp{std::chrono::hours{24 * 365 * 54}}};
  std::unique_ptr<upkeep_database> database;
};

TEST_P(key_rotation, AllOpensWithTheNewKeyAndNothingWithTheFormer) {
  fs::copy_file(file, folder / "former");
  auto box = secret_box::open(file, false), node = secret_box::open(file, false);
  const auto done = rotate_keys(*database, *box, "node-1", clock);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->resealed, 450);
  EXPECT_EQ(done->unreadable, 0);
  EXPECT_EQ(lines(), 1u);
  EXPECT_EQ(readable(*node), 450) << "whoever opened the file before reads it again";
  EXPECT_EQ(readable(*secret_box::open(folder / "former", false)), 0);
  const auto again = secret_box::open(file, false);
  EXPECT_TRUE(again->is_current(node->seal("x", "p"), "p")) << "and seals with the new key";
}

TEST_P(key_rotation, OneThatWasCutOffLosesNothingAndIsFinished) {
  auto box = secret_box::open(file, false);
  ASSERT_TRUE(box->add_key());
  EXPECT_EQ(lines(), 2u);
  {
    plain_database base(place->url());
    put(*base.db, 1, box->seal("secret 1", "credential/1001")); // what a node stores meanwhile
  }
  auto restarted = secret_box::open(file, false);
  EXPECT_EQ(readable(*restarted), 450);
  EXPECT_TRUE(restarted->has_former_key());
  const auto done = rotate_keys(*database, *restarted, "node-1", clock);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->resumed);
  EXPECT_EQ(done->resealed, 449);
  EXPECT_EQ(readable(*secret_box::open(file, false)), 450);
  EXPECT_EQ(lines(), 1u);
}

TEST_P(key_rotation, NoBackupHoldsTextsOfTwoKeys) {
  const auto alter = [&](const std::string& sql) {
    plain_database base(place->url(), connection_role::upkeep);
    base.db->execute("alter", sql);
  };
  const auto backup = [&] {
    return write_backup({.url = place->url()}, folder / "backup", {.version = "1.2.3", .clock = &clock});
  };
  ASSERT_TRUE(backup());
  fs::remove(folder / "backup");
  alter("ALTER TABLE webhook_addresses RENAME TO out_of_reach");
  auto box = secret_box::open(file, false);
  ASSERT_FALSE(rotate_keys(*database, *box, "node-1", clock)) << "it is cut off";
  ASSERT_TRUE(box->has_former_key());
  const auto refused = backup();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::conflict);
  EXPECT_NE(refused.error().message.find("penstock keys rotate"), std::string::npos) << refused.error().message;
  EXPECT_FALSE(fs::exists(folder / "backup"));
  alter("ALTER TABLE out_of_reach RENAME TO webhook_addresses");
  ASSERT_TRUE(rotate_keys(*database, *box, "node-1", clock));
  const auto done = backup();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->facts.fingerprint, box->fingerprint());
}

TEST_P(key_rotation, WhatNobodyOpensStaysAndIsCounted) {
  {
    plain_database base(place->url());
    put(*base.db, 7, secret_box::ephemeral().seal("lost", "credential/1007"));
  }
  auto box = secret_box::open(file, false);
  const auto done = rotate_keys(*database, *box, "node-1", clock);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->unreadable, 1);
  EXPECT_EQ(done->resealed, 449);
}

TEST_P(key_rotation, AnotherKeyFileIsRefusedAtTheDoor) {
  plain_database base(place->url());
  const auto foreign = check_key(*base.db, secret_box::ephemeral(), clock.now());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, error_code::bad_configuration);
  fs::copy_file(file, folder / "former");
  auto box = secret_box::open(file, false);
  ASSERT_TRUE(rotate_keys(*database, *box, "node-1", clock));
  EXPECT_TRUE(check_key(*base.db, *box, clock.now()));
  EXPECT_FALSE(check_key(*base.db, *secret_box::open(folder / "former", false), clock.now()));
}

TEST_P(key_rotation, NodesWithKeyFilesOfTheirOwnStandInItsWay) {
  plain_database base(place->url());
  if (!base.speaks->shared())
    return;
  base.db->execute("another node", "INSERT INTO nodes VALUES (1, 'node-1', 1, 1), (2, 'node-2', 1, 1)");
  base.db->execute("lives",
                   "INSERT INTO node_leases SELECT number, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 "
                   "AS BIGINT) + 60000000 FROM nodes");
  auto box = secret_box::open(file, false);
  const auto refused = rotate_keys(*database, *box, "node-1", clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::conflict);
  EXPECT_EQ(lines(), 1u);
  base.db->execute("it ends", "DELETE FROM node_leases WHERE number = 2");
  EXPECT_TRUE(rotate_keys(*database, *box, "node-1", clock));
}

INSTANTIATE_TEST_SUITE_P(stores, key_rotation, ::testing::ValuesIn(lasting_store_kinds()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::storage
