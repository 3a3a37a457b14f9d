#include "gateway/user_names.hpp"

#include "core/id_text.hpp"

namespace penstock::gateway {

std::string folded_name(std::string name) {
  for (auto& c : name)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return name;
}

std::string caller_name(const user& who) { return "user " + to_string(who.id) + " (" + who.name + ")"; }

} // namespace penstock::gateway
