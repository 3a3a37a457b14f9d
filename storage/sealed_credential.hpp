#pragma once

#include <string>

#include "messages/credential.hpp"
#include "storage/secret_box.hpp"

namespace penstock::storage {

/// What of a credential is secret, as the text that its row keeps. It opens for the same integration only.
[[nodiscard]] std::string seal_credential(const secret_box& secrets, const credential& value);

/// Fills in what `seal_credential` sealed; `value.integration` says for whom. `storage_failed` if it does not open.
[[nodiscard]] result<void> open_credential(const secret_box& secrets, const std::string& body, credential& value);

} // namespace penstock::storage
