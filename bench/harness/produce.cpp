// The producing client: bulk requests, single ones, or single ones at a steady rate.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "bench/counting_connector.hpp"
#include "bench/harness/client_options.hpp"
#include "bench/harness/http_connection.hpp"
#include "core/rfc3339.hpp"

namespace penstock::bench {
namespace {

class http_producer {
public:
  explicit http_producer(const client_options& wanted)
      : wanted_(wanted), token_(is_webhook() ? "" : read_token(wanted.data)) {
    if (wanted.due_ms) {
      stamp_ = std::llround(*wanted.due_ms * 1'000);
      due_ = R"(,"run_at":")" + format_rfc3339(timestamp{} + std::chrono::microseconds{stamp_}) + '"';
    }
    const int calls = wanted.mode == "bulk" ? wanted.parallel : wanted.in_flight;
    const int each = std::max(1, wanted.mode == "bulk" ? 1 : wanted.pipelined);
    for (int i = 0; i < (calls + each - 1) / each; ++i)
      connections_.push_back(std::make_unique<http_connection>(loop_, wanted.port));
    calls_ = calls;
  }

  /// Its sender knows the address, and no token.
  [[nodiscard]] bool is_webhook() const { return wanted_.path != client_options{}.path; }

  [[nodiscard]] std::int64_t total() const {
    return wanted_.mode == "rate" ? std::int64_t{wanted_.per_second} * wanted_.seconds : wanted_.jobs;
  }

  void run() {
    if (wanted_.mode == "rate") {
      begin_ = std::chrono::steady_clock::now();
      tick();
    } else {
      for (int i = 0; i < calls_; ++i)
        send_next(*connections_[static_cast<std::size_t>(i) % connections_.size()]);
    }
    loop_.run();
  }

private:
  void append_job(std::string& body, std::int64_t number, std::int64_t stamp) const {
    body.append(R"({"kind":")").append(wanted_.kind).append(R"(","args":)").append(sample_args(number, stamp));
    body.append(due_).append("}");
  }

  void send_next(http_connection& to) {
    if (sent_ >= wanted_.jobs)
      return;
    body_.clear();
    if (wanted_.mode == "bulk") {
      const auto end = std::min(wanted_.jobs, sent_ + wanted_.batch);
      body_ += '[';
      for (; sent_ < end; ++sent_) {
        append_job(body_, sent_, stamp_);
        body_ += ',';
      }
      body_.back() = ']';
    } else {
      if (is_webhook())
        body_ = sample_args(sent_++, stamp_);
      else
        append_job(body_, sent_++, stamp_);
    }
    to.post(wanted_.path, token_, body_, [this, &to](int) { send_next(to); });
  }

  /// Sends what is due at this rate, and sleeps until the next is.
  void tick() {
    const auto now = std::chrono::steady_clock::now();
    const auto at = [&](std::int64_t number) {
      return begin_ + std::chrono::nanoseconds(1'000'000'000 / wanted_.per_second) * number;
    };
    for (; sent_ < total() && at(sent_) <= now; ++sent_) {
      auto& to = **std::min_element(connections_.begin(), connections_.end(), [](const auto& one, const auto& other) {
        return one->in_flight() < other->in_flight();
      });
      body_.clear();
      append_job(body_, sent_, system_micros());
      to.post(wanted_.path, token_, body_, [](int) {});
    }
    if (sent_ == total())
      return;
    timer_.expires_at(at(sent_));
    timer_.async_wait([this](net::io_error) { tick(); });
  }

  const client_options& wanted_;
  const std::string token_;
  std::int64_t stamp_ = 0;
  std::string due_;
  net::asio::io_context loop_{1};
  net::asio::steady_timer timer_{loop_};
  std::vector<std::unique_ptr<http_connection>> connections_;
  int calls_ = 0;
  std::int64_t sent_ = 0;
  std::string body_;
  std::chrono::steady_clock::time_point begin_;
};

double millis(std::int64_t micros) { return static_cast<double>(micros) / 1e3; }

} // namespace

void produce_over_http(const client_options& wanted) {
  http_producer producer(wanted);
  std::puts("READY");
  std::fflush(stdout);
  if (!wait_for_word("GO"))
    return;
  const auto begin = system_micros();
  producer.run();
  std::printf("D %lld %.3f %.3f\n", static_cast<long long>(producer.total()), millis(begin), millis(system_micros()));
  std::fflush(stdout);
  static_cast<void>(wait_for_word("STOP"));
}

} // namespace penstock::bench
