#pragma once

#include "core/id_text.hpp"
#include "gateway/render.hpp"
#include "gateway/service_desk.hpp"
#include "gateway/webhook_secrets.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

/// The integration as it stands now, with its cursors; `not_found` if there is none of that id.
[[nodiscard]] net::asio::awaitable<result<net::http_reply>> integration_reply(service_desk& desk, integration_id id);

/// The same of one that was just added (201), with the webhook that was made for it, if one was: told this once.
[[nodiscard]] net::asio::awaitable<result<net::http_reply>> integration_reply(service_desk& desk, integration_id id,
                                                                              const std::optional<new_webhook>& made);

/// What the stored credential, or that there is none, says of the consent.
[[nodiscard]] consent_state consent_of(storage::integration_reads& reads, const connectors::catalogue& services,
                                       const integration& value);

/// Its row; `not_found` if there is none.
[[nodiscard]] net::asio::awaitable<result<integration>> find_integration(service_desk& desk, integration_id id);

} // namespace penstock::gateway
