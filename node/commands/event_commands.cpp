#include <chrono>
#include <exception>
#include <map>
#include <optional>
#include <ostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/since.hpp"
#include "node/event_text.hpp"

namespace penstock::node {
namespace {

constexpr auto reconnect_pause = std::chrono::seconds(2);
constexpr int most_reconnects = 900; // half an hour: a node may be long in coming back

/// One line an event. Which integration is meant where only its id is told, earlier events have said.
class event_printer {
public:
  explicit event_printer(session& with) : with_(with) {}

  void print(const net::sse_event& told) {
    if (with_.json) {
      with_.out << told.data << std::endl;
      return;
    }
    boost::system::error_code wrong;
    const auto json = boost::json::parse(told.data, wrong);
    event value;
    value.type = shown(json, "type");
    value.subject = shown(json, "subject");
    value.data = boost::json::serialize(member_of(json, "data"));
    if (auto name = integration_named_in(value); !name.empty() && value.subject.starts_with("integrations/") &&
                                                 (names_.size() < most_names || names_.contains(value.subject)))
      names_[value.subject] = std::move(name);
    const auto known = names_.find(value.subject);
    with_.out << shown_time(json, "time") << "  " << value.type << "  "
              << text_of(value, known == names_.end() ? std::string_view{} : known->second) << std::endl;
  }

private:
  session& with_;
  static constexpr std::size_t most_names = 10'000;
  std::map<std::string, std::string> names_; ///< by subject
};

/// One connection: until the node ends it, or goes.
struct tailing {
  std::string path;
  stream_progress progress;
  std::optional<std::string> dropped;
};

outcome tail_once(api_client& node, tailing& state, event_printer& printer) {
  std::optional<outcome> ended;
  net::asio::co_spawn(node.context(),
                      node.stream(state.path, state.progress,
                                  [&](const net::sse_event& event) {
                                    if (event.event == "stream.dropped") {
                                      state.dropped = event.data;
                                      return false;
                                    }
                                    printer.print(event);
                                    return true;
                                  }),
                      [&ended](const std::exception_ptr& thrown, outcome told) {
                        if (thrown)
                          std::rethrow_exception(thrown);
                        ended = std::move(told);
                      });
  node.context().restart();
  while (!ended && node.context().run_one() > 0) {}
  return ended ? std::move(*ended) : outcome{};
}

/// Reads on where a broken connection ended. Gives up when the node stays away.
outcome tail(const arguments& given, session& with) {
  net::query_parameters query;
  if (given.has("--type"))
    query.emplace_back("type", given.text("--type"));
  if (given.has("--live"))
    query.emplace_back("live", "1");
  if (given.has("--since")) {
    auto since = since_of(given.text("--since"), with.clock.now());
    if (!since)
      return tl::unexpected(std::move(since.error()));
    query.emplace_back("since", std::move(*since));
  }
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  tailing state;
  state.path = "/api/v1/events/stream" + (query.empty() ? "" : "?" + net::build_query(query));
  event_printer printer(with);
  bool connected_before = false;
  for (int tries = 0;;) {
    state.progress.connected = false;
    const auto ended = tail_once(**node, state, printer);
    if (state.progress.connected || ended) {
      connected_before = true;
      tries = 0;
    }
    if (!ended && (!connected_before || ended.error().status != exit_status::unreachable || ++tries > most_reconnects))
      return ended;
    if (!ended && tries == 1)
      with.err << "penstock: the connection to the node broke; trying again for half an hour" << std::endl;
    if (state.dropped && !with.json)
      with.err << "penstock: the node dropped this listener (" << *state.dropped << "); reading on" << std::endl;
    state.dropped.reset();
    net::asio::steady_timer((*node)->context(), reconnect_pause).wait();
  }
}

} // namespace

std::vector<command> event_commands() {
  return {
    {"events",
     "tail",
     "Print events as they happen, until Ctrl-C.",
     {{.name = "--type", .doc = "those whose type matches, such as 'integration.*'", .value_name = "GLOB"},
      {.name = "--since", .doc = "stored ones too, from a moment or a length of time ago", .value_name = "TIME"},
      {.name = "--live", .doc = "also job.started, job.progress and job.completed", .what = parameter_kind::flag}},
     tail}};
}

} // namespace penstock::node
