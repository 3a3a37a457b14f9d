#include "net/webhook_signature.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "net/token_hash.hpp"

namespace penstock::net {
namespace {

/// A header may name several signatures, while a key is being replaced; nobody sends more.
constexpr std::size_t most_signatures = 16;
constexpr std::string_view standard_prefix = "whsec_";

std::optional<int> hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return std::nullopt;
}

std::optional<webhook_check::digest> from_hex(std::string_view text) {
  webhook_check::digest out{};
  if (text.size() != 2 * out.size())
    return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (!high || !low)
      return std::nullopt;
    out[i] = static_cast<unsigned char>(*high * 16 + *low);
  }
  return out;
}

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// RFC 4648, 4, with or without its padding; nothing else.
std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('='))
    text.remove_suffix(1);
  if (text.empty() || text.size() % 4 == 1 || !std::all_of(text.begin(), text.end(), is_base64))
    return std::nullopt;
  std::string padded(text);
  const std::size_t missing = (4 - text.size() % 4) % 4;
  padded.append(missing, '=');
  std::string out(padded.size() / 4 * 3, '\0');
  const int size =
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(padded.data()),
                    static_cast<int>(padded.size()));
  if (size < 0)
    return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - missing);
  return out;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t'))
    text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t'))
    text.remove_suffix(1);
  return text;
}

/// Takes what stands before `mark` off the front.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const auto taken = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return taken;
}

auto refuse(std::string message) { return failure(error_code::invalid_argument, std::move(message)); }

/// Seconds since 1970.
result<void> check_time(std::string_view text, timestamp now, const std::string& what) {
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t most = 100'000'000'000; // year 5138: no overflow in microseconds
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size() || seconds < 0 || seconds > most)
    return refuse(what + " is no time in seconds");
  const timestamp sent{std::chrono::seconds(seconds)};
  if (sent < now - webhook_tolerance)
    return refuse(what + " is more than five minutes ago: an old delivery that is sent again, or a wrong clock");
  if (sent > now + webhook_tolerance)
    return refuse(what + " is more than five minutes ahead: one of the clocks is wrong");
  return {};
}

std::string standard_key(std::string_view key) {
  if (key.starts_with(standard_prefix))
    key.remove_prefix(standard_prefix.size());
  return from_base64(key).value_or("");
}

} // namespace

std::string_view to_string(webhook_scheme scheme) noexcept {
  switch (scheme) {
    case webhook_scheme::github: return "github";
    case webhook_scheme::stripe: return "stripe";
    case webhook_scheme::standard: return "standard";
    case webhook_scheme::none: break;
  }
  return {};
}

std::string make_signing_key(webhook_scheme scheme) {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("OpenSSL has no random numbers");
  std::array<unsigned char, 45> text{};
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  std::string key(text.begin(), text.begin() + size);
  return scheme == webhook_scheme::standard ? std::string(standard_prefix) + key : key;
}

result<void> check_signing_key(webhook_scheme scheme, std::string_view key) {
  constexpr std::size_t longest = 512;
  const auto visible = [](char c) { return c >= ' ' && c < 127; };
  if (key.empty() || key.size() > longest || !std::all_of(key.begin(), key.end(), visible))
    return refuse("a signing key is 1 to 512 visible ASCII characters, as the provider shows it");
  if (scheme == webhook_scheme::standard && standard_key(key).empty())
    return refuse("a signing key of Standard Webhooks is base64 behind whsec_");
  return {};
}

struct webhook_check::code {
  explicit code(std::string_view key) {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    context = mac != nullptr ? EVP_MAC_CTX_new(mac) : nullptr;
    EVP_MAC_free(mac);
    char digest_name[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
                                 OSSL_PARAM_construct_end()};
    if (context == nullptr ||
        EVP_MAC_init(context, reinterpret_cast<const unsigned char*>(key.data()), key.size(), params) != 1)
      throw std::runtime_error("OpenSSL has no HMAC-SHA256");
  }
  ~code() { EVP_MAC_CTX_free(context); }
  code(const code&) = delete;
  code& operator=(const code&) = delete;

  void take(std::string_view bytes) {
    if (EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != 1)
      throw std::runtime_error("OpenSSL could not go on with an HMAC");
  }

  EVP_MAC_CTX* context = nullptr;
};

webhook_check::webhook_check(std::string_view key, std::string_view ahead, std::vector<digest> claimed)
    : code_(std::make_unique<code>(key)), claimed_(std::move(claimed)) {
  if (!ahead.empty())
    code_->take(ahead);
}
webhook_check::~webhook_check() = default;
webhook_check::webhook_check(webhook_check&&) noexcept = default;
webhook_check& webhook_check::operator=(webhook_check&&) noexcept = default;

result<webhook_check> webhook_check::begin(webhook_scheme scheme, const http_headers& headers, std::string_view key,
                                           timestamp now) {
  if (key.empty())
    return refuse("no signing key is known for this address: set the provider's with POST …/webhook-secret");
  switch (scheme) {
    case webhook_scheme::github: return begin_github(headers, key);
    case webhook_scheme::stripe: return begin_stripe(headers, key, now);
    case webhook_scheme::standard: return begin_standard(headers, key, now);
    case webhook_scheme::none: break;
  }
  return refuse("this service signs nothing");
}

result<webhook_check> webhook_check::begin_github(const http_headers& headers, std::string_view key) {
  constexpr std::string_view prefix = "sha256=";
  const auto sent = trim(headers.value_or("X-Hub-Signature-256", {}));
  if (sent.empty())
    return refuse("X-Hub-Signature-256 is missing: set the secret at the provider");
  const auto claimed = sent.starts_with(prefix) ? from_hex(sent.substr(prefix.size())) : std::nullopt;
  if (!claimed)
    return refuse("X-Hub-Signature-256 is not sha256= and 64 hexadecimal digits");
  return webhook_check(key, {}, {*claimed});
}

result<webhook_check> webhook_check::begin_stripe(const http_headers& headers, std::string_view key, timestamp now) {
  auto rest = headers.value_or("Stripe-Signature", {});
  if (rest.empty())
    return refuse("Stripe-Signature is missing");
  std::string_view time;
  std::vector<digest> claimed;
  while (!rest.empty()) {
    auto value = trim(take_until(rest, ','));
    const auto name = take_until(value, '=');
    if (name == "t")
      time = value;
    else if (name == "v1" && claimed.size() < most_signatures) // other schemes are passed over, as Stripe says
      if (const auto one = from_hex(value))
        claimed.push_back(*one);
  }
  if (auto timely = check_time(time, now, "the t of Stripe-Signature"); !timely)
    return failure(std::move(timely.error()));
  if (claimed.empty())
    return refuse("Stripe-Signature holds no signature v1");
  webhook_check made(key, std::string(time) + ".", std::move(claimed));
  made.named_by_ = time;
  return made;
}

result<webhook_check> webhook_check::begin_standard(const http_headers& headers, std::string_view key, timestamp now) {
  const auto id = headers.value_or("webhook-id", {});
  const auto time = headers.value_or("webhook-timestamp", {});
  auto rest = headers.value_or("webhook-signature", {});
  const auto raw_key = standard_key(key);
  if (raw_key.empty())
    return refuse("the signing key of this address is no base64 behind whsec_: set it with POST …/webhook-secret");
  if (webhook_delivery_id(webhook_scheme::standard, headers).empty())
    return refuse("webhook-id is missing or longer than 256 characters");
  if (rest.empty())
    return refuse("webhook-signature is missing");
  if (auto timely = check_time(time, now, "webhook-timestamp"); !timely)
    return failure(std::move(timely.error()));
  std::vector<digest> claimed;
  while (!rest.empty()) {
    auto value = take_until(rest, ' ');
    if (take_until(value, ',') != "v1" || claimed.size() == most_signatures)
      continue;
    const auto bytes = from_base64(value);
    if (!bytes || bytes->size() != sizeof(digest))
      continue;
    std::copy(bytes->begin(), bytes->end(), claimed.emplace_back().begin());
  }
  if (claimed.empty())
    return refuse("webhook-signature holds no signature v1");
  return webhook_check(raw_key, std::string(id) + "." + std::string(time) + ".", std::move(claimed));
}

void webhook_check::take(std::string_view bytes) { code_->take(bytes); }

bool webhook_check::fits() {
  digest computed{};
  std::size_t size = 0;
  if (EVP_MAC_final(code_->context, computed.data(), &size, computed.size()) != 1 || size != computed.size())
    throw std::runtime_error("OpenSSL could not end an HMAC");
  bool found = false;
  for (const auto& each : claimed_) // all of them: the time tells nothing
    found |= CRYPTO_memcmp(each.data(), computed.data(), computed.size()) == 0;
  if (found && !named_by_.empty())
    signed_name_ = to_hex(hash_token(named_by_ + "." + std::string(computed.begin(), computed.end())));
  return found;
}

std::string_view webhook_delivery_id(webhook_scheme scheme, const http_headers& headers) noexcept {
  constexpr std::size_t longest = 256;
  std::string_view id;
  if (scheme == webhook_scheme::github)
    id = headers.value_or("X-GitHub-Delivery", {});
  else if (scheme == webhook_scheme::standard)
    id = headers.value_or("webhook-id", {});
  const auto visible = [](char c) { return c > ' ' && c < 127; };
  return id.size() <= longest && std::all_of(id.begin(), id.end(), visible) ? id : std::string_view{};
}

} // namespace penstock::net
