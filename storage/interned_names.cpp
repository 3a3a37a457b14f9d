#include "storage/interned_names.hpp"

#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

interned_names::interned_names(session& db, std::string table) : db_(db), table_(std::move(table)) {}

void interned_names::load() {
  undo_to(0);
  std::int64_t id = 0;
  std::string name;
  statement all{db_, "read " + table_, "SELECT id, name FROM " + table_ + " ORDER BY id"};
  all.out(id).out(name);
  for (bool row = all.first(); row; row = all.next())
    keep(id, name);
}

void interned_names::keep(std::int64_t id, std::string name) {
  const auto index = static_cast<std::size_t>(id - 1);
  if (index >= names_.size())
    names_.resize(index + 1);
  names_[index] = name;
  ids_.insert_or_assign(std::move(name), id);
  order_.push_back(id);
}

std::optional<std::int64_t> interned_names::find(std::string_view name) {
  if (last_id_ != 0 && name == last_name_)
    return last_id_;
  if (const auto known = ids_.find(name); known != ids_.end())
    return known->second;
  return db_.sql_dialect().shared() ? find_stored(name) : std::nullopt;
}

std::optional<std::int64_t> interned_names::find_stored(std::string_view name) {
  std::string text{name};
  std::int64_t id = 0;
  statement look{db_, "look in " + table_, "SELECT id FROM " + table_ + " WHERE name = :name"};
  look.in(text).out(id);
  if (!look.one())
    return std::nullopt;
  keep(id, std::move(text));
  return id;
}

const std::string& interned_names::read_name(std::int64_t id) {
  std::string name;
  statement look{db_, "look in " + table_, "SELECT name FROM " + table_ + " WHERE id = :id"};
  look.in(id).out(name);
  if (!look.one())
    throw storage_exception(error{error_code::storage_failed,
                                  "table " + table_ + " is damaged: number " + std::to_string(id) + " is missing"});
  keep(id, std::move(name));
  return names_[static_cast<std::size_t>(id - 1)];
}

std::int64_t interned_names::look_up(std::string_view name) {
  auto id = find(name);
  if (!id) {
    id = add(std::string{name});
    keep(*id, std::string{name});
  }
  last_name_ = name;
  last_id_ = *id;
  return *id;
}

std::int64_t interned_names::add(std::string name) {
  std::int64_t id = static_cast<std::int64_t>(names_.size()) + 1;
  if (!db_.sql_dialect().shared()) {
    statement add{db_, "add to " + table_, "INSERT INTO " + table_ + " (id, name) VALUES (:id, :name)"};
    add.in(id).in(name);
    add.run();
    return id;
  }
  // Another node may add the same name at this moment: the second one waits for the first one's commit, and finds it.
  statement add{db_, "add to " + table_,
                "INSERT INTO " + table_ + " (name) VALUES (:name) ON CONFLICT (name) DO NOTHING RETURNING id"};
  add.in(name).out(id);
  if (add.one())
    return id;
  if (const auto others = find_stored(name))
    return *others;
  throw storage_exception(error{error_code::storage_busy, "another node adds to " + table_ + ": try again"},
                          storage_blame::moment);
}

void interned_names::undo_to(std::size_t mark) {
  for (; order_.size() > mark; order_.pop_back()) {
    auto& name = names_[static_cast<std::size_t>(order_.back() - 1)];
    ids_.erase(name);
    name.clear();
  }
  // The next number is one above the highest.
  while (!names_.empty() && names_.back().empty())
    names_.pop_back();
  last_name_.clear();
  last_id_ = 0;
}

} // namespace penstock::storage
