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
/// With its tokens and users. `conflict` while it has integrations.
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

/// `created` gets its id (drawn by the store if it is 0). `conflict` if there is one of that name, `not_found` if its
/// organisation is none.
struct add_user {
  user value;
};
/// Ends its sessions, but for one: whoever's rights or password were changed signs in again. `precondition_failed` unless
/// its version is `expected_version`, if that is given.
struct edit_user {
  user_id id{};
  std::optional<std::string> password_hash{};
  std::optional<role> grants{};
  std::optional<std::int64_t> expected_version{};
  std::string session_kept{}; ///< the hash of one that goes on
};
/// With its sessions.
struct remove_user {
  user_id id{};
};
/// Somebody signed in. Ends the oldest sessions of a user who has very many. `precondition_failed` unless the user is of
/// that version still: it may have another password or role by now.
struct open_session {
  std::string hash;
  user_id user{};
  std::int64_t expected_version = 0;
  timestamp expires_at = no_time;
  std::string address{};
};
/// One that is gone is passed over.
struct close_session {
  std::string hash;
};

/// Notes who asked for what else the unit holds; with its time. Id and time are drawn by the store.
struct note_audit {
  audit_entry value;
};

} // namespace penstock
