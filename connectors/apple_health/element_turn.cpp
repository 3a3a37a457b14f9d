#include "connectors/apple_health/element_turn.hpp"

#include <optional>
#include <utility>

namespace penstock::connectors::apple_health {
namespace {

class turn {
public:
  turn(turn_args args, const std::string& table, std::int64_t version, const turn_bounds& bounds)
      : table_(table), version_(version), bounds_(bounds) {
    done_.next = std::move(args);
  }

  result<turn_result> read_all(const piece_reader& body, const element_reader& read) {
    std::size_t list = 0;
    auto& lists = done_.next.lists;
    while (list < lists.size() && !is_full()) {
      auto ended = read_list(body, lists[list], read);
      if (!ended)
        return failure(std::move(ended.error()));
      if (!*ended)
        break;
      done_.next.behind = 0;
      ++list;
    }
    lists.erase(lists.begin(), lists.begin() + static_cast<std::ptrdiff_t>(list));
    return std::move(done_);
  }

private:
  /// Whether the list came to its end.
  result<bool> read_list(const piece_reader& body, export_list& list, const element_reader& read) {
    std::optional<body_cursor> cursor(std::in_place, body, list.from);
    std::optional<json_walk> walk(std::in_place, *cursor);
    container_walk at{done_.next.behind > 0};
    const auto before = bytes_;
    std::size_t walked = 0;
    bool ended = false;
    while (!is_full()) {
      if (!walk->next_element(at)) {
        ended = true;
        break;
      }
      const auto begin = cursor->place();
      ++done_.next.behind;
      ++elements_;
      auto found = read(*walk, list);
      if (const auto problem = walk->problem(); problem && problem->code == error_code::unexpected_shape) {
        // Its brackets match, as the index has seen, so the next one can be found.
        found = {};
        found.problem = "not JSON";
        walked += cursor->taken();
        cursor.emplace(body, begin);
        walk.emplace(*cursor).skip_value();
      }
      settle(list, std::move(found));
      bytes_ = before + walked + cursor->taken();
    }
    if (const auto problem = walk->problem())
      return failure(*problem);
    list.from = cursor->place();
    return ended;
  }

  void settle(const export_list& list, element_reading found) {
    const bool kept = found.problem.empty();
    const auto& what = kept ? found.partly : found.problem;
    if (!what.empty())
      tell(list, found.row.source_id, what);
    if (kept) {
      found.row.version = version_;
      ++done_.next.stored;
      done_.rows.push_back(std::move(found.row));
    } else {
      ++done_.wrong;
      ++done_.next.wrong;
    }
  }

  void tell(const export_list& list, const std::string& source_id, const std::string& what) {
    if (done_.next.wrong > most_errors_told)
      return;
    if (done_.next.wrong == most_errors_told) {
      done_.errors.push_back({table_, {}, "further ones are wrong too: they are counted in the jobs' results"});
      return;
    }
    done_.errors.push_back({table_, source_id, list.name + " " + std::to_string(done_.next.behind) + ": " + what});
  }

  [[nodiscard]] bool is_full() const { return elements_ >= bounds_.elements || bytes_ >= bounds_.bytes; }

  const std::string& table_;
  std::int64_t version_;
  const turn_bounds& bounds_;
  turn_result done_;
  std::int64_t elements_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace

result<turn_result> read_turn(const piece_reader& body, turn_args args, const std::string& table, std::int64_t version,
                              const element_reader& read, const turn_bounds& bounds) {
  return turn(std::move(args), table, version, bounds).read_all(body, read);
}

} // namespace penstock::connectors::apple_health
