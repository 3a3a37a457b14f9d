// Configuration files: everything that happens between a file's bytes and checked settings.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/assembly.hpp"
#include "config/engine_sections.hpp"
#include "config/file_layer.hpp"
#include "config/make_settings.hpp"
#include "config/schema.hpp"
#include "config/toml_value.hpp"
#include "config/validate.hpp"

namespace {

using namespace penstock::config;

std::vector<section_declaration> sections() {
  return all_sections(
    {{.path = "connectors.bank",
      .summary = "A bank.",
      .settings = {{.key = "base_url", .doc = "Where it answers."},
                   {.key = "secret", .type = setting_type::secret, .doc = "Its secret."},
                   {.key = "page", .type = setting_type::integer, .default_text = "100", .least = 1, .most = 200},
                   {.key = "wait", .type = setting_type::duration, .default_text = "500ms"},
                   {.key = "scopes", .type = setting_type::list}},
      .enabled_default = true},
     {.path = "connectors.bank.*",
      .summary = "A branch.",
      .settings = {{.key = "base_url", .doc = "Where it answers."}, {.key = "fields", .type = setting_type::list}},
      .identifiers = true}});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 16'384)
    return 0;
  static const schema names(sections());
  surroundings here;
  here.working_directory = "/somewhere";
  here.environment["HOME"] = "/home/ann";
  here.host_name = "pump";
  assembly layers(names);
  const auto root = parse_toml({reinterpret_cast<const char*>(data), size}, "penstock.toml");
  if (!root) {
    if (root.error().message.empty())
      std::abort(); // nobody could mend it
    return 0;
  }
  apply_file(layers, *root, "penstock.toml");
  const auto values = make_settings(layers, here);
  static_cast<void>(validate(values));
  for (const auto& problem : layers.problems()) {
    const auto line = to_text(problem);
    if (line.empty() || line.find('\n') != std::string::npos)
      std::abort(); // a mistake is one line
  }
  return 0;
}
