"""Regular expressions of Java: inside the database where RE2 means the same, else text by text in Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import python_sql
from pybyzer.engines.sparksql.java_regex import LINES, Regex, read
from pybyzer.engines.sparksql.types import BOOLEAN, INT, STRING, SqlType, array, map_of, text
from pybyzer.errors import EngineError, Unsupported

Run = Callable[..., Any]


def _apply(
    call: Call,
    native: Callable[[str, str], str] | None,
    run: Run,
    returns: SqlType,
    more: tuple[tuple[str, SqlType], ...] = (),
    *,
    plain: bool = False,
) -> str:
    """SQL that applies argument 1, a pattern, to argument 0.

    ``native`` writes it for the database (value, pattern); ``run`` gets the pattern, the text and
    ``more``. ``plain``: an empty match is a match like others.
    """
    value = call.as_(0, STRING)
    written = call.args[1]
    if written.value is None:
        return f"CAST(NULL AS {returns.duck})"
    if not isinstance(written.value, str):
        # A pattern of each row.
        def each(one: str, pattern: str, *rest: Any) -> Any:
            return run(read(pattern).compiled(), one, *rest)

        operands = [(value, STRING), (call.as_(1, STRING), STRING), *more]
        return python_sql(call, (call.name, "each"), each, operands, returns)
    regex = read(written.value)
    if regex.re2 is None or native is None or (regex.empty and not plain):
        regex.compiled()
        return _python(call, regex, run, more, returns)
    fast = native(value, text(regex.re2))
    odd = [f"regexp_matches({value}, '{LINES}')"] if regex.lines else []
    odd += [f"strlen({value}) <> length({value})"] if regex.words else []
    if not odd:
        return fast
    slow = _python(call, regex, run, more, returns, rare=True)
    return f"CASE WHEN {' OR '.join(odd)} THEN {slow} ELSE {fast} END"


def _python(
    call: Call,
    regex: Regex,
    run: Run,
    more: tuple[tuple[str, SqlType], ...],
    returns: SqlType,
    *,
    rare: bool = False,
) -> str:
    def one(found: str, *rest: Any) -> Any:
        return run(regex.compiled(), found, *rest)

    return python_sql(
        call, (call.name, regex.java), one, [(call.as_(0, STRING), STRING), *more], returns, rare=rare
    )


@rule("rlike", "regexp_like", "regexp")
def _regexp_like(call: Call) -> Expr:
    call.arity(2)

    def run(pattern: re.Pattern[str], value: str) -> bool:
        return pattern.search(value) is not None

    sql = _apply(call, lambda value, re2: f"regexp_matches({value}, {re2})", run, BOOLEAN, plain=True)
    return Expr(sql, BOOLEAN, f"{call.name.upper()}({call.args[0].label}, {call.args[1].label})")


def _group(call: Call) -> int:
    """The number of a group, a literal that the pattern has."""
    group = call.constant(2) if len(call.args) > 2 else 1
    if isinstance(call.args[1].value, str) and not 0 <= int(group) <= read(call.args[1].value).groups:
        raise EngineError(f"{call.name}: the pattern has no group {group}", hint="0 is the whole match")
    return int(group)


@rule("regexp_extract")
def _regexp_extract(call: Call) -> Expr:
    call.arity(2, 3)
    group = _group(call)

    def run(pattern: re.Pattern[str], value: str, group: int) -> str:
        found = pattern.search(value)
        return (found[group] or "") if found else ""

    sql = _apply(
        call,
        lambda value, re2: f"regexp_extract({value}, {re2}, {group})",
        run,
        STRING,
        ((str(group), INT),),
        plain=True,
    )
    return Expr(sql, STRING, f"regexp_extract({call.args[0].label}, {call.args[1].label}, {group})")


@rule("regexp_extract_all")
def _regexp_extract_all(call: Call) -> Expr:
    call.arity(2, 3)
    group = _group(call)

    def run(pattern: re.Pattern[str], value: str, group: int) -> list[str]:
        return [match[group] or "" for match in pattern.finditer(value)]

    sql = _apply(
        call,
        lambda value, re2: f"regexp_extract_all({value}, {re2}, {group})",
        run,
        array(STRING),
        ((str(group), INT),),
    )
    label = f"regexp_extract_all({call.args[0].label}, {call.args[1].label}, {group})"
    return Expr(sql, array(STRING), label)


@rule("regexp_substr")
def _regexp_substr(call: Call) -> Expr:
    call.arity(2)

    def run(pattern: re.Pattern[str], value: str) -> str | None:
        found = pattern.search(value)
        # An empty match counts as none.
        return (found[0] or None) if found else None

    sql = _apply(
        call, lambda value, re2: f"nullif(regexp_extract({value}, {re2}), '')", run, STRING, plain=True
    )
    return call.result(sql, STRING)


@rule("regexp_count")
def _regexp_count(call: Call) -> Expr:
    call.arity(2)

    def run(pattern: re.Pattern[str], value: str) -> int:
        return sum(1 for _ in pattern.finditer(value))

    def native(value: str, re2: str) -> str:
        return f"CAST(len(regexp_extract_all({value}, {re2})) AS INTEGER)"

    return call.result(_apply(call, native, run, INT), INT)


@rule("regexp_instr")
def _regexp_instr(call: Call) -> Expr:
    call.arity(2, 3)
    group = call.args[2].label if len(call.args) == 3 else "0"

    def run(pattern: re.Pattern[str], value: str) -> int:
        found = pattern.search(value)
        return found.start() + 1 if found else 0

    # The group is looked at by nobody: it is the whole match that counts.
    sql = _apply(call, None, run, INT)
    if len(call.args) == 3:
        sql = f"CASE WHEN {call.as_(2, INT)} IS NOT NULL THEN {sql} END"
    return Expr(sql, INT, f"regexp_instr({call.args[0].label}, {call.args[1].label}, {group})")


@rule("regexp_replace")
def _regexp_replace(call: Call) -> Expr:
    call.arity(3, 4)
    start = call.constant(3) if len(call.args) == 4 else 1
    if not isinstance(start, int) or start < 1:
        raise EngineError("regexp_replace: the position counts from 1")
    label = f"regexp_replace({', '.join(arg.label for arg in call.args[:3])}, {start})"
    written = call.args[2].value
    if written is None:
        return Expr("CAST(NULL AS VARCHAR)", STRING, label)

    def run(pattern: re.Pattern[str], value: str, by: str, start: int) -> str:
        if start > 1 and start > len(value):
            return value
        head, tail = value[: start - 1], value[start - 1 :]
        return head + pattern.sub(replacer(by, pattern.groups)[1], tail)

    native = None
    if isinstance(written, str) and isinstance(call.args[1].value, str) and start == 1:
        made, _ = replacer(written, read(call.args[1].value).groups)
        if made is not None:
            by = text(made)

            def native(value: str, re2: str) -> str:
                return f"regexp_replace({value}, {re2}, {by}, 'g')"

    more = ((call.as_(2, STRING), STRING), (str(start), INT))
    return Expr(_apply(call, native, run, STRING, more), STRING, label)


@rule("split")
def _split(call: Call) -> Expr:
    call.arity(2, 3)
    limit = call.args[2] if len(call.args) == 3 else None
    label = f"split({call.args[0].label}, {call.args[1].label}, {limit.label if limit is not None else '-1'})"
    regex = call.args[1].value
    count = call.as_(2, INT) if limit is not None else "-1"
    whole = limit is None or (isinstance(limit.value, int) and limit.value <= 0)
    native = None
    if whole:
        plain = literal_of_regex(regex) if isinstance(regex, str) else None
        if plain:
            value = f"string_split({call.as_(0, STRING)}, {text(plain)})"
            return Expr(value, array(STRING), label)

        def native(value: str, re2: str) -> str:
            return f"string_split_regex({value}, {re2})"

    return Expr(_apply(call, native, split, array(STRING), ((count, INT),)), array(STRING), label)


def literal_of_regex(regex: str) -> str | None:
    """The plain text a regular expression stands for, or None when it is a real pattern."""
    out, index = [], 0
    while index < len(regex):
        char = regex[index]
        if char == "\\" and index + 1 < len(regex) and not regex[index + 1].isalnum():
            index += 1
            char = regex[index]
        elif char in "\\^$.|?*+()[]{}":
            inner = re.match(r"\[([^\\\]^&\[])\]", regex[index:])
            if inner is None:
                return None
            char = inner[1]
            index += inner.end() - 1
        out.append(char)
        index += 1
    return "".join(out)


@rule("str_to_map")
def _str_to_map(call: Call) -> Expr:
    call.arity(1, 3)
    kind = map_of(STRING, STRING)
    shown = [arg.label for arg in call.args] + [",", ":"][len(call.args) - 1 :]
    label = f"str_to_map({', '.join(shown)})"
    patterns = [(call.as_(index, STRING) if len(call.args) > index else text(default), STRING)
                for index, default in ((1, ","), (2, ":"))]  # fmt: skip

    def run(value: str, pair: str, key: str) -> list[tuple[str, str | None]]:
        out: dict[str, str | None] = {}
        for entry in split(read(pair).compiled(), value, -1):
            parts = split(read(key).compiled(), entry, 2)
            if parts[0] in out:
                raise EngineError(f"str_to_map: the key {parts[0]} comes twice")
            out[parts[0]] = parts[1] if len(parts) > 1 else None
        return list(out.items())

    sql = python_sql(call, ("str_to_map",), run, [(call.as_(0, STRING), STRING), *patterns], kind)
    return Expr(sql, kind, label)


def replacer(written: str, groups: int) -> tuple[str | None, Callable[[re.Match[str]], str]]:
    """A replacement text of Java (``$1``, ``${name}``, ``\\$``): for RE2 (if it can) and for Python."""
    parts: list[str | int] = []
    names = False
    index = 0
    while index < len(written):
        char = written[index]
        index += 1
        if char == "\\":
            if index >= len(written):
                raise EngineError(f"the replacement {written} ends with a backslash")
            parts.append(written[index])
            index += 1
        elif char == "$":
            named = re.match(r"\{([A-Za-z]\w*)\}", written[index:])
            digit = written[index : index + 1]
            if named is not None:
                raise Unsupported(f"the replacement {written}", hint="groups by number: $1")
            if not digit.isdigit() or int(digit) > groups:
                raise EngineError(f"the replacement {written}: no such group", hint=r"a dollar sign is \$")
            group = int(digit)
            index += 1
            while written[index : index + 1].isdigit() and group * 10 + int(written[index]) <= groups:
                group = group * 10 + int(written[index])
                index += 1
            names = names or group > 9
            parts.append(group)
        else:
            parts.append(char)
    re2 = "".join(
        f"\\{part}" if isinstance(part, int) else "\\\\" if part == "\\" else part for part in parts
    )

    def replace(match: re.Match[str]) -> str:
        return "".join((match[part] or "") if isinstance(part, int) else part for part in parts)

    return None if names else re2, replace


def split(pattern: re.Pattern[str], text: str, limit: int) -> list[str]:
    """Java's ``split``; a limit of zero or less keeps all."""
    if not pattern.pattern and text:
        count = len(text) if limit <= 0 else min(limit, len(text))
        return [*text[: count - 1], text[count - 1 :]]
    out: list[str] = []
    start = 0
    for match in pattern.finditer(text):
        if 0 < limit <= len(out) + 1:
            break
        if start == match.start() == match.end() == 0:
            continue
        out.append(text[start : match.start()])
        start = match.end()
    return [*out, text[start:]]
