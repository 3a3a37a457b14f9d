#include "gateway/token_directory.hpp"

#include <cstring>
#include <mutex>

#include <openssl/crypto.h>

#include "core/id_text.hpp"
#include "gateway/user_names.hpp"

namespace penstock::gateway {
namespace {

access_level level_of(role grants) noexcept {
  switch (grants) {
    case role::viewer: return access_level::viewer;
    case role::operating: return access_level::operating;
    case role::admin: return access_level::admin;
  }
  return access_level::anybody;
}

/// Nothing for a text that is no hash: such a token fits no request.
std::optional<token_hash> hash_of_hex(std::string_view hex) {
  constexpr std::string_view digits = "0123456789abcdef";
  token_hash hash{};
  if (hex.size() != 2 * hash.size())
    return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const auto high = digits.find(hex[2 * i]), low = digits.find(hex[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return std::nullopt;
    hash[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return hash;
}

} // namespace

std::size_t token_directory::hash_of_hash::operator()(const token_hash& hash) const noexcept {
  std::size_t part = 0;
  std::memcpy(&part, hash.data(), sizeof part);
  return part;
}

token_directory::finding token_directory::find(std::string_view token, timestamp now) const {
  const auto hash = hash_token(token);
  if (CRYPTO_memcmp(hash.data(), admin_.data(), hash.size()) == 0)
    return {outcome::known, {.level = access_level::admin, .name = "admin"}};
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(hash);
  if (found == entries_.end())
    return {};
  auto& one = *found->second;
  if (one.has_expired(now))
    return {outcome::expired, {}};
  one.used_at.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  return {outcome::known, one.who};
}

void token_directory::put(entries& into, const access_token& token) {
  const auto hash = hash_of_hex(token.hash);
  if (!hash)
    return;
  auto one = std::make_unique<entry>();
  one->who = {.level = level_of(token.grants),
              .organisation = token.organisation,
              .token = token.id,
              .name = "token " + to_string(token.id) + " (" + token.name + ")",
              .credential = *hash};
  one->expires_at = token.expires_at;
  into.insert_or_assign(*hash, std::move(one));
}

void token_directory::put(entries& into, const user_session& session) {
  const auto hash = hash_of_hex(session.hash);
  if (!hash)
    return;
  auto one = std::make_unique<entry>();
  one->who = {.level = level_of(session.who.grants),
              .organisation = session.who.organisation,
              .user = session.who.id,
              .name = caller_name(session.who),
              .credential = *hash};
  one->expires_at = session.expires_at;
  into.insert_or_assign(*hash, std::move(one));
}

bool token_directory::is_good(const caller& who, timestamp now) const {
  if (!who.is_stored())
    return true;
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(who.credential);
  return found != entries_.end() && !found->second->has_expired(now);
}

timestamp token_directory::expiry_of(const caller& who) const {
  const std::shared_lock lock(mutex_);
  const auto found = who.is_stored() ? entries_.find(who.credential) : entries_.end();
  return found == entries_.end() ? no_time : found->second->expires_at;
}

void token_directory::replace(const std::vector<access_token>& tokens, const std::vector<user_session>& sessions,
                              std::uint64_t reading) {
  entries fresh;
  for (const auto& each : tokens)
    put(fresh, each);
  for (const auto& each : sessions)
    put(fresh, each);
  const std::unique_lock lock(mutex_);
  if (reading < applied_)
    return;
  applied_ = reading;
  for (auto& [hash, one] : fresh)
    if (const auto before = entries_.find(hash); before != entries_.end())
      one->used_at = before->second->used_at.load();
  entries_.swap(fresh);
}

void token_directory::add(const access_token& token) {
  const std::unique_lock lock(mutex_);
  applied_ = ++last_reading_;
  put(entries_, token);
}

void token_directory::add(const user_session& session, std::uint64_t known) {
  const std::unique_lock lock(mutex_);
  if (const auto ended = ended_.find(session.who.id); ended != ended_.end() && ended->second != known)
    return;
  applied_ = ++last_reading_;
  put(entries_, session);
}

std::uint64_t token_directory::sessions_ended(user_id user) const {
  const std::shared_lock lock(mutex_);
  const auto found = ended_.find(user);
  return found == ended_.end() ? 0 : found->second;
}

template <class Condition>
void token_directory::remove_if(Condition condition) {
  const std::unique_lock lock(mutex_);
  applied_ = ++last_reading_;
  std::erase_if(entries_, [&](const auto& each) { return condition(each.second->who); });
}

void token_directory::remove(token_id id) {
  remove_if([id](const caller& who) { return who.token == id; });
}

void token_directory::remove_session(const token_hash& credential) {
  remove_if([&](const caller& who) { return who.user && who.credential == credential; });
}

void token_directory::remove_of(user_id user, const token_hash& but) {
  {
    const std::unique_lock lock(mutex_);
    ++ended_[user];
  }
  remove_if([&](const caller& who) { return who.user == user && who.credential != but; });
}

void token_directory::remove_of(organisation_id organisation) {
  remove_if([organisation](const caller& who) { return who.organisation == organisation; });
}

std::vector<note_token_uses::use> token_directory::take_uses() {
  std::vector<note_token_uses::use> uses;
  const std::shared_lock lock(mutex_);
  for (const auto& [hash, one] : entries_)
    if (const auto at = one->used_at.exchange(0, std::memory_order_relaxed); at != 0 && one->who.token)
      uses.push_back({one->who.token, timestamp{duration{at}}});
  return uses;
}

} // namespace penstock::gateway
