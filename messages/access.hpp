#pragma once

#include <string>

#include "core/ids.hpp"
#include "core/role.hpp"
#include "core/time.hpp"

namespace penstock {

/// A tenant: its callers see nothing but what belongs to it.
struct organisation {
  organisation_id id{};
  std::string name{}; ///< of all organisations only one has it
  timestamp created_at = no_time, updated_at = no_time;
  std::int64_t version = 1; ///< grows with each edit
};

/// What a bearer token stands for. The token itself is told once, when it is made, and kept nowhere.
struct access_token {
  token_id id{};
  std::string name{};
  std::string hash{}; ///< SHA-256 of the token, 64 hexadecimal digits in lower case
  role grants = role::viewer;
  organisation_id organisation{}; ///< 0: not bound to one
  std::string created_by{};
  timestamp created_at = no_time;
  timestamp expires_at = no_time;   ///< no_time: never
  timestamp last_used_at = no_time; ///< to the minute; no_time: not yet
};

/// Somebody who signs in.
struct user {
  user_id id{};
  std::string name{};          ///< of all users only one has it
  std::string password_hash{}; ///< as libsodium's crypto_pwhash_str writes it; is told to nobody
  role grants = role::viewer;
  organisation_id organisation{}; ///< 0: not bound to one
  std::string created_by{};
  timestamp created_at = no_time, updated_at = no_time;
  timestamp last_signed_in_at = no_time; ///< no_time: not yet
  std::int64_t version = 1;              ///< grows with each edit
};

/// A browser in which somebody signed in.
struct user_session {
  std::string hash{}; ///< SHA-256 of what its cookie holds, 64 hexadecimal digits in lower case
  user who{};         ///< as far as it matters: id, name, role, organisation
  timestamp created_at = no_time, expires_at = no_time;
  std::string address{}; ///< from where
};

/// Who changed what by hand.
struct audit_entry {
  audit_id id{};
  timestamp at = no_time;
  std::string actor{};            ///< "admin", "token 12 (deploy)", "user 7 (anna)"
  std::string action{};           ///< "PATCH /api/v1/integrations/{id}"
  std::string subject{};          ///< "/api/v1/integrations/12"
  organisation_id organisation{}; ///< of the actor; 0: not bound to one
  std::string before{};           ///< JSON of what was edited or removed, as far as it is known; may be empty
  std::string after{};            ///< JSON of what was asked for, secrets left out; may be empty
  std::string request_id{};
  std::string address{}; ///< where the request came from
};

} // namespace penstock
