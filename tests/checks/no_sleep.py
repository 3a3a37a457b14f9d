#!/usr/bin/env python3
"""Refuses tests that sleep: time is injected. Only tests/end_to_end drives real programs and may wait for them.

Calls of an injected sleeper (`sleeper.sleep(...)`, `co_await clock->sleep(...)`) are what tests should use.
usage: no_sleep.py PROJECT_FOLDER
"""
import re

from source_tree import CPP_SUFFIXES, main, project_files, text_of

SLEEPS = {
    "c++": re.compile(r"this_thread\s*::\s*sleep|(?:^|[;{}(),=!&|?:]|\breturn\b|\belse\b|\bdo\b)\s*(?:::|std::)?"
                      r"(?:u|nano|clock_nano)?sleep(?:_for|_until)?\s*\(", re.MULTILINE),
    "python": re.compile(r"\btime\.sleep\s*\("),
    "shell": re.compile(r"(?:^|[;&|({]|\b(?:do|then|else)\b)\s*sleep\s+[\d\"$]", re.MULTILINE),
}


def language_of(path):
    if path.suffix in CPP_SUFFIXES:
        return "c++"
    return {".py": "python", ".sh": "shell"}.get(path.suffix)


def is_test(parts):
    if parts[0] == "tests":
        return parts[1] not in ("end_to_end", "checks")
    return parts[0] == "connectors" and ("tests" in parts or parts[1] == "testing")


def without_comments(text, language):
    """The text with comments blanked, lines kept."""
    pattern = r"//[^\n]*|/\*.*?\*/" if language == "c++" else r"(?m)(?<!\S)#[^\n]*"
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match.group()), text, flags=re.DOTALL)


def check(root):
    found = []
    for path in project_files(root):
        language = language_of(path)
        if not language or not is_test(path.parts):
            continue
        text = without_comments(text_of(root / path) or "", language)
        for match in SLEEPS[language].finditer(text):
            line = text.count("\n", 0, match.end()) + 1
            found.append(f"{path}:{line}: {match.group().strip()}: tests do not sleep; inject the clock or the sleeper")
    return found


if __name__ == "__main__":
    main(check, "sleeps in tests")
