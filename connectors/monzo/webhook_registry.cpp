#include "connectors/monzo/webhook_registry.hpp"

#include <utility>

#include "connectors/authorised_request.hpp"
#include "connectors/monzo/webhook_requests.hpp"
#include "connectors/provider_refusal.hpp"
#include "core/quotable.hpp"

namespace penstock::connectors::monzo {
namespace {

const std::string what = "Monzo's webhooks";
constexpr std::size_t most_of_an_id = 60;
constexpr int not_found_status = 404;

/// What an outage looks like. An answer of another shape is one too, of the part of Monzo that keeps webhooks.
bool is_outage(error_code code) {
  switch (code) {
    case error_code::network:
    case error_code::timed_out:
    case error_code::rate_limited:
    case error_code::provider_unavailable:
    case error_code::truncated_body:
    case error_code::unexpected_shape: return true;
    default: return false;
  }
}

} // namespace

void webhook_registry::interrupt(const error& why, const std::string& account) {
  interrupted_ = true;
  context_.log.warn(why.message + ", asked about account " + quotable(account, most_of_an_id) +
                    ": it is asked again in an hour, until then new transactions come with each sync");
}

net::asio::awaitable<result<std::optional<net::http_response>>> webhook_registry::send(net::http_request request,
                                                                                       std::string account) {
  std::optional<net::http_response> answered;
  if (interrupted_)
    co_return answered;
  auto answer = co_await send_authorised(context_.http, context_.tokens, std::move(request), what);
  if (!answer && !is_outage(answer.error().code))
    co_return failure(answer.error());
  if (!answer) {
    interrupt(answer.error(), account);
    co_return answered;
  }
  const auto accepted = accept(*answer, what, context_.clock.now());
  if (!accepted && is_outage(accepted.error().code))
    interrupt(accepted.error(), account);
  else
    answered = std::move(*answer);
  co_return answered;
}

net::asio::awaitable<result<std::optional<net::http_response>>> webhook_registry::ask(net::http_request request,
                                                                                      std::string account) {
  auto answer = co_await send(std::move(request), account);
  if (!answer || !*answer)
    co_return answer;
  // A 403 too is about webhooks alone: the token was just good for the list of accounts.
  if (const auto accepted = accept(**answer, what, context_.clock.now()); !accepted) {
    context_.log.warn(accepted.error().message + ", asked about account " + quotable(account, most_of_an_id) +
                      ": its transactions come with the next sync");
    answer->reset();
  }
  co_return answer;
}

net::asio::awaitable<result<std::optional<std::vector<webhook_registry::entry>>>>
webhook_registry::list(std::string account) {
  auto request = list_webhooks_request(settings_, account);
  auto answer = co_await ask(std::move(request), account);
  if (!answer)
    co_return failure(answer.error());
  if (!*answer)
    co_return std::optional<std::vector<entry>>{};
  const auto all = read_webhooks((*answer)->body);
  if (!all) {
    interrupt(all.error(), account);
    co_return std::optional<std::vector<entry>>{};
  }
  std::vector<entry> ours;
  for (const auto& each : *all) {
    if (!context_.webhooks->is_ours(each.url))
      continue;
    auto url = each.url;
    const auto current = co_await context_.webhooks->is_current(std::move(url));
    if (!current && current.error().code == error_code::conflict)
      continue; // another integration's: the account belongs to several people
    if (!current)
      co_return failure(current.error());
    ours.push_back({each.id, each.url, *current});
  }
  co_return std::optional<std::vector<entry>>{std::move(ours)};
}

net::asio::awaitable<result<bool>> webhook_registry::add(std::string account, std::string url) {
  auto request = register_webhook_request(settings_, account, url);
  const auto answer = co_await ask(std::move(request), account);
  if (!answer)
    co_return failure(answer.error());
  if (answer->has_value())
    context_.log.info("from now on Monzo sends what happens in account " + quotable(account, most_of_an_id));
  co_return answer->has_value();
}

net::asio::awaitable<result<void>> webhook_registry::remove(std::string account, std::string id) {
  auto request = delete_webhook_request(settings_, id);
  const auto answer = co_await send(std::move(request), account);
  if (!answer)
    co_return failure(answer.error());
  if (!*answer || (*answer)->status == not_found_status)
    co_return result<void>{};
  if (const auto accepted = accept(**answer, what, context_.clock.now()); !accepted)
    context_.log.warn(accepted.error().message + ": an old address stays registered, and is refused here");
  else
    context_.log.info("Monzo was told to send nothing more to an old address, of account " +
                      quotable(account, most_of_an_id));
  co_return result<void>{};
}

} // namespace penstock::connectors::monzo
