#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/apple_health/body_cursor.hpp"
#include "core/error.hpp"

namespace penstock::connectors::apple_health {

/// Where a walk through an object or a list stands.
struct container_walk {
  bool begun = false; ///< an element of it lies behind
};

/// Walks through a JSON text of any length as it comes, and holds no more of it than what is asked for. It looks at the
/// text's structure: what is inside of strings and numbers is for whoever reads the values. After the first problem
/// nothing goes on: each call says "no more", and `problem` says why. For one thread.
class json_walk {
public:
  /// More levels than this are a problem.
  static constexpr std::size_t most_levels = 64;
  static constexpr std::size_t longest_name = 200;

  explicit json_walk(body_cursor& body) : body_(body) {}

  enum class value : std::uint8_t { object, list, text, null, other, none };
  /// Of the value that comes next; `none`: something else comes, or there is a problem.
  [[nodiscard]] value next_is();

  /// Takes the opening bracket of the object or list that comes next.
  bool open();
  /// Goes to the next member of an object and gives its name as it is written; of one longer than `longest_name` its
  /// beginning. False behind the last one.
  [[nodiscard]] bool next_member(container_walk& at, std::string& name);
  /// Goes to the next element of a list. False behind the last one.
  [[nodiscard]] bool next_element(container_walk& at);

  void skip_value();
  /// The value's text as it stands; false, and `into` is empty, if it is longer than `most` bytes (it is passed over
  /// then).
  [[nodiscard]] bool copy_value(std::string& into, std::size_t most);
  /// Complains if anything but blanks follows.
  void expect_end();

  /// What is wrong with the text (`unexpected_shape`: it lies in the store, and another try gets the same), or with
  /// reading it.
  [[nodiscard]] std::optional<error> problem() const;

private:
  int next_mark(); ///< passes blanks over
  bool next_in(container_walk& at, char end);
  template <class Take>
  void pass_value(Take take);
  template <class Take>
  void pass_text(Take& take);
  template <class Take>
  void pass_nested(Take& take);
  template <class Take>
  void pass_plain(Take& take);
  void complain(std::string_view what);
  [[nodiscard]] bool stopped() const { return !wrong_.empty() || body_.problem(); }

  body_cursor& body_;
  std::string wrong_;
};

} // namespace penstock::connectors::apple_health
