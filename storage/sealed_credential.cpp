#include "storage/sealed_credential.hpp"

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "storage/nullable.hpp"

namespace penstock::storage {
namespace {

std::string purpose_of(integration_id integration) { return "credential/" + to_string(integration); }

} // namespace

std::string seal_credential(const secret_box& secrets, const credential& value) {
  const boost::json::object body{{"access_token", value.access_token},
                                 {"refresh_token", value.refresh_token},
                                 {"access_expires_at", micros(value.access_expires_at)},
                                 {"account", value.account}};
  return secrets.seal(boost::json::serialize(body), purpose_of(value.integration));
}

result<void> open_credential(const secret_box& secrets, const std::string& body, credential& value) {
  const auto plain = secrets.open_sealed(body, purpose_of(value.integration));
  if (!plain)
    return failure(plain.error());
  boost::system::error_code problem;
  const auto parsed = boost::json::parse(*plain, problem);
  const auto* fields = problem ? nullptr : parsed.if_object();
  if (!fields)
    return failure(error_code::storage_failed, "the stored credential of integration " + to_string(value.integration) +
                                                 " is damaged: authorise it again");
  const auto text = [&](const char* name) -> std::string {
    const auto* field = fields->if_contains(name);
    return field && field->is_string() ? std::string{field->get_string()} : std::string{};
  };
  value.access_token = text("access_token");
  value.refresh_token = text("refresh_token");
  value.account = text("account");
  const auto* expiry = fields->if_contains("access_expires_at");
  value.access_expires_at = expiry && expiry->is_int64() ? moment(expiry->get_int64()) : no_time;
  return {};
}

} // namespace penstock::storage
