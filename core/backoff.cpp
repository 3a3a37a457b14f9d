#include "core/backoff.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/duration_text.hpp"
#include "core/quotable.hpp"

namespace penstock {
namespace {

constexpr duration longest_delay = std::chrono::days{30};
constexpr double largest_factor = 100;

tl::unexpected<error> refuse(std::string_view text, std::string_view why) {
  return failure(error_code::bad_configuration, "backoff '" + quotable(text, 80) + "': " + std::string{why} +
                                                  " (forms: 'list 1m 5m', 'fixed 1m', 'exponential 500ms x2 cap 10s', "
                                                  "each with an optional 'jitter 0.5')");
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto start = text.find_first_not_of(' ');
    if (start == std::string_view::npos)
      return words;
    text.remove_prefix(start);
    const auto length = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

std::optional<double> parse_number(std::string_view text, double low, double high) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high))
    return std::nullopt;
  return value;
}

std::string format_number(double value) {
  char buffer[32];
  const auto done = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, done.ptr};
}

result<duration> parse_delay(std::string_view text) {
  auto delay = parse_duration(text);
  if (delay && *delay > longest_delay)
    return failure(error_code::bad_configuration, "'" + quotable(text, 80) + "' is longer than 30 days");
  return delay;
}

} // namespace

backoff_policy backoff_policy::list(std::vector<duration> delays) {
  if (delays.empty())
    delays.push_back(duration{0});
  return backoff_policy{delay_list{std::move(delays)}};
}

backoff_policy backoff_policy::fixed(duration delay) { return backoff_policy{fixed_delay{delay}}; }

backoff_policy backoff_policy::exponential(duration base, double factor, duration cap) {
  return backoff_policy{exponential_delay{base, factor, cap}};
}

backoff_policy backoff_policy::with_jitter(double fraction) const {
  backoff_policy copy = *this;
  copy.jitter_ = std::clamp(fraction, 0.0, 1.0);
  return copy;
}

result<backoff_policy> backoff_policy::parse(std::string_view text) {
  if (text.size() > 512)
    return refuse(text, "it is longer than 512 characters");
  auto words = words_of(text);
  if (words.empty())
    return refuse(text, "it is empty");
  double jitter = 0;
  if (words.size() >= 2 && words[words.size() - 2] == "jitter") {
    const auto fraction = parse_number(words.back(), 0, 1);
    if (!fraction)
      return refuse(text, "jitter is a number from 0 to 1");
    jitter = *fraction;
    words.resize(words.size() - 2);
  }
  const auto kind = words.empty() ? std::string_view{} : words.front();
  if (kind == "exponential") {
    if (words.size() != 5 || !words[2].starts_with('x') || words[3] != "cap")
      return refuse(text, "exponential needs base, factor and cap");
    const auto base = parse_delay(words[1]);
    const auto factor = parse_number(words[2].substr(1), 1, largest_factor);
    const auto cap = parse_delay(words[4]);
    if (!base || !cap)
      return refuse(text, (base ? cap : base).error().message);
    if (!factor)
      return refuse(text, "the factor is a number from x1 to x100");
    if (*cap < *base)
      return refuse(text, "the cap is below the base");
    return exponential(*base, *factor, *cap).with_jitter(jitter);
  }
  if (kind != "list" && kind != "fixed")
    return refuse(text, "it begins with none of list, fixed, exponential");
  std::vector<duration> delays;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto delay = parse_delay(words[i]);
    if (!delay)
      return refuse(text, delay.error().message);
    delays.push_back(*delay);
  }
  if (kind == "fixed" && delays.size() != 1)
    return refuse(text, "fixed needs one delay");
  if (delays.empty() || delays.size() > max_list)
    return refuse(text, "a list has 1 to 32 delays");
  return (kind == "fixed" ? fixed(delays.front()) : list(std::move(delays))).with_jitter(jitter);
}

duration backoff_policy::full_delay(int retry_number) const {
  const int index = std::max(retry_number, 1) - 1;
  if (const auto* l = std::get_if<delay_list>(&form_))
    return l->delays[std::min(static_cast<std::size_t>(index), l->delays.size() - 1)];
  if (const auto* f = std::get_if<fixed_delay>(&form_))
    return f->delay;
  const auto& e = std::get<exponential_delay>(form_);
  const double grown = static_cast<double>(e.base.count()) * std::pow(e.factor, index);
  // Compared as a floating number: a large power does not fit a duration.
  if (!(grown < static_cast<double>(e.cap.count())))
    return e.cap;
  return duration{std::llround(grown)};
}

duration backoff_policy::delay_before(int retry_number, random_source& random) const {
  const duration full = full_delay(retry_number);
  if (jitter_ <= 0)
    return full;
  const double kept = 1.0 - jitter_ * unit_interval(random);
  return duration{std::llround(static_cast<double>(full.count()) * kept)};
}

std::string to_string(const backoff_policy& policy) {
  std::string text;
  if (const auto* l = std::get_if<backoff_policy::delay_list>(&policy.form_)) {
    text = "list";
    for (const duration delay : l->delays)
      text += " " + format_duration(delay);
  } else if (const auto* f = std::get_if<backoff_policy::fixed_delay>(&policy.form_)) {
    text = "fixed " + format_duration(f->delay);
  } else {
    const auto& e = std::get<backoff_policy::exponential_delay>(policy.form_);
    text = "exponential " + format_duration(e.base) + " x" + format_number(e.factor) + " cap " + format_duration(e.cap);
  }
  if (policy.jitter_ > 0)
    text += " jitter " + format_number(policy.jitter_);
  return text;
}

duration effective_delay(const backoff_policy& policy, int retry_number, std::optional<duration> retry_after,
                         random_source& random) {
  return std::max(policy.delay_before(retry_number, random), retry_after.value_or(duration{0}));
}

} // namespace penstock
