#pragma once

#include "core/error.hpp"

namespace penstock::storage {

/// Loads PostgreSQL's client library when it is first asked for; later calls answer what the first did. It brings GnuTLS,
/// Kerberos and LDAP along, 3.4 MiB resident that a node on SQLite has no use for. The functions of <libpq-fe.h> that
/// the .cpp lists go there; the first call of one loads the library too, and throws std::runtime_error where it cannot.
/// bad_configuration, with what to install, when there is none or it is older than version 14. Any thread.
[[nodiscard]] result<void> load_libpq();

} // namespace penstock::storage
