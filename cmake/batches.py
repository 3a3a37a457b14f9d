#!/usr/bin/env python3
"""Groups the sources of one target into batches that are compiled as one (CMake's unity build), which spares most of the
time that their headers take.

Sources of a batch share one anonymous namespace and what their headers declare, so a source that declares a name there,
and another that declares the same, uses what has that name elsewhere or includes a header with it, are put into different
batches. Which names those are is guessed from the text: what is guessed wrongly does not compile, and is mended by
another name.

usage: cmake/batches.py SIZE PROJECT_FOLDER SOURCE...
Prints, in the order given, the number of each source's batch, separated by semicolons: a CMake list.
"""
import functools
import pathlib
import re
import sys

# Literals and comments, whose braces and words count for nothing.
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z])\'(?:\\.|[^\'\\\n])+\'',
                      re.DOTALL)
TYPE = re.compile(r"^(?:template\s*<.*?>\s*)?(?:struct|class|union|enum(?:\s+class)?|using|concept)\s+(\w+)", re.DOTALL)
# The last word before what ends a declaration's head: its parameters, its value or nothing more.
DECLARED = re.compile(r"(\w+)\s*(?:\[[^\]]*\]\s*)*(?:[({=;]|$)")


def declared_names(statement):
    """The names that a declaration in a namespace declares, each with what it stands for if it is an alias."""
    statement = re.sub(r"^\s*(?:\[\[.*?\]\]\s*|#[^\n]*\n\s*)*", "", statement)
    if re.match(r"using\s+[^=]*;|using\s+namespace\b|(?:struct|class)\s+\w+\s*;|namespace\s*\{|extern\b", statement):
        return []
    alias = re.match(r"(?:using|namespace)\s+(\w+)\s*=(.*)", statement, re.DOTALL)
    if alias:
        return [(alias.group(1), " ".join(alias.group(2).split()))]
    found = TYPE.match(statement)
    if found:
        return [(found.group(1), None)]
    # Template arguments may hold parentheses; what they hold declares nothing.
    while True:
        less = re.sub(r"<[^<>]*>", " ", statement)
        if less == statement:
            break
        statement = less
    macro = re.match(r"\s*([A-Z][A-Z0-9_]+)\s*\(([^)]*)\)", statement)
    if macro:  # a test: its name is made of what it is given
        return [(re.sub(r"\W+", "_", macro.group(2)).strip("_"), None)]
    found = DECLARED.search(statement)
    if not found or found.group(0)[-1] == "(":
        return [(found.group(1), None)] if found else []
    return [(each.group(1), None) for each in map(DECLARED.search, statement.split(",")) if each]


def code_of(text):
    """The text without its comments and literals."""
    return NOT_CODE.sub(lambda found: '""' if found.group(0)[0] in "\"R'" else " ", text)


def names_in(text, of_headers=False):
    """The names that the anonymous namespaces of a source declare, or the other namespaces of a header, each with what it
    stands for if it is an alias."""
    declared, braces, statement = [], [], ""  # of each open brace: whether it is a namespace's, and an anonymous one's

    def counts():
        return all(is_namespace for is_namespace, _ in braces) and any(anonymous for _, anonymous in braces) != of_headers

    for part in re.split(r"([{};])", code_of(text)):
        if part == "{":
            opened = re.search(r"\bnamespace\b(\s+[\w:]+)?\s*$", statement)
            if not opened and counts():
                declared += declared_names(statement + "{")
            braces.append((bool(opened), bool(opened) and not opened.group(1)))
            statement = ""
        elif part == "}":
            braces = braces[:-1]
            statement = ""
        elif part == ";":
            if counts():
                declared += declared_names(statement + ";")
            statement = ""
        else:
            statement += part
    return dict(declared)


@functools.lru_cache(maxsize=None)
def names_of_header(project, name):
    """What a header of the project declares, with what it includes."""
    path = project / name
    if not path.is_file():
        return frozenset()
    text = path.read_text(encoding="utf-8")
    return names_of_includes(project, text).union(names_in(text, of_headers=True))


def names_of_includes(project, text):
    return frozenset().union(*(names_of_header(project, name) for name in re.findall(r'#include "([^"]+)"', text)))


def called(text):
    """The names that a source uses as those of functions or templates, of the scope it stands in."""
    return set(re.findall(r"(?<![\w.>:])(\w+)\s*[(<]", code_of(text)))


class source:
    def __init__(self, text, project):
        self.names = names_in(text)
        own_headers = names_of_includes(project, text)
        self.uses = called(text).union(own_headers) - self.names.keys()
        # A name that a header of its own has too is no trouble for it alone, nor with others that include that header.
        self.names_to_hide = self.names.keys() - own_headers


def clash(one, other):
    """Whether a name stands for two things. The same alias may stand twice."""
    if any(one.names[name] is None or one.names[name] != other.names[name] for name in one.names.keys() & other.names.keys()):
        return True
    return bool(one.uses & other.names_to_hide or other.uses & one.names_to_hide)


def batches(sources, size):
    """The number of each source's batch: of those without a clash the one with the fewest sources, or else a new one."""
    of_batch = [[] for _ in range(-(-len(sources) // size))]
    numbers = []
    for each in sources:
        free = [n for n, held in enumerate(of_batch) if len(held) < size and not any(clash(each, one) for one in held)]
        if not free:
            free = [len(of_batch)]
            of_batch.append([])
        number = min(free, key=lambda n: len(of_batch[n]))
        of_batch[number].append(each)
        numbers.append(number)
    return numbers


def main():
    project = pathlib.Path(sys.argv[2])
    sources = [source(pathlib.Path(path).read_text(encoding="utf-8"), project) for path in sys.argv[3:]]
    print(";".join(map(str, batches(sources, int(sys.argv[1])))), end="")


if __name__ == "__main__":
    main()
