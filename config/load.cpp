#include "config/load.hpp"

#include <algorithm>
#include <utility>

#include "config/assembly.hpp"
#include "config/engine_sections.hpp"
#include "config/environment_layer.hpp"
#include "config/file_layer.hpp"
#include "config/find_file.hpp"
#include "config/make_settings.hpp"
#include "config/toml_value.hpp"
#include "config/validate.hpp"

namespace penstock::config {
namespace {

void read_layer(assembly& into, const std::filesystem::path& file, const surroundings& here) {
  const auto text = read_file(file, here);
  const auto root = text ? parse_toml(*text, file.string()) : tl::unexpected<problem>(text.error());
  if (root)
    apply_file(into, *root, file.string());
  else
    into.complain(root.error().where, root.error().key, root.error().message);
}

} // namespace

tl::expected<loaded_settings, std::vector<problem>> load(const load_request& request) {
  const schema names(all_sections(request.connectors));
  assembly layers(names);
  loaded_settings loaded;
  loaded.file = find_file(request.file, request.here);
  if (loaded.file)
    read_layer(layers, *loaded.file, request.here);
  apply_environment(layers, request.here.environment);
  apply_flags(layers, request.flags);
  loaded.values = make_settings(layers, request.here);
  auto objections = validate(loaded.values);
  if (request.inspect)
    for (auto& each : request.inspect(loaded.values))
      objections.push_back(std::move(each));
  const auto known = layers.problems();
  for (auto& each : objections)
    if (each.key.empty() || std::none_of(known.begin(), known.end(), [&](const auto& p) { return p.key == each.key; }))
      layers.complain(layers.origin_of(each.key), each.key, std::move(each.message));
  if (auto problems = layers.problems(); !problems.empty())
    return tl::unexpected<std::vector<problem>>(std::move(problems));
  loaded.hints = layers.hints();
  return loaded;
}

} // namespace penstock::config
