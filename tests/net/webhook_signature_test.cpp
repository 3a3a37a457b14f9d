#include "net/webhook_signature.hpp"

#include <gtest/gtest.h>

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

timestamp at(std::int64_t seconds) { return timestamp{std::chrono::seconds(seconds)}; }

/// What a verifier says of a delivery whose body comes in pieces of so many bytes.
std::string verdict(webhook_scheme scheme, const http_headers& headers, std::string_view key, std::string_view body,
                    timestamp now, std::size_t piece = 5) {
  auto check = webhook_check::begin(scheme, headers, key, now);
  if (!check)
    return check.error().message;
  for (std::size_t i = 0; i < body.size(); i += piece)
    check->take(body.substr(i, piece));
  return check->fits() ? "fits" : "does not fit";
}

// The vectors that the providers publish: GitHub's documentation, the tests of Standard Webhooks' libraries, and
// Stripe's form over a known key.

const http_headers github_headers{
  {"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
  {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}};
constexpr std::string_view github_key = "It's a Secret to Everybody";

TEST(webhook_signature, GithubsPublishedVectorFits) {
  for (const std::size_t piece : {1, 2, 13, 100})
    EXPECT_EQ(verdict(webhook_scheme::github, github_headers, github_key, "Hello, World!", {}, piece), "fits");
  EXPECT_EQ(webhook_delivery_id(webhook_scheme::github, github_headers), "72d3162e-cc78-11e3-81ab-4c9367dc0958");
}

TEST(webhook_signature, GithubRefusesAnotherBodyOrKey) {
  EXPECT_EQ(verdict(webhook_scheme::github, github_headers, github_key, "Hello, World?", {}), "does not fit");
  EXPECT_EQ(verdict(webhook_scheme::github, github_headers, "another", "Hello, World!", {}), "does not fit");
}

TEST(webhook_signature, GithubSaysWhatIsWrongWithItsHeader) {
  EXPECT_NE(verdict(webhook_scheme::github, {}, github_key, "", {}).find("is missing"), std::string::npos);
  for (const std::string_view sent :
       {"757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "sha256=", "sha256=75", "sha1=757107ea",
        "sha256=g57107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}) {
    const auto told = verdict(webhook_scheme::github, {{"X-Hub-Signature-256", sent}}, github_key, "", {});
    EXPECT_NE(told.find("64 hexadecimal digits"), std::string::npos) << told;
  }
}

constexpr std::string_view standard_key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view standard_body = R"({"test": 2432232314})";
constexpr std::int64_t standard_time = 1614265330;

http_headers standard_headers(std::string signatures = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") {
  return {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
          {"webhook-timestamp", "1614265330"},
          {"webhook-signature", signatures}};
}

TEST(webhook_signature, StandardWebhooksPublishedVectorFits) {
  EXPECT_EQ(verdict(webhook_scheme::standard, standard_headers(), standard_key, standard_body, at(standard_time)),
            "fits");
  // The key is the same without the words in front of it.
  EXPECT_EQ(
    verdict(webhook_scheme::standard, standard_headers(), standard_key.substr(6), standard_body, at(standard_time)),
    "fits");
  EXPECT_EQ(webhook_delivery_id(webhook_scheme::standard, standard_headers()), "msg_p5jXN8AQM9LWM0D4loKWxJek");
}

TEST(webhook_signature, OneOfSeveralSignaturesIsEnough) {
  const std::string good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  const std::string other = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  for (const auto& all : {other + " " + good, good + " " + other, "v1a,abc " + good,
                          "v2," + good.substr(3) + " " + good, other + "  " + good})
    EXPECT_EQ(verdict(webhook_scheme::standard, standard_headers(all), standard_key, standard_body, at(standard_time)),
              "fits")
      << all;
  EXPECT_EQ(verdict(webhook_scheme::standard, standard_headers(other), standard_key, standard_body, at(standard_time)),
            "does not fit");
  for (const std::string& none :
       {"v2," + good.substr(3), std::string("v1"), std::string("v1,"), std::string("v1,!!!!"), std::string("v1,AAAA")})
    EXPECT_NE(verdict(webhook_scheme::standard, standard_headers(none), standard_key, standard_body, at(standard_time))
                .find("no signature v1"),
              std::string::npos)
      << none;
}

TEST(webhook_signature, TimeOutsideFiveMinutesIsRefused) {
  const auto told = [](duration off) {
    return verdict(webhook_scheme::standard, standard_headers(), standard_key, standard_body, at(standard_time) + off);
  };
  EXPECT_EQ(told(5min), "fits");
  EXPECT_EQ(told(-5min), "fits");
  EXPECT_NE(told(5min + 1s).find("five minutes ago"), std::string::npos);
  EXPECT_NE(told(-5min - 1s).find("five minutes ahead"), std::string::npos);
}

TEST(webhook_signature, TimeAndIdArePartOfWhatIsSigned) {
  auto headers = standard_headers();
  headers.set("webhook-timestamp", "1614265331");
  EXPECT_EQ(verdict(webhook_scheme::standard, headers, standard_key, standard_body, at(standard_time)), "does not fit");
  headers = standard_headers();
  headers.set("webhook-id", "msg_other");
  EXPECT_EQ(verdict(webhook_scheme::standard, headers, standard_key, standard_body, at(standard_time)), "does not fit");
  for (const std::string_view time : {"", "now", "1614265330 ", "-1", "1614265330.5", "99999999999999999999"}) {
    headers = standard_headers();
    headers.set("webhook-timestamp", time);
    EXPECT_NE(
      verdict(webhook_scheme::standard, headers, standard_key, standard_body, at(standard_time)).find("no time"),
      std::string::npos)
      << time;
  }
}

constexpr std::string_view stripe_key = "whsec_x";
constexpr std::int64_t stripe_time = 1700000000;
const std::string stripe_good = "v1=be8cb8325f2202445260a855532f967e30ad2a9394ce28da66ee02880ddcb661";

std::string stripe(const std::string& header, timestamp now = at(stripe_time), std::string_view body = "{}") {
  return verdict(webhook_scheme::stripe, {{"Stripe-Signature", header}}, stripe_key, body, now, 1);
}

TEST(webhook_signature, StripesFormFitsWithSeveralSignaturesAndSchemes) {
  EXPECT_EQ(stripe("t=1700000000," + stripe_good), "fits");
  EXPECT_EQ(stripe("t=1700000000, " + stripe_good), "fits");
  EXPECT_EQ(stripe(stripe_good + ",t=1700000000"), "fits");
  EXPECT_EQ(stripe("t=1700000000,v1=" + std::string(64, '0') + "," + stripe_good + ",v0=abc"), "fits");
  EXPECT_EQ(stripe("t=1700000000,v1=" + std::string(64, '0')), "does not fit");
  EXPECT_EQ(stripe("t=1700000000," + stripe_good, at(stripe_time), "{ }"), "does not fit");
}

TEST(webhook_signature, DeliveryOfStripeIsNamedByItsSignatureHoweverItsHeaderIsWritten) {
  const auto name = [](const std::string& header, std::string_view body) {
    auto check =
      webhook_check::begin(webhook_scheme::stripe, {{"Stripe-Signature", header}}, stripe_key, at(stripe_time));
    EXPECT_TRUE(check);
    check->take(body);
    static_cast<void>(check->fits());
    return check->signed_name();
  };
  const auto named = name("t=1700000000," + stripe_good, "{}");
  EXPECT_FALSE(named.empty());
  EXPECT_EQ(name("v1=" + std::string(64, '0') + ", " + stripe_good + ",t=1700000000,v0=x", "{}"), named);
  EXPECT_EQ(name("t=1700000000," + stripe_good, "{ }"), "") << "it does not fit";
}

TEST(webhook_signature, StripesHeaderIsReadStrictly) {
  EXPECT_NE(stripe("").find("missing"), std::string::npos);
  EXPECT_NE(stripe(stripe_good).find("no time"), std::string::npos);
  EXPECT_NE(stripe("t=1700000000").find("no signature v1"), std::string::npos);
  EXPECT_NE(stripe("t=1700000000,v0=" + stripe_good.substr(3)).find("no signature v1"), std::string::npos);
  EXPECT_NE(stripe("t=1700000000," + stripe_good, at(stripe_time) + 301s).find("five minutes ago"), std::string::npos);
}

TEST(webhook_signature, WithoutAKeyNothingFits) {
  for (const auto scheme : {webhook_scheme::github, webhook_scheme::stripe, webhook_scheme::standard})
    EXPECT_NE(verdict(scheme, standard_headers(), "", "", at(standard_time)).find("no signing key"), std::string::npos);
  // What is no base64 must not become the empty key, with which anybody can sign.
  EXPECT_NE(
    verdict(webhook_scheme::standard, standard_headers(), "whsec_", standard_body, at(standard_time)).find("no base64"),
    std::string::npos);
  EXPECT_FALSE(check_signing_key(webhook_scheme::standard, "whsec_***"));
  EXPECT_TRUE(check_signing_key(webhook_scheme::standard, standard_key));
  EXPECT_FALSE(check_signing_key(webhook_scheme::github, ""));
  EXPECT_TRUE(check_signing_key(webhook_scheme::github, github_key));
}

TEST(webhook_signature, KeysThatAreDrawnAreTakenAndDiffer) {
  for (const auto scheme : {webhook_scheme::github, webhook_scheme::standard}) {
    const auto key = make_signing_key(scheme);
    EXPECT_TRUE(check_signing_key(scheme, key));
    EXPECT_NE(key, make_signing_key(scheme));
  }
}

TEST(webhook_signature, NamesOfDeliveriesAreVisibleAndShort) {
  EXPECT_EQ(webhook_delivery_id(webhook_scheme::standard, {{"webhook-id", std::string(257, 'x')}}), "");
  EXPECT_EQ(webhook_delivery_id(webhook_scheme::standard, {{"webhook-id", "a b"}}), "");
  EXPECT_EQ(webhook_delivery_id(webhook_scheme::stripe, standard_headers()), "");
}

} // namespace
} // namespace penstock::net
