"""The part of PromQL's grammar that is needed to find which series a query selects, and over which ranges."""

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
  | (?P<range>\[[^\]]*\])
  | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
  | (?P<variable>\$\w+|\$\{\w+(?::\w+)?\})
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[smhdwy]*)
  | (?P<operator>=~|!~|!=|==|<=|>=|[-+*/%^<>=(){},@:])
    """,
    re.VERBOSE,
)

_WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end", "atan2"}
# Words that are followed by a list of labels in parentheses.
_LABEL_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}


class Unreadable(ValueError):
    pass


@dataclass
class Selector:
    """The metric that a query selects by name, its matchers by label, and the range after it."""

    name: str
    matchers: dict[str, tuple[str, str]] = field(default_factory=dict)
    range: str | None = None
    # The function or aggregation whose argument it is.
    function: str | None = None


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Unreadable(f"cannot read {text[position : position + 20]!r} in {text!r}")
        if match.lastgroup != "space":
            tokens.append((match.lastgroup, match.group()))
        position = match.end()
    return tokens


def selectors(text: str) -> list[Selector]:
    """The selectors of a query, in their order."""
    tokens = _tokens(text) + [("end", "")] * 3
    found: list[Selector] = []
    # For each open parenthesis, the name before it.
    functions: list[str | None] = []
    previous: str | None = None
    index = 0
    while index < len(tokens):
        kind, token = tokens[index]
        following = tokens[index + 1][1] if index + 1 < len(tokens) else ""
        if kind == "name" and token.lower() in _LABEL_LISTS and following == "(":
            index = _after(tokens, index + 1, ")")
            continue
        if kind == "operator" and token == "(":
            functions.append(previous)
        elif kind == "operator" and token == ")":
            if not functions:
                raise Unreadable(f"a parenthesis too many in {text!r}")
            functions.pop()
        elif kind == "operator" and token == "{":
            selector = Selector("", function=functions[-1] if functions else None)
            index = _matchers(tokens, index, selector)
            found.append(selector)
            index = _range(tokens, index, selector)
            continue
        elif kind == "name" and token.lower() not in _WORDS and following != "(" and not _is_aggregation(tokens, index):
            selector = Selector(token, function=functions[-1] if functions else None)
            index += 1
            if tokens[index][1] == "{":
                index = _matchers(tokens, index, selector)
            found.append(selector)
            index = _range(tokens, index, selector)
            continue
        if kind == "name" and token.lower() not in _WORDS:
            previous = token
        elif token != "(":
            previous = None
        index += 1
    if functions:
        raise Unreadable(f"a parenthesis too few in {text!r}")
    return found


def ranges(text: str) -> list[str]:
    """The text between square brackets in a query, including subqueries."""
    return [token[1:-1].strip() for kind, token in _tokens(text) if kind == "range"]


def variables(text: str) -> set[str]:
    """The names of the dashboard's variables in a text."""
    return {match[0] or match[1] for match in re.findall(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}", text)}


def _is_aggregation(tokens, index: int) -> bool:
    # `max by (bucket_id) (…)`: the name of an aggregation, whose labels come first.
    return tokens[index + 1][1].lower() in ("by", "without")


def _after(tokens, index: int, closing: str) -> int:
    while tokens[index][1] != closing:
        if tokens[index][0] == "end":
            raise Unreadable(f"{closing} is missing")
        index += 1
    return index + 1


def _matchers(tokens, index: int, selector: Selector) -> int:
    index += 1
    while tokens[index][1] != "}":
        (kind, label), (_, operator), (value_kind, value) = tokens[index : index + 3]
        if kind != "name" or operator not in ("=", "!=", "=~", "!~") or value_kind != "string":
            raise Unreadable(f"not a matcher: {label} {operator} {value}")
        selector.matchers[label] = (operator, value[1:-1])
        index += 3
        if tokens[index][1] == ",":
            index += 1
    return index + 1


def _range(tokens, index: int, selector: Selector) -> int:
    if tokens[index][0] == "range":
        selector.range = tokens[index][1][1:-1].strip()
        return index + 1
    return index
