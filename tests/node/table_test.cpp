#include "node/commands/table.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace penstock::node {
namespace {

std::string printed(const table& what) {
  std::ostringstream out;
  what.print(out);
  return out.str();
}

TEST(table, ColumnsAreAsWideAsWhatStandsInThem) {
  table rows({{"NAME"}, {"COUNT", table::align::right}, {"STATE"}});
  rows.add({"fetch", "12", "running"});
  rows.add({"a-longer-name", "1234567", "paused"});
  EXPECT_EQ(printed(rows), "NAME             COUNT  STATE\n"
                           "fetch               12  running\n"
                           "a-longer-name  1234567  paused\n");
}

TEST(table, EmptyCellsAreDashesAndLinesHaveNoBlanksAtTheirEnds) {
  table rows({{"A"}, {"WIDE HEADING"}});
  rows.add({"", "x"});
  rows.add({"only one"});
  EXPECT_EQ(printed(rows), "A         WIDE HEADING\n-         x\nonly one  -\n");
}

TEST(table, CharactersCountNotBytes) {
  table rows({{"NAME"}, {"N"}});
  rows.add({"Zürich", "1"});
  rows.add({"Berlin", "2"});
  EXPECT_EQ(printed(rows), "NAME    N\nZürich  1\nBerlin  2\n");
}

TEST(table, LineBreaksInACellStayOnTheLine) {
  table rows({{"ERROR"}});
  rows.add({"first\nsecond\tthird"});
  EXPECT_EQ(printed(rows), "ERROR\nfirst second third\n");
}

TEST(table, FieldsStandBelowEachOther) {
  std::ostringstream out;
  print_fields(out, {{"id", "12"}, {"last error", ""}});
  EXPECT_EQ(out.str(), "id          12\nlast error  -\n");
}

} // namespace
} // namespace penstock::node
