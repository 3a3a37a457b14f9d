#include "connectors/http_json/list_identity.hpp"

#include "connectors/http_json/fingerprint.hpp"

namespace penstock::connectors::http_json {
namespace {

template <class Pairs>
void add_all(fingerprint& sum, const Pairs& pairs) {
  sum.add(std::to_string(pairs.size()));
  for (const auto& [name, value] : pairs) {
    sum.add(name);
    sum.add(value);
  }
}

} // namespace

std::string list_identity(const description& of, const fillings& with) {
  fingerprint sum;
  for (const auto& each : {of.table, of.base_url, of.list_path, of.list, of.id_place, of.updated_place})
    sum.add(each);
  sum.add(std::to_string(static_cast<int>(of.times)));
  add_all(sum, of.query);
  add_all(sum, of.headers);
  add_all(sum, with);
  return sum.text();
}

} // namespace penstock::connectors::http_json
