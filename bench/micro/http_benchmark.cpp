// What a request costs before it reaches the store.
#include <benchmark/benchmark.h>

#include <stdexcept>

#include "bench/counting_connector.hpp"
#include "core/system_clock.hpp"
#include "gateway/access.hpp"
#include "gateway/enqueue_body.hpp"
#include "net/http_parser.hpp"

namespace penstock::bench {
namespace {

std::string job_body(std::int64_t number) { return R"({"kind":"bench.count","args":)" + sample_args(number) + "}"; }

void read_body_of_jobs(benchmark::State& state) {
  const auto now = system_wall_clock{}.now();
  std::string body = state.range(0) == 1 ? job_body(1) : "[";
  for (std::int64_t i = 0; i < state.range(0) && state.range(0) > 1; ++i)
    body.append(job_body(i)).append(i + 1 < state.range(0) ? "," : "]");
  for (auto _ : state) {
    auto copy = body;
    auto read = gateway::read_enqueue_body(copy, now);
    if (!read)
      throw std::runtime_error(read.error().message);
    benchmark::DoNotOptimize(read);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_body_of_jobs)->Arg(1)->Arg(1000);

void parse_request(benchmark::State& state) {
  const auto body = job_body(1);
  const auto request = "POST /api/v1/executions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                       "0123456789abcdef0123456789abcdef\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body;
  net::request_parser parser(64 * 1024, 1024 * 1024);
  for (auto _ : state) {
    if (parser.put(request) != request.size() || !parser.complete())
      throw std::runtime_error("the request was not read");
    auto taken = parser.take();
    benchmark::DoNotOptimize(taken);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse_request);

void hash_token_of_request(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(gateway::hash_token("0123456789abcdef0123456789abcdef"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash_token_of_request);

} // namespace
} // namespace penstock::bench
