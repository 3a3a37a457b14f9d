#!/usr/bin/env python3
"""Plants what each check looks for and expects it to be found, and that nothing else is."""
import tempfile
import unittest
from pathlib import Path

import carried_over
import engine_events
import engine_rules
import file_size
import layers
import no_sleep
import own_header
import planted_faults
import shell_syntax
import workplace


class PlantedTree(unittest.TestCase):
    """A small project in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="penstock-checks-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def finds(self, check, path, text):
        """Whether the check complains of exactly this file when it holds this text."""
        self.write(path, text)
        found = check(self.root)
        (self.root / path).unlink()
        self.assertTrue(all(line.startswith(path) for line in found), found)
        return bool(found)


class Layers(PlantedTree):
    def includes(self, path, header):
        return self.finds(layers.check, path, f"#pragma once\n#include {header}\n")

    def test_refuses_what_comes_later_or_is_never_included(self):
        for path, header in [
            ("core/cron.hpp", '"messages/job.hpp"'),
            ("storage/jobs.cpp", '"net/url.hpp"'),
            ("net/client.cpp", '"storage/database.hpp"'),
            ("actors/queue.cpp", '"gateway/routes.hpp"'),
            ("gateway/routes.cpp", '"node/options.hpp"'),
            ("tests/core/cron_test.cpp", '"storage/database.hpp"'),
            ("actors/queue.cpp", '"sandbox/monzo.hpp"'),
            ("core/cron.cpp", '"tests/core/fixture.hpp"'),
            ("core/cron.cpp", '"time_zone.hpp"'),
            ("core/deep/cron.cpp", '"../config/settings.hpp"'),
            ("sandbox/main.cpp", '"actors/queue.hpp"'),
        ]:
            self.assertTrue(self.includes(path, header), f"{path} includes {header}")

    def test_refuses_caf_and_actor_messages_outside_their_rooms(self):
        for path, header in [
            ("connectors/monzo/connector.cpp", "<caf/actor.hpp>"),
            ("connectors/connector.hpp", '"messages/actors/store.hpp"'),
            ("messages/job.hpp", "<caf/fwd.hpp>"),
            ("messages/job.hpp", '"messages/actors/announce.hpp"'),
            ("storage/jobs.cpp", '"messages/actors/store.hpp"'),
        ]:
            self.assertTrue(self.includes(path, header), f"{path} includes {header}")

    def test_refuses_one_connector_in_another_and_in_the_engine(self):
        for path, header in [
            ("connectors/monzo/client.cpp", '"connectors/bank/client.hpp"'),
            ("connectors/monzo/tests/client_test.cpp", '"connectors/bank/client.hpp"'),
            ("connectors/monzo/client.cpp", '"connectors/testing/exam.hpp"'),
            ("connectors/monzo/client.cpp", '"sandbox/server.hpp"'),
            ("node/assemble.cpp", '"connectors/monzo/client.hpp"'),
        ]:
            self.assertTrue(self.includes(path, header), f"{path} includes {header}")

    def test_refuses_libraries_outside_their_rooms(self):
        for path, header in [
            ("core/cron.cpp", "<fstream>"),
            ("core/cron.cpp", "<boost/asio.hpp>"),
            ("storage/jobs.cpp", "<boost/asio/io_context.hpp>"),
            ("actors/store.cpp", "<soci/soci.h>"),
            ("gateway/routes.cpp", "<CLI/CLI.hpp>"),
            ("net/client.cpp", "<gtest/gtest.h>"),
        ]:
            self.assertTrue(self.includes(path, header), f"{path} includes {header}")

    def test_allows_what_the_order_allows(self):
        for path, header in [
            ("core/cron.cpp", '"core/cron.hpp"'),
            ("core/cron.cpp", "<algorithm>"),
            ("messages/actors/store.hpp", "<caf/fwd.hpp>"),
            ("messages/actors/store.hpp", '"messages/actors/work.hpp"'),
            ("actors/queue.cpp", '"messages/actors/queue.hpp"'),
            ("storage/jobs.cpp", "<soci/soci.h>"),
            ("connectors/monzo/client.cpp", '"connectors/monzo/client.hpp"'),
            ("connectors/monzo/client.cpp", '"connectors/connector.hpp"'),
            ("connectors/monzo/sandbox/provider.cpp", '"sandbox/provider.hpp"'),
            ("connectors/monzo/tests/client_test.cpp", '"connectors/testing/exam.hpp"'),
            ("node/main.cpp", "<CLI/CLI.hpp>"),
            ("tests/storage/jobs_test.cpp", "<gtest/gtest.h>"),
            ("tests/simulation/engine_test.cpp", '"gateway/routes.hpp"'),
            ("bench/work.cpp", '"actors/queue.hpp"'),
        ]:
            self.assertFalse(self.includes(path, header), f"{path} includes {header}")


class NoSleep(PlantedTree):
    def test_finds_sleeps_in_tests(self):
        for path, text in [
            ("tests/actors/queue_test.cpp", "  std::this_thread::sleep_for(1ms);\n"),
            ("tests/actors/queue_test.cpp", "  usleep(1000);\n"),
            ("tests/net/client_test.cpp", "while (busy) sleep(1);\n"),
            ("tests/net/client_test.cpp", "void f() { ::nanosleep(&t, nullptr); }\n"),
            ("connectors/monzo/tests/client_test.cpp", "using namespace std;\n this_thread::sleep_until(then);\n"),
            ("tests/simulation/drive.py", "import time\ntime.sleep(1)\n"),
            ("tests/net/drive.sh", "while true; do sleep 1; done\n"),
        ]:
            self.assertTrue(self.finds(no_sleep.check, path, text), f"{path}: {text}")

    def test_leaves_injected_sleepers_comments_and_end_to_end_tests(self):
        for path, text in [
            ("tests/net/client_test.cpp", "co_await sleeper.sleep(1s);\nco_await waits->sleep(1s);\n"),
            ("tests/net/client_test.cpp", "asio::awaitable<void> sleep(duration length) override;\n"),
            ("tests/net/client_test.cpp", "// sleep(1) would be wrong\n/* usleep(1); */\n"),
            ("tests/end_to_end/demo_test.cpp", "std::this_thread::sleep_for(1ms);\n"),
            ("net/sleeper.cpp", "std::this_thread::sleep_for(1ms);\n"),
        ]:
            self.assertFalse(self.finds(no_sleep.check, path, text), f"{path}: {text}")


class OwnHeader(PlantedTree):
    def test_wants_the_header_of_its_name_first(self):
        self.write("core/cron.hpp", "#pragma once\n")
        for text, wrong in [
            ('#include "core/cron.hpp"\n\n#include <ctime>\n', False), ("int n;\n", True),
            ('#include <ctime>\n\n#include "core/cron.hpp"\n', True), ('#include "cron.hpp"\n', True),
        ]:
            self.assertEqual(self.finds(own_header.check, "core/cron.cpp", text), wrong, text)

    def test_leaves_sources_without_a_header(self):
        self.assertFalse(self.finds(own_header.check, "core/cron.cpp", "#include <ctime>\n"))


class EngineEvents(PlantedTree):
    def test_finds_what_an_operator_could_publish_too(self):
        self.write(engine_events.REFUSED_BY, 'engine_types{\n  "job.", "queue."};\n')
        for path, text, wrong in [
            ("storage/news.cpp", 'raise({.type = "job.failed"});', False),
            ("storage/news.cpp", 'raise({.type = "disk.full"});', True),
            ("storage/news.cpp", 'raise(is_on ? "queue.paused" : "disk.full");', True),
            ("actors/news.cpp", "\"INSERT INTO events VALUES (1, 'disk.full')\"", True),
            ("storage/news.cpp", 'select("SELECT j.id FROM jobs j", "excluded.key");', False),
            ("connectors/shop/page.cpp", 'field("data.items");', False),
            ("connectors/shop/page.cpp", 'told.type = "disk.full";', True),
            ("connectors/shop/tests/page_test.cpp", 'told.type = "disk.full";', False),
            ("node/settings.cpp", '"disk.full"', False),
        ]:
            self.assertEqual(self.finds(engine_events.check, path, text), wrong, text)

    def test_wants_the_list_of_what_is_refused(self):
        self.assertTrue(self.finds(engine_events.check, engine_events.REFUSED_BY, "int n;\n"))


class FileSize(PlantedTree):
    def test_counts_lines_of_sources_alone(self):
        for path, lines, long in [
            ("core/cron.cpp", 451, True), ("core/cron.cpp", 450, False), ("core/CMakeLists.txt", 451, True),
            ("connectors/monzo/tests/page.json", 5000, False), ("docs/reading.md", 5000, False),
        ]:
            self.assertEqual(self.finds(file_size.check, path, "\n" * lines), long, f"{path}: {lines}")

    def test_counts_scripts_without_a_suffix(self):
        self.assertTrue(self.finds(file_size.check, "scripts/deploy", "#!/bin/sh\n" + "\n" * 451))


class Workplace(PlantedTree):
    def setUp(self):
        super().setUp()
        self.outside = self.root
        self.root = self.outside / "project"
        (self.root / "docs").mkdir(parents=True)
        (self.outside / "beside").mkdir()

    def complains(self, text, path="docs/notes.md"):
        return self.finds(workplace.check, path, text + "\n")

    def test_finds_what_lies_on_this_machine(self):
        self.assertTrue(self.complains(f"include({self.outside}/beside/x)"))
        self.assertTrue(self.complains(f"'{self.root}'"))

    def test_finds_paths_that_leave_the_repository(self):
        for text in ["see ../beside/x", "cat ../../beside", "../../nowhere-at-all/x"]:
            self.assertTrue(self.complains(text), text)
        self.assertTrue(self.complains('"../../../beside"', "tests/net/url_test.cpp"))

    def test_finds_hosts_that_are_not_allowed(self):
        for host in ["packages.elsewhere" + ".net", "elsewhere" + ".io", "10.1.2.3"]:
            self.assertTrue(self.complains(f"https://{host}/x"), host)
            self.assertTrue(self.complains(f"git clone ssh://git@{host}:22/x"), host)
        self.assertTrue(self.complains("ask packages.elsewhere" + ".org for it"))
        self.assertFalse(self.complains("https://" + "packages.elsewhere" + ".net", "connectors/a/fixtures/one.json"))

    def test_leaves_what_every_machine_has_and_examples(self):
        for text in ["/usr/bin/env", "/etc/ssl/certs", "/home/nobody-of-that-name/x", "GET /api/v1/queues", "net/tls.cpp",
                     "https://example.org/home/1", "http://127.0.0.1:8080/a", "http://[::1]:80", "https://api.monzo.com",
                     "http://provider.test/x", "http://a/b", "add_library(x)", "see ../README.md", "http://$host/x"]:
            self.assertFalse(self.complains(text), text)
        self.assertFalse(self.complains('"../../../nowhere-at-all"', "tests/net/url_test.cpp"))


class ShellSyntax(PlantedTree):
    def test_finds_what_does_not_parse(self):
        self.assertTrue(self.finds(shell_syntax.check, "scripts/run", "#!/usr/bin/env bash\nif true; then\n"))
        self.assertTrue(self.finds(shell_syntax.check, "bench/run.sh", "echo 'open\n"))

    def test_leaves_good_scripts_and_other_languages(self):
        self.assertFalse(self.finds(shell_syntax.check, "scripts/run", "#!/usr/bin/env bash\nif true; then :; fi\n"))
        self.assertFalse(self.finds(shell_syntax.check, "scripts/count", "#!/usr/bin/env python3\nif True: pass\n"))


class EngineRules(PlantedTree):
    def setUp(self):
        super().setUp()
        self.write("tests/core/cron_test.cpp", "TEST(cron, Fires) {}\nTEST_P(stores, Keep) {}\n")
        self.write("tests/end_to_end/CMakeLists.txt", "foreach(what IN ITEMS order keys)\n  add_test(NAME "
                   "end_to_end.queue_${what} COMMAND x)\nendforeach()\nadd_test(NAME check.headers COMMAND x)\n")

    def complains(self, row):
        return self.finds(engine_rules.check, "docs/engine-rules.md", f"| rule | proof |\n|---|---|\n{row}\n")

    def test_finds_rules_without_a_proof_and_proofs_that_are_not_there(self):
        for row in ["| it fires | |", "| it fires | by looking |", "| it fires | `cron.Fired` |", "| it fires | `cron.Fires`, `x.y` |",
                    "| it waits | `end_to_end.queue_limits` |", "| it fires `cron.Fires` | |", "| one cell |"]:
            self.assertTrue(self.complains(row), row)
        self.assertTrue(engine_rules.check(self.root), "no table at all")

    def test_leaves_what_is_proved_or_said_to_be_missing(self):
        for row in ["| it fires | `cron.Fires` |", "| it keeps | `stores.Keep`, `end_to_end.queue_keys` |",
                    "| it compiles | `check.headers` |", "| mail | not there: deviations.md |", "text with | a bar"]:
            self.assertFalse(self.complains(row), row)


class CarriedOver(PlantedTree):
    def setUp(self):
        super().setUp()
        self.write("tests/core/cron_test.cpp", "TEST(cron, Fires) {}\n")
        self.write("core/cron.hpp", "class cron { void next(); };  // kind \"monzo.pot_pull\"\n")
        self.write("node/commands/queue_commands.cpp", '    {"queue",\n     "retry",\n     "Let it run.",\n     '
                   '{{.name = "ID"}, {.name = "--queue"}},\n     retry},\n    {"", "serve", "Run a node.", {}, serve},\n')
        self.write("config/penstock.toml", "[log]\n# Doc. Environment: MONZO_CLIENT_ID.\n#file = \"\"\n"
                   "#[queues.name]\n#limit = \"\"\n")

    def complains(self, row):
        return self.finds(carried_over.check, "docs/carried-over.md", f"| there | here | proof |\n|---|---|---|\n{row}\n")

    def test_finds_what_is_not_there(self):
        for row in ["| x | `core/cron.cpp` | `cron.Fires` |", "| x | `core/cron.hpp#previous` | `cron.Fires` |",
                    "| x | `core/cron.hpp#nex` | `cron.Fires` |", "| x | `core/cron.hpp#pot_pull` | `cron.Fires` |",
                    "| x | `cores/` | `cron.Fires` |", "| x | `penstock queue flush` | `cron.Fires` |",
                    "| x | `penstock queue retry --force` | `cron.Fires` |", "| x | `penstock served` | `cron.Fires` |",
                    "| x | `[log] level` | `cron.Fires` |", "| x | `[http] file` | `cron.Fires` |",
                    "| x | `MONZO_CLIENT_SECRET` | `cron.Fires` |", "| x | `cron` | `cron.Fires` |",
                    "| x | `core/../core/cron.hpp` | `cron.Fires` |",
                    '| x | `core/cron.hpp`, `"monzo.pot_push"` | `cron.Fires` |',
                    '| x | `penstock serve`, `"next"` | `cron.Fires` |']:
            self.assertTrue(self.complains(row), row)

    def test_finds_rows_without_a_place_or_a_proof(self):
        for row in ["| x | somewhere | `cron.Fires` |", '| x | `"text"` | `cron.Fires` |', "| x | `core/cron.hpp` | |",
                    "| x | `core/cron.hpp` | `cron.Fired` |", "| x | `core/cron.hpp` | by looking |",
                    "| x | `core/cron.hpp` | `cron.Fires`, `x.y` |", "| x | not carried over: |", "| | `core/cron.hpp` | `cron.Fires` |",
                    "| x | `core/cron.hpp` |", ""]:
            self.assertTrue(self.complains(row), row)
        self.assertTrue(carried_over.check(self.root), "no table at all")

    def test_leaves_what_is_true(self):
        for row in ["| `X` | `core/cron.hpp` | `cron.Fires` |", "| X | a class: `core/cron.hpp#next` | `cron.Fires` |",
                    "| X | `core/cron.hpp#monzo.pot_pull`, as `\"monzo.pot_pull\"` | `cron.Fires` |", "| X | `core/` | `cron.Fires` |",
                    "| X | `penstock queue retry ID --queue`, `penstock serve` | `cron.Fires` |",
                    "| X | `[log] file`, `[queues.NAME] limit`, `MONZO_CLIENT_ID` | `cron.Fires` |",
                    "| X | not carried over: nobody needs it | |"]:
            self.assertFalse(self.complains(row), row)


class PlantedFaults(PlantedTree):
    HEAD = "Fault: It `never` fires\nEdit: the clock stands\nFails: test_core cron.Fires\n\n"
    DIFF = "--- a/core/cron.cpp\n+++ b/core/cron.cpp\n@@ -7,3 +7,3 @@\n void tick() {\n-  ++now;\n+  --now;\n }\n"
    ROW = "| It `never` fires | `core/cron.cpp` | `cron.Fires` |\n"

    def setUp(self):
        super().setUp()
        self.write("tests/core/cron_test.cpp", "TEST(cron, Fires) {}\nTEST(cron, Waits) {}\n")
        self.write("core/cron.cpp", "int now;\nvoid tick() {\n  ++now;\n}\n")

    def found(self, patch=HEAD + DIFF, rows=ROW):
        self.write("tests/planted/clock.patch", patch)
        self.write("docs/carried-over.md", "## 1\n\n| Other | `x` | `y` |\n\n## Faults that did not come along\n\n"
                   f"| there | here | proof |\n|---|---|---|\n{rows}")
        return planted_faults.check(self.root)

    def test_finds_patches_that_no_longer_apply_or_say_too_little(self):
        for old, new in [("++now", "now++"), ("core/cron.cpp\n@@", "core/clock.cpp\n@@"), ("Fails: test_core cron.Fires\n", ""),
                         ("test_core cron.Fires", "cron.Fires"), ("cron.Fires", "cron.Fired"), ("Edit: the clock stands\n", ""),
                         ("It `never`", "It ever"), (self.DIFF, "")]:
            found = self.found((self.HEAD + self.DIFF).replace(old, new))
            self.assertTrue(any(line.startswith("tests/planted/clock.patch: ") for line in found), (old, found))
        self.assertFalse(self.found())
        self.write("core/cron.cpp", "void tick() {\n  ++now;\n}\n" * 2)
        self.assertIn("stands there 2 times", self.found()[0])

    def test_finds_faults_that_nothing_plants_and_proofs_that_nothing_tries(self):
        for rows in [self.ROW + "| Late | `core/cron.cpp` | `cron.Waits` |\n", self.ROW.replace("`cron.Fires`", "`cron.Fires`, `cron.Waits`"),
                     self.ROW.replace("cron.Fires", "cron.Waits"), ""]:
            self.assertTrue(self.found(rows=rows), rows)

    def test_leaves_what_applies_wherever_it_stands_now(self):
        self.write("core/cron.cpp", "// Moved.\n\n\nvoid tick() {\n  ++now;\n}\n")
        self.assertEqual(self.found(), [])
        self.assertEqual(planted_faults.planted(self.root, planted_faults.patches(self.root)["clock"]),
                         {"core/cron.cpp": "// Moved.\n\n\nvoid tick() {\n  --now;\n}\n"})


if __name__ == "__main__":
    unittest.main()
