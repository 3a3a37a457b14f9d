#!/usr/bin/env python3
"""Refuses a patch of tests/planted/ that no longer fits the code, and a fault of docs/carried-over.md without one.

usage: planted_faults.py PROJECT_FOLDER

Each row of the section "Faults that did not come along" has one patch or several that put the fault in, and its proof
is what these say will fail. Whether it does is found out by scripts/plant-faults, which takes long.
"""
import re
from dataclasses import dataclass, field

from engine_rules import tests_of
from source_tree import main, text_of

FOLDER = "tests/planted"
TABLE = "docs/carried-over.md"
SECTION = "## Faults that did not come along"
FIELD = re.compile(r"(Fault|Edit|Fails): (\S.*)")
HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")


class Untrue(Exception):
    """What is wrong with a patch, in words for people."""


@dataclass
class Patch:
    name: str
    fault: str = ""  # the first cell of its row
    edit: str = ""  # what it changes, in a few words
    fails: list = field(default_factory=list)  # (program, test); the program of an end_to_end test is ctest
    hunks: list = field(default_factory=list)  # (path, old lines, new lines)


def read_patch(name, text):
    """The patch, whose head is in the form `Fault: …`, `Edit: …` and, once for each test, `Fails: PROGRAM TEST`."""
    patch, path, lines = Patch(name), None, text.splitlines()
    for line in lines:
        if path is None and (told := FIELD.fullmatch(line)):
            key, value = told.groups()
            if key == "Fails":
                program, _, test = value.rpartition(" ")
                if not program and not test.startswith("end_to_end."):
                    raise Untrue(f"'{line}' names no program")
                patch.fails.append((program or "ctest", test))
            else:
                setattr(patch, key.lower(), value)
        elif line.startswith("+++ "):
            path = line[4:].split("\t")[0].removeprefix("b/")
        elif HUNK.match(line):
            patch.hunks.append((path, [], []))
        elif patch.hunks and not line.startswith(("--- ", "diff ", "index ", "\\")):
            _, old, new = patch.hunks[-1]
            if not line.startswith("+"):
                old.append(line[1:])
            if not line.startswith("-"):
                new.append(line[1:])
    missing = [what for what, there in [("Fault:", patch.fault), ("Edit:", patch.edit), ("Fails:", patch.fails), ("@@", patch.hunks)]
               if not there]
    if missing:
        raise Untrue(f"it has no {' and no '.join(missing)}")
    return patch


def planted(root, patch):
    """The texts of the patch's files with the fault in them, by path. A hunk's lines must stand in its file once."""
    texts = {}
    for path, old, new in patch.hunks:
        if path not in texts:
            if not (root / path).is_file():
                raise Untrue(f"it no longer applies: there is no {path}")
            texts[path] = text_of(root / path).split("\n")
        lines = texts[path]
        places = [i for i in range(len(lines) - len(old) + 1) if lines[i:i + len(old)] == old]
        if len(places) != 1:
            raise Untrue(f"it no longer applies: what it changes in {path} stands there {len(places)} times")
        lines[places[0]:places[0] + len(old)] = new
    return {path: "\n".join(lines) for path, lines in texts.items()}


def rows(root):
    """Proofs of each fault, by its name."""
    text = text_of(root / TABLE) if (root / TABLE).is_file() else ""
    section = text.partition(SECTION + "\n")[2].partition("\n## ")[0]
    found = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and not set(line) <= set("|- ") and cells[0] != "there":
            found[cells[0]] = set(re.findall(r"`([^`]+)`", cells[-1]))
    return found


def patches(root):
    """Each patch by its name, or why it cannot be read."""
    found = {}
    for path in sorted((root / FOLDER).glob("*.patch")):
        try:
            found[path.stem] = read_patch(path.stem, text_of(path) or "")
        except Untrue as why:
            found[path.stem] = why
    return found


def check(root):
    found, faults, tests = [], rows(root), tests_of(root)
    proofs = {fault: set() for fault in faults}
    for name, patch in patches(root).items():
        place = f"{FOLDER}/{name}.patch"
        if isinstance(patch, Untrue):
            found.append(f"{place}: {patch}")
            continue
        try:
            planted(root, patch)
        except Untrue as why:
            found.append(f"{place}: {why}")
        found += [f"{place}: there is no test '{test}'" for _, test in patch.fails if test not in tests]
        if patch.fault not in faults:
            found.append(f"{place}: {TABLE} has no fault '{patch.fault}'")
        else:
            proofs[patch.fault].update(test for _, test in patch.fails)
    for fault, proved in faults.items():
        if not proofs[fault]:
            found.append(f"{TABLE}: no patch of {FOLDER}/ puts in '{fault}'")
            continue
        found += [f"{TABLE}: '{test}' proves '{fault}', and no patch of it says that it fails" for test in proved - proofs[fault]]
        found += [f"{TABLE}: '{fault}' does not name '{test}', which its patch says fails" for test in proofs[fault] - proved]
    return found


if __name__ == "__main__":
    main(check, "faults that nobody could plant")
