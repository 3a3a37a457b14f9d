#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::config {

/// Where a value came from.
struct origin {
  std::string source; ///< a file's path, "environment" or "command line"; empty: nobody set it
  int line = 0;       ///< from 1; 0: no line
};

/// One mistake in the configuration. Never holds the value of a secret.
struct problem {
  origin where;
  std::string key;     ///< "http.listen", or the name of the environment variable; empty: the whole file
  std::string message; ///< says what to write instead
};

/// `penstock.toml:12: http.listne: unknown key, did you mean 'listen'?`
[[nodiscard]] std::string to_text(const problem& mistake);

/// ", did you mean 'listen'?" with the name that was most likely meant, or nothing when none is near.
[[nodiscard]] std::string nearest_hint(std::string_view typed, const std::vector<std::string>& names);

} // namespace penstock::config
