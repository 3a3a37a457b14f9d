#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/apple_health/json_walk.hpp"
#include "core/time.hpp"

namespace penstock::connectors::apple_health {

/// An object that may be many megabytes, a workout with its route: its members in canonical JSON (small_json.hpp),
/// those that are lists read element by element.
class large_object {
public:
  /// A list's element, or a member that is no list, is at most so large.
  static constexpr std::size_t most_of_one = 1024 * 1024;

  /// Reads the value that comes next. If its text would be longer than `most`, its lists are left out. What comes back
  /// is why it cannot be kept at all, empty if it can; problems of the text itself are the walk's.
  [[nodiscard]] std::string read(json_walk& walk, std::size_t most);

  /// A member that is a string of one line; nullopt: there is none, or null. `problem` is set if it is something else.
  [[nodiscard]] std::optional<std::string> text(std::string_view key, std::string& problem) const;
  /// A member that is a time, as above.
  [[nodiscard]] std::optional<timestamp> time(std::string_view key, std::string& problem) const;
  [[nodiscard]] std::optional<double> number(std::string_view key, std::string& problem) const;
  struct quantity {
    double qty = 0;
    std::string units;
  };
  /// A member {"qty", "units"}. A list under that name (version 2 gives series so) is no quantity and no problem.
  [[nodiscard]] std::optional<quantity> amount(std::string_view key, std::string& problem) const;

  /// Names of the lists that were left out.
  [[nodiscard]] const std::vector<std::string>& left_out() const noexcept { return left_out_; }
  /// The whole in canonical JSON; the members are gone then. What was left out is named in a member "_left_out".
  [[nodiscard]] std::string take_json();

private:
  void settle_name(std::string& name);
  void read_list(json_walk& walk, const std::string& name);
  void read_plain(json_walk& walk, const std::string& name);
  void keep(const std::string& name, std::string json);
  void leave_out_lists();
  [[nodiscard]] const std::string* find(std::string_view key) const;
  void complain(std::string what);

  /// A text that grows to megabytes without being moved, and is given back piece by piece.
  class long_text {
  public:
    void append(std::string_view text);
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The whole behind `out`; this is empty then.
    void move_to(std::string& out);
    /// Its beginning, whole if it is short.
    [[nodiscard]] const std::string& front() const;

  private:
    std::deque<std::string> parts_;
    std::size_t size_ = 0;
  };
  struct member {
    long_text json;
    bool is_list = false;
  };
  std::map<std::string, member, std::less<>> members_;
  std::size_t size_ = 0, most_ = 0;
  bool without_lists_ = false;
  std::vector<std::string> left_out_;
  std::string problem_;
};

} // namespace penstock::connectors::apple_health
