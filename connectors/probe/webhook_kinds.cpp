// A service whose provider sends by itself.
#include <memory>
#include <string>
#include <utility>

#include <openssl/evp.h>

#include "connectors/args_reader.hpp"
#include "connectors/probe/kinds.hpp"

namespace penstock::connectors::probe {
namespace {

/// Counts and digests bytes in any pieces.
class body_summary {
public:
  body_summary() { good_ = EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1; }

  void add(std::string_view bytes) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
    count_ += bytes.size();
  }

  /// "12 bytes 3a7b…": as a person with wc and sha256sum would say it.
  [[nodiscard]] std::string text() {
    unsigned char digest[EVP_MAX_MD_SIZE] = {};
    unsigned int size = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), digest, &size) != 1)
      return std::to_string(count_) + " bytes without a digest";
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = std::to_string(count_) + " bytes ";
    for (unsigned int i = 0; i < size; ++i)
      out.append({digits[digest[i] >> 4U], digits[digest[i] & 15U]});
    return out;
  }

private:
  struct free_context {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, free_context> context_{EVP_MD_CTX_new()};
  bool good_ = false;
  std::size_t count_ = 0;
};

result<unit_of_work> run_delivery(process_context& context) {
  if (!context.pieces)
    return failure(error_code::internal, "probe.delivery: its body was not given in pieces");
  body_summary summary;
  for (std::int64_t next = 0;;) {
    auto piece = context.pieces->read(next);
    if (!piece)
      return failure(std::move(piece.error()));
    if (!*piece)
      break;
    summary.add((*piece)->bytes);
    next = (*piece)->number + 1;
  }
  unit_of_work unit;
  unit.appends.push_back(
    {std::string(effects_table), {{summary.text(), context.job.id.value, context.now.time_since_epoch().count()}}});
  return unit;
}

} // namespace

job_handler delivery() { return {job_kind::webhook("probe.delivery"), process_handler(run_delivery), true}; }

service webhook_service(const webhook_rules& rules) {
  service offered;
  offered.name = "probe";
  offered.title = "Probe";
  offered.default_frequency = duration{0}; // nothing is to be fetched
  webhook_intake intake;
  intake.kind = "probe.delivery";
  intake.signature = rules.signature;
  intake.shared_secret = rules.shared_secret;
  intake.kept_headers = {"X-Probe-Note"};
  if (rules.signature == net::webhook_scheme::none)
    intake.id_header = "X-Probe-Delivery";
  offered.webhook = std::move(intake);
  return offered;
}

} // namespace penstock::connectors::probe
