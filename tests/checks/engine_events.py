#!/usr/bin/env python3
"""Refuses an event of the engine that an operator could publish as well: who listens could not believe it.

What the engine raises is found by its words ("queue.paused"); the words that POST /api/v1/events refuses are those of
`engine_types` in gateway/event_actions.cpp.

usage: engine_events.py PROJECT_FOLDER
"""
import re

from source_tree import CPP_SUFFIXES, main, project_files, text_of

REFUSED_BY = "gateway/event_actions.cpp"
REFUSED = re.compile(r"engine_types\{(.*?)\};", re.DOTALL)
# Words with dots between them that stand alone in quotes, those of C++ or of SQL.
WORDS = re.compile(r"""(["'])([a-z_]{3,}(?:\.[a-z_]+)+)\1""")
TYPE_OF_DRAFT = re.compile(r"""\.type\s*=\s*(")([a-z_]+(?:\.[a-z_]+)+)\"""")
NO_EVENTS = ("excluded.", "integrations.", "scheduler.", "invoice.")  # SQL, kinds of jobs, an example


def check(root):
    refused = REFUSED.search(text_of(root / REFUSED_BY) or "")
    if not refused:
        return [f"{REFUSED_BY}:1: it has no engine_types that are refused"]
    own = tuple(re.findall(r'"([a-z_]+\.)"', refused.group(1))) + NO_EVENTS
    found = []
    for path in sorted(project_files(root, CPP_SUFFIXES)):
        if path.parts[0] not in ("actors", "storage", "gateway", "connectors") or "tests" in path.parts:
            continue
        of_connector = path.parts[0] == "connectors"
        for number, line in enumerate((text_of(root / path) or "").splitlines(), 1):
            for _, word in (TYPE_OF_DRAFT if of_connector else WORDS).findall(line):
                if not word.startswith(own):
                    found.append(f"{path}:{number}: {word} may be an operator's: put its first word into {REFUSED_BY}")
    return found


if __name__ == "__main__":
    main(check, "events that an operator could publish in the engine's name")
