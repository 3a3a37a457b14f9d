#include "sandbox/fault_plan.hpp"

#include <cstdlib>

#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include "core/duration_text.hpp"
#include "core/nearest_name.hpp"
#include "sandbox/draw.hpp"

namespace penstock::sandbox {

namespace json = boost::json;

namespace {

constexpr std::size_t kind_total = static_cast<std::size_t>(fault_kind::kind_count);
constexpr std::array<std::string_view, kind_total> names{
  "latency",        "error_500", "error_503", "rate_limited",  "rate_limited_bare", "dropped",
  "dropped_midway", "truncated", "malformed", "expired_token", "revoked_token",     "clock_skew"};
constexpr std::string_view page_fault = "wrong_shape_page";
constexpr std::uint64_t spoiled_page_size = 100;

std::optional<fault_kind> kind_of(std::string_view name) {
  for (std::size_t i = 0; i < kind_total; ++i)
    if (names[i] == name)
      return static_cast<fault_kind>(i);
  return {};
}

auto wrong(std::string_view name, std::string_view what) {
  return failure(error_code::invalid_argument, "fault " + std::string(name) + ": " + std::string(what));
}

result<double> rate_of(std::string_view name, const json::value& value) {
  boost::system::error_code problem;
  const auto rate = value.to_number<double>(problem);
  if (problem || rate < 0 || rate > 1)
    return wrong(name, "its rate must be a number from 0 to 1");
  return rate;
}

result<duration> length_of(std::string_view name, const json::value& value) {
  const auto* text = value.if_string();
  auto length = parse_duration(text ? std::string_view(text->data(), text->size()) : std::string_view{});
  if (!length)
    return wrong(name, "a duration is written like \"200ms\"");
  return length;
}

result<std::uint64_t> count_of(std::string_view name, const json::value& value) {
  boost::system::error_code problem;
  const auto count = value.to_number<std::uint64_t>(problem);
  if (problem || count == 0)
    return wrong(name, "pages and times are whole numbers from 1");
  return count;
}

result<fault_plan::rule> rule_of(std::string_view name, const json::value& wanted) {
  fault_plan::rule out;
  if (wanted.is_number()) {
    const auto rate = rate_of(name, wanted);
    if (!rate)
      return failure(rate.error());
    out.rate = *rate;
    return out;
  }
  if (!wanted.is_object())
    return wrong(name, R"(give a rate from 0 to 1, or {"rate", "path", "times", "delay", "skew"})");
  out.rate = 1;
  for (const auto& [key, value] : wanted.get_object()) {
    if (key == "rate") {
      const auto rate = rate_of(name, value);
      if (!rate)
        return failure(rate.error());
      out.rate = *rate;
    } else if (key == "path" && value.is_string()) {
      out.path.assign(value.get_string().data(), value.get_string().size());
    } else if (key == "times") {
      const auto count = count_of(name, value);
      if (!count)
        return failure(count.error());
      out.times = *count;
    } else if (key == "delay" || key == "skew") {
      const auto length = length_of(name, value);
      if (!length)
        return failure(length.error());
      (key == "delay" ? out.delay : out.skew) = *length;
    } else if (key != "struck") {
      return wrong(name, "it knows rate, path, times, delay and skew");
    }
  }
  return out;
}

} // namespace

std::string_view to_string(fault_kind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

result<void> fault_plan::read(plan& into, std::string_view name, const json::value& wanted) {
  if (name == page_fault) {
    spoiled_page page;
    const auto* object = wanted.if_object();
    const auto* account = object ? object->if_contains("account") : nullptr;
    const auto* number = object ? object->if_contains("page") : nullptr;
    if (!account || !account->is_string() || !number)
      return wrong(name, R"(give {"account": "an id", "page": 3})");
    const auto count = count_of(name, *number);
    if (!count)
      return failure(count.error());
    page.stream.assign(account->get_string().data(), account->get_string().size());
    page.page = *count;
    into.pages.push_back(std::move(page));
    return {};
  }
  const auto kind = kind_of(name);
  if (!kind) {
    std::vector<std::string> all(names.begin(), names.end());
    all.emplace_back(page_fault);
    return failure(error_code::invalid_argument,
                   "there is no fault '" + std::string(name) + "'" + did_you_mean(name, all));
  }
  auto read = rule_of(name, wanted);
  if (!read)
    return failure(read.error());
  auto& held = into.rules[static_cast<std::size_t>(*kind)];
  read->struck = held.struck;
  held = std::move(*read);
  return {};
}

result<void> fault_plan::set(const json::object& wanted) {
  plan changed = plan_;
  for (const auto& [name, value] : wanted)
    if (const auto done = read(changed, {name.data(), name.size()}, value); !done)
      return done;
  plan_ = std::move(changed);
  return {};
}

result<void> fault_plan::set(std::string_view assignment) {
  const auto equals = assignment.find('=');
  const std::string rate(assignment.substr(equals == std::string_view::npos ? assignment.size() : equals + 1));
  char* end = nullptr;
  const double number = std::strtod(rate.c_str(), &end);
  if (rate.empty() || *end != '\0')
    return failure(error_code::invalid_argument, "a fault is written KIND=RATE, like error_500=0.05");
  return set(json::object{{std::string(assignment.substr(0, equals)), number}});
}

void fault_plan::clear() { plan_ = {}; }

bool fault_plan::strikes(fault_kind kind, std::string_view path, bool is_sign_in) {
  auto& each = plan_.rules[static_cast<std::size_t>(kind)];
  if (each.rate <= 0 || (each.path.empty() ? is_sign_in : !path.starts_with(each.path)))
    return false;
  if (each.times && *each.times == 0)
    return false;
  if (draws(mix({seed_, ++thrown_})).unit() >= each.rate)
    return false;
  if (each.times)
    --*each.times;
  ++each.struck;
  return true;
}

fault_plan::strike fault_plan::strike_for(std::string_view path, bool is_sign_in) {
  strike out;
  if (strikes(fault_kind::latency, path, is_sign_in))
    out.delay = plan_.rules[static_cast<std::size_t>(fault_kind::latency)].delay;
  for (auto i = static_cast<std::size_t>(fault_kind::latency) + 1; i < kind_total && !out.kind; ++i)
    if (strikes(static_cast<fault_kind>(i), path, is_sign_in)) {
      out.kind = static_cast<fault_kind>(i);
      out.retry_after = plan_.rules[i].delay;
      out.skew = plan_.rules[i].skew;
    }
  return out;
}

bool fault_plan::spoils(std::string_view stream, std::uint64_t first, std::uint64_t count) const {
  for (const auto& each : plan_.pages) {
    const auto place = (each.page - 1) * spoiled_page_size;
    if (each.stream == stream && first <= place && place < first + count)
      return true;
  }
  return false;
}

json::object fault_plan::to_json() const {
  json::object out;
  for (std::size_t i = 0; i < kind_total; ++i) {
    const auto& each = plan_.rules[i];
    if (each.rate <= 0 && each.struck == 0)
      continue;
    json::object shown{{"rate", each.rate}, {"struck", each.struck}};
    if (!each.path.empty())
      shown["path"] = each.path;
    if (each.times)
      shown["times"] = *each.times;
    out[names[i]] = std::move(shown);
  }
  json::array pages;
  for (const auto& each : plan_.pages)
    pages.push_back(json::object{{"account", each.stream}, {"page", each.page}});
  if (!pages.empty())
    out[page_fault] = std::move(pages);
  return out;
}

} // namespace penstock::sandbox
