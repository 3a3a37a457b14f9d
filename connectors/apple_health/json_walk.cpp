#include "connectors/apple_health/json_walk.hpp"

#include <algorithm>
#include <utility>

namespace penstock::connectors::apple_health {
namespace {

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

constexpr bool is_structural(char c) noexcept { return c == '"' || c == '{' || c == '}' || c == '[' || c == ']'; }

/// What ends a number, true, false or null, also where it must not stand: a text that is walked through member by
/// member ends where it ends when it is passed over.
constexpr bool ends_plain(char c) noexcept { return is_blank(c) || is_structural(c) || c == ',' || c == ':'; }

} // namespace

int json_walk::next_mark() {
  if (stopped())
    return -1;
  for (auto rest = body_.rest(); !rest.empty(); rest = body_.rest()) {
    const auto mark = std::find_if_not(rest.begin(), rest.end(), is_blank);
    body_.skip(static_cast<std::size_t>(mark - rest.begin()));
    if (mark != rest.end())
      return static_cast<unsigned char>(*mark);
  }
  complain("it ends in the middle");
  return -1;
}

json_walk::value json_walk::next_is() {
  switch (next_mark()) {
    case '{': return value::object;
    case '[': return value::list;
    case '"': return value::text;
    case 'n': return value::null;
    case -1:
    case ',':
    case ':':
    case '}':
    case ']': return value::none;
    default: return value::other;
  }
}

bool json_walk::open() {
  const auto mark = next_mark();
  if (mark != '{' && mark != '[') {
    complain("an object or a list is missing");
    return false;
  }
  body_.skip();
  return true;
}

bool json_walk::next_in(container_walk& at, char end) {
  auto mark = next_mark();
  if (mark == end) {
    body_.skip();
    return false;
  }
  if (at.begun) {
    if (mark != ',') {
      complain("a comma is missing");
      return false;
    }
    body_.skip();
    mark = next_mark();
  }
  at.begun = true;
  return mark >= 0;
}

bool json_walk::next_member(container_walk& at, std::string& name) {
  name.clear();
  if (!next_in(at, '}'))
    return false;
  if (next_mark() != '"') {
    complain("a name is missing");
    return false;
  }
  const auto keep = [&](std::string_view part) {
    name.append(part.substr(0, longest_name + 2 - std::min(longest_name + 2, name.size())));
  };
  pass_text(keep);
  if (name.ends_with('"'))
    name.pop_back();
  name.erase(0, 1);
  name.resize(std::min(name.size(), longest_name));
  if (next_mark() != ':') {
    complain("a colon is missing");
    return false;
  }
  body_.skip();
  return next_mark() >= 0;
}

bool json_walk::next_element(container_walk& at) { return next_in(at, ']'); }

void json_walk::skip_value() {
  pass_value([](std::string_view) {});
}

bool json_walk::copy_value(std::string& into, std::size_t most) {
  into.clear();
  bool fits = true;
  pass_value([&](std::string_view part) {
    fits = fits && into.size() + part.size() <= most;
    if (fits)
      into.append(part);
  });
  if (!fits)
    into.clear();
  return fits;
}

void json_walk::expect_end() {
  if (stopped())
    return;
  for (auto rest = body_.rest(); !rest.empty(); rest = body_.rest()) {
    const auto mark = std::find_if_not(rest.begin(), rest.end(), is_blank);
    if (mark != rest.end())
      return complain("something follows the end of it");
    body_.skip(rest.size());
  }
}

template <class Take>
void json_walk::pass_value(Take take) {
  switch (next_mark()) {
    case '{':
    case '[': return pass_nested(take);
    case '"': return pass_text(take);
    case -1: return;
    case ',':
    case ':':
    case '}':
    case ']': return complain("a value is missing");
    default: return pass_plain(take);
  }
}

/// From its opening quote to its closing one.
template <class Take>
void json_walk::pass_text(Take& take) {
  const auto opening = body_.rest().substr(0, 1);
  take(opening);
  body_.skip();
  bool escaped = false;
  for (auto rest = body_.rest(); !rest.empty(); rest = body_.rest()) {
    std::size_t at = 0;
    if (std::exchange(escaped, false))
      at = 1;
    while (at < rest.size() && rest[at] != '"')
      at += rest[at] == '\\' ? 2 : 1;
    escaped = at > rest.size();
    const bool ends = at < rest.size();
    const auto length = std::min(rest.size(), at + (ends ? 1 : 0));
    take(rest.substr(0, length));
    body_.skip(length);
    if (ends)
      return;
  }
  complain("it ends in the middle");
}

/// From an opening bracket to its closing one.
template <class Take>
void json_walk::pass_nested(Take& take) {
  std::string open; // the closing brackets that are awaited
  for (auto rest = body_.rest(); !rest.empty(); rest = body_.rest()) {
    const auto mark = std::find_if(rest.begin(), rest.end(), is_structural);
    const auto plain = static_cast<std::size_t>(mark - rest.begin());
    if (mark == rest.end() || *mark == '"') {
      take(rest.substr(0, plain));
      body_.skip(plain);
      if (mark != rest.end())
        pass_text(take);
      if (stopped())
        return;
      continue;
    }
    if (*mark == '{' || *mark == '[') {
      if (open.size() == most_levels)
        return complain("it is nested too deeply");
      open += *mark == '{' ? '}' : ']';
    } else if (open.empty() || open.back() != *mark) {
      return complain("brackets do not match");
    } else {
      open.pop_back();
    }
    take(rest.substr(0, plain + 1));
    body_.skip(plain + 1);
    if (open.empty())
      return;
  }
  complain("it ends in the middle");
}

template <class Take>
void json_walk::pass_plain(Take& take) {
  for (auto rest = body_.rest(); !rest.empty(); rest = body_.rest()) {
    const auto mark = std::find_if(rest.begin(), rest.end(), ends_plain);
    const auto length = static_cast<std::size_t>(mark - rest.begin());
    take(rest.substr(0, length));
    body_.skip(length);
    if (mark != rest.end())
      return;
  }
}

void json_walk::complain(std::string_view what) {
  if (wrong_.empty() && !body_.problem())
    wrong_ = what;
}

std::optional<error> json_walk::problem() const {
  if (body_.problem())
    return body_.problem();
  if (!wrong_.empty())
    return error{error_code::unexpected_shape, "the export is not JSON: " + wrong_};
  return std::nullopt;
}

} // namespace penstock::connectors::apple_health
