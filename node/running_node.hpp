#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "node/node_plan.hpp"

namespace penstock::node {

/// A node at work: the one place where all rooms meet. Used by one thread, which is none of its own.
class running_node {
public:
  /// Opens the store, recovers, starts the engine, then the HTTP server. `on_fatal` is called on some thread when the
  /// engine cannot go on: the process must end. `plan` outlives the node.
  [[nodiscard]] static result<std::unique_ptr<running_node>> start(const node_plan& plan,
                                                                   std::function<void(const std::string&)> on_fatal);
  /// Stops without patience if `stop` was not called.
  ~running_node();

  /// Where it answers on this machine, with the port that it got.
  [[nodiscard]] const std::string& url() const noexcept;

  /// Reads the TLS files again. `bad_configuration`: those in use stay.
  [[nodiscard]] result<void> reload_tls();

  /// Waits a moment until reports of failures have left: before the process ends without a stop.
  void flush_reports();

  /// The written order of a stop: takes no more requests, lets active jobs end within the configured time and hands the
  /// rest back, closes the sockets, moves the log into the database file. Blocks. False: something did not end in time
  /// and still runs; leave the process without destroying the node. Nothing is lost either way.
  [[nodiscard]] bool stop();

private:
  struct inside;
  explicit running_node(std::unique_ptr<inside> parts);
  std::unique_ptr<inside> inside_;
};

} // namespace penstock::node
