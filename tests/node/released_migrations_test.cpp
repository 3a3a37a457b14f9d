// Databases exist that ran these migrations: their text stays what it was.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "net/token_hash.hpp"
#include "storage/databases.hpp"
#include "tests/node/every_connector.hpp"

namespace penstock::node {
namespace {

constexpr const char* list_file = "tests/node/fixtures/released_migrations.tsv";

/// Of the owner, number, name and all statements as they are written: 16 digits.
std::string hash_of(const storage::migration& step) {
  std::string text = step.owner + '\n' + std::to_string(step.number) + '\n' + step.name;
  for (const auto& sql : step.statements)
    text += "\n;\n" + sql;
  return net::to_hex(net::hash_token(text)).substr(0, 16);
}

std::string line_of(const storage::migration& step) {
  return hash_of(step) + '\t' + step.owner + '\t' + std::to_string(step.number) + '\t' + step.name;
}

/// The engine's and every connector's. Steps with number 0 are made anew whenever they change (migrator.hpp).
std::vector<storage::migration> numbered_steps() {
  auto steps = storage::all_migrations(plan_with_every_connector().connectors.migrations());
  std::erase_if(steps, [](const storage::migration& each) { return each.number == 0; });
  return steps;
}

/// Lines of the list by "owner<TAB>number".
std::map<std::string, std::string> listed_lines() {
  std::ifstream file(std::string(PENSTOCK_SOURCE_DIR) + "/" + list_file);
  std::map<std::string, std::string> lines;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string hash, owner, number;
    if (line.starts_with('#') || !std::getline(fields, hash, '\t') || !std::getline(fields, owner, '\t') ||
        !std::getline(fields, number, '\t'))
      continue;
    EXPECT_TRUE(lines.emplace(owner + '\t' + number, line).second) << list_file << " has two lines of " << owner << ' ' << number;
  }
  return lines;
}

TEST(released_migrations, AreNeverEdited) {
  auto listed = listed_lines();
  std::set<std::string> released;
  for (const auto& [step, line] : listed)
    released.insert(step.substr(0, step.find('\t')));
  ASSERT_TRUE(released.contains("engine"));
  for (const auto& step : numbered_steps()) {
    const auto found = listed.find(step.owner + '\t' + std::to_string(step.number));
    // A connector that nobody released yet is free to change: adding one changes no other file than its own.
    if (found == listed.end() && !released.contains(step.owner))
      continue;
    if (found == listed.end()) {
      ADD_FAILURE() << step.owner << ' ' << step.number << " is not in " << list_file
                    << ". Add this line, and never change it once the migration is released:\n"
                    << line_of(step);
      continue;
    }
    EXPECT_EQ(found->second, line_of(step))
      << step.owner << ' ' << step.number
      << " was edited: databases that ran it stay as it made them. Undo that, and write the change as a migration with the "
         "next number. Only if no release had it yet, put its new line into "
      << list_file;
    listed.erase(found);
  }
  for (const auto& [step, line] : listed)
    ADD_FAILURE() << "this migration is gone, and databases that ran it are refused as newer than the program: " << line;
}

} // namespace
} // namespace penstock::node
