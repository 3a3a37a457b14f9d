#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/webhook_admission.hpp"
#include "net/body_spool.hpp"
#include "net/webhook_signature.hpp"

namespace penstock::gateway {

/// One delivery on its way to being a job. Its header has been judged; what comes of its body is checked against its
/// signature as it comes. A small body is stored with its job, in one unit of work. A large one is stored ahead, in pieces
/// under the job's id, and the job with the rest of it: whoever loses its sender before that leaves pieces that are swept.
/// Used on the connection's strand; the desk outlives it.
class webhook_intake final : public net::body_spool {
public:
  /// `admitted` is no refusal. The error says what is wrong with the signature's header: 401.
  [[nodiscard]] static result<std::shared_ptr<webhook_intake>> begin(service_desk& desk, webhook_admission admitted,
                                                                     const net::http_server_request& head);
  ~webhook_intake() override;
  webhook_intake(const webhook_intake&) = delete;
  webhook_intake& operator=(const webhook_intake&) = delete;

  [[nodiscard]] net::asio::awaitable<std::optional<net::http_reply>> take(std::string piece) override;

  /// The body's end: 202 with the job when all of it is durable.
  [[nodiscard]] net::asio::awaitable<result<net::http_reply>> finish(std::string rest);

private:
  webhook_intake(service_desk& desk, webhook_admission admitted) : desk_(desk), admitted_(std::move(admitted)) {}

  [[nodiscard]] net::asio::awaitable<void> drop_staged();
  [[nodiscard]] unit_of_work unit_with(std::string rest);

  service_desk& desk_;
  const webhook_admission admitted_;
  std::optional<net::webhook_check> check_; ///< where the service's deliveries are signed
  std::string from_;                        ///< the sender's address
  std::string delivery_;                    ///< what names it; empty: nothing does
  std::string args_ = "{}";
  job_id staged_{}; ///< 0: nothing is staged
  std::int64_t pieces_ = 0;
};

/// For http_server_config::spool: takes large deliveries, and leaves all other bodies where they are.
[[nodiscard]] net::asio::awaitable<net::spool_decision> spool_delivery(service_desk& desk,
                                                                       net::http_server_request head);

/// Removes what the senders that went left behind.
[[nodiscard]] net::asio::awaitable<void> drop_abandoned(service_desk& desk);

} // namespace penstock::gateway
