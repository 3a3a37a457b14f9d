"""What docs/connectors.md tells people to write into a new connector, taken from the page itself and done."""
import re
import textwrap


class PageError(Exception):
    """The page or the template has another form than the other one supposes."""


def step_of(page, number):
    """The text of a step of the part "Written"."""
    written = page.partition("\n## Written\n")[2].partition("\n## ")[0]
    found = re.search(rf"^{number}\. \*\*.*?(?=^{number + 1}\. \*\*)", written, re.M | re.S)
    if not found:
        raise PageError(f"docs/connectors.md has no step {number} under 'Written'")
    return found.group()


def blocks_of(step):
    """Its code that stands apart: lines indented by seven and more, between empty ones."""
    found = re.findall(r"(?<=\n\n)(?: {7}.*\n|\n(?= {7}))+", step + "\n")
    return [textwrap.dedent(each).rstrip("\n") + "\n" for each in found]


def spans_of(step):
    """Its code within sentences."""
    prose = re.sub(r"(?<=\n\n)(?: {7}.*\n|\n(?= {7}))+", "", step + "\n")
    return [" ".join(each.split()) for each in re.findall(r"`([^`]+)`", prose)]


def the_one(what, found, fits):
    fitting = [each for each in found if re.search(fits, each)]
    if len(fitting) != 1:
        raise PageError(f"docs/connectors.md: {what}: {len(fitting)} places look like it ({fits})")
    return fitting[0]


def replaced(text, anchor, by):
    if text.count(anchor) != 1:
        raise PageError(f"the template has {text.count(anchor)} places like '{anchor.strip()}', which docs/connectors.md changes")
    return text.replace(anchor, by)


def indented(block, depth):
    return textwrap.indent(block, " " * depth)


def edit_provider(text, page):
    """Step 2: items as the API's documents have them."""
    fields = the_one("the items of step 2", blocks_of(step_of(page, 2)), "pricing")
    line = 'R"(","title":"A thing","created_at":"2026-01-01T00:00:00Z","unknown":[1,2]})";'
    return replaced(text, line, fields.strip())


def edit_kinds(text, page):
    """Step 3: new fields are read."""
    step = step_of(page, 3)
    blocks = blocks_of(step)
    beside = "      checks.text_if_any(key, value, title);\n"
    text = replaced(text, beside, beside + indented(the_one("the fields of step 3", blocks, "^else if"), 4))
    above = "  column_value id, title, created;\n"
    text = replaced(text, above, above + f"  {the_one('the variables of step 3', spans_of(step), '^column_value ')}\n")
    filled = re.search(r"^  row\.values = .*\n", text, re.M)
    text = replaced(text, filled.group() if filled else "row.values", indented(the_one("the row of step 3", blocks, "row.values"), 2))
    before = "/// What is wrong with an item, or nothing.\n"
    return replaced(text, before, the_one("the function of step 3", blocks, "void read_pricing") + "\n" + before)


def edit_frame(text, page, name, later=False):
    """Step 4: the new column. `later`: the migration too that a table in use gets instead, to see that it compiles."""
    spans = spans_of(step_of(page, 4))
    text = replaced(text, '{"raw", text}', the_one("the column of step 4", spans, r'^\{"price", ') + ', {"raw", text}')
    text = replaced(text, "raw TEXT NOT NULL", the_one("the migration of step 4", spans, "^price BIGINT$") + ", raw TEXT NOT NULL")
    text = replaced(text, "AS created_at, raw, ", "AS created_at, price, raw, ")
    if later:
        blocks = blocks_of(step_of(page, 4))
        second = the_one("the later migration of step 4", blocks, r'^\{"my_shop", 2').strip().replace("my_shop", name)
        text = replaced(text, '_items"}}};\n', '_items"}},\n          ' + second + "};\n")
    return text
