"""The project's own files, and how a check reports what it found."""
import os
import sys
from pathlib import Path

SKIPPED_FOLDERS = {".git", ".penstock", "build", "node_modules", "__pycache__", "dist", ".cache"}
CPP_SUFFIXES = {".hpp", ".cpp", ".h", ".cc", ".ipp"}


def project_files(root, suffixes=None):
    """Paths of all files below root, relative to it and sorted; only those with one of the suffixes, if given."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS and not (Path(folder) / name).is_symlink()]
        for name in names:
            path = Path(folder) / name
            if path.is_file() and name not in SKIPPED_FOLDERS and (suffixes is None or path.suffix in suffixes):
                found.append(path.relative_to(root))
    return sorted(found)


def text_of(path):
    """The file's text, or None for what is not UTF-8 (pictures, archives)."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def main(check, summary):
    """Runs check(root) on the folder named on the command line; prints what it found. Exit status 1 if anything."""
    root = Path(sys.argv[1]).resolve()
    found = check(root)
    for line in found:
        print(line)
    print(f"{summary}: {len(found)} found")
    sys.exit(1 if found else 0)
