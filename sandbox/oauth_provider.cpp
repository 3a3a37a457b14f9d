#include "sandbox/oauth_provider.hpp"

#include <algorithm>

#include "sandbox/draw.hpp"

namespace penstock::sandbox {

namespace {

/// Tokens hold whole seconds.
timestamp whole_seconds(timestamp moment) { return std::chrono::floor<std::chrono::seconds>(moment); }

} // namespace

std::uint32_t oauth_provider::choose_user(const std::string& client_id) const {
  const auto is_taken = [&](std::uint32_t user) {
    const auto held = grants_.find({client_id, user});
    return (held != grants_.end() && held->second.live) ||
           std::any_of(codes_.begin(), codes_.end(), [&](const auto& each) {
             return each.second.client_id == client_id && each.second.user == user &&
                    each.second.expires_at > time_.now();
           });
  };
  std::uint32_t user = 1;
  while (is_taken(user) && (settings_.users == 0 || user <= settings_.users))
    ++user;
  if (settings_.users == 0 || user <= settings_.users)
    return user;
  std::uint32_t oldest = 1;
  timestamp least = timestamp::max();
  for (const auto& [key, held] : grants_)
    if (key.first == client_id && key.second <= settings_.users && held.consented_at < least) {
      least = held.consented_at;
      oldest = key.second;
    }
  return oldest;
}

std::string oauth_provider::give_code(const std::string& client_id, const std::string& redirect_uri,
                                      std::optional<std::uint32_t> user) {
  std::erase_if(codes_, [&](const auto& each) { return each.second.expires_at <= time_.now(); });
  const auto chosen = user ? *user : choose_user(client_id);
  const auto moment = static_cast<std::uint64_t>(time_.now().time_since_epoch().count());
  std::string text = "code_" + std::to_string(mix({settings_.seed, ++counts_.consents, moment}));
  codes_[text] = {.client_id = client_id,
                  .redirect_uri = redirect_uri,
                  .user = chosen,
                  .expires_at = time_.now() + settings_.code_lifetime,
                  .consented_at = time_.now()};
  return text;
}

bool oauth_provider::is_client(const std::string& client_id, const std::string& secret) {
  if (!settings_.client_id.empty() || !settings_.client_secret.empty())
    return client_id == settings_.client_id && secret == settings_.client_secret;
  return !client_id.empty() && secrets_.try_emplace(client_id, secret).first->second == secret;
}

oauth_provider::answer oauth_provider::refuse(refusal why) {
  ++counts_.refused;
  return {std::nullopt, why};
}

issued_tokens oauth_provider::issue(const grant_key& key, grant& held) {
  ++held.generation;
  held.issued_at = whole_seconds(time_.now());
  held.live = true;
  held.expired = false;
  oauth_token token{.user = key.second,
                    .generation = held.generation,
                    .issued_at = held.issued_at,
                    .approved_at = held.approved_at,
                    .client_id = key.first};
  issued_tokens out;
  out.client_id = key.first;
  out.user = key.second;
  out.expires_in = settings_.token_lifetime;
  out.access_token = write_token(token, settings_.seed);
  token.is_refresh = true;
  out.refresh_token = write_token(token, settings_.seed);
  return out;
}

oauth_provider::answer oauth_provider::exchange_code(const std::string& client_id, const std::string& secret,
                                                     const std::string& redirect_uri, const std::string& text) {
  if (!is_client(client_id, secret))
    return refuse(refusal::wrong_client);
  const auto found = codes_.find(text);
  if (found == codes_.end() || found->second.client_id != client_id || found->second.redirect_uri != redirect_uri)
    return refuse(refusal::unknown_code);
  const code used = found->second;
  codes_.erase(found);
  if (used.expires_at <= time_.now())
    return refuse(refusal::expired_code);
  const grant_key key{client_id, used.user};
  auto& held = grants_[key];
  held.consented_at = used.consented_at;
  held.approved_at = whole_seconds(used.consented_at + settings_.approval_delay);
  held.approved_by_hand = false;
  ++counts_.codes_exchanged;
  return {issue(key, held), {}};
}

oauth_provider::answer oauth_provider::grant_to_client(const std::string& client_id, const std::string& secret) {
  if (!is_client(client_id, secret))
    return refuse(refusal::wrong_client);
  const grant_key key{client_id, choose_user(client_id)};
  auto& held = grants_[key];
  held.consented_at = time_.now();
  held.approved_at = whole_seconds(time_.now());
  held.approved_by_hand = false;
  ++counts_.client_grants;
  auto tokens = issue(key, held);
  tokens.refresh_token.clear();
  return {std::move(tokens), {}};
}

oauth_provider::grant* oauth_provider::grant_of(const oauth_token& token) {
  if (token.user == 0)
    return nullptr;
  auto [found, is_new] = grants_.try_emplace({token.client_id, token.user});
  // Later than what is known here: of before a restart.
  const bool is_later = token.generation > found->second.generation && token.issued_at > found->second.issued_at;
  if (is_new || (found->second.live && is_later))
    found->second = {.generation = token.generation,
                     .issued_at = token.issued_at,
                     .approved_at = token.approved_at,
                     .consented_at = token.approved_at,
                     .live = true};
  return &found->second;
}

bool oauth_provider::is_current(const grant& held, const oauth_token& token) {
  return held.generation == token.generation && held.issued_at == token.issued_at;
}

oauth_provider::answer oauth_provider::refresh(const std::string& client_id, const std::string& secret,
                                               std::string_view text) {
  if (!is_client(client_id, secret))
    return refuse(refusal::wrong_client);
  const auto token = read_token(text, settings_.seed);
  if (!token || !token->is_refresh || token->client_id != client_id)
    return refuse(refusal::unknown_refresh_token);
  auto* held = grant_of(*token);
  if (!held || !held->live)
    return refuse(refusal::unknown_refresh_token);
  if (!is_current(*held, *token))
    return refuse(refusal::evicted_refresh_token);
  ++counts_.refreshes;
  return {issue({client_id, token->user}, *held), {}};
}

bearer oauth_provider::check(std::string_view text) {
  const auto token = read_token(text, settings_.seed);
  if (!token || token->is_refresh)
    return {};
  auto* held = grant_of(*token);
  if (!held || !held->live)
    return {};
  bearer out{.user = token->user, .client_id = token->client_id, .approved_at = held->approved_at};
  if (!is_current(*held, *token))
    out.state = access::evicted;
  else if (held->expired || time_.now() >= held->issued_at + settings_.token_lifetime)
    out.state = access::expired;
  else
    out.state = held->approved_by_hand || time_.now() >= held->approved_at ? access::good : access::not_approved;
  return out;
}

std::size_t oauth_provider::expire_tokens(std::optional<std::uint32_t> user) {
  std::size_t count = 0;
  for (auto& [key, held] : grants_)
    if (held.live && user.value_or(key.second) == key.second) {
      held.expired = true;
      ++count;
    }
  return count;
}

std::size_t oauth_provider::revoke(std::optional<std::uint32_t> user) {
  std::size_t count = 0;
  for (auto& [key, held] : grants_)
    if (held.live && user.value_or(key.second) == key.second) {
      held.live = false;
      ++count;
    }
  return count;
}

std::size_t oauth_provider::approve(std::optional<std::uint32_t> user) {
  std::size_t count = 0;
  for (auto& [key, held] : grants_)
    if (held.live && user.value_or(key.second) == key.second && time_.now() < held.approved_at) {
      held.approved_by_hand = true;
      held.approved_at = whole_seconds(time_.now());
      // The token in use says otherwise, but the grant is asked first.
      ++count;
    }
  return count;
}

std::vector<std::uint32_t> oauth_provider::users() const {
  std::vector<std::uint32_t> out;
  for (const auto& [key, held] : grants_)
    out.push_back(key.second);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

} // namespace penstock::sandbox
