#include "connectors/connector.hpp"

#include <memory>

#include "connectors/monzo/kinds.hpp"
#include "connectors/monzo/service.hpp"
#include "connectors/monzo/settings.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/webhook_kinds.hpp"

namespace penstock::connectors::monzo {
namespace {

build_result build(const config::section& section) {
  auto settings = read_settings(section);
  if (!settings)
    return tl::unexpected(std::move(settings.error()));
  connector built;
  built.name = "monzo";
  built.services = {make_service(*settings)};
  built.tables = tables();
  built.migrations = migrations();
  const auto shared = std::make_shared<const monzo_settings>(std::move(*settings));
  built.handlers = {account_pull(shared),
                    account_data(),
                    transaction_pull(shared),
                    historical_data(shared),
                    transaction_data(),
                    pot_pull(shared),
                    pot_data(),
                    balance_pull(shared),
                    balance_data(),
                    webhook(),
                    webhook_transaction(shared),
                    webhook_registration(shared)};
  return built;
}

} // namespace

void register_connector(registry& out) {
  out.add({.name = "monzo",
           .summary = "Accounts, transactions, pots and balances of the Monzo bank.",
           .settings = declared_settings(),
           .enabled_by_default = true,
           .build = build});
}

} // namespace penstock::connectors::monzo
