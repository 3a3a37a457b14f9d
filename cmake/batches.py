#!/usr/bin/env python3
"""Groups the sources of one target into batches that are compiled as one (CMake's unity build), which spares most of the
time that their headers take.

Sources of a batch share one anonymous namespace, so a source that declares a name there, and another that declares the
same or uses what has that name elsewhere, are put into different batches. Which names those are is guessed from the text:
what is guessed wrongly does not compile, and is mended by another name.

usage: cmake/batches.py SIZE SOURCE...
Prints, in the order given, the number of each source's batch, separated by semicolons: a CMake list.
"""
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


def anonymous_names(text):
    """The names that the anonymous namespaces of a source declare, each with what it stands for if it is an alias."""
    declared, anonymous, depth, statement = [], [], 0, ""
    for part in re.split(r"([{};])", code_of(text)):
        if part == "{":
            if anonymous and depth == anonymous[-1]:
                declared += declared_names(statement + "{")
            depth += 1
            if re.search(r"\bnamespace\s*$", statement):
                anonymous.append(depth)
            statement = ""
        elif part == "}":
            if anonymous and depth == anonymous[-1]:
                anonymous.pop()
            depth -= 1
            statement = ""
        elif part == ";":
            if anonymous and depth == anonymous[-1]:
                declared += declared_names(statement + ";")
            statement = ""
        else:
            statement += part
    return dict(declared)


def called(text):
    """The names that a source uses as those of functions or templates, of the scope it stands in."""
    return set(re.findall(r"(?<![\w.>:])(\w+)\s*[(<]", code_of(text)))


def clash(source, other):
    """Whether a name stands for two things. The same alias may stand twice."""
    (names, uses), (others, other_uses) = source, other
    if any(names[name] is None or names[name] != others[name] for name in names.keys() & others.keys()):
        return True
    return bool((uses - names.keys()) & others.keys() or (other_uses - others.keys()) & names.keys())


def batches(sources, size):
    """The number of each source's batch: of those without a clash the one with the fewest sources, or else a new one."""
    of_batch = [[] for _ in range(-(-len(sources) // size))]
    numbers = []
    for source in sources:
        free = [n for n, held in enumerate(of_batch) if len(held) < size and not any(clash(source, each) for each in held)]
        if not free:
            free = [len(of_batch)]
            of_batch.append([])
        number = min(free, key=lambda n: len(of_batch[n]))
        of_batch[number].append(source)
        numbers.append(number)
    return numbers


def main():
    sources = []
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        sources.append((anonymous_names(text), called(text)))
    print(";".join(map(str, batches(sources, int(sys.argv[1])))), end="")


if __name__ == "__main__":
    main()
