#include "gateway/webhook_intake.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "gateway/api_error.hpp"
#include "gateway/replies.hpp"
#include "net/utf8_text.hpp"
#include "storage/delivery_stream.hpp"

namespace penstock::gateway {
namespace {

constexpr std::size_t most_of_a_header = 1024;
constexpr std::size_t longest_delivery_name = 256;

std::string lower(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// {"headers": {…}}, of those that were sent and are wanted.
std::string args_of(const connectors::webhook_intake& intake, const net::http_headers& headers) {
  if (intake.kept_headers.empty())
    return "{}";
  json_writer out;
  out.begin_object().key("headers").begin_object();
  for (const auto& name : intake.kept_headers)
    if (const auto value = headers.find(name))
      out.key(lower(name)).text(net::well_formed_utf8(net::clip_utf8(*value, most_of_a_header)));
  out.end_object().end_object();
  return out.take();
}

std::string delivery_of(const connectors::webhook_intake& intake, const net::http_headers& headers) {
  if (intake.id_header.empty())
    return std::string(net::webhook_delivery_id(intake.signature, headers));
  const auto id = headers.value_or(intake.id_header, {});
  const auto visible = [](char c) { return c > ' ' && c < 127; };
  const bool usable = id.size() <= longest_delivery_name && std::all_of(id.begin(), id.end(), visible);
  return usable ? std::string(id) : std::string();
}

/// Of those that senders left behind in one second, one unit takes so many.
constexpr std::size_t most_dropped_at_once = 4;

} // namespace

result<std::shared_ptr<webhook_intake>> webhook_intake::begin(service_desk& desk, webhook_admission admitted,
                                                              const net::http_server_request& head) {
  const auto& intake = *admitted.service->webhook;
  std::optional<net::webhook_check> check;
  if (intake.signature != net::webhook_scheme::none) {
    auto begun =
      net::webhook_check::begin(intake.signature, head.headers, admitted.address->signing_key, desk.clock.now());
    if (!begun)
      return failure(std::move(begun.error()));
    check.emplace(std::move(*begun));
  }
  std::shared_ptr<webhook_intake> made(new webhook_intake(desk, std::move(admitted)));
  made->check_ = std::move(check);
  made->from_ = head.remote_address;
  made->delivery_ = delivery_of(intake, head.headers);
  made->args_ = args_of(intake, head.headers);
  return made;
}

webhook_intake::~webhook_intake() {
  if (staged_)
    desk_.webhooks.abandon(staged_);
}

net::asio::awaitable<std::optional<net::http_reply>> webhook_intake::take(std::string piece) {
  if (check_)
    check_->take(piece);
  if (!staged_)
    staged_ = desk_.ids.make<job_id>();
  unit_of_work unit;
  unit.changes.emplace_back(stage_body{staged_, pieces_++, std::move(piece)});
  const auto stored = co_await desk_.port.commit(std::move(unit));
  if (!stored)
    co_return error_reply(stored.error()); // what is staged goes with this
  co_return std::nullopt;
}

unit_of_work webhook_intake::unit_with(std::string rest) {
  const auto& address = *admitted_.address;
  unit_of_work unit;
  if (!delivery_.empty()) {
    // A name is the sender's own, and says enough: what is sent again need not be the same to the byte.
    const auto key = "webhook " + to_string(address.integration) + " " + to_hex(hash_token(delivery_));
    unit.changes.emplace_back(do_once{key, "webhook"});
  }
  if (staged_)
    unit.changes.emplace_back(take_staged_body{staged_});
  job_request job;
  job.kind = admitted_.service->webhook->kind;
  job.args = args_;
  job.payload = std::move(rest);
  job.staged = staged_;
  job.integration = address.integration;
  job.organisation = address.organisation;
  job.triggered_by = "webhook";
  if (!admitted_.service->is_fetched())
    job.stream = storage::deliveries_stream; // its end tells when the integration was updated
  unit.jobs.push_back(std::move(job));
  return unit;
}

net::asio::awaitable<void> webhook_intake::drop_staged() {
  if (!staged_)
    co_return;
  unit_of_work unit;
  unit.changes.emplace_back(drop_staged_body{staged_});
  const auto dropped = co_await desk_.port.commit(std::move(unit));
  if (dropped)
    staged_ = {};
}

net::asio::awaitable<result<net::http_reply>> webhook_intake::finish(std::string rest) {
  if (check_) {
    check_->take(rest);
    if (!check_->fits()) {
      co_await drop_staged();
      co_return wrong_signature(desk_, admitted_.service->name, from_,
                                "the signature is not that of this body: it was changed on its way, or another key "
                                "signed it");
    }
    if (delivery_.empty())
      delivery_ = check_->signed_name();
  }
  if (staged_) { // that took a while
    auto read = [id = admitted_.address->integration](storage::read_session& db) { return db.integrations().find(id); };
    const auto stands = co_await desk_.port.read(std::move(read));
    if (!stands || stands->schedule.status == integration_status::disconnected) {
      co_await drop_staged();
      if (!stands)
        co_return failure(stands.error());
      co_return failure(error_code::conflict, "the integration was disconnected meanwhile: send nothing more");
    }
  }
  auto unit = unit_with(std::move(rest));
  auto stored = co_await desk_.port.commit(std::move(unit));
  if (!stored) {
    co_await drop_staged();
    co_return failure(std::move(stored.error()));
  }
  if (stored->repeated)
    co_await drop_staged();
  else
    staged_ = {}; // they are the job's
  if (stored->jobs.empty())
    co_return failure(error_code::internal, "a delivery became no job");
  json_writer out;
  out.begin_object().key("job_id").id(stored->jobs.front().id);
  out.key("deduplicated").boolean(stored->repeated).end_object();
  co_return json_reply(out, 202);
}

net::asio::awaitable<net::spool_decision> spool_delivery(service_desk& desk, net::http_server_request head) {
  net::spool_decision decided;
  const auto target = parse_webhook_target(head.path());
  if (!target || head.method != "POST")
    co_return decided;
  auto admitted = co_await admit_webhook(desk, head, *target);
  if (admitted.refusal) {
    decided.refusal = std::move(admitted.refusal);
    co_return decided;
  }
  const auto* service = admitted.service;
  auto begun = webhook_intake::begin(desk, std::move(admitted), head);
  if (begun)
    decided.spool = std::move(*begun);
  else
    decided.refusal = wrong_signature(desk, service->name, head.remote_address, begun.error().message);
  co_return decided;
}

net::asio::awaitable<void> drop_abandoned(service_desk& desk) {
  const auto all = desk.webhooks.take_abandoned();
  for (std::size_t at = 0; at < all.size(); at += most_dropped_at_once) {
    unit_of_work unit;
    for (auto i = at; i < std::min(all.size(), at + most_dropped_at_once); ++i)
      unit.changes.emplace_back(drop_staged_body{all[i]});
    const auto dropped = co_await desk.port.commit(std::move(unit));
    if (!dropped)
      spdlog::debug("bodies that were not sent whole stay until they are swept: {}", dropped.error().message);
  }
}

} // namespace penstock::gateway
