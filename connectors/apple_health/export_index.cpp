#include "connectors/apple_health/export_index.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "connectors/apple_health/json_walk.hpp"
#include "connectors/apple_health/small_json.hpp"
#include "connectors/apple_health/tables.hpp"

namespace penstock::connectors::apple_health {
namespace {

using value = json_walk::value;

constexpr std::array<std::string_view, 8> sections{"metrics",  "workouts", "stateOfMind",   "medications",
                                                   "symptoms", "ecg",      "cycleTracking", "heartRateNotifications"};

bool is_section(std::string_view name) { return std::find(sections.begin(), sections.end(), name) != sections.end(); }

class indexing {
public:
  explicit indexing(body_cursor& body) : body_(body), walk_(body) {}

  result<export_index> whole() {
    if (const auto kind = walk_.next_is(); kind != value::object)
      return walk_.problem() ? failure(*walk_.problem()) : refusal("the export is not a JSON object");
    sections_in(true);
    if (!refused_.empty() && !walk_.problem())
      return refusal(refused_); // the rest was not looked at
    walk_.expect_end();
    if (const auto problem = walk_.problem())
      return failure(*problem);
    if (!is_export_)
      return refusal("it is JSON, but none of what Health Auto Export sends: it has no 'metrics', no 'workouts' and no "
                     "other list of records");
    // What stands beside known sections is one too; beside 'data', or alone, it might be anything.
    if (is_unwrapped_)
      std::move(unsure_.begin(), unsure_.end(), std::back_inserter(found_.others));
    return std::move(found_);
  }

private:
  static tl::unexpected<error> refusal(std::string what) {
    return failure(error_code::unexpected_shape, std::move(what));
  }

  /// Of the text's top, or of what stands under `data`.
  void sections_in(bool top) {
    walk_.open();
    container_walk members;
    std::string name;
    bool is_empty = true;
    for (; goes_on() && walk_.next_member(members, name); is_empty = false) {
      if (top && name == "data")
        wrapped();
      else if (is_section(name))
        section(name, top);
      else if (walk_.next_is() == value::list)
        further_section(name, top);
      else
        walk_.skip_value();
    }
    is_export_ = is_export_ || is_empty;
  }

  /// `data`: an object with sections; null and [] hold nothing.
  void wrapped() {
    switch (walk_.next_is()) {
      case value::object: return sections_in(false);
      case value::null: is_export_ = true; return walk_.skip_value();
      case value::list:
        if (count_elements() > 0)
          refused_ = "'data' is a list: an object with metrics, workouts and the like is expected";
        is_export_ = true;
        return;
      default: refused_ = "'data' is neither an object nor null"; return walk_.skip_value();
    }
  }

  /// One that is known by its name.
  void section(const std::string& name, bool top) {
    is_export_ = true;
    is_unwrapped_ = is_unwrapped_ || top;
    const auto kind = walk_.next_is();
    if (kind == value::null)
      return walk_.skip_value();
    if (kind != value::list) {
      wrong(name, "'" + name + "' is not a list: nothing in it is kept");
      return walk_.skip_value();
    }
    if (name == "metrics")
      return metrics();
    keep(name == "workouts" ? found_.workouts : found_.others, list_of(name));
  }

  /// Another list: the app may come to send more than is known here.
  void further_section(const std::string& name, bool top) {
    auto told = small_text('"' + name + '"');
    if (!told || told->empty()) {
      wrong(name, "a section whose name cannot be read is not kept");
      return walk_.skip_value();
    }
    auto list = list_of(std::move(*told));
    is_export_ = is_export_ || (!top && list.elements > 0);
    keep(top ? unsure_ : found_.others, std::move(list));
  }

  export_list list_of(std::string name) {
    export_list list{std::move(name), {}, {}, 0};
    elements_of(list);
    return list;
  }

  void metrics() {
    walk_.open();
    container_walk elements;
    for (std::size_t place = 1; goes_on() && walk_.next_element(elements); ++place) {
      if (walk_.next_is() == value::object) {
        metric(place);
      } else {
        wrong("metrics", "metric " + std::to_string(place) + ": not an object");
        walk_.skip_value();
      }
    }
  }

  void metric(std::size_t place) {
    walk_.open();
    container_walk members;
    std::string member;
    std::optional<std::string> name, units;
    std::vector<export_list> lists;
    std::string problem;
    while (goes_on() && walk_.next_member(members, member)) {
      if (member == "name")
        name = short_text(longest_metric_name, member, problem);
      else if (member == "units")
        units = short_text(longest_units, member, problem);
      else if (member == "data" && walk_.next_is() == value::list)
        elements_of(lists.emplace_back());
      else if (member == "data")
        no_list(problem);
      else
        walk_.skip_value();
    }
    if (problem.empty() && name.value_or("").empty())
      problem = "'name' is missing";
    const auto points = export_index::elements_of(lists);
    if (!problem.empty()) {
      if (points > 0)
        problem += ", so its " + std::to_string(points) + " points are not kept";
      return wrong("metrics", "metric " + std::to_string(place) + ": " + problem);
    }
    for (auto& list : lists) {
      list.name = *name;
      list.units = units.value_or("");
      keep(found_.metrics, std::move(list));
    }
  }

  /// Null is as good as an empty one.
  void no_list(std::string& problem) {
    if (walk_.next_is() != value::null)
      problem = "'data' is not a list";
    walk_.skip_value();
  }

  /// A null is no text.
  std::optional<std::string> short_text(std::size_t most, const std::string& member, std::string& problem) {
    const auto kind = walk_.next_is();
    std::string text;
    // An escape takes up to six bytes for one.
    const bool fits = walk_.copy_value(text, 6 * most + 2);
    if (kind == value::null)
      return std::nullopt;
    auto read = kind == value::text && fits ? small_text(text) : std::nullopt;
    if (!read || read->size() > most) {
      problem = "'" + member + "' is not a text of at most " + std::to_string(most) + " bytes";
      return std::nullopt;
    }
    return read;
  }

  std::int64_t count_elements() {
    export_list list;
    elements_of(list);
    return list.elements;
  }

  void elements_of(export_list& list) {
    walk_.open();
    list.from = body_.place();
    container_walk elements;
    while (walk_.next_element(elements)) {
      ++list.elements;
      walk_.skip_value();
    }
  }

  void keep(std::vector<export_list>& into, export_list list) {
    if (list.elements == 0)
      return;
    if (++lists_ > most_lists)
      refused_ = "the export has more than " + std::to_string(most_lists) + " lists";
    else
      into.push_back(std::move(list));
  }

  void wrong(std::string_view section, std::string what) {
    const auto table = section == "metrics" ? metrics_table : section == "workouts" ? workouts_table : records_table;
    if (found_.errors.size() == most_lists)
      refused_ = "more than " + std::to_string(most_lists) + " metrics of the export are wrong";
    else
      found_.errors.push_back({std::string(table), {}, std::move(what)});
  }

  [[nodiscard]] bool goes_on() const { return refused_.empty(); }

  body_cursor& body_;
  json_walk walk_;
  export_index found_;
  std::vector<export_list> unsure_; ///< lists of the text's top that are not known
  bool is_export_ = false;          ///< a section, or nothing at all where sections stand
  bool is_unwrapped_ = false;       ///< a known section at the text's top
  std::size_t lists_ = 0;
  std::string refused_;
};

} // namespace

result<export_index> index_export(body_cursor& body) { return indexing(body).whole(); }

} // namespace penstock::connectors::apple_health
