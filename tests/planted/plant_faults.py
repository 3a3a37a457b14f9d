#!/usr/bin/env python3
"""Puts each fault of tests/planted/ into a copy of the project and demands that the named tests fail.

usage: plant_faults.py [--list] [NAME...]
"""
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/checks"))
from planted_faults import Untrue, patches, planted  # noqa: E402
from source_tree import project_files, text_of  # noqa: E402

COPY = ROOT / "build/planted"
BUILD = COPY / "build/release"
LONGEST_TEST = 300  # seconds
LONGEST_BUILD = 7200
PROGRAMS_OF_CTEST = ["penstock", "penstock-sandbox"]
JOBS = os.environ.get("PENSTOCK_JOBS", str(os.cpu_count()))


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, limit):
    """Exit status (None: it did not end in time) and all that the command said. What it started ends with it."""
    process = subprocess.Popen(command, cwd=COPY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    try:
        said, _ = process.communicate(timeout=limit)
        return process.returncode, said
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return None, process.communicate()[0]


def make_copy():
    """Brings the copy to the project's state; what is equal stays untouched, so that little is compiled again."""
    files = set(project_files(ROOT))
    for path in set(project_files(COPY)) - files:
        (COPY / path).unlink()
    for path in sorted(files):
        source, target = ROOT / path, COPY / path
        if not target.is_file() or source.read_bytes() != target.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        shutil.copymode(source, target)


def build(tests):
    """What the compiler said if it refused, else None."""
    programs = {each for program, _ in tests for each in (PROGRAMS_OF_CTEST if program == "ctest" else [program])}
    status, said = run(["cmake", "--build", BUILD, "--parallel", JOBS, "--target", *sorted(programs)], LONGEST_BUILD)
    return None if status == 0 else said


def outcome(program, test):
    """("passed" | "failed" | "skipped" | "unknown", the first thing that the test says about it)."""
    if program == "ctest":
        status, said = run(["ctest", "--test-dir", BUILD, "--output-on-failure", "-R", f"^{re.escape(test)}$"], LONGEST_TEST)
        if "No tests were found" in said:
            return "unknown", "ctest does not know it"
        words = [line.strip() for line in said.splitlines() if line.strip()]
        telling = re.compile(r" was expected$|: not within |^\w*Error: ")
        told = next((line for line in words if telling.search(line)), words[-1] if words else "")
    else:
        names = [f"{before}{test}{after}" for before in ("", "*/") for after in ("", "/*")]
        status, said = run([BUILD / "bin" / program, "--gtest_filter=" + ":".join(names), "--gtest_brief=0"], LONGEST_TEST)
        if not re.search(r"^\[ RUN ", said, re.MULTILINE):
            return "unknown", f"{program} does not know it"
        if status == 0 and not re.search(r"^\[       OK ", said, re.MULTILINE):
            return "skipped", "it was skipped"
        failure = re.search(r"^\S+:\d+: Failure\n(.*?)(?=^\[|\n\n|^\S+:\d+: Failure)", said, re.MULTILINE | re.DOTALL)
        told = " ".join(failure.group(1).split()) if failure else ""
    if status is None:
        return "failed", f"it did not end within {LONGEST_TEST} s"
    if status == 0:
        return "passed", ""
    return "failed", told or (f"ended by signal {-status}" if status < 0 else f"exit status {status}")


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")[:200]


def row(*cells):
    print("| " + " | ".join(map(cell, cells)) + " |", flush=True)


def look(patch):
    """Whether each named test fails where the fault is; prints a row for each."""
    try:
        texts = planted(COPY, patch)
    except Untrue as why:
        row(patch.fault, patch.edit, "", f"NOT PLANTED: {why}")
        return False
    healthy = {path: text_of(COPY / path) for path in texts}
    for path, text in texts.items():
        (COPY / path).write_text(text, encoding="utf-8")
    found = True
    try:
        if refused := build(patch.fails):
            say(refused[-4000:])
            row(patch.fault, patch.edit, "", "NOT PLANTED: it does not build")
            return False
        for program, test in patch.fails:
            state, told = outcome(program, test)
            found = found and state == "failed"
            row(patch.fault, patch.edit, test, told if state == "failed" else f"NOT FOUND: {state} {told}".rstrip())
    finally:
        for path, text in healthy.items():
            (COPY / path).write_text(text, encoding="utf-8")
    return found


def main(names):
    known = patches(ROOT)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"plant-faults: there is no {unknown[0]}; see --list")
    chosen = {name: patch for name, patch in known.items() if not names or name in names}
    for name, patch in chosen.items():
        if isinstance(patch, Untrue):
            sys.exit(f"plant-faults: {name}: {patch}")
    say(f"copying the project to {COPY}")
    make_copy()
    status, said = run(["cmake", "--preset", "release"], LONGEST_BUILD)
    if status != 0:
        sys.exit(f"{said}\nplant-faults: cmake could not configure the copy (above)")
    tests = sorted({each for patch in chosen.values() for each in patch.fails})
    say("building it without any fault")
    if refused := build(tests):
        sys.exit(f"{refused[-4000:]}\nplant-faults: the copy does not build without any fault (above)")
    ill = 0
    for program, test in tests:
        state, told = outcome(program, test)
        if state != "passed":
            ill += 1
            say(f"without any fault: {test}: {state} {told}")
    if ill:
        sys.exit("plant-faults: what does not pass without a fault proves nothing (above)")
    row("fault", "edit", "test", "what it says")
    print("|---|---|---|---|")
    found = 0
    for number, (name, patch) in enumerate(chosen.items(), 1):
        say(f"{number} of {len(chosen)}: {name}")
        found += look(patch)
    print(f"{found} of {len(chosen)} faults found")
    sys.exit(0 if found == len(chosen) and chosen else 1)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--list" in arguments:
        for name, patch in patches(ROOT).items():
            print(f"{name}: {patch if isinstance(patch, Untrue) else patch.fault + ': ' + patch.edit}")
    else:
        main(arguments)
