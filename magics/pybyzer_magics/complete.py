"""Completion: what may stand at the cursor, from the grammar, the registries and the catalog."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybyzer.errors import ByzerError, ParseError, SourceText
from pybyzer.lang.blocks import WORDS
from pybyzer.lang.tokenizer import tokenize
from pybyzer.lang.tokens import MODES, STATEMENTS, Kind, Token
from pybyzer.macros import is_body
from pybyzer_magics.frontends.base import FRONTENDS
from pybyzer_magics.frontends.python import DIRECTIVES

if TYPE_CHECKING:
    from pybyzer.context import Parameter
    from pybyzer.session import Session

SQL = (
    "select from where group by order limit having join left right full inner outer cross on as and or not "
    "in is null like between case when then else end distinct union all with asc desc over partition true "
    "false cast exists lateral view explode"
)

_SHOWN = {"et": "ET", "datasources": "format", "function": "function"}
"""Of which family the names in a path of ``!show`` are."""

_PARTIAL = re.compile(r"[\w]*$")
_DIRECTIVE = re.compile(r"^[ \t]*(?:#|--)%(\w*)$")
_VARIABLE = re.compile(r"\$\{([\w.]*)$")
_ALIAS = re.compile(r"(?:\bfrom|\bjoin|,)\s+`?(\w+)`?\s+(?:as\s+)?(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """One completion; ``type`` is what front ends show beside it (table, column, keyword ...)."""

    text: str
    type: str


@dataclass(frozen=True, slots=True)
class Completions:
    """What may replace the code points ``start`` to ``end``."""

    start: int
    end: int
    items: tuple[Item, ...] = ()


def complete(code: str, cursor: int, session: Session | None) -> Completions:
    """Completions of a Byzer-lang cell; without a session, of the grammar only."""
    return _Place(code, cursor, session).complete()


def complete_header(code: str, cursor: int) -> Completions | None:
    """Completions of a directive line, in a cell of any kind; None when the cursor is not on one."""
    line = code[code.rfind("\n", 0, cursor) + 1 : cursor]
    found = _DIRECTIVE.match(line)
    if found is None:
        return None
    items = [Item(f"{key}=", "keyword") for key in DIRECTIVES]
    items += [Item(kind, "keyword") for kind in FRONTENDS.names()]
    return _matching(items, found[1], cursor)


def _matching(items: Iterable[Item], partial: str, cursor: int) -> Completions:
    """Those that begin like what is written, regardless of case; each text once."""
    folded = partial.lower()
    chosen: dict[str, Item] = {}
    for item in items:
        if item.text.lower().startswith(folded):
            chosen.setdefault(item.text, item)
    return Completions(cursor - len(partial), cursor, tuple(chosen.values()))


class _Place:
    """A cursor in a cell: the statement around it, and what is written of the current word."""

    def __init__(self, code: str, cursor: int, session: Session | None) -> None:
        self._session = session
        self._cursor = cursor
        self._before = code[:cursor]
        self._partial = _PARTIAL.search(self._before)[0]  # type: ignore[index]  # matches always
        tokens, self._open = _tokens(self._before[: cursor - len(self._partial)])
        self._tokens = _last_statement(tokens)
        start = self._tokens[0].start if self._tokens else cursor
        self._statement = code[start:]

    def complete(self) -> Completions:
        variable = _VARIABLE.search(self._before)
        if variable and self._session is not None:
            names = [Item(name, "variable") for name in self._session.variables.names()]
            return _matching(names, variable[1], self._cursor)
        if self._open == "`":
            return self._paths()
        if self._open in ("'", '"', "'''"):
            return self._matching(self._choices())
        return self._matching(self._items())

    # -- what may stand here ---------------------------------------------------------------

    def _items(self) -> Iterator[Item]:
        words = self._tokens
        if self._before.endswith("!" + self._partial):
            yield from self._family("command", "function")
            yield from _keywords(WORDS)
            yield from self._own_commands()
            return
        if not words:
            yield from _keywords(sorted(STATEMENTS))
            return
        method = self._statements().get(words[0].word, self._in_select)
        if words[0].kind is Kind.COMMAND:
            yield from self._in_show() if words[0].text == "!show" else self._tables()
        else:
            yield from method()

    def _statements(self) -> dict[str, Callable[[], Iterator[Item]]]:
        return {
            "load": self._in_load,
            "save": self._in_save,
            "train": self._in_estimate,
            "run": self._in_estimate,
            "predict": self._in_estimate,
            "register": self._in_register,
            "set": self._in_set,
            "include": self._in_include,
        }

    def _in_show(self) -> Iterator[Item]:
        """The next word of the paths that begin like what is written."""
        from pybyzer.system import PATHS

        written = [token.content for token in self._tokens[1:] if not token.is_sign("/")]
        for path in PATHS:
            parts = path.split("/")
            fits = all(part in ("*", word) for part, word in zip(parts, written, strict=False))
            if not fits or len(parts) <= len(written):
                continue
            following = parts[len(written)]
            if following != "*":
                yield Item(following, "keyword")
            elif parts[0] in _SHOWN:
                yield from self._family(_SHOWN[parts[0]], "class")

    def _in_load(self) -> Iterator[Item]:
        if len(self._tokens) == 1:
            yield from self._family("format", "class")
        elif self._expects_option():
            yield from self._options("format")
        else:
            yield from _keywords(["where", "as", "and"])

    def _in_save(self) -> Iterator[Item]:
        words = [token.word for token in self._tokens]
        if words[-1] == "as":
            yield from self._family("format", "class")
        elif self._expects_option():
            yield from self._options("format")
        elif "as" in words:
            yield from _keywords(["where", "and", "partitionBy"])
        elif words[-1] == "save" or words[-1] in MODES:
            yield from _keywords(MODES if words[-1] == "save" else [])
            yield from self._tables()
        else:
            yield from _keywords(["as"])

    def _in_estimate(self) -> Iterator[Item]:
        words = [token.word for token in self._tokens]
        if len(words) == 1:
            yield from self._tables()
        elif len(words) == 3 and words[-1] in ("as", "into"):
            yield from self._family("ET", "class")
        elif self._expects_option():
            yield from self._options("ET")
        else:
            yield from _keywords(["as", "where", "and"])

    def _in_register(self) -> Iterator[Item]:
        if len(self._tokens) == 1:
            yield from self._family("ET", "class")
        elif self._expects_option():
            yield from self._options("ET")
        else:
            yield from _keywords(["as", "where", "and"])

    def _in_set(self) -> Iterator[Item]:
        if self._expects_option():
            yield from (Item(key, "param") for key in ("type", "mode", "visible"))
        else:
            yield from _keywords(["where"])

    def _in_include(self) -> Iterator[Item]:
        yield from _keywords(["project", "lib", "local", "hdfs", "http"])

    def _in_select(self) -> Iterator[Item]:
        last = self._tokens[-1]
        if last.is_sign(".") and len(self._tokens) > 1:
            yield from self._columns([self._aliased(self._tokens[-2].content)])
            return
        if last.word in ("from", "join", "into", "table", "update"):
            yield from self._tables()
            return
        yield from self._columns(self._tables_named())
        yield from self._tables()
        yield from self._functions()
        yield from _keywords(SQL.split())

    # -- names -----------------------------------------------------------------------------

    def _own_commands(self) -> Iterator[Item]:
        """The variables that can be run as commands."""
        if self._session is not None:
            known = self._session.variables
            yield from (Item(n, "function") for n in known.names() if is_body(known.get(n) or ""))

    def _family(self, word: str, type_: str) -> Iterator[Item]:
        if self._session is not None:
            yield from (Item(name, type_) for name in self._session.registries[word].names())

    def _functions(self) -> Iterator[Item]:
        """Functions of this session, and those of Spark that its engine knows."""
        yield from self._family("function", "function")
        if self._session is not None:
            names: Callable[[], list[str]] = getattr(self._session.engine, "functions", list)
            yield from (Item(name, "function") for name in names())

    def _tables(self) -> Iterator[Item]:
        if self._session is not None:
            yield from (Item(name, "table") for name in self._session.catalog.names())

    def _tables_named(self) -> list[str]:
        """The tables that the statement names anywhere, also after the cursor."""
        if self._session is None:
            return []
        words = set(re.findall(r"\w+", self._statement.lower()))
        return [name for name in self._session.catalog.names() if name.lower() in words]

    def _aliased(self, name: str) -> str:
        found = [table for table, alias in _ALIAS.findall(self._statement) if alias.lower() == name.lower()]
        return found[0] if found else name

    def _columns(self, tables: Iterable[str]) -> Iterator[Item]:
        for table in tables:
            if self._session is None or table not in self._session.catalog:
                continue
            try:
                schema = self._session.engine.schema(table)
            except ByzerError:
                continue
            yield from (Item(name, "column") for name in schema.names)

    # -- options ---------------------------------------------------------------------------

    def _expects_option(self) -> bool:
        return self._tokens[-1].word in ("where", "options", "and")

    def _options(self, word: str) -> Iterator[Item]:
        for parameter in self._parameters(word):
            yield Item(parameter.name.removesuffix("*"), "param")

    def _choices(self) -> Iterator[Item]:
        """Inside the quotes of ``key="``: the values that the option may have."""
        if len(self._tokens) < 3 or not self._tokens[-1].is_sign("="):
            return
        key = self._tokens[-2].content
        word = "format" if self._tokens[0].word in ("load", "save") else "ET"
        for parameter in self._parameters(word):
            if parameter.accepts(key):
                yield from (Item(choice, "keyword") for choice in parameter.choices)

    def _parameters(self, word: str) -> Sequence[Parameter]:
        name = self._plug_in()
        if self._session is None or name is None:
            return ()
        found = self._session.registries[word].find(name)
        return () if found is None else found.parameters

    def _plug_in(self) -> str | None:
        """The format or algorithm of the statement: the word before its ``.`path```."""
        for token, after in zip(self._tokens, self._tokens[1:], strict=False):
            if after.is_sign("."):
                return token.content
        return None

    # -- files -----------------------------------------------------------------------------

    def _paths(self) -> Completions:
        """Inside back quotes after a format: names of files; elsewhere, names of tables."""
        if not (self._tokens and self._tokens[-1].is_sign(".")):
            return self._matching(self._tables())
        written = self._before[self._before.rfind("`") + 1 :]
        folder, _, partial = written.rpartition("/")
        place = folder + "/" if "/" in written else ""
        try:
            entries = sorted(os.scandir(os.path.expanduser(place) or "."), key=lambda entry: entry.name)
        except OSError:
            return Completions(self._cursor, self._cursor)
        items = [
            Item(entry.name + ("/" if entry.is_dir() else ""), "path")
            for entry in entries
            if not entry.name.startswith(".") or partial.startswith(".")
        ]
        return _matching(items, partial, self._cursor)

    def _matching(self, items: Iterable[Item]) -> Completions:
        return _matching(items, self._partial, self._cursor)


def _keywords(words: Iterable[str]) -> Iterator[Item]:
    return (Item(word, "keyword") for word in words)


def _tokens(text: str) -> tuple[list[Token], str]:
    """The tokens of an unfinished text, and the quote that is still open at its end (or nothing)."""
    try:
        return tokenize(SourceText(text))[:-1], ""
    except ParseError as error:
        span = error.span
        if span is None:
            raise
        return tokenize(SourceText(text[: span.start]))[:-1], span.text


def _last_statement(tokens: Sequence[Token]) -> list[Token]:
    ends = [number for number, token in enumerate(tokens) if token.is_sign(";")]
    return list(tokens[ends[-1] + 1 :] if ends else tokens)
