#include "config/section_declaration.hpp"

namespace penstock::config {

std::vector<setting> all_settings(const section_declaration& declaration) {
  auto settings = declaration.settings;
  if (declaration.enabled_default)
    settings.insert(settings.begin(), setting{.key = "enabled",
                                              .type = setting_type::boolean,
                                              .default_text = *declaration.enabled_default ? "true" : "false",
                                              .doc = "Whether this connector takes part."});
  return settings;
}

} // namespace penstock::config
