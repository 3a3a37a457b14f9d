// penstock-bench-node: a node like any other, but for one more connector, whose jobs count themselves in a file. Its
// queue is paused at first; the client resumes it.
#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include "bench/counting_connector.hpp"
#include "bench/harness/counter_file.hpp"
#include "node/logging.hpp"
#include "node/node_store.hpp"
#include "node/running_node.hpp"
#include "node/stop_signals.hpp"
#include "storage/write_session.hpp"

namespace {

using namespace penstock;

struct options {
  std::string data;
  int port = 0;
  std::string synchronous = "full";
  std::string database; ///< url of PostgreSQL; empty: SQLite in `data`
  int concurrency = 4;
};

std::filesystem::path write_configuration(const options& chosen) {
  const std::filesystem::path data(chosen.data);
  std::filesystem::create_directories(data);
  auto file = data / "penstock.toml";
  std::ofstream out(file);
  out << "[node]\ndata_dir = \"" << std::filesystem::absolute(data).string() << "\"\n[database]\n";
  if (!chosen.database.empty())
    out << "url = \"" << chosen.database << "\"\n";
  out << "synchronous = \"" << chosen.synchronous << "\"\n[http]\nlisten = \"127.0.0.1:" << chosen.port
      << "\"\n[log]\nlevel = \"warn\"\n[queues.bench]\nconcurrency = " << chosen.concurrency << "\n";
  return file;
}

result<void> pause_queue_of(const node::node_plan& plan) {
  auto store = node::node_store::open(plan);
  if (!store)
    return failure(std::move(store).error());
  auto writer = (*store)->database().open_writer();
  if (!writer)
    return failure(std::move(writer).error());
  std::vector<storage::write_batch> batches(1);
  batches.front().units.emplace_back().changes.emplace_back(pause_queue{bench::queue_name, true});
  const auto done = (*writer)->commit(batches);
  if (const auto& failed = done.batches.front().failed)
    return failure(*failed);
  return {};
}

result<void> serve(const options& chosen) {
  auto planned = node::make_plan(write_configuration(chosen), config::surroundings_of_process());
  if (!planned)
    return failure(error_code::bad_configuration, planned.error().front());
  auto connectors = planned->connectors.connectors();
  connectors.push_back(bench::counting_connector(bench::map_counter(bench::counter_file(chosen.data))));
  auto catalogue = connectors::catalogue::build(std::move(connectors));
  if (!catalogue)
    return failure(std::move(catalogue).error());
  planned->connectors = std::move(*catalogue);
  for (auto& kind : planned->connectors.kinds())
    if (kind.name.starts_with("bench."))
      planned->kinds.add(std::move(kind));
  if (auto paused = pause_queue_of(*planned); !paused)
    return paused;
  node::stop_signals signals;
  if (auto logs = node::start_logging(planned->settings.log, planned->settings.node.name); !logs)
    return logs;
  std::atomic<bool> is_broken{false};
  auto started = node::running_node::start(*planned, [&](const std::string& reason) {
    spdlog::critical("{}", reason);
    is_broken = true;
    signals.wake();
  });
  if (!started)
    return failure(std::move(started).error());
  while (signals.wait() == node::stop_signals::kind::reload) {}
  static_cast<void>((*started)->stop());
  if (is_broken)
    return failure(error_code::internal, "the node could not go on (above)");
  return {};
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs a node whose queue 'bench' counts its jobs, for benchmarks over HTTP"};
  options chosen;
  app.add_option("--data", chosen.data, "data directory")->required();
  app.add_option("--port", chosen.port, "on 127.0.0.1")->required()->check(CLI::Range(1, 65535));
  app.add_option("--synchronous", chosen.synchronous, "durability mode")->check(CLI::IsMember({"full", "normal"}));
  app.add_option("--database", chosen.database, "url of a PostgreSQL database instead of SQLite in the data directory");
  app.add_option("--concurrency", chosen.concurrency, "worker slots")->check(CLI::Range(1, 64));
  CLI11_PARSE(app, argc, argv);
  try {
    if (const auto ended = serve(chosen); !ended) {
      std::fprintf(stderr, "penstock-bench-node: %s\n", ended.error().message.c_str());
      return 1;
    }
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "penstock-bench-node: %s\n", problem.what());
    return 1;
  }
}
