#!/usr/bin/env python3
"""Refuses a rule of docs/engine-rules.md that no test proves, or that names a test which is not there.

usage: engine_rules.py PROJECT_FOLDER
"""
import re

from source_tree import main, project_files, text_of

TABLE = "docs/engine-rules.md"
NAME = re.compile(r"`([\w.]+)`")
GTEST = re.compile(r"^(?:TYPED_)?TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)
LOOP = re.compile(r"foreach\((\w+) IN ITEMS ([^)]*)\)(.*?)endforeach", re.DOTALL)
CTEST = re.compile(r"add_test\(NAME ([\w.${}]+)")
ABSENT = "not there"  # what is missing is told in docs/deviations.md


def tests_of(root):
    """Names of GoogleTest cases (SUITE.NAME) and of what CMake adds by itself (end_to_end.kill_probe)."""
    names = set()
    for path in project_files(root, {".cpp", ".hpp"}):
        if "tests" in path.parts or "testing" in path.parts:
            names.update(".".join(each) for each in GTEST.findall(text_of(root / path) or ""))
    for path in project_files(root, {".txt"}):
        text = text_of(root / path) or ""
        if path.name != "CMakeLists.txt":
            continue
        for variable, items, body in LOOP.findall(text):
            names.update(name.replace(f"${{{variable}}}", item) for item in items.split() for name in CTEST.findall(body))
        names.update(name for name in CTEST.findall(text) if "$" not in name)
    return names


def check(root):
    text = text_of(root / TABLE) if (root / TABLE).is_file() else None
    if text is None:
        return [f"{TABLE}: it is missing"]
    known, found = tests_of(root), []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 2 or set(line) <= set("|- ") or cells == ["rule", "proof"]:
            if line.startswith("|") and len(cells) != 2:
                found.append(f"{TABLE}:{number}: a row has a rule and its proof")
            continue
        names = NAME.findall(cells[1])
        found += [f"{TABLE}:{number}: there is no test '{name}'" for name in names if name not in known]
        if not names and not cells[1].startswith(ABSENT):
            found.append(f"{TABLE}:{number}: no test proves it, and it is not said to be '{ABSENT}'")
    return found


if __name__ == "__main__":
    main(check, "rules without a proof")
