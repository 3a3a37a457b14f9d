#include "node/commands/dry_run.hpp"

#include <ostream>
#include <sstream>

#include <boost/json/serialize.hpp>

#include "net/utf8_text.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/follow_job.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

constexpr std::size_t longest_value = 60;

std::string value_text(const boost::json::value& value) {
  auto text = boost::json::serialize(value);
  if (text.size() > longest_value)
    text = std::string(net::clip_utf8(text, longest_value)) + "…";
  return text;
}

/// "name: "old" -> "new", amount: 5"
std::string change_text(const boost::json::value& row) {
  std::string text;
  const auto& before = member_of(row, "before");
  if (const auto* after = member_of(row, "after").if_object())
    for (const auto& each : *after) {
      const std::string name(each.key().data(), each.key().size());
      text += (text.empty() ? "" : ", ") + name + ": ";
      if (before.is_object())
        text += value_text(member_of(before, name)) + " -> ";
      text += value_text(each.value());
    }
  return text;
}

void print_difference(const boost::json::value& answer, std::ostream& out) {
  const auto& run = member_of(answer, "run");
  out << "dry run " << shown(run, "id") << " " << shown(run, "state") << ": " << shown(run, "pages")
      << " pages, nothing was stored\n";
  const auto& difference = member_of(answer, "difference");
  using align = table::align;
  table tables({{"TABLE"},
                {"ADDED", align::right},
                {"UPDATED", align::right},
                {"UNCHANGED", align::right},
                {"DELETED", align::right}});
  std::int64_t changed = 0;
  if (const auto* all = member_of(difference, "tables").if_array())
    for (const auto& each : *all) {
      tables.add({shown(each, "table"), shown(each, "added"), shown(each, "updated"), shown(each, "unchanged"),
                  shown(each, "deleted")});
      for (const auto* kind : {"added", "updated", "deleted"})
        changed += member_of(each, kind).to_number<std::int64_t>();
    }
  if (!tables.empty())
    tables.print(out);
  if (shown_in(run, "rows", "errors") != "0")
    out << shown_in(run, "rows", "errors") << " rows are in error and would be left out\n";
  std::int64_t shown_rows = 0;
  if (const auto* rows = member_of(difference, "rows").if_array())
    for (const auto& each : *rows) {
      ++shown_rows;
      const auto change = shown(each, "change");
      out << (change == "added"     ? "+ "
              : change == "deleted" ? "- "
                                    : "~ ")
          << shown(each, "table") << ' ' << shown(each, "source_id") << "  " << change_text(each) << '\n';
    }
  if (changed > shown_rows)
    out << "and " << changed - shown_rows << " more\n";
}

/// The run that a root job started; null if it started none.
tl::expected<std::string, command_failure> run_of(api_client& node, const std::string& path, const std::string& root) {
  const auto runs = node.get(path + "/runs", {{"limit", "20"}});
  if (!runs)
    return tl::unexpected(runs.error());
  for (const auto& each : items_of(runs->json))
    if (shown(each, "job_id") == root)
      return shown(each, "id");
  return give_up(exit_status::failed, "job " + root + " started no run: 'penstock jobs show " + root + "' says why");
}

} // namespace

tl::expected<std::string, command_failure> dry_run(api_client& node, const std::string& id, bool force, session& with) {
  const auto path = "/api/v1/integrations/" + id;
  const boost::json::object body{{"force", force}, {"dry_run", true}};
  const auto answer = node.send("POST", path + "/fetch", body);
  if (!answer)
    return tl::unexpected(answer.error());
  const auto root = shown(answer->json, "job_id");
  std::ostringstream nothing;
  session quiet{.out = with.json ? nothing : with.out, .err = with.err, .clock = with.clock};
  quiet.out_is_terminal = with.out_is_terminal && !with.json;
  if (auto done = follow_job(node, root, quiet); !done)
    return tl::unexpected(std::move(done.error()));
  const auto run = run_of(node, path, root);
  if (!run)
    return tl::unexpected(run.error());
  const auto found = node.get(path + "/runs/" + *run);
  if (!found)
    return tl::unexpected(found.error());
  if (!with.json)
    print_difference(found->json, with.out);
  const auto state = shown_in(found->json, "run", "state");
  if (state != "completed") {
    if (with.json)
      print_body(with, found->body);
    return give_up(exit_status::failed, "integration " + id + " was not read whole (" + state +
                                          "): " + shown_in(found->json, "run", "error"));
  }
  return found->body;
}

} // namespace penstock::node
