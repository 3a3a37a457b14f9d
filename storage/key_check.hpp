#pragma once

#include "core/error.hpp"
#include "core/time.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Whether this key file belongs to this database; the first that comes does, if it opens what is sealed there.
/// `bad_configuration`: it is another's. In a transaction of its own; throws storage_exception.
[[nodiscard]] result<void> check_key(session& db, const secret_box& secrets, timestamp now);

/// `bad_configuration` unless the key file holds the key that sealed what is there. Writes nothing.
[[nodiscard]] result<void> require_fitting_key(session& db, const secret_box& secrets);

/// Inside the transaction in flight: from now on this database's key is the one that seals now.
void note_key(session& db, const secret_box& secrets, timestamp now);

/// Inside the transaction in flight: a change of the key begins, or the one that began goes on.
void note_key_change(session& db, const secret_box& secrets, timestamp now);
/// Inside the transaction in flight: one key opens all that is there.
void note_key_changed(session& db);

} // namespace penstock::storage
