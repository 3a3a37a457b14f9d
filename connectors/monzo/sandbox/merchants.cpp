#include "connectors/monzo/sandbox/merchants.hpp"

#include <algorithm>

#include "connectors/monzo/sandbox/ids.hpp"
#include "sandbox/draw.hpp"

namespace penstock::sandbox::monzo {

namespace {

struct shop {
  std::string_view name, statement_text, emoji, category, mcc, currency, street, city, postcode, country, latitude,
    longitude;
  std::int64_t dearest;
  bool online;
};

// Made-up shops in real towns. Quotes and accents are there because clients trip over them.
constexpr shop shops[] = {
  {"Corner Bakery", "CORNER BAKERY LTD      LONDON        GBR", "🍞", "eating_out", "5462", "GBP", "12 Mill Lane",
   "London", "N1 7AA", "GBR", "51.5362", "-0.1033", 1250, false},
  {"Green Grocer & Sons", "GREEN GROCER & SONS    LEEDS         GBR", "🥦", "groceries", "5411", "GBP",
   "3 Market Street", "Leeds", "LS1 6DT", "GBR", "53.7965", "-1.5478", 8400, false},
  {"The \\\"Blue\\\" Anchor", "THE BLUE ANCHOR        BRISTOL       GBR", "🍺", "entertainment", "5813", "GBP",
   "1 Quay Side", "Bristol", "BS1 4DJ", "GBR", "51.4545", "-2.5879", 6200, false},
  {"Northern Railways", "NORTHERN RAILWAYS      YORK          GBR", "🚆", "transport", "4112", "GBP", "Station Road",
   "York", "YO24 1AB", "GBR", "53.9576", "-1.0927", 14500, false},
  {"Café Zoë", "CAFE ZOE               BATH          GBR", "☕", "eating_out", "5814", "GBP", "9 Abbey Green", "Bath",
   "BA1 1NW", "GBR", "51.3813", "-2.3590", 1900, false},
  {"Bright Energy", "BRIGHT ENERGY          BRIGHTENERGY  GBR", "💡", "bills", "4900", "GBP", "", "", "", "GBR",
   "53.0000", "-2.0000", 18000, true},
  {"City Cycle Hire", "CITY CYCLE HIRE        LONDON        GBR", "🚲", "transport", "7999", "GBP", "80 Bank Street",
   "London", "E14 5NY", "GBR", "51.5054", "-0.0235", 900, false},
  {"Paper & Ink", "PAPER AND INK          OXFORD        GBR", "📚", "shopping", "5942", "GBP", "20 High Street",
   "Oxford", "OX1 4AN", "GBR", "51.7520", "-1.2510", 5600, false},
  {"Hillside Pharmacy", "HILLSIDE PHARMACY      SHEFFIELD     GBR", "💊", "personal_care", "5912", "GBP", "44 Hillside",
   "Sheffield", "S10 2TN", "GBR", "53.3811", "-1.4701", 3100, false},
  {"Streamly", "STREAMLY.EXAMPLE       STREAMLY.EXAM GBR", "🎬", "entertainment", "4899", "GBP", "", "", "", "GBR",
   "51.5000", "-0.1200", 1599, true},
  {"Cash Machine High Street", "ATM HIGH STREET        LONDON        GBR", "🏧", "cash", "6011", "GBP",
   "100 High Street", "London", "SE1 9SG", "GBR", "51.5045", "-0.0865", 20000, false},
  {"Old Town Cinema", "OLD TOWN CINEMA        EDINBURGH     GBR", "🍿", "entertainment", "7832", "GBP", "5 Old Close",
   "Edinburgh", "EH1 1TH", "GBR", "55.9490", "-3.1880", 4200, false},
  {"Boulangerie du Pont", "BOULANGERIE DU PONT    PARIS         FRA", "🥐", "holidays", "5462", "EUR",
   "2 Rue du Pont", "Paris", "75004", "FRA", "48.8546", "2.3522", 2400, false},
  {"Gasthaus zum Löwen", "GASTHAUS ZUM LOEWEN    MUENCHEN      DEU", "🥨", "holidays", "5812", "EUR", "Am Markt 7",
   "München", "80331", "DEU", "48.1372", "11.5755", 7800, false},
  {"Diner No. 5", "DINER NO 5             NEW YORK      USA", "🍔", "holidays", "5812", "USD", "5 Broadway", "New York",
   "10004", "USA", "40.7051", "-74.0137", 6400, false},
  {"すし太郎", "SUSHI TARO             TOKYO         JPN", "🍣", "holidays", "5812", "JPY", "1-2-3 Ginza", "Tokyo",
   "104-0061", "JPN", "35.6717", "139.7650", 9800, false},
};

std::string expanded(const shop& from, const std::string& id, std::uint64_t key) {
  const auto text = [](std::string_view value) { return '"' + std::string(value) + '"'; };
  std::string place;
  for (const auto part : {from.street, from.city, from.postcode})
    if (!part.empty())
      place += (place.empty() ? "" : ", ") + std::string(part);
  return "{\"id\":" + text(id) + ",\"group_id\":" + text(drawn_id("grp_", key + 7)) +
         ",\"created\":\"2016-01-08T00:20:13.969Z\",\"name\":" + text(from.name) +
         ",\"logo\":\"https://logos.example/" + std::string(from.mcc) + ".png\",\"emoji\":" + text(from.emoji) +
         ",\"category\":" + text(from.category) + ",\"online\":" + (from.online ? "true" : "false") +
         ",\"atm\":" + (from.category == "cash" ? "true" : "false") +
         ",\"address\":{\"short_formatted\":" + text(from.online ? "Somewhere online" : from.city) +
         ",\"formatted\":" + text(place) + ",\"address\":" + text(from.street) + ",\"city\":" + text(from.city) +
         ",\"region\":\"\",\"country\":" + text(from.country) + ",\"postcode\":" + text(from.postcode) +
         ",\"latitude\":" + std::string(from.latitude) + ",\"longitude\":" + std::string(from.longitude) +
         ",\"zoom_level\":" + (from.online ? "5" : "17") + ",\"approximate\":" + (from.online ? "true" : "false") +
         "},\"updated\":\"2025-06-17T14:21:38.608Z\",\"metadata\":{\"provider\":\"user\",\"suggested_tags\":\"#" +
         std::string(from.category) + "\",\"website\":\"\"},\"disable_feedback\":false}";
}

std::vector<merchant> make_merchants() {
  std::vector<merchant> out;
  for (const auto& from : shops) {
    const auto key = mix_text(from.statement_text);
    merchant made{from.statement_text, from.category, from.mcc, from.currency, from.dearest};
    made.id = drawn_id("merch_", key);
    made.json = expanded(from, made.id, key);
    out.push_back(std::move(made));
  }
  return out;
}

} // namespace

const std::vector<merchant>& merchants() {
  static const std::vector<merchant> all = make_merchants();
  return all;
}

std::size_t home_merchants() {
  static const auto count = static_cast<std::size_t>(
    std::count_if(merchants().begin(), merchants().end(), [](const auto& each) { return each.currency == "GBP"; }));
  return count;
}

std::int64_t pence_per_hundred(std::string_view currency) {
  if (currency == "EUR")
    return 86;
  if (currency == "USD")
    return 79;
  return currency == "JPY" ? 53 : 100;
}

} // namespace penstock::sandbox::monzo
