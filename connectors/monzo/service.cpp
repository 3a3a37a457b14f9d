#include "connectors/monzo/service.hpp"

#include <algorithm>
#include <utility>

#include "connectors/args_reader.hpp"
#include "connectors/monzo/kinds.hpp"
#include "connectors/monzo/paging.hpp"
#include "connectors/monzo/transaction_args.hpp"
#include "connectors/monzo/transaction_cursor.hpp"

namespace penstock::connectors::monzo {
namespace {

result<void> validate(std::string_view config) {
  const auto checked = read_config(config);
  if (!checked)
    return failure(checked.error());
  return {};
}

/// After the first consent the job goes before others: it leads to history that Monzo gives for five minutes.
result<std::vector<job_request>> first_jobs(const integration& account) {
  job_request accounts;
  accounts.kind = "monzo.account_pull";
  accounts.stream = "accounts";
  if (account.schedule.last_successful_update_at == no_time)
    accounts.priority = history_priority;
  return std::vector<job_request>{std::move(accounts)};
}

/// As if the first sync had been cut short at `from`: it goes on from there, through windows of history.
result<std::string> cursor_from(std::string_view stream, timestamp from) {
  if (!stream.starts_with(transaction_stream_prefix))
    return failure(error_code::invalid_argument,
                   "monzo's stream '" + std::string(stream) + "' is in no order of time: leave out the moment");
  transaction_cursor cursor;
  cursor.last_created = std::max(from, earliest_history);
  cursor.history = true;
  return to_text(cursor);
}

} // namespace

result<integration_config> read_config(std::string_view config) {
  args_reader reader("config of a monzo integration", config, {"account_types"});
  integration_config read;
  read.account_types = reader.texts("account_types");
  if (reader.problem())
    return failure(*reader.problem());
  return read;
}

service make_service(const monzo_settings& settings) {
  net::oauth2_provider oauth;
  oauth.authorize_url = settings.auth_url;
  oauth.token_url = settings.base_url + "/oauth2/token";
  oauth.client_id = settings.client_id;
  oauth.client_secret = settings.client_secret;
  // A refresh token is used once; these say that it was used, or that a login elsewhere took its place.
  oauth.reauth_codes = {"bad_request.refresh_token.invalid", "bad_request.refresh_token.evicted",
                        "unauthorized.bad_refresh_token", "unauthorized.bad_refresh_token.evicted"};
  service offered;
  offered.name = "monzo";
  offered.title = "Monzo";
  offered.oauth = std::move(oauth);
  offered.validate = validate;
  offered.first_jobs = first_jobs;
  offered.cursor_from = cursor_from;
  // Monzo signs nothing and names no delivery: the secret in the address is all there is, and a transaction that comes again
  // changes nothing.
  offered.webhook.emplace().kind = "monzo.webhook";
  return offered;
}

} // namespace penstock::connectors::monzo
