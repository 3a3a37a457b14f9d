#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace penstock::bench {

/// What the harness asks of a client, with the node that it is for.
struct client_options {
  std::filesystem::path data; ///< of the node: its token and its counter lie there
  std::uint16_t port = 0;
  std::string mode = "one"; ///< bulk, one, rate
  std::int64_t jobs = 0;
  std::int64_t batch = 1'000;           ///< jobs a request, of `bulk`
  int parallel = 2;                     ///< requests in flight, of `bulk`
  int in_flight = 64;                   ///< calls in flight, of `one`; connections, of `rate`
  int pipelined = 1;                    ///< calls that share a connection
  int per_second = 1'000, seconds = 10; ///< of `rate`
  std::optional<double> due_ms;         ///< milliseconds of the system clock
  std::string kind = "bench.count";
  std::string path = "/api/v1/executions"; ///< of `one`: another one is sent bodies as they are, such as a webhook's
  std::string dump; ///< where to write how late each job began, as doubles in milliseconds; empty: nowhere
};

/// Sends jobs and prints `D count begin end` when all are answered.
void produce_over_http(const client_options& wanted);
/// Resumes the queue, prints `C count last` while jobs are handled, until STOP; pauses it again.
void work_over_http(const client_options& wanted);

/// Waits for that word on the standard input. False: it has ended.
[[nodiscard]] bool wait_for_word(const char* word);

} // namespace penstock::bench
