#pragma once

#include <string>
#include <vector>

namespace penstock::storage {

/// One forward-only step of a schema. Owner and number identify it for ever; a step that ran is never edited.
/// Statements are portable SQL: BIGINT, DOUBLE PRECISION, TEXT, SMALLINT for flags.
struct migration {
  std::string owner; ///< "engine" or a connector's name
  int number = 0;    ///< from 1, growing, for each owner
  std::string name;  ///< "create monzo tables"
  std::vector<std::string> statements;
};

} // namespace penstock::storage
