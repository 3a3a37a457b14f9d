#!/usr/bin/env python3
"""Writes a connector with scripts/new-connector and holds what it wrote against the compiler.

usage: connector_template.py PROJECT_FOLDER BUILD_FOLDER

The files are checked with the very commands of a connector that stands there, so that the template follows every change of
the seam. That it passes its exam is for whoever changes the template to see: scripts/new-connector tells how.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

NAME = "template_check"
# What is written, and the target whose compiler command it borrows.
BORROWED = {
    "connector.cpp": "penstock_connector_probe",
    "item_kinds.cpp": "penstock_connector_probe",
    "tests/conformance_test.cpp": "test_connector_probe",
}
REFUSED = ["", "Shop", "my-shop", "9shop", "a", "a__b", "a_", "class", "std", "../shop", "monzo"]


def main():
    project, build = (pathlib.Path(each).resolve() for each in sys.argv[1:3])
    script = project / "scripts/new-connector"
    mistakes = []
    for name in REFUSED:
        done = subprocess.run([script, name], capture_output=True, text=True)
        if done.returncode == 0 or not done.stderr.startswith("new-connector: "):
            mistakes.append(f"the name '{name}' is not refused")
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder) / "connectors" / NAME
        subprocess.run([script, NAME, "--into", made.parent], check=True, stdout=subprocess.DEVNULL)
        for file in made.rglob("*"):
            if file.is_file() and "@" in file.read_text():
                mistakes.append(f"{file.relative_to(made)} holds a '@' that nothing stands for")
        again = subprocess.run([script, NAME, "--into", made.parent], capture_output=True, text=True)
        if again.returncode != 1 or "is there already" not in again.stderr:
            mistakes.append("a folder that is there already is not refused")
        commands = json.loads((build / "compile_commands.json").read_text())
        running = []
        for written, borrowed in BORROWED.items():
            entry = next(each for each in commands if f"/{borrowed}.dir/" in each["command"])
            words = shlex.split(re.sub(r" -o \S+ -c \S+", "", entry["command"]))
            words += ["-fsyntax-only", "-I", folder, str(made / written)]
            running.append((written, subprocess.Popen(words, cwd=entry["directory"], stderr=subprocess.PIPE, text=True)))
        for written, process in running:
            _, said = process.communicate(timeout=100)
            if process.returncode != 0:
                mistakes.append(f"{written} of the template does not compile:\n{said}")
    print("\n".join(mistakes) or f"{len(BORROWED)} files of the template compile")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
