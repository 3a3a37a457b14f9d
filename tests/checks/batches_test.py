#!/usr/bin/env python3
"""Which sources cmake/batches.py compiles as one."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cmake"))
import batches  # noqa: E402


def in_anonymous(text):
    return "namespace penstock {\nnamespace {\n" + text + "\n} // namespace\nint shared();\n} // namespace penstock\n"


def numbers(*texts, size=8, project=Path("/nowhere")):
    return batches.batches([batches.source(each, project) for each in texts], size)


class AnonymousNames(unittest.TestCase):
    def names(self, text):
        return set(batches.names_in(in_anonymous(text)))

    def test_functions_constants_types_and_aliases(self):
        self.assertEqual(self.names("int twice(int x) { return [x] { return 2 * x; }(); }"), {"twice"})
        self.assertEqual(self.names("constexpr std::array<std::pair<int, int>, 2> table{{1, 2}};\nstd::string text;"),
                         {"table", "text"})
        self.assertEqual(self.names("constexpr int tenth = 10, hundred = 100;"), {"tenth", "hundred"})
        self.assertEqual(self.names("template <class T>\nstruct holder { T held; };\nenum class side { left, right };"),
                         {"holder", "side"})
        self.assertEqual(self.names("using clock = std::chrono::steady_clock;\nnamespace fs = std::filesystem;"), {"clock", "fs"})

    def test_tests_are_named_by_suite_and_test(self):
        self.assertEqual(self.names("TEST_F(cron, Fires) {\n  EXPECT_TRUE(true);\n}"), {"cron_Fires"})

    def test_braces_in_literals_and_comments_count_for_nothing(self):
        text = "// }\nconst char* open = \"}}\"; /* { */ const char brace = '}';\nauto raw = R\"({ \" })\";\nint last();"
        self.assertEqual(self.names(text), {"open", "brace", "raw", "last"})

    def test_what_others_may_see_too_is_not_among_them(self):
        self.assertEqual(self.names("using std::string;\nusing namespace std;\nstruct later;"), set())
        self.assertEqual(batches.names_in("int seen() { return 1; }"), {})


class Batches(unittest.TestCase):
    def test_no_more_than_the_size_stand_together(self):
        self.assertEqual(numbers(*[""] * 5, size=2), [0, 1, 2, 0, 1])

    def test_one_name_twice_is_kept_apart(self):
        one = in_anonymous("int twice(int x);")
        self.assertEqual(numbers(one, one), [0, 1])

    def test_the_same_alias_may_stand_twice_and_another_may_not(self):
        first, other = (in_anonymous(f"using clock = std::chrono::{each};") for each in ("steady_clock", "system_clock"))
        self.assertEqual(numbers(first, first), [0, 0])
        self.assertEqual(numbers(first, other), [0, 1])

    def test_who_calls_what_another_declares_for_itself_is_kept_apart(self):
        declares = in_anonymous("int twice(int x) { return 2 * x; }")
        self.assertEqual(numbers(declares, "int four() { return twice(2); }"), [0, 1])
        self.assertEqual(numbers(declares, "int four() { return math::twice(2); }"), [0, 0])

    def test_who_includes_a_header_with_what_another_declares_for_itself_is_kept_apart(self):
        with tempfile.TemporaryDirectory(prefix="penstock-batches-") as folder:
            project = Path(folder)
            (project / "far.hpp").write_text("namespace penstock {\n[[nodiscard]] int twice(int x);\n}\n", encoding="utf-8")
            (project / "near.hpp").write_text('#include "far.hpp"\n', encoding="utf-8")
            includes = '#include "near.hpp"\n'
            declares = in_anonymous("struct twice {};")
            self.assertEqual(numbers(declares, includes, project=project), [0, 1])
            self.assertEqual(numbers(includes + declares, includes, project=project), [0, 0])


if __name__ == "__main__":
    unittest.main()
