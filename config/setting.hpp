#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::config {

enum class setting_type : std::uint8_t {
  text,
  secret, ///< text that is never shown
  integer,
  boolean,
  duration, ///< "30s", "5m", "7d"
  size,     ///< bytes: "64KB", "16MB", "1GB"
  list      ///< of texts
};

/// One key of a section, as the room or connector that reads it declares it. config/penstock.toml is made of these.
struct setting {
  std::string key; ///< "client_id"; "sync.delay" stands in a sub-table of the section
  setting_type type = setting_type::text;
  std::string default_text{}; ///< as it would be written in the file, without quotes; empty: no default
  std::string doc{};          ///< one line for people
  std::string environment{};  ///< a name of the system documents that also sets it ("MONZO_CLIENT_ID"); empty: none
  /// Bounds of an integer, duration (milliseconds) or size; equal bounds: none. A duration without bounds must still
  /// be longer than zero; the default of a key without default_text is not checked.
  std::int64_t least = 0, most = 0;
  std::vector<std::string> choices{}; ///< of a text: nothing else is taken; empty: any text
  std::string example{};              ///< shown in the shipped file where default_text is empty
};

} // namespace penstock::config
