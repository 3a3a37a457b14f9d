#!/usr/bin/env python3
"""What scripts/count-tests makes of the reports that ctest writes."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "count-tests"
PASSED = '<testcase name="cron.Fires" status="run"><system-out>ok</system-out></testcase>'
FAILED = '<testcase name="cron.Fails" status="fail"><failure message=""/><system-out>no</system-out></testcase>'
SKIPPED = ('<testcase name="net.NeedsNamespaces" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>'
           '<system-out>/src/net_test.cpp:7: Skipped\nthe system refuses network namespaces\n\n[  SKIPPED ] x'
           '</system-out></testcase>')
MISSING = '<testcase name="test_core" status="notrun"><skipped message="Unable to find executable"/></testcase>'
DISABLED = '<testcase name="cron.DISABLED_Fires" status="disabled"/>'


class CountTests(unittest.TestCase):
    def count(self, cases, ctest_status=0):
        """Lines that it printed, and its exit status."""
        with tempfile.TemporaryDirectory(prefix="penstock-count-") as folder:
            report = Path(folder) / "report.xml"
            if cases is not None:
                report.write_text(f"<testsuite>{''.join(cases)}</testsuite>", encoding="utf-8")
            ended = subprocess.run([sys.executable, str(SCRIPT), str(report), str(ctest_status)],
                                   capture_output=True, text=True, timeout=30)
        return ended.stdout.splitlines(), ended.returncode

    def test_counts_what_passed(self):
        lines, status = self.count([PASSED, PASSED])
        self.assertEqual((lines[-1], status), ("2 passed, 0 failed", 0))

    def test_tells_failures_and_fails(self):
        lines, status = self.count([PASSED, FAILED], 8)
        self.assertEqual((lines[-1], status), ("1 passed, 1 failed", 1))
        self.assertTrue(any("cron.Fails" in line for line in lines))

    def test_tells_each_skip_with_its_reason(self):
        lines, status = self.count([PASSED, SKIPPED])
        self.assertEqual((lines[-1], status), ("1 passed, 0 failed, 1 skipped", 0))
        self.assertIn("skipped: net.NeedsNamespaces: the system refuses network namespaces", lines)

    def test_what_could_not_run_has_failed(self):
        for case in (MISSING, DISABLED):
            lines, status = self.count([PASSED, case])
            self.assertEqual((lines[-1], status), ("1 passed, 1 failed", 1))

    def test_sums_up_several_reports(self):
        with tempfile.TemporaryDirectory(prefix="penstock-count-") as folder:
            reports = []
            for name, case, status in (("a", PASSED, 0), ("b", FAILED, 8)):
                report = Path(folder) / f"{name}.xml"
                report.write_text(f"<testsuite>{case}</testsuite>", encoding="utf-8")
                reports += [str(report), str(status)]
            ended = subprocess.run([sys.executable, str(SCRIPT), *reports], capture_output=True, text=True, timeout=30)
        self.assertEqual((ended.stdout.splitlines()[-1], ended.returncode), ("1 passed, 1 failed", 1))

    def count_together(self, own_report, status="run"):
        """What is made of a test of ctest that left a report of GoogleTest's tests, or None where it left none."""
        with tempfile.TemporaryDirectory(prefix="penstock-count-") as folder:
            report = Path(folder) / "report.xml"
            report.write_text(f'<testsuite><testcase name="test_core.0" status="{status}"><system-out>[ RUN ] cron.Dies'
                              "</system-out></testcase></testsuite>", encoding="utf-8")
            if own_report is not None:
                (Path(folder) / "test-reports").mkdir()
                (Path(folder) / "test-reports" / "test_core.0.xml").write_text(own_report, encoding="utf-8")
            ended = subprocess.run([sys.executable, str(SCRIPT), str(report), "0" if status == "run" else "8"],
                                   capture_output=True, text=True, timeout=30)
        return ended.stdout

    def test_counts_those_that_ran_in_one_process(self):
        good = '<testcase name="Fires" status="run" result="completed" classname="cron"/>'
        bad = good[:-2] + '><failure message="expected 1"/></testcase>'
        left_out = good[:-2] + '><skipped message="a.cpp:7&#10;no network"/></testcase>'
        disabled = '<testcase name="DISABLED_Fires" status="notrun" result="suppressed" classname="cron"/>'
        self.assertIn("2 passed, 0 failed\n", self.count_together(f"<testsuites>{good}{good}</testsuites>"))
        self.assertIn("failed: cron.Fires: expected 1\n1 passed, 1 failed\n",
                      self.count_together(f"<testsuites>{good}{bad}</testsuites>", "fail"))
        self.assertIn("skipped: cron.Fires: no network\n1 passed, 0 failed, 1 skipped\n",
                      self.count_together(f"<testsuites>{good}{left_out}</testsuites>"))
        self.assertIn("1 passed, 1 failed\n", self.count_together(f"<testsuites>{good}{disabled}</testsuites>"))

    def test_a_process_that_died_has_failed(self):
        good = '<testsuites><testcase name="Fires" status="run" classname="cron"/></testsuites>'
        self.assertIn("1 passed, 1 failed\n", self.count_together(good, "fail"))
        died = self.count_together(None, "fail")
        self.assertIn("cron.Dies", died)
        self.assertIn("0 passed, 1 failed\n", died)

    def test_a_process_that_ended_well_without_its_report_has_failed(self):
        self.assertIn("0 passed, 1 failed\n", self.count_together(None, "run"))

    def test_no_test_no_report_and_a_broken_ctest_are_failures(self):
        self.assertEqual(self.count([])[1], 1)
        self.assertEqual(self.count(None)[1], 1)
        lines, status = self.count([PASSED], 7)
        self.assertEqual((lines[-1], status), ("1 passed, 1 failed", 1))


if __name__ == "__main__":
    unittest.main()
