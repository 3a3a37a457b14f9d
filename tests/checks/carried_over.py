#!/usr/bin/env python3
"""Refuses a row of docs/carried-over.md that is untrue: what stands in backticks must exist.

usage: carried_over.py PROJECT_FOLDER

A row has three cells: what the originals call it, where it is here, and the tests that prove it. In the second cell
`path/file.cpp#word` is a file that holds the word, `path/` a folder, `penstock queue retry --queue` a command with its
options, `[queues.NAME] limit` a setting of config/penstock.toml, `MONZO_CLIENT_ID` a variable that sets one, and `"text"`
stands in one of the files that the row names. What is said to be "not carried over" needs neither place nor proof, but a reason.
"""
import re

from engine_rules import tests_of
from source_tree import main, project_files, text_of

TABLE = "docs/carried-over.md"
NAMED = re.compile(r"`([^`]+)`")
COMMAND = re.compile(r'\{\s*"([a-z-]*)",\s*"([a-z-]+)",\s*"[A-Z]')
# A parameter of several commands: parameter queue_parameter() { return {.name = "--queue", …
SHARED = re.compile(r'parameter (\w+_parameter)\([^)]*\) \{\s*return \{\.name = "(--[a-z-]+)"')
ABSENT = "not carried over: "


def commands_of(root):
    """Each command of the program, in words, with the options that its declaration names."""
    texts = [text_of(root / path) or "" for path in project_files(root, {".cpp"}) if path.parts[:2] == ("node", "commands")]
    shared = dict(each for text in texts for each in SHARED.findall(text))
    found = {}
    for text in texts:
        declared = list(COMMAND.finditer(text))
        for one, after in zip(declared, declared[1:] + [None]):
            block = text[one.start():after.start() if after else len(text)]
            options = set(re.findall(r'"(--[a-z-]+)"', block))
            options.update(option for name, option in shared.items() if name in block)
            found[f"{one.group(1)} {one.group(2)}".strip()] = options
    return found


def settings_of(root):
    """Keys by section, and the names of variables, of the shipped configuration."""
    keys, variables, section = set(), set(), ""
    text = text_of(root / "config/penstock.toml") if (root / "config/penstock.toml").is_file() else ""
    for line in text.splitlines():
        if header := re.match(r"#?\[([\w.-]+)\]", line):
            section = header.group(1)
        elif key := re.match(r"#?([a-z_.]+) = ", line):
            keys.add((section.replace("queues.name", "queues.NAME"), key.group(1)))
        variables.update(re.findall(r"Environment: (\w+)\.", line))
    return keys, variables


def has_word(text, word):
    return re.search(r"(?<![\w.])" + re.escape(word) + r"(?![\w])", text) is not None


class Project:
    def __init__(self, root):
        self.root = root
        self.tests = tests_of(root)
        self.commands = commands_of(root)
        self.settings, self.variables = settings_of(root)

    def objection(self, named):
        """Why what is named is not there; None: it is. The second value: whether it is a place at all."""
        if named.startswith('"'):
            return None, False
        if named.startswith("penstock "):
            return self.objection_to_command(named.split()[1:]), True
        if setting := re.fullmatch(r"\[([\w.]+)\] ([a-z_.]+)", named):
            return None if setting.groups() in self.settings else "there is no setting", True
        if re.fullmatch(r"[A-Z][A-Z0-9_]+", named):
            return None if named in self.variables else "no setting has the variable", True
        return self.objection_to_place(named), True

    def objection_to_quoted(self, word, row):
        """Why none of the files of its row holds what is quoted; None: one does."""
        paths = [path for path, _, _ in (named.partition("#") for named in row)]
        files = [self.root / path for path in paths if re.fullmatch(r"[\w.-]+(?:/[\w.-]*)+", path)]
        if any(target.is_file() and has_word(text_of(target) or "", word) for target in files):
            return None
        return "no file of its row holds"

    def objection_to_command(self, words):
        names = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
        for count in (2, 1):
            options = self.commands.get(" ".join(names[:count]))
            if options is not None and len(names) >= count:
                missing = [word for word in words if word.startswith("--") and word not in options]
                return f"the command has no {missing[0]}, in" if missing else None
        return "there is no command"

    def objection_to_place(self, named):
        path, _, word = named.partition("#")
        if not re.fullmatch(r"[\w.-]+(?:/[\w.-]*)+", path) or ".." in path:
            return "it is no place, command, setting or variable:"
        target = self.root / path
        if path.endswith("/"):
            return None if target.is_dir() else "there is no folder"
        if not target.is_file():
            return "there is no file"
        return None if not word or has_word(text_of(target) or "", word) else f"the file does not hold '{word}', in"


def check(root):
    text = text_of(root / TABLE) if (root / TABLE).is_file() else None
    if text is None:
        return [f"{TABLE}: it is missing"]
    project, found, rows = Project(root), [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|") or set(line) <= set("|- "):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells == ["there", "here", "proof"]:
            continue
        rows += 1
        refuse = lambda why: found.append(f"{TABLE}:{number}: {why}")
        if len(cells) != 3 or not cells[0]:
            refuse("a row has three cells: there, here, proof")
            continue
        if cells[1].startswith(ABSENT):
            if len(cells[1]) == len(ABSENT.rstrip()):
                refuse("why it was not carried over is not said")
            continue
        places, row = 0, NAMED.findall(cells[1])
        for named in row:
            objection, is_place = project.objection(named)
            if named.startswith('"'):
                objection = project.objection_to_quoted(named.strip('"'), row)
            places += is_place
            if objection:
                refuse(f"{objection} '{named}'")
        if places == 0:
            refuse("it names no place")
        tests = NAMED.findall(cells[2])
        for named in tests:
            if named not in project.tests:
                refuse(f"there is no test '{named}'")
        if not tests:
            refuse("no test proves it")
    if rows == 0:
        found.append(f"{TABLE}: it has no rows")
    return found


if __name__ == "__main__":
    main(check, "untrue rows")
