#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "net/http_headers.hpp"

namespace penstock::net {

/// How a delivery shows that its provider sent it.
enum class webhook_scheme : std::uint8_t {
  none,    ///< by nothing but the secret of the address
  github,  ///< X-Hub-Signature-256: HMAC-SHA256 of the body. No time
  stripe,  ///< Stripe-Signature: t=TIME,v1=HEX,…: of "TIME.BODY"
  standard ///< Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature: of "ID.TIME.BODY"
};

/// "github"; empty for none.
[[nodiscard]] std::string_view to_string(webhook_scheme scheme) noexcept;

/// A delivery whose time of sending is further from ours than this, in either direction, is refused.
inline constexpr duration webhook_tolerance = std::chrono::minutes(5);

/// A key as the scheme wants it, of 32 random bytes. Throws if there is no randomness.
[[nodiscard]] std::string make_signing_key(webhook_scheme scheme);

/// Whether a text can be the key of the scheme; the error (invalid_argument) says what it looks like.
[[nodiscard]] result<void> check_signing_key(webhook_scheme scheme, std::string_view key);

/// Checks the signature of one delivery, which is fed to it in pieces. The header is read first; what is compared takes the
/// same time however much of it fits.
class webhook_check {
public:
  using digest = std::array<unsigned char, 32>;

  /// What the header says. `key`: as the provider shows it ("whsec_…"). The error (invalid_argument) says what is missing
  /// or wrong, without what was sent. `now`: see webhook_tolerance.
  [[nodiscard]] static result<webhook_check> begin(webhook_scheme scheme, const http_headers& headers,
                                                   std::string_view key, timestamp now);
  ~webhook_check();
  webhook_check(webhook_check&&) noexcept;
  webhook_check& operator=(webhook_check&&) noexcept;

  /// The body, as it came, in any pieces.
  void take(std::string_view bytes);
  /// Whether one of the signatures is that of what was taken. Once.
  [[nodiscard]] bool fits();
  /// What the signature that fitted names the delivery, where the scheme has no other name for it (Stripe): the same for
  /// each copy of it, and a copy under another name does not fit. Empty before, and for other schemes.
  [[nodiscard]] const std::string& signed_name() const noexcept { return signed_name_; }

private:
  /// `ahead` is signed in front of the body.
  webhook_check(std::string_view key, std::string_view ahead, std::vector<digest> claimed);

  [[nodiscard]] static result<webhook_check> begin_github(const http_headers& headers, std::string_view key);
  [[nodiscard]] static result<webhook_check> begin_stripe(const http_headers& headers, std::string_view key,
                                                          timestamp now);
  [[nodiscard]] static result<webhook_check> begin_standard(const http_headers& headers, std::string_view key,
                                                            timestamp now);

  struct code;
  std::unique_ptr<code> code_;
  std::vector<digest> claimed_;
  std::string named_by_; ///< the time that is signed, where it and the signature name the delivery
  std::string signed_name_;
};

/// What names the delivery in the scheme (`webhook-id`, `X-GitHub-Delivery`), the same however often it is sent; empty if
/// nothing does. At most 256 visible characters count.
[[nodiscard]] std::string_view webhook_delivery_id(webhook_scheme scheme, const http_headers& headers) noexcept;

} // namespace penstock::net
