#include "config/section.hpp"

#include <stdexcept>
#include <utility>

namespace penstock::config {
namespace {

template <class Entries>
const auto& entry_of(const Entries& entries, std::string_view key) {
  const auto found = entries.find(key);
  if (found == entries.end())
    throw std::logic_error("setting '" + std::string(key) + "' was not declared");
  return found->second;
}

template <class T>
const T& value_of(const section::value& value, std::string_view key) {
  const auto* typed = std::get_if<T>(&value);
  if (typed == nullptr)
    throw std::logic_error("setting '" + std::string(key) + "' was declared with another type");
  return *typed;
}

} // namespace

const std::string& section::text(std::string_view key) const {
  return value_of<std::string>(entry_of(entries_, key).v, key);
}

std::int64_t section::integer(std::string_view key) const {
  return value_of<std::int64_t>(entry_of(entries_, key).v, key);
}

bool section::boolean(std::string_view key) const { return value_of<bool>(entry_of(entries_, key).v, key); }

duration section::time(std::string_view key) const { return value_of<duration>(entry_of(entries_, key).v, key); }

const std::vector<std::string>& section::list(std::string_view key) const {
  return value_of<std::vector<std::string>>(entry_of(entries_, key).v, key);
}

bool section::is_set(std::string_view key) const { return entry_of(entries_, key).set; }

void section::put(std::string key, value v, bool set) { entries_[std::move(key)] = entry{std::move(v), set}; }

void section::put_table(named_section table) { tables_.push_back(std::move(table)); }

} // namespace penstock::config
