#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/access.hpp"

/// Writes to what says who may do what. As all changes (messages/engine_change.hpp): a requirement that does not hold
/// refuses the whole unit.
namespace penstock {

/// `created` gets its id (drawn by the store if it is 0). `conflict` if there is one of that name.
struct add_organisation {
  organisation value;
};
/// `precondition_failed` unless its version is `expected_version`, if that is given.
struct edit_organisation {
  organisation_id id{};
  std::optional<std::string> name{};
  std::optional<std::int64_t> expected_version{};
};
/// With its tokens. `conflict` while it has integrations.
struct remove_organisation {
  organisation_id id{};
};

/// `created` gets its id (drawn by the store if it is 0). `not_found` if its organisation is none.
struct add_token {
  access_token value;
};
/// It is good for nothing from the commit on.
struct remove_token {
  token_id id{};
};
/// When tokens were used last. One that is gone is passed over.
struct note_token_uses {
  struct use {
    token_id id{};
    timestamp at = no_time;
  };
  std::vector<use> uses;
};

/// Notes who asked for what else the unit holds; with its time. Id and time are drawn by the store.
struct note_audit {
  audit_entry value;
};

} // namespace penstock
