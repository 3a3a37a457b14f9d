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
  for (bool row = all.first(); row; row = all.next()) {
    if (id != static_cast<std::int64_t>(names_.size()) + 1)
      throw storage_exception(
        error{error_code::storage_failed, "table " + table_ + " is damaged: numbers are missing"});
    names_.push_back(name);
    ids_.emplace(name, id);
  }
}

std::optional<std::int64_t> interned_names::find(std::string_view name) const {
  if (last_id_ != 0 && name == last_name_)
    return last_id_;
  const auto found = ids_.find(name);
  return found == ids_.end() ? std::nullopt : std::optional{found->second};
}

std::int64_t interned_names::look_up(std::string_view name) {
  auto id = find(name);
  if (!id) {
    std::string text{name};
    std::int64_t next = static_cast<std::int64_t>(names_.size()) + 1;
    statement add{db_, "add to " + table_, "INSERT INTO " + table_ + " (id, name) VALUES (:id, :name)"};
    add.in(next).in(text);
    add.run();
    names_.push_back(text);
    ids_.emplace(std::move(text), next);
    id = next;
  }
  last_name_ = name;
  last_id_ = *id;
  return *id;
}

void interned_names::undo_to(std::size_t mark) {
  for (; names_.size() > mark; names_.pop_back())
    ids_.erase(names_.back());
  last_name_.clear();
  last_id_ = 0;
}

} // namespace penstock::storage
