"""Puts all mutants of mutants.toml into a copy of the sources at once, so that one build serves them all.

Which of them is active is read from a file when a program starts: `(Mutation.isActive(7) ? (defect) : (original))`.
"""

import pathlib
import re
import tomllib

LIST = pathlib.Path(__file__).with_name("mutants.toml")

SWITCH = """\
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The defect that is active in this run of the program; 0 for none.
package enum Mutation {
    private static let number: Int = {
        guard let file = fopen("PATH", "re") else { return 0 }
        defer { fclose(file) }
        var bytes = [CChar](repeating: 0, count: 16)
        return fgets(&bytes, 15, file) == nil ? 0 : Int(atoi(bytes))
    }()

    package static func isActive(_ mutant: Int) -> Bool { mutant == number }
}
"""


def load():
    with LIST.open("rb") as file:
        return tomllib.load(file)["mutant"]


def place(mutant, text):
    """The range of the mutant's text; an explanation if it is ambiguous."""
    context = mutant.get("context", mutant["old"])
    if text.count(context) != 1:
        return f"its {'context' if 'context' in mutant else 'text'} occurs {text.count(context)} times"
    if context.count(mutant["old"]) != 1:
        return f"its text occurs {context.count(mutant['old'])} times in the context"
    start = text.index(context) + context.index(mutant["old"])
    return range(start, start + len(mutant["old"]))


def variant(number, mutant):
    old, new = mutant["old"], mutant["new"]
    if mutant.get("kind") == "statement":
        return f"if Mutation.isActive({number}) {{ {new} }} else {{ {old} }}"
    return f"(Mutation.isActive({number}) ? ({new}) : ({old}))"


def changed(mutants, sources, switch):
    """The sources with the mutants.

    Returns the texts of the changed files by name, and complaints about mutants that do not fit the sources.
    """
    complaints = []
    texts = {"Kit/Basics/Mutation.swift": SWITCH.replace("PATH", str(switch))}
    by_file = {}
    for number, mutant in enumerate(mutants, 1):
        by_file.setdefault(mutant["file"], []).append((number, mutant))
    for name, entries in by_file.items():
        path = sources / name
        text = path.read_text() if path.exists() else ""
        places = []
        for number, mutant in entries:
            found = place(mutant, text)
            if isinstance(found, str):
                complaints.append(f"{mutant['name']}: {found} in {name}")
            else:
                places.append((found, number, mutant))
        places.sort(key=lambda entry: entry[0].start, reverse=True)
        for (later, _, one), (earlier, _, other) in zip(places, places[1:]):
            if earlier.stop > later.start:
                complaints.append(f"{one['name']}: overlaps with: {other['name']}")
        for found, number, mutant in places:
            text = text[: found.start] + variant(number, mutant) + text[found.stop :]
        if not name.startswith("Kit/Basics/") and not re.search(r"^(package|internal) import Basics$", text, re.MULTILINE):
            text = "internal import Basics\n" + text
        texts[name] = text
    return texts, complaints


def unknown_suites(mutants, tests):
    """Complaints about suites that do not exist, which no test run would report if others of the mutant do."""
    declared = {
        name for path in tests.rglob("*.swift") if "EndToEnd" not in path.parts
        for name in re.findall(r"\b(?:struct|class|enum) (\w+Tests)\b", path.read_text())
    }
    return [f"{m['name']}: there is no suite {suite}" for m in mutants for suite in m["suites"] if suite not in declared]
