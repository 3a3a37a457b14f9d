#include "storage/described_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "storage/engine_schema.hpp"

namespace penstock::storage {
namespace {

constexpr std::string_view beginning = "described ", versions = " versions";

struct known_type {
  column_type type;
  std::string_view name, sql;
};
constexpr std::array<known_type, 3> types{{{column_type::integer, "integer", "BIGINT"},
                                           {column_type::real, "real", "DOUBLE PRECISION"},
                                           {column_type::text, "text", "TEXT"}}};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Eight bytes of FNV-1a: tells one text of a view from another.
std::string short_sum(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325u;
  for (const char c : text)
    sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return std::to_string(sum);
}

/// What the engine's steps make. They are told in SQL alone, so that names are read there: a list beside it would miss one.
std::set<std::string> engine_names() {
  std::set<std::string> names{"schema_migrations"};
  for (const auto& step : engine_migrations())
    for (const auto& sql : step.statements) {
      std::istringstream words(sql);
      std::string word;
      words >> word;
      if (word != "CREATE")
        continue;
      do // CREATE UNIQUE INDEX name
        words >> word;
      while (words && word != "TABLE" && word != "VIEW" && word != "INDEX");
      if (words >> word)
        names.insert(word.substr(0, word.find('(')));
    }
  return names;
}

} // namespace

migration described_table(const std::string& table) {
  return {std::string(beginning) + table,
          1,
          "create " + table,
          {"CREATE TABLE " + table +
           " (integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, source_version BIGINT NOT NULL, "
           "first_seen_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT, raw TEXT NOT NULL, "
           "PRIMARY KEY (integration_id, source_id))"}};
}

migration described_column(const std::string& table, const column& added) {
  const auto found =
    std::find_if(types.begin(), types.end(), [&](const known_type& each) { return each.type == added.type; });
  return {std::string(beginning) + table + " " + added.name + " " + std::string(found->name),
          1,
          "add " + added.name + " to " + table,
          {"ALTER TABLE " + table + " ADD COLUMN " + added.name + " " + std::string(found->sql)}};
}

migration described_view(const std::string& table, const std::vector<std::string>& shown) {
  std::string columns = "integration_id, source_id, ";
  for (const auto& each : shown)
    columns += each + ", ";
  const auto text = "CREATE VIEW v_" + table + " AS SELECT " + columns +
                    "raw, {utc:first_seen_at} AS first_seen_at, {utc:updated_at} AS updated_at, "
                    "{utc:deleted_at} AS deleted_at FROM " +
                    table;
  return {std::string(beginning) + table,
          0,
          "view v_" + table + " " + short_sum(text),
          {"{again}DROP VIEW v_" + table, text}};
}

migration described_versions(const std::string& table, const std::string& source) {
  return {std::string(beginning) + table + std::string(versions),
          0,
          "versions of " + table + " from " + source,
          {"{again}UPDATE " + table + " SET source_version = 0 WHERE source_version <> 0"}};
}

bool is_engine_name(std::string_view name) {
  static const auto taken = engine_names();
  return taken.contains(std::string(name)) || taken.contains("v_" + std::string(name));
}

std::optional<migration> described_step(const std::string& owner) {
  std::string_view rest = owner;
  if (!rest.starts_with(beginning))
    return std::nullopt;
  rest.remove_prefix(beginning.size());
  const auto table = rest.substr(0, rest.find(' '));
  if (!is_name(table))
    return std::nullopt;
  if (table.size() == rest.size())
    return described_table(std::string(table));
  rest.remove_prefix(table.size() + 1);
  const auto name = rest.substr(0, rest.find(' '));
  const auto type = name.size() < rest.size() ? rest.substr(name.size() + 1) : std::string_view{};
  const auto found =
    std::find_if(types.begin(), types.end(), [&](const known_type& each) { return each.name == type; });
  if (!is_name(name) || found == types.end())
    return std::nullopt;
  return described_column(std::string(table), {std::string(name), found->type});
}

std::string described_hint(const migration& step) {
  if (!described_step(step.owner))
    return {};
  if (step.number == 0)
    return ": a view v_" + step.owner.substr(beginning.size()) +
           " is there already, for something else: name another table";
  const auto table = step.owner.substr(beginning.size(), step.owner.find(' ', beginning.size()) - beginning.size());
  if (beginning.size() + table.size() == step.owner.size())
    return ": a table " + table + " is there already, for something else: name another table";
  return ": " + table + " has a column of this name and another type: give the field another name";
}

} // namespace penstock::storage
