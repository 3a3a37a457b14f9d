#include "node/serve.hpp"

#include <cstdlib>
#include <mutex>
#include <ostream>
#include <string>

#include <spdlog/spdlog.h>

#include "core/time_zone.hpp"
#include "node/exit_status.hpp"
#include "node/logging.hpp"
#include "node/node_plan.hpp"
#include "node/private_files.hpp"
#include "node/running_node.hpp"
#include "node/stop_signals.hpp"
#include "node/version.hpp"

namespace penstock::node {
namespace {

int refuse(std::ostream& err, const error& why) {
  err << "penstock: " << why.message << '\n';
  return exit_status::of(why.code);
}

/// What of a changed configuration a running node takes over.
void reload(const serve_request& request, running_node& node) {
  const auto settings = read_settings(request.config_file, request.here);
  if (!settings) {
    for (const auto& line : settings.error())
      spdlog::error("the configuration was not reloaded: {}", line);
    return;
  }
  set_log_level(settings->log.level);
  if (const auto tls = node.reload_tls(); !tls)
    spdlog::error("the TLS certificate was not reloaded, the one in use stays: {}", tls.error().message);
  spdlog::info("log.level and the files of http.tls were read again; other settings take a restart");
}

/// Takes nothing apart: SQLite would move its log when its connections close, and after a sync that failed it must not.
[[noreturn]] void end_broken(const std::string& reason, std::ostream& err) {
  flush_log();
  err << "penstock: the node cannot go on: " << reason << "; start it again" << std::endl;
  std::_Exit(exit_status::failed);
}

/// The reason of the first fatal call, for the thread that waits.
class fatal_end {
public:
  explicit fatal_end(stop_signals& signals) : signals_(signals) {}
  void tell(const std::string& reason) {
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      is_first = reason_.empty();
      if (is_first)
        reason_ = reason;
    }
    // At once: reports of it are still sent.
    spdlog::log(is_first ? spdlog::level::critical : spdlog::level::warn, "{}", reason);
    signals_.wake();
  }
  [[nodiscard]] std::string reason() {
    const std::lock_guard lock(mutex_);
    return reason_;
  }

private:
  stop_signals& signals_;
  std::mutex mutex_;
  std::string reason_;
};

} // namespace

int serve(const serve_request& request, std::ostream& out, std::ostream& err) {
  const auto plan = make_plan(request.config_file, request.here);
  if (!plan) {
    for (const auto& line : plan.error())
      err << line << '\n';
    return exit_status::bad_configuration;
  }
  keep_new_files_private();
  stop_signals signals;
  if (const auto logs = start_logging(plan->settings.log, plan->settings.node.name); !logs)
    return refuse(err, logs.error());
  for (const auto& hint : plan->hints)
    spdlog::warn("{}", hint);
  if (const auto zones = check_time_zone_database(); !zones)
    return refuse(err, zones.error());

  fatal_end fatal(signals);
  auto node = running_node::start(*plan, [&fatal](const std::string& reason) { fatal.tell(reason); });
  if (!node)
    return refuse(err, node.error());
  const auto token = token_file(plan->settings.node.data_dir);
  spdlog::info("penstock {} serves at {}", program_version(), (*node)->url());
  out << "Penstock " << program_version() << " serves at " << (*node)->url() << "\nadmin token: " << token.string()
      << std::endl;

  auto told = signals.wait();
  for (; told == stop_signals::kind::reload; told = signals.wait())
    reload(request, **node);
  if (told == stop_signals::kind::woken) {
    // The engine is broken: an ordered end would ask it for answers. The next start recovers.
    (*node)->flush_reports();
    end_broken(fatal.reason(), err);
  }
  spdlog::info("stopping");
  stop_signals::end_at_next();
  const bool ended = (*node)->stop();
  if (const auto lost = fatal.reason(); !lost.empty())
    end_broken(lost, err);
  spdlog::info("stopped");
  flush_log();
  if (!ended) {
    out.flush();
    std::_Exit(exit_status::done); // whatever still runs is fenced off; its job runs again at the next start
  }
  return exit_status::done;
}

} // namespace penstock::node
