#include "connectors/monzo/webhook_registry.hpp"

#include <utility>

#include "connectors/authorised_request.hpp"
#include "connectors/monzo/requests.hpp"
#include "connectors/monzo/webhook_requests.hpp"
#include "core/quotable.hpp"

namespace penstock::connectors::monzo {
namespace {

const std::string what = "Monzo's webhooks";
constexpr std::size_t most_of_an_id = 60;
constexpr int not_found_status = 404;

} // namespace

net::asio::awaitable<result<std::optional<net::http_response>>> webhook_registry::ask(net::http_request request,
                                                                                      std::string account) {
  auto answer = co_await send_authorised(context_.http, context_.tokens, std::move(request), what);
  if (!answer)
    co_return failure(answer.error());
  const auto accepted = accept_answer(*answer, what, context_.clock.now());
  if (!accepted) {
    const auto& why = accepted.error();
    if (why.cls() != error_class::final || why.code == error_code::requires_reauth)
      co_return failure(why);
    context_.log.warn(why.message + ", asked about account " + quotable(account, most_of_an_id) +
                      ": its transactions come with the next sync");
    co_return std::optional<net::http_response>{};
  }
  co_return std::optional<net::http_response>{std::move(*answer)};
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
  if (!all)
    co_return failure(all.error());
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
  auto answer = co_await send_authorised(context_.http, context_.tokens, std::move(request), what);
  if (!answer)
    co_return failure(answer.error());
  if (answer->status == not_found_status)
    co_return result<void>{};
  const auto accepted = accept_answer(*answer, what, context_.clock.now());
  if (accepted)
    context_.log.info("Monzo was told to send nothing more to an old address, of account " +
                      quotable(account, most_of_an_id));
  else if (accepted.error().cls() != error_class::final || accepted.error().code == error_code::requires_reauth)
    co_return failure(accepted.error());
  else
    context_.log.warn(accepted.error().message + ": an old address stays registered, and is refused here");
  co_return result<void>{};
}

} // namespace penstock::connectors::monzo
