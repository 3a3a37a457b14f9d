#include "sandbox/stand_in.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "connectors/apple_health/sandbox/exports.hpp"
#include "net/url.hpp"

namespace penstock::sandbox::apple_health {
namespace {

namespace json = boost::json;

/// So many points, whole slots of all metrics, end where the sandbox starts.
timestamp first_slot(const surroundings& around) {
  const auto slots = static_cast<std::int64_t>(around.data.health_points / metrics.size());
  const auto start = around.time.start().time_since_epoch() / slot_length;
  return timestamp{(start - slots) * slot_length};
}

class phone_stand_in : public stand_in {
public:
  explicit phone_stand_in(const surroundings& around)
      : around_(around), phone_(around.data.seed, first_slot(around)), exports_(phone_, around.data.health_every) {}

  std::string_view name() const override { return "apple_health"; }

  // Nobody asks a phone for anything.
  std::optional<route> find(std::string_view, std::string_view) const override { return std::nullopt; }
  net::http_reply answer(const route&, const net::http_server_request&) override { return {}; }

  json::object tables(std::optional<std::uint32_t>) override { return exports_.tables(); }

  result<json::object> change(const json::object& wanted) override {
    for (const auto& each : wanted)
      if (each.key() != "webhook" && each.key() != "export" && each.key() != "device")
        return refused();
    if (const auto* device = wanted.if_contains("device")) {
      const auto* name = device->if_string();
      if (!name || !is_device({name->data(), name->size()}))
        return refused();
      phone_.add_device({name->data(), name->size()});
    }
    if (const auto* url = wanted.if_contains("webhook")) {
      const auto* text = url->if_string();
      if (!text || !net::parse_url(std::string(*text)))
        return refused();
      url_ = std::string(*text);
      exports_.begin_anew();
      first_of_receiver_ = number_ + 1;
    }
    if (const auto* now = wanted.if_contains("export")) {
      if (!now->is_bool() || !now->get_bool())
        return refused();
      if (url_.empty())
        return failure(error_code::invalid_argument, "the phone has no webhook to export to yet");
      exports_.ask();
    }
    if (wanted.empty())
      return refused();
    return json::object{{"exporting", !url_.empty()}};
  }

  std::vector<delivery> take_deliveries(std::size_t most) override {
    std::vector<delivery> due;
    while (!url_.empty() && due.size() < most) {
      auto body = exports_.take(around_.time.now(), around_.time.changes_until());
      if (!body)
        break;
      due.push_back({.url = url_, .body = std::move(*body), .number = ++number_, .headers = headers()});
    }
    return due;
  }

  void note_delivery(const delivery& sent, bool taken) override {
    if (sent.number >= first_of_receiver_)
      exports_.note(taken, around_.time.now());
  }

  json::object stats() override { return exports_.stats(); }

private:
  /// As the app adds them by itself.
  static std::vector<std::pair<std::string, std::string>> headers() {
    return {{"automation-name", "Everything"},
            {"automation-id", "6F0C1B0A-6C39-4E6E-8B3B-0D7C2A1F9E55"},
            {"automation-aggregation", "Minutes"},
            {"automation-period", "Default"}};
  }

  static bool is_device(std::string_view name) {
    constexpr std::size_t longest = 50;
    return !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), [](char each) {
      return each == ' ' || std::isalnum(static_cast<unsigned char>(each));
    });
  }

  static tl::unexpected<error> refused() {
    return failure(error_code::invalid_argument,
                   R"(a phone takes {"webhook": "http://…"}, where it exports to from now on, {"export": true}, and )"
                   R"({"device": "Oura"}, which counts along from now on)");
  }

  const surroundings around_;
  phone phone_;
  exports exports_;
  std::string url_;
  std::uint64_t number_ = 0, first_of_receiver_ = 1;
};

} // namespace

std::unique_ptr<stand_in> make_stand_in(const surroundings& around) { return std::make_unique<phone_stand_in>(around); }

} // namespace penstock::sandbox::apple_health
