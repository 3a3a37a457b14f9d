#include "config/setting_value.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "config/size_text.hpp"
#include "core/duration_text.hpp"

namespace penstock::config {
namespace {

tl::unexpected<std::string> refuse(std::string why) { return tl::unexpected<std::string>(std::move(why)); }

std::string_view wanted(setting_type type) {
  switch (type) {
    case setting_type::text:
    case setting_type::secret: return "text in quotes";
    case setting_type::integer: return "a whole number";
    case setting_type::boolean: return "true or false";
    case setting_type::duration: return R"(a duration in quotes such as "30s")";
    case setting_type::size: return R"(a size in quotes such as "16MB")";
    case setting_type::list: break;
  }
  return R"(a list of texts such as ["a", "b"])";
}

/// A bound as it would be written in the file.
std::string bound_text(setting_type type, std::int64_t bound) {
  if (type == setting_type::duration)
    return format_duration(std::chrono::milliseconds(bound));
  return type == setting_type::size ? format_size(bound) : std::to_string(bound);
}

/// `amount` is in the unit of the bounds.
checked_value within_bounds(const setting& declared, std::int64_t amount, section::value value) {
  if (declared.least != declared.most && (amount < declared.least || amount > declared.most))
    return refuse("must be between " + bound_text(declared.type, declared.least) + " and " +
                  bound_text(declared.type, declared.most));
  return value;
}

checked_value read_duration(const setting& declared, std::string_view given) {
  const auto length = parse_duration(given);
  if (!length)
    return refuse(length.error().message);
  if (declared.least == declared.most && length->count() <= 0)
    return refuse("must be longer than zero");
  // Rounded up, so that 1 ms and a bit is not taken for the bound of 1 ms.
  return within_bounds(declared, std::chrono::ceil<std::chrono::milliseconds>(*length).count(), *length);
}

checked_value read_size(const setting& declared, std::string_view given) {
  const auto bytes = parse_size(given);
  if (!bytes)
    return refuse(bytes.error().message);
  return within_bounds(declared, *bytes, *bytes);
}

checked_value read_choice(const setting& declared, std::string_view given) {
  if (declared.choices.empty() ||
      std::find(declared.choices.begin(), declared.choices.end(), given) != declared.choices.end())
    return section::value(std::string(given));
  std::string names;
  for (const auto& choice : declared.choices)
    names += (names.empty() ? "" : ", ") + choice;
  return refuse("must be one of " + names + nearest_hint(given, declared.choices));
}

/// Types that a file writes in quotes.
checked_value read_quoted(const setting& declared, std::string_view given) {
  switch (declared.type) {
    case setting_type::duration: return read_duration(declared, given);
    case setting_type::size: return read_size(declared, given);
    default: return read_choice(declared, given);
  }
}

std::vector<std::string> split_list(std::string_view given) {
  std::vector<std::string> items;
  while (!given.empty()) {
    const auto comma = given.find(',');
    auto item = given.substr(0, comma);
    given = comma == std::string_view::npos ? std::string_view{} : given.substr(comma + 1);
    while (!item.empty() && item.front() == ' ')
      item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ')
      item.remove_suffix(1);
    if (!item.empty())
      items.emplace_back(item);
  }
  return items;
}

toml_value::kind written_as(setting_type type) {
  switch (type) {
    case setting_type::integer: return toml_value::kind::integer;
    case setting_type::boolean: return toml_value::kind::boolean;
    case setting_type::list: return toml_value::kind::list;
    default: return toml_value::kind::text;
  }
}

} // namespace

checked_value value_from_toml(const setting& declared, const toml_value& given) {
  if (given.what != written_as(declared.type))
    return refuse("needs " + std::string(wanted(declared.type)) + ", not " + std::string(describe(given.what)));
  switch (declared.type) {
    case setting_type::integer: return within_bounds(declared, given.integer, given.integer);
    case setting_type::boolean: return section::value(given.boolean);
    case setting_type::list: {
      std::vector<std::string> items;
      for (const auto& item : given.items) {
        if (item.what != toml_value::kind::text)
          return refuse("needs " + std::string(wanted(declared.type)) + ", and one item is " +
                        std::string(describe(item.what)));
        items.push_back(item.text);
      }
      return section::value(std::move(items));
    }
    default: return read_quoted(declared, given.text);
  }
}

checked_value value_from_text(const setting& declared, std::string_view given) {
  switch (declared.type) {
    case setting_type::integer: {
      std::int64_t number = 0;
      const auto [end, wrong] = std::from_chars(given.data(), given.data() + given.size(), number);
      if (wrong != std::errc{} || end != given.data() + given.size())
        return refuse("needs " + std::string(wanted(declared.type)));
      return within_bounds(declared, number, number);
    }
    case setting_type::boolean:
      if (given == "true" || given == "1")
        return section::value(true);
      if (given == "false" || given == "0")
        return section::value(false);
      return refuse("needs " + std::string(wanted(declared.type)));
    case setting_type::list: return section::value(split_list(given));
    default: return read_quoted(declared, given);
  }
}

section::value default_value(const setting& declared) {
  if (declared.default_text.empty())
    switch (declared.type) {
      case setting_type::text:
      case setting_type::secret: return std::string{};
      case setting_type::integer:
      case setting_type::size: return std::int64_t{0};
      case setting_type::boolean: return false;
      case setting_type::duration: return duration{0};
      case setting_type::list: return std::vector<std::string>{};
    }
  auto value = value_from_text(declared, declared.default_text);
  if (!value)
    throw std::logic_error("the default of setting '" + declared.key + "' is refused: " + value.error());
  return *std::move(value);
}

} // namespace penstock::config
