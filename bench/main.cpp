// penstock-bench: runs workloads in process and prints one JSON line a result.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/workloads.hpp"

namespace {

using namespace penstock;
using namespace penstock::bench;

struct options {
  std::vector<std::string> workloads{"w1", "w2", "w3", "latency"};
  std::string folder = "/var/tmp/penstock-bench-alone"; // a real disk
  std::string synchronous = "full";
  std::string database; ///< url of PostgreSQL; empty: SQLite
  std::int64_t jobs = 100'000;
  std::int64_t integrations = 1'000'000;
  int rounds = 5;
  int concurrency = 4;
  int seconds = 10;
  std::int64_t chain = 20'000;
  deep_backlog deep;
  int ahead = 5;
  bool features = false;
  bool populated = false;
};

/// Of a node that has seen some years.
constexpr bystanders population{.integrations = 100'000, .schedules = 1'000, .subscribers = 100};

/// Of what a line tells beside the measurement. `jobs`: of that workload. `more`: fields that only it has.
void print(const measurement& one, const options& chosen, int round, std::int64_t jobs, const char* database = nullptr,
           const std::string& more = {}) {
  const char* of_run = chosen.database.empty() ? "sqlite" : "postgresql";
  std::printf(R"({"workload":"%s","value":%.3f,"unit":"%s","database":"%s","synchronous":"%s","features":%s,)"
              R"("populated":%s,"jobs":%lld,"round":%d%s})"
              "\n",
              one.workload.c_str(), one.value, one.unit.c_str(), database ? database : of_run,
              chosen.synchronous.c_str(), chosen.features ? "true" : "false", chosen.populated ? "true" : "false",
              static_cast<long long>(jobs), round, more.c_str());
  std::fflush(stdout);
}

void run_workload(const std::string& workload, const options& chosen, int round) {
  constexpr int per_second = 1'000; // of the latency run
  const auto sync =
    chosen.synchronous == "normal" ? storage::synchronous_mode::normal : storage::synchronous_mode::full;
  const bench_setup setup{.database = {.folder = chosen.folder, .url = chosen.database, .synchronous = sync},
                          .concurrency = static_cast<std::uint16_t>(chosen.concurrency),
                          .features = chosen.features,
                          .beside = chosen.populated ? population : bystanders{}};
  const auto fresh = [&] { return bench_engine(setup); };
  if (workload == "due_check") {
    constexpr std::int64_t due = 1'000;
    constexpr int checks = 5;
    for (const auto& each : check_due(setup.database, chosen.integrations, due, checks))
      print(each, chosen, round, due);
  } else if (workload == "store") {
    print(run_store_alone(chosen.jobs), chosen, round, chosen.jobs, "sqlite in memory");
  } else if (workload == "bulk") {
    auto engine = fresh();
    print(enqueue_in_bulk(engine, chosen.jobs), chosen, round, chosen.jobs);
  } else if (workload == "one64") {
    auto engine = fresh();
    print(enqueue_one_by_one(engine, chosen.jobs), chosen, round, chosen.jobs);
  } else if (workload == "w1") {
    run_workload("bulk", chosen, round);
    run_workload("one64", chosen, round);
  } else if (workload == "w2") {
    auto engine = fresh();
    print(drain_backlog(engine, chosen.jobs), chosen, round, chosen.jobs);
  } else if (workload == "w3") {
    auto engine = fresh();
    print(produce_and_work(engine, chosen.jobs), chosen, round, chosen.jobs);
  } else if (workload == "w4") {
    auto engine = fresh();
    print(follow_up_chain(engine, chosen.chain), chosen, round, chosen.chain);
  } else if (workload == "w5") {
    const auto more =
      R"(,"backlog":)" + std::to_string(chosen.deep.jobs) + R"(,"history":)" + std::to_string(chosen.deep.history);
    for (const auto& each : drain_under_backlog(setup, chosen.deep))
      print(each, chosen, round, chosen.deep.window, nullptr, more);
  } else if (workload == "w6") {
    auto engine = fresh();
    for (const auto& each : due_at_once(engine, chosen.jobs, std::chrono::seconds(chosen.ahead)))
      print(each, chosen, round, chosen.jobs);
  } else {
    auto engine = fresh();
    for (const auto& each : enqueue_to_start(engine, per_second, chosen.seconds))
      print(each, chosen, round, std::int64_t{per_second} * chosen.seconds);
  }
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs Penstock's workloads in process, each on an empty database"};
  options chosen;
  app.add_option("--workload", chosen.workloads, "which ones")
    ->check(CLI::IsMember({"store", "bulk", "one64", "w1", "w2", "w3", "latency", "w4", "w5", "w6", "due_check"}));
  app.add_option("--folder", chosen.folder, "where the databases are made; removed before each");
  app.add_option("--synchronous", chosen.synchronous, "durability mode")->check(CLI::IsMember({"full", "normal"}));
  app.add_option("--database", chosen.database,
                 "url of a PostgreSQL database instead; its schemas penstock_bench and penstock_bench_big go");
  app.add_option("--jobs", chosen.jobs, "jobs of W1, W2, W3 and W6")
    ->check(CLI::Range(std::int64_t{1}, bench::job_counter::most_jobs));
  app.add_option("--integrations", chosen.integrations, "integrations of due_check, 1,000 of which are due")
    ->check(CLI::Range(10'000, 10'000'000));
  app.add_option("--rounds", chosen.rounds, "rounds, the workloads taking turns")->check(CLI::PositiveNumber);
  app.add_option("--concurrency", chosen.concurrency, "worker slots")->check(CLI::Range(1, 64));
  app.add_option("--seconds", chosen.seconds, "length of the latency run")->check(CLI::PositiveNumber);
  app.add_option("--chain", chosen.chain, "pairs of W4")->check(CLI::PositiveNumber);
  app.add_option("--backlog", chosen.deep.jobs, "waiting jobs of W5")->check(CLI::Range(200'000, 100'000'000));
  app.add_option("--history", chosen.deep.history, "completed jobs beside them")->check(CLI::Range(0, 100'000'000));
  app.add_option("--window", chosen.deep.window, "jobs of W5 that are drained at a time, in full thousands")
    ->check(CLI::Range(1'000, 1'000'000));
  app.add_option("--windows", chosen.deep.windows, "windows of each kind, an odd number")->check(CLI::Range(1, 99));
  app.add_option("--ahead", chosen.ahead, "seconds from the start of W6 to the moment at which its jobs are due")
    ->check(CLI::Range(1, 600));
  app.add_flag("--features", chosen.features, "beside jobs that use unique keys, groups, a limiter, logs and progress");
  app.add_flag("--populated", chosen.populated,
               "beside 100,000 integrations that sleep, 1,000 schedules and 100 subscribers of events");
  CLI11_PARSE(app, argc, argv);
  chosen.deep.window -= chosen.deep.window % 1'000;
  // More than a window goes each time: what was handed to workers before its end is told.
  if ((chosen.deep.window + 5'000) * (chosen.deep.windows + 1) > chosen.deep.jobs) {
    std::fputs(
      "penstock-bench: --backlog must hold a --window and 5,000 more as often as --windows says, and once more\n",
      stderr);
    return 2;
  }
  try {
    for (int round = 1; round <= chosen.rounds; ++round)
      for (const auto& workload : chosen.workloads)
        run_workload(workload, chosen, round);
    std::filesystem::remove_all(chosen.folder);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "penstock-bench: %s\n", problem.what());
    return 1;
  }
}
