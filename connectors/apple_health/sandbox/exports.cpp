#include "connectors/apple_health/sandbox/exports.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::sandbox::apple_health {

namespace json = boost::json;

void exports::begin(timestamp now, timestamp until) {
  using std::chrono::days;
  using std::chrono::floor;
  asked_ = false;
  next_at_ = now + every_;
  session next;
  next.at = until;
  // From yesterday's beginning on, as seen when the last one was sent: what was missed meanwhile comes along.
  const auto from = sent_until_ == no_time ? phone_.begin() : floor<days>(sent_until_) - days(1);
  next.next_slot = phone_.slot_at(from);
  next.last_slot = phone_.slots_until(until);
  next.next_workout = phone_.workouts_until(from);
  next.last_workout = phone_.workouts_until(until);
  if (sent_until_ == no_time)
    next.next_workout = 0;
  open_ = next;
}

std::optional<std::string> exports::take(timestamp now, timestamp until) {
  if (!open_ && (asked_ || (now >= next_at_ && until > sent_until_)))
    begin(now, until);
  if (!open_ || !open_->more || open_->failed || under_way_ >= most_under_way)
    return std::nullopt;
  auto& from = *open_;
  constexpr std::int64_t workouts_of_a_part = 50;
  export_part part;
  part.first_slot = from.next_slot;
  part.last_slot = std::min(from.last_slot, part.first_slot + slots_of_a_part);
  part.first_workout = from.next_workout;
  part.last_workout = std::min(from.last_workout, part.first_workout + workouts_of_a_part);
  from.next_slot = part.last_slot;
  from.next_workout = part.last_workout;
  from.more = from.next_slot < from.last_slot || from.next_workout < from.last_workout;
  ++under_way_;
  ++parts_;
  return export_body(phone_, part, from.at);
}

void exports::note(bool taken, timestamp now) {
  --under_way_;
  if (!taken) {
    ++given_up_;
    if (open_)
      open_->failed = true;
  }
  if (!open_ || under_way_ > 0 || (open_->more && !open_->failed))
    return;
  const auto ended = std::exchange(open_, std::nullopt);
  if (ended->failed) {
    next_at_ = now + every_;
    return;
  }
  sent_until_ = ended->at;
  ++whole_;
}

void exports::begin_anew() noexcept {
  under_way_ = 0;
  open_.reset();
  sent_until_ = next_at_ = no_time;
}

json::object exports::tables() const {
  if (sent_until_ == no_time)
    return {{"health_metrics", {{"rows", 0}, {"sums", json::object{}}}},
            {"health_workouts", {{"rows", 0}, {"sums", json::object{}}}}};
  const auto slots = phone_.slots_until(sent_until_);
  json::object sums, energy;
  for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
    if (metrics[metric].is_rate)
      continue;
    auto& sum = sums[{metrics[metric].units.data(), metrics[metric].units.size()}];
    std::int64_t all = sum.is_int64() ? sum.get_int64() : 0;
    for (std::int64_t slot = 0; slot < slots; ++slot)
      all += phone_.value(metric, slot, sent_until_);
    sum = all;
  }
  const auto workouts = phone_.workouts_until(sent_until_);
  std::int64_t burned = 0;
  for (std::int64_t number = 0; number < workouts; ++number)
    burned += phone_.workout_energy(number);
  if (workouts > 0)
    energy["kcal"] = burned;
  return {{"health_metrics",
           {{"rows", slots * static_cast<std::int64_t>(metrics.size())}, {"sums", {{"qty", std::move(sums)}}}}},
          {"health_workouts", {{"rows", workouts}, {"sums", {{"energy", std::move(energy)}}}}}};
}

json::object exports::stats() const {
  return {{"exports", whole_}, {"parts", parts_}, {"given_up", given_up_}, {"under_way", open_.has_value()}};
}

} // namespace penstock::sandbox::apple_health
