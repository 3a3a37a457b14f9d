#include "storage/sealed_columns.hpp"

namespace penstock::storage {
namespace {

constexpr sealed_column all_columns[] = {
  {"credentials", "id", "body", "credential/", "integration_id"},
  {"webhook_addresses", "integration_id", "signing_key", "webhook/", "integration_id"},
};

} // namespace

std::span<const sealed_column> sealed_columns() noexcept { return all_columns; }

} // namespace penstock::storage
