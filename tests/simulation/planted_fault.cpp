#include "tests/simulation/planted_fault.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

#include "storage/read_session.hpp"
#include "storage/write_session.hpp"

namespace penstock::simulation {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(planted_fault::fault_count)> names = {
  "none",
  "lost_completion",
  "lost_effect",
  "doubled_effect",
  "skipped_rows",
  "lost_follow_up",
  "doubled_firing",
  "lost_event",
  "doubled_event",
  "early_answer",
  "lost_news",
  "retry_made_final",
  "dropped_unique_key",
  "orphaned_child",
  "forgotten_pause",
  "forgotten_cancel",
  "dropped_claim",
  "forgotten_suspects"};

template <class Change>
bool drop_change(unit_of_work& unit) {
  return std::erase_if(unit.changes, [](const engine_change& each) { return std::holds_alternative<Change>(each); }) >
         0;
}

class planted_writer final : public storage::write_session {
public:
  planted_writer(std::unique_ptr<storage::write_session> plain, planted_fault fault, random_source& random)
      : plain_(std::move(plain)), fault_(fault), random_(random) {}

  storage::group_result commit(std::span<storage::write_batch> batches) override {
    std::vector<unit_place> ended, answered;
    for (std::size_t b = 0; b < batches.size(); ++b) {
      if (fault_ == planted_fault::dropped_claim && strikes())
        batches[b].claims.clear();
      for (std::size_t u = 0; u < batches[b].units.size(); ++u) {
        auto& unit = batches[b].units[u];
        if (fault_ == planted_fault::lost_completion && succeeds(unit) && strikes()) {
          unit.ends.reset();
          ended.push_back({b, u, 0});
        } else if (fault_ == planted_fault::early_answer && !unit.ends && !unit.jobs.empty() && strikes()) {
          answered.push_back({b, u, unit.jobs.size()});
          unit = {};
        } else {
          spoil(unit);
        }
      }
    }
    auto done = plain_->commit(batches);
    for (const auto& place : ended)
      if (auto* result = stored(done, place))
        result->ended_as = job_state::completed;
    for (const auto& place : answered)
      if (auto* result = stored(done, place))
        result->jobs.assign(place.jobs, {job_id{1}, false, false});
    spoil(done.news);
    return done;
  }

  result<void> try_write() override { return plain_->try_write(); }
  void close_slots_of(const std::string& queue) noexcept override { plain_->close_slots_of(queue); }

  result<storage::recovery_report> recover() override {
    auto report = plain_->recover();
    if (report && fault_ == planted_fault::forgotten_suspects)
      report->suspects.clear();
    return report;
  }
  result<storage::recovery_report> take_over(std::int64_t node) override { return plain_->take_over(node); }

private:
  struct unit_place {
    std::size_t batch, unit, jobs;
  };

  bool strikes() { return uniform(random_, 3) == 0; }

  static bool succeeds(const unit_of_work& unit) {
    return unit.ends && unit.ends->outcome == attempt_outcome::succeeded && !unit.appends.empty();
  }

  static unit_result* stored(storage::group_result& done, const unit_place& place) {
    auto& batch = done.batches[place.batch];
    return batch.failed ? nullptr : &batch.units[place.unit];
  }

  void spoil(unit_of_work& unit) {
    switch (fault_) {
      case planted_fault::lost_effect:
        if (!unit.appends.empty() && strikes())
          unit.appends.clear();
        break;
      case planted_fault::doubled_effect:
        if (!unit.appends.empty() && strikes())
          unit.appends.push_back(row_appends{unit.appends.front()});
        break;
      case planted_fault::skipped_rows:
        if (!unit.cursors.empty() && strikes())
          unit.rows.clear();
        break;
      case planted_fault::lost_follow_up:
        if (unit.ends && unit.jobs.size() > 1 && unit.jobs.back().kind == "sim.fetch" && strikes())
          unit.jobs.pop_back();
        break;
      case planted_fault::doubled_firing:
        if (fires(unit) && strikes()) {
          auto& second = unit.jobs.emplace_back();
          second.kind = "sim.append";
          second.triggered_by = "schedule:often";
        }
        break;
      case planted_fault::retry_made_final:
        if (unit.ends && unit.ends->outcome == attempt_outcome::retry && strikes())
          unit.ends->outcome = attempt_outcome::failed;
        break;
      case planted_fault::dropped_unique_key:
        for (auto& job : unit.jobs)
          if (job.kind.starts_with("sim.") && strikes())
            job.unique_key.clear();
        break;
      case planted_fault::orphaned_child:
        for (auto& job : unit.jobs)
          if (job.parent && job.kind == "sim.solo" && strikes())
            job.parent = {};
        break;
      case planted_fault::forgotten_pause:
        if (strikes())
          drop_change<pause_queue>(unit);
        break;
      case planted_fault::forgotten_cancel:
        if (strikes())
          drop_change<cancel_job>(unit);
        break;
      default: break;
    }
  }

  /// Whether it fires the schedule whose jobs are sim.append.
  static bool fires(const unit_of_work& unit) {
    return std::any_of(unit.changes.begin(), unit.changes.end(), [](const engine_change& each) {
      const auto* firing = std::get_if<fire_schedule>(&each);
      return firing && firing->name == "often";
    });
  }

  void spoil(commit_news& news) {
    if (fault_ == planted_fault::lost_event && !news.events.empty() && strikes())
      news.events.pop_back();
    if (fault_ == planted_fault::doubled_event && !news.events.empty() && strikes())
      news.events.push_back(event{news.events.back()});
    if (fault_ == planted_fault::lost_news && !(news.ready.empty() && news.gifts.empty()) && strikes()) {
      if (news.gifts.empty())
        news.ready.pop_back();
      else
        news.gifts.pop_back();
    }
  }

  std::unique_ptr<storage::write_session> plain_;
  const planted_fault fault_;
  random_source& random_;
};

class planted_database final : public storage::database {
public:
  planted_database(std::unique_ptr<storage::database> plain, planted_fault fault, random_source& random)
      : plain_(std::move(plain)), fault_(fault), random_(random) {}

  result<int> migrate() override { return plain_->migrate(); }
  result<std::unique_ptr<storage::write_session>> open_writer() override {
    auto plain = plain_->open_writer();
    if (!plain)
      return plain;
    return std::make_unique<planted_writer>(std::move(*plain), fault_, random_);
  }
  result<std::unique_ptr<storage::read_session>> open_reader() override { return plain_->open_reader(); }
  bool single_session() const noexcept override { return plain_->single_session(); }
  bool shared() const noexcept override { return plain_->shared(); }
  void tell_of_neighbours(storage::neighbour_news listener) override {
    plain_->tell_of_neighbours(std::move(listener));
  }
  void tell_neighbours(const std::vector<std::string>& queues) override { plain_->tell_neighbours(queues); }
  storage::log_level log() const noexcept override { return plain_->log(); }
  result<std::int64_t> checkpoint() override { return plain_->checkpoint(); }

private:
  std::unique_ptr<storage::database> plain_;
  const planted_fault fault_;
  random_source& random_;
};

} // namespace

std::string_view name_of(planted_fault fault) noexcept { return names[static_cast<std::size_t>(fault)]; }

std::unique_ptr<storage::database> plant(std::unique_ptr<storage::database> plain, planted_fault fault,
                                         random_source& random) {
  return std::make_unique<planted_database>(std::move(plain), fault, random);
}

} // namespace penstock::simulation
