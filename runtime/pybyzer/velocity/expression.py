"""Expressions of a template: ``$cols.split(",")``, ``[0..3]``, ``$n + 1 > 2 && !$foreach.last``.

A closure for each part, made once and asked each time. Operators as in Velocity, by rising strength: ``||``,
``&&``, ``== !=``, ``< <= > >=``, ``+ -``, ``* / %``, ``!``; also as words (``or and eq ne lt le gt ge not``).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pybyzer.velocity.arithmetic import calculate, compare
from pybyzer.velocity.reference import Chain, Step
from pybyzer.velocity.scope import Scope
from pybyzer.velocity.values import Value, bad, checked, kind, number, text, true

Node = Callable[[Scope], Value]

DEEPEST = 50
"""Brackets inside one another."""

_TOKEN = re.compile(
    r"""
    \s*+ (?:
      (?P<number> \d++ (?:\.\d++)? )
    | (?P<string> "(?:[^"]++|"")*+" | '(?:[^']++|'')*+' )
    | (?P<reference> \$!?\{?[A-Za-z_]\w*+ )
    | (?P<word> [A-Za-z_]\w*+ )
    | (?P<sign> \.\. | && | \|\| | [=!<>]= | [-+*/%<>!()\[\]{},:.=] )
    )
    """,
    re.VERBOSE,
)
_LEVELS: tuple[dict[str, str], ...] = (
    {"||": "||", "or": "||"},
    {"&&": "&&", "and": "&&"},
    {"==": "==", "eq": "==", "!=": "!=", "ne": "!="},
    {"<": "<", "lt": "<", "<=": "<=", "le": "<=", ">": ">", "gt": ">", ">=": ">=", "ge": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_INSIDE = re.compile(r"\$!?(?:\{[A-Za-z_][^{}]*\}|[A-Za-z_])")


class Reader:
    """Reads expressions of one text from a position on; ``at`` is where it stopped."""

    def __init__(self, source: str, at: int, offset: int = 0) -> None:
        self._source = source
        self._offset = offset
        """What to add to a place in ``source`` for a place in the whole text."""
        self._depth = 0
        self.at = at
        self.unfinished: list[int] = []
        """Where the references begin that are being read: after an error, none of them is one."""

    def expression(self) -> Node:
        """One expression."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise bad("this expression is nested too deep", self._offset + self.at)
        node = self._operation(0)
        self._depth -= 1
        return node

    def expect(self, sign: str, what: str) -> int:
        """Go past a sign (``what`` says after what it is missing); the place after it."""
        if not self.take(sign):
            raise self.unexpected(f'"{sign}" {what}')
        return self.at

    def take(self, sign: str) -> bool:
        """Go past a sign or a word if it comes next."""
        found = _TOKEN.match(self._source, self.at)
        if found is None or found.lastgroup not in ("sign", "word") or found[found.lastgroup] != sign:
            return False
        self.at = found.end()
        return True

    def name(self, what: str) -> tuple[str, int]:
        """A name to assign to: ``$x`` or ``${x}``; and its place."""
        found = _TOKEN.match(self._source, self.at)
        if found is None or found.lastgroup != "reference":
            raise self.unexpected(what)
        written = found["reference"]
        self.at = found.end()
        if "{" in written:
            self.expect("}", f"after {written}")
        return written.lstrip("$!{"), self._offset + found.start("reference")

    def unexpected(self, wanted: str) -> Exception:
        """The error for what stands here."""
        blank = re.compile(r"\s*+").match(self._source, self.at)
        start = blank.end() if blank else self.at
        shown = re.compile(r"\w++|[^\s\w]?").match(self._source, start)
        found = f'"{shown[0][:30]}"' if shown and shown[0] else "the end"
        return bad(
            f"expected {wanted}, found {found}",
            self._offset + min(start, max(0, len(self._source) - 1)),
            len(shown[0]) if shown else 1,
            hint="texts stand in quotes, names begin with $; a text that is no template: #[[ ... ]]#",
        )

    # -- operators -------------------------------------------------------------------------

    def _operation(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._operation(level + 1)
        while True:
            found = _TOKEN.match(self._source, self.at)
            sign = _LEVELS[level].get(found[found.lastgroup]) if found and found.lastgroup else None
            if found is None or sign is None or found.lastgroup not in ("sign", "word"):
                return left
            place = self._offset + found.start(found.lastgroup)
            self.at = found.end()
            left = _joined(sign, left, self._operation(level + 1), place)

    def _unary(self) -> Node:
        depth = 0
        negations = 0
        while self.take("!") or self.take("not"):
            negations += 1
        minus = self._offset + self.at
        while self.take("-"):
            depth += 1
        value = self._primary()
        if depth % 2:
            positive = value
            value = lambda scope: calculate("-", 0, positive(scope), minus)  # noqa: E731
        if not negations:
            return value
        return lambda scope, inner=value: true(inner(scope)) != bool(negations % 2)  # type: ignore[misc]

    def _primary(self) -> Node:
        found = _TOKEN.match(self._source, self.at)
        if found is None:
            raise self.unexpected("a value")
        match found.lastgroup:
            case "reference":
                return self.chain().value
            case "number":
                self.at = found.end()
                written = found["number"]
                if len(written) > 18:
                    start = self._offset + found.start("number")
                    raise bad("this number is too large", start, len(written))
                return _constant(float(written) if "." in written else int(written))
            case "string":
                self.at = found.end()
                return self._string(found)
            case "word" if found["word"] in _WORDS:
                self.at = found.end()
                return _constant(_WORDS[found["word"]])
            case "sign" if found["sign"] in "([{":
                self.at = found.end()
                return {"(": self._brackets, "[": self._list, "{": self._map}[found["sign"]]()
        raise self.unexpected("a value")

    def _brackets(self) -> Node:
        node = self.expression()
        self.expect(")", "after a value in brackets")
        return node

    def _list(self) -> Node:
        """``[1, "a"]`` or ``[first..last]``."""
        if self.take("]"):
            return lambda scope: []
        start = self._offset + self.at
        items = [self.expression()]
        if self.take(".."):
            last = self.expression()
            self.expect("]", "after a range")
            return _range(items[0], last, start)
        while self.take(","):
            items.append(self.expression())
        self.expect("]", "after a list")
        return lambda scope: [item(scope) for item in items]

    def _map(self) -> Node:
        """``{"key": value, ...}``"""
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            if entries:
                self.expect(",", "between the entries of a map")
            key = self.expression()
            self.expect(":", "after the key of a map")
            entries.append((key, self.expression()))
        return lambda scope: {text(key(scope)): value(scope) for key, value in entries}

    def _string(self, found: re.Match[str]) -> Node:
        """A text in quotes; in double quotes, references are filled in."""
        written = found["string"]
        quote, inner = written[0], written[1:-1]
        inner = inner.replace(quote * 2, quote)
        if quote == "'" or "$" not in inner:
            return _constant(inner)
        parts: list[str | Chain] = []
        read = 0
        offset = self._offset + found.start("string") + 1
        for reference in _INSIDE.finditer(inner):
            if reference.start() >= read:
                reader = Reader(inner, reference.start(), offset)
                parts += [inner[read : reference.start()], reader.chain()]
                read = reader.at
        parts.append(inner[read:])

        def filled(scope: Scope) -> Value:
            return checked(
                "".join(p if isinstance(p, str) else _written(p, inner, offset, scope) for p in parts)
            )

        return filled

    # -- references ------------------------------------------------------------------------

    def chain(self, *, indexes: bool = True) -> Chain:
        """``$a.b(1)[2]``, with or without braces; what is in ``[ ]`` belongs to it only with ``indexes``."""
        found = _TOKEN.match(self._source, self.at)
        assert found is not None
        written, start = found["reference"], self._offset + found.start("reference")
        self.at = found.end()
        self.unfinished.append(start)
        braced = "{" in written
        steps = tuple(self.steps(indexes))
        name_end = start + len(written)
        if braced:
            self.expect("}", f"after {written}")
        end = self._offset + self.at
        self.unfinished.pop()
        return Chain(written.lstrip("$!{"), steps, start, name_end, end, "!" in written, braced)

    def steps(self, indexes: bool) -> list[Step]:
        """What follows a name directly: ``.name``, ``.name(...)``, ``[...]``."""
        steps: list[Step] = []
        while True:
            found = _STEP.match(self._source, self.at)
            if found is None:
                return steps
            if found[0] == "[" and not (indexes and _INDEX.match(self._source, found.end())):
                return steps
            self.at = found.end()
            start = self._offset + found.start()
            if found[0] == "[":
                index = self.expression()
                self.expect("]", "after an index")
                steps.append(Step("", [index], start, self._offset + self.at))
                continue
            arguments: list[Node] | None = None
            if found[2]:
                arguments = []
                while not self.take(")"):
                    if arguments:
                        self.expect(",", "between values")
                    arguments.append(self.expression())
            steps.append(Step(found[1], arguments, start + 1, self._offset + self.at))


_STEP = re.compile(r"\.([A-Za-z_]\w*+)(\()?|\[")
_INDEX = re.compile(r"\s*+(?:\$|-?\d|['\"])")
"""What an index begins with: other square brackets are just text."""


def _written(chain: Chain, source: str, offset: int, scope: Scope) -> str:
    """A reference inside a text in quotes, which begins at ``offset``."""
    value, end = chain.written(scope)
    start = chain.start if value is None else end
    return (value or "") + source[start - offset : chain.end - offset]


def _constant(value: Value) -> Node:
    return lambda scope: value


def _joined(sign: str, left: Node, right: Node, place: int) -> Node:
    if sign == "||":
        return lambda scope: true(left(scope)) or true(right(scope))
    if sign == "&&":
        return lambda scope: true(left(scope)) and true(right(scope))
    if sign in ("==", "!=", "<", "<=", ">", ">="):
        return lambda scope: compare(sign, left(scope), right(scope), place)
    return lambda scope: calculate(sign, left(scope), right(scope), place)


def _range(first: Node, last: Node, place: int) -> Node:
    def made(scope: Scope) -> Value:
        a, b = first(scope), last(scope)
        start, stop = number(a), number(b)
        if not isinstance(start, int) or not isinstance(stop, int):
            raise bad(f"a range goes from number to number, not from {kind(a)} to {kind(b)}", place)
        return range(start, stop + 1) if start <= stop else range(start, stop - 1, -1)

    return made
