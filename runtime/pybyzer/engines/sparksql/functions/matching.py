"""Texts compared with texts: ``like``, ``instr``, distances, check digits."""

from __future__ import annotations

import re

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import call_python
from pybyzer.engines.sparksql.types import BOOLEAN, DOUBLE, INT, STRING, text
from pybyzer.errors import EngineError


@rule("like", "ilike")
def _like(call: Call) -> Expr:
    call.arity(2, 3)
    escape = call.constant(2) if len(call.args) == 3 else "\\"
    if not isinstance(escape, str) or len(escape) != 1:
        raise EngineError(f"{call.name}: the escape character must be one character")
    value, pattern = call.as_(0, STRING), call.as_(1, STRING)
    sign = re.escape(escape)
    good, wrong = (
        f"(?s)([^{sign}]|{sign}[{sign}_%])*",
        "like: an escape character must stand before %, _ or itself",
    )
    constant = call.args[1].value
    if isinstance(constant, str):
        if not re.fullmatch(good, constant):
            raise EngineError(f"{wrong}: {constant}")
    elif not call.args[1].constant:
        valid = f"regexp_full_match({pattern}, {text(good)})"
        pattern = f"CASE WHEN {valid} THEN {pattern} WHEN {pattern} IS NOT NULL THEN error({text(wrong)}) END"
    a, b = call.args[0].label, call.args[1].label
    label = f"{a} LIKE {b}" if call.name == "like" else f"ilike({a}, {b})"
    if call.name == "like" and escape != "\\":
        label += f" ESCAPE '{escape}'"
    written = call.args[1].value
    # Without anything to escape DuckDB knows faster ways to match.
    needless = isinstance(written, str) and escape not in written
    escaped = "" if needless else f" ESCAPE {text(escape)}"
    return Expr(f"({value} {call.name.upper()} {pattern}{escaped})", BOOLEAN, label)


@rule("instr")
def _instr(call: Call) -> Expr:
    call.arity(2, 4)
    if len(call.args) == 2:
        return call.result(f"CAST(strpos({call.as_(0, STRING)}, {call.as_(1, STRING)}) AS INTEGER)", INT)
    kinds = (STRING, STRING, INT, INT)[: len(call.args)]
    made = call_python(call, _instr_of, kinds, INT)
    return made if len(call.args) == 4 else made.named(made.label[:-1] + ", 1)")


def _instr_of(value: str, part: str, start: int, occurrence: int = 1) -> int:
    """The place of an occurrence, searched from ``start``; backwards if that is negative."""
    if occurrence < 1:
        raise EngineError("instr: the occurrence counts from 1")
    if not part:
        return 1
    if start == 0:
        return 0
    at = start - 1 if start > 0 else len(value) + start
    for _ in range(occurrence):
        if at < 0:
            return 0
        found = value.find(part, at) if start > 0 else value.rfind(part, 0, at + len(part))
        if found < 0:
            return 0
        at = found + 1 if start > 0 else found - 1
    return found + 1


@rule("levenshtein")
def _levenshtein(call: Call) -> Expr:
    call.arity(2, 3)
    a, b = call.as_(0, STRING), call.as_(1, STRING)
    plain = Expr("", INT)
    two = call.with_args(call.args[:2])
    slow = call_python(two, _distance, (STRING, STRING), INT, rare=True)
    # The database counts bytes: the same where every character is one.
    ascii_only = f"strlen({a}) = length({a}) AND strlen({b}) = length({b})"
    sql = f"CASE WHEN {ascii_only} THEN CAST(levenshtein({a}, {b}) AS INTEGER) ELSE {slow.sql} END"
    if len(call.args) == 3:
        most = call.as_(2, INT)
        sql = f"CASE WHEN {most} IS NULL THEN NULL WHEN {sql} <= {most} THEN {sql} WHEN {sql} > {most} THEN -1 END"
    return call.result(sql, plain.type)


def _distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for index, one in enumerate(a, 1):
        above, row[0] = row[0], index
        for place, other in enumerate(b, 1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (one != other))
    return row[-1]


@rule("jaro_winkler_similarity")
def _jaro_winkler(call: Call) -> Expr:
    call.arity(2)
    return call_python(call, _similarity, (STRING, STRING), DOUBLE)


def _similarity(a: str, b: str) -> float:
    """Jaro's similarity, raised by a tenth for each of the first four characters that are the same."""
    if a == b:
        return 1.0
    reach = max(len(a), len(b)) // 2 - 1
    taken = [False] * len(b)
    matched = []
    for index, char in enumerate(a):
        for place in range(max(0, index - reach), min(len(b), index + reach + 1)):
            if not taken[place] and b[place] == char:
                taken[place] = True
                matched.append(char)
                break
    if not matched:
        return 0.0
    others = [char for char, found in zip(b, taken, strict=True) if found]
    moved = sum(one != other for one, other in zip(matched, others, strict=True)) / 2
    count = len(matched)
    jaro = (count / len(a) + count / len(b) + (count - moved) / count) / 3
    prefix = 0
    for one, other in zip(a[:4], b[:4], strict=False):
        if one != other:
            break
        prefix += 1
    return jaro + 0.1 * prefix * (1 - jaro)


@rule("luhn_check")
def _luhn_check(call: Call) -> Expr:
    call.arity(1)
    return call_python(call, _luhn, (STRING,), BOOLEAN)


def _luhn(value: str) -> bool:
    """Whether the last digit checks the others; what is not all digits does not."""
    if not re.fullmatch("[0-9]+", value):
        return False
    doubled = [int(char) << index % 2 for index, char in enumerate(reversed(value))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


_MASKS = (("X", str.isupper), ("x", str.islower), ("n", str.isdecimal))


@rule("mask")
def _mask(call: Call) -> Expr:
    call.arity(1, 5)
    given = [call.constant(index) for index in range(1, len(call.args))]
    signs = [*given, *("X", "x", "n", None)[len(given) :]]
    if any(sign is not None and (not isinstance(sign, str) or len(sign) != 1) for sign in signs):
        raise EngineError("mask: what replaces a character must be one character, or NULL")
    label = f"mask({', '.join([call.args[0].label, *('NULL' if sign is None else sign for sign in signs)])})"

    def run(value: str) -> str:
        return "".join(_masked(char, signs) for char in value)

    inner = call.with_args(call.args[:1])
    return call_python(inner, run, (STRING,), STRING, given=tuple(signs)).named(label)


def _masked(char: str, signs: list[str | None]) -> str:
    for (_, is_one), sign in zip(_MASKS, signs, strict=False):
        if is_one(char):
            return char if sign is None else sign
    return char if signs[3] is None else signs[3]
