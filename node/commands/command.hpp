#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "node/exit_status.hpp"

namespace penstock::node {

struct session;

/// Why a command did not do what it was asked: the exit status, and lines for standard error that say what to do.
struct command_failure {
  int status = exit_status::failed;
  std::vector<std::string> lines;
  int http_status = 0; ///< of the node's answer; 0: it was none
};
using outcome = tl::expected<void, command_failure>;

[[nodiscard]] inline tl::unexpected<command_failure> give_up(int status, std::string line) {
  return tl::unexpected(command_failure{status, {std::move(line)}});
}

enum class parameter_kind : std::uint8_t {
  place, ///< stands by its place: "ID"
  text,  ///< "--queue NAME"
  integer,
  flag,
  many ///< a text that may be given several times
};

/// Something that a command takes.
struct parameter {
  std::string name; ///< "--queue", or "ID" for a place
  std::string doc;
  parameter_kind what = parameter_kind::text;
  bool required = false;
  std::string value_name{"TEXT"};   ///< for help: "NAME"
  std::int64_t least = 0, most = 0; ///< of an integer
};

/// The values that a command was given, by the names of its parameters.
class arguments {
public:
  [[nodiscard]] bool has(const std::string& name) const { return given_.contains(name); }
  /// Empty if absent.
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& name) const;
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t absent) const;

  void put(const std::string& name, std::vector<std::string> values) { given_[name] = std::move(values); }

private:
  std::map<std::string, std::vector<std::string>> given_;
};

/// One command, as data: help, parsing and errors are made of it.
struct command {
  std::string group; ///< "integrations"; empty: the command stands by itself
  std::string name;  ///< "list"
  std::string summary;
  std::vector<parameter> parameters;
  outcome (*run)(const arguments&, session&);

  /// "integrations list"
  [[nodiscard]] std::string words() const { return group.empty() ? name : group + " " + name; }
};

/// The commands of each file.
[[nodiscard]] std::vector<command> node_commands();
[[nodiscard]] std::vector<command> integration_commands();
[[nodiscard]] std::vector<command> queue_commands();
[[nodiscard]] std::vector<command> queue_job_commands();
[[nodiscard]] std::vector<command> job_commands();
[[nodiscard]] std::vector<command> schedule_commands();
[[nodiscard]] std::vector<command> event_commands();
[[nodiscard]] std::vector<command> token_commands();
[[nodiscard]] std::vector<command> user_commands();
[[nodiscard]] std::vector<command> maintenance_commands();
[[nodiscard]] std::vector<command> keeping_commands();
[[nodiscard]] std::vector<command> copy_commands();
[[nodiscard]] std::vector<command> doctor_commands();

/// All of them, in the order in which help shows them.
[[nodiscard]] std::vector<command> all_commands();

} // namespace penstock::node
