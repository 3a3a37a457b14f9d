#!/usr/bin/env python3
"""Writes a connector with scripts/new-connector and holds what it wrote against the compiler.

usage: connector_template.py PROJECT_FOLDER BUILD_FOLDER

The files are checked with the very commands of a connector that stands there, so that the template follows every change of
the seam; then once more with what docs/connectors.md says to write into them. With PENSTOCK_LONG=1 both are built, and take
their exam.
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import connector_page

NAME = "template_check"
# What is written, and the target whose compiler command it borrows.
BORROWED = {
    "connector.cpp": "penstock_connector_probe",
    "item_kinds.cpp": "penstock_connector_probe",
    "tests/conformance_test.cpp": "test_connector_probe",
}
REFUSED = ["", "Shop", "my-shop", "9shop", "a", "a__b", "a_", "class", "std", "../shop", "monzo"]
EXAM = "test_connector_probe"  # whose link command is borrowed


class Compiler:
    def __init__(self, build):
        self.build = build
        self.commands = json.loads((build / "compile_commands.json").read_text())

    def start(self, file, borrowed, folder, *options):
        """Compiles a file as those of the target `borrowed` are."""
        entry = next(each for each in self.commands if f"/{borrowed}.dir/" in each["command"] and
                     "cmake_pch" not in each["file"])  # which is compiled to something else
        words = shlex.split(re.sub(r" -o \S+ -c \S+", "", entry["command"]))
        return subprocess.Popen([*words, "-I", folder, *options, file], cwd=entry["directory"], stderr=subprocess.PIPE, text=True)

    def link(self, objects, program):
        """Links objects as those of the exam are."""
        told = subprocess.run(["ninja", "-C", self.build, "-t", "commands", EXAM], check=True, capture_output=True, text=True).stdout
        words = shlex.split(told.splitlines()[-1].removeprefix(": && ").removesuffix(" && :"))
        output = words.index("-o")
        words[output + 1] = str(program)
        words = [each for each in words if not each.endswith(".o")]
        words[words.index("-o"):words.index("-o")] = map(str, objects)
        return subprocess.run(words, cwd=self.build, capture_output=True, text=True)


def finish(running, what):
    """What the compilers said of files that do not compile."""
    said = [(file, process.communicate(timeout=500)[1], process.returncode) for file, process in running]
    return [f"{file} of {what} does not compile:\n{errors}" for file, errors, status in said if status != 0]


def check_syntax(compiler, made, folder, what):
    return finish([(file, compiler.start(made / file, borrowed, folder, "-fsyntax-only")) for file, borrowed in BORROWED.items()],
                  what)


def take_exam(compiler, made, folder, what):
    objects = [made / file.replace("/", "_").replace(".cpp", ".o") for file in BORROWED]
    mistakes = []
    for (file, borrowed), written in zip(BORROWED.items(), objects):  # one by one: each wants half a gigabyte
        mistakes += finish([(file, compiler.start(made / file, borrowed, folder, "-o", written, "-c"))], what)
    if mistakes:
        return mistakes
    linked = compiler.link(objects, made / "exam")
    if linked.returncode != 0:
        return [f"{what} cannot be linked:\n{linked.stderr}"]
    exam = subprocess.run([made / "exam"], capture_output=True, text=True, timeout=300)
    passed = re.search(r"\[  PASSED  \] ([1-9]\d*) tests?\.\n", exam.stdout)
    print(f"the exam of {what}: {passed.group().strip() if passed else exam.returncode}")
    return [] if exam.returncode == 0 and passed else [f"{what} fails its exam:\n{exam.stdout[-4000:]}{exam.stderr[-1000:]}"]


def follow_page(project, made):
    """Does what docs/connectors.md says, steps 2 to 4."""
    page = (project / "docs/connectors.md").read_text()
    for file, edit in (("tests/conformance_test.cpp", connector_page.edit_provider), ("item_kinds.cpp", connector_page.edit_kinds),
                       ("connector.cpp", lambda text, page: connector_page.edit_frame(text, page, NAME))):
        (made / file).write_text(edit((made / file).read_text(), page))


def check_later_step(project, made, compiler, folder):
    """The migration of a table that is in use already."""
    page = (project / "docs/connectors.md").read_text()
    file = made / "connector_in_use.cpp"
    file.write_text(connector_page.edit_frame((made / "connector.cpp").read_text(), page, NAME, later=True))
    return finish([(file.name, compiler.start(file, BORROWED["connector.cpp"], folder, "-fsyntax-only"))], "docs/connectors.md")


def main():
    project, build = (pathlib.Path(each).resolve() for each in sys.argv[1:3])
    script = project / "scripts/new-connector"
    compiler, long = Compiler(build), os.environ.get("PENSTOCK_LONG") == "1"
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
        check = take_exam if long else check_syntax
        mistakes += check(compiler, made, folder, "the template")
        try:
            mistakes += check_later_step(project, made, compiler, folder)
            follow_page(project, made)
            mistakes += check(compiler, made, folder, "docs/connectors.md")
        except connector_page.PageError as problem:
            mistakes.append(str(problem))
    print("\n".join(mistakes) or f"{len(BORROWED)} files compile, as the template has them and as docs/connectors.md goes on")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
