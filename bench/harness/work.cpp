// The working client: the handlers run in the node, so it lets them go and tells how far they are.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>
#include <vector>

#include "bench/harness/client_options.hpp"
#include "bench/harness/counter_file.hpp"
#include "bench/harness/http_connection.hpp"
#include "bench/job_counter.hpp"

namespace penstock::bench {
namespace {

void command_queue(const client_options& wanted, std::string_view word) {
  net::asio::io_context loop{1};
  http_connection node(loop, wanted.port);
  node.post("/api/v1/queues/bench/" + std::string(word), read_token(wanted.data), "{}", [](int) {});
  loop.run();
}

/// Prints how many were handled since `first`, whenever that has changed.
class progress_printer {
public:
  progress_printer(const job_counter& counter, std::int64_t first) : counter_(counter), first_(first) {}

  void print() {
    const auto seen = counter_.seen.load(std::memory_order_acquire);
    if (seen == printed_)
      return;
    printed_ = seen;
    std::printf("C %lld %.3f\n", static_cast<long long>(seen - first_),
                static_cast<double>(counter_.last_at.load()) / 1e3);
    std::fflush(stdout);
  }

private:
  const job_counter& counter_;
  const std::int64_t first_;
  std::int64_t printed_ = 0;
};

void dump_lateness(const job_counter& counter, std::int64_t first, const std::string& file) {
  std::vector<double> late;
  for (auto i = first; i < std::min(counter.stamped.load(), job_counter::most_jobs); ++i)
    late.push_back(static_cast<double>(counter.lateness[static_cast<std::size_t>(i)].load()) / 1e3);
  if (late.empty())
    return;
  std::ofstream(file, std::ios::binary)
    .write(reinterpret_cast<const char*>(late.data()), static_cast<std::streamsize>(late.size() * sizeof(double)));
}

} // namespace

void work_over_http(const client_options& wanted) {
  const auto counter = map_counter(counter_file(wanted.data), false);
  const auto first = counter->seen.load();
  const auto first_stamped = counter->stamped.load();
  std::puts("READY");
  std::fflush(stdout);
  if (!wait_for_word("GO"))
    return;
  progress_printer progress(*counter, first);
  std::jthread printing([&](const std::stop_token& stop) {
    for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(5)))
      progress.print();
  });
  command_queue(wanted, "resume");
  static_cast<void>(wait_for_word("STOP"));
  command_queue(wanted, "pause");
  printing.request_stop();
  printing.join();
  progress.print();
  if (!wanted.dump.empty())
    dump_lateness(*counter, first_stamped, wanted.dump);
  std::printf("S %lld\n", static_cast<long long>(counter->seen.load() - first));
}

} // namespace penstock::bench
