// Where providers send what happens at theirs.
#include "gateway/api_tables.hpp"
#include "gateway/webhook_admission.hpp"
#include "gateway/webhook_intake.hpp"

namespace penstock::gateway {
namespace {

answer deliver(service_desk& desk, call& one) {
  if (one.request.spool) {
    // No other spool is ever given away.
    auto& begun = static_cast<webhook_intake&>(*one.request.spool);
    auto reply = co_await begun.finish(std::move(one.request.body));
    co_return reply;
  }
  webhook_target target{one.captured[0], one.captured[1]};
  auto admitted = co_await admit_webhook(desk, one.request, target);
  if (admitted.refusal)
    co_return std::move(*admitted.refusal);
  const auto* service = admitted.service;
  auto begun = webhook_intake::begin(desk, std::move(admitted), one.request);
  if (!begun)
    co_return wrong_signature(desk, service->name, one.request.remote_address, begun.error().message);
  auto reply = co_await (*begun)->finish(std::move(one.request.body));
  co_return reply;
}

} // namespace

std::span<const route> webhook_routes() {
  static constexpr route table[] = {
    {.method = "POST",
     .pattern = "/webhooks/{service}/{secret}",
     .needs = access_level::anybody,
     .handler = deliver,
     .foreign = true},
    {.method = "POST",
     .pattern = "/webhooks/{service}",
     .needs = access_level::anybody,
     .handler = deliver,
     .foreign = true},
  };
  return table;
}

} // namespace penstock::gateway
