"""Texts: the table, and the functions that need a decision."""

from __future__ import annotations

import re

from pybyzer.engines.sparksql.call import Call, rule, table
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import call_python
from pybyzer.engines.sparksql.types import BIGINT, BINARY, DOUBLE, INT, STRING, array, text
from pybyzer.errors import EngineError, Unsupported

table(r"""
url_encode | string | string | replace(replace(replace(url_encode({0}), '%20', '+'), '~', '%7E'), '%2A', '*')
quote | string | string | chr(39) || replace({0}, chr(39), chr(92) || chr(39)) || chr(39)
ascii | string | int | CASE WHEN {0} = '' THEN 0 ELSE ascii({0}) END
chr, char | bigint | string | CASE WHEN {0} < 0 THEN '' ELSE chr(CAST({0} % 256 AS INTEGER)) END
repeat | string; int | string | repeat({0}, spark_count({1}))
space | int | string | repeat(' ', spark_count({0}))
replace | string; string; string?='' | string | CASE WHEN {1} = '' THEN {0} ELSE replace({0}, {1}, {2}) END
translate | string; string; string | string | translate({0}, {1}, {2})
contains | string; string | boolean | contains({0}, {1})
startswith | string; string | boolean | starts_with({0}, {1})
endswith | string; string | boolean | ends_with({0}, {1})
left | string; int | string | left({0}, spark_count({1}))
right | string; int | string | CASE WHEN {1} <= 0 THEN CASE WHEN {0} IS NOT NULL THEN '' END ELSE right({0}, {1}) END
split_part | string; string; int | string | CASE WHEN {2} = 0 THEN error('split_part counts from 1 (or from -1, backwards)') WHEN {1} = '' THEN CASE WHEN {2} IN (1, -1) THEN {0} ELSE '' END ELSE split_part({0}, {1}, {2}) END
unhex | string | binary | TRY(unhex({0}))
bin | bigint | string | bin({0})
find_in_set | string; string | int | CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL WHEN contains({0}, ',') THEN 0 ELSE CAST(coalesce(list_position(string_split({1}, ','), {0}), 0) AS INTEGER) END
""")


@rule("upper", "ucase", "lower", "lcase", "initcap")
def _case(call: Call) -> Expr:
    call.arity(1)
    value = call.as_(0, STRING)
    native, run = {
        "u": (f"upper({value})", str.upper),
        "l": (f"lower({value})", str.lower),
        "i": (_INITCAP.format(value), _initcap),
    }[call.name[0]]
    # The database knows no letters that become two, and no final sigma.
    slow = call_python(call, run, (STRING,), STRING, rare=True).sql
    return call.result(f"CASE WHEN strlen({value}) = length({value}) THEN {native} ELSE {slow} END", STRING)


_INITCAP = (
    "array_to_string(list_transform(string_split(lower({}), ' '), lambda w: upper(w[1]) || w[2:]), ' ')"
)


def _initcap(value: str) -> str:
    return " ".join(word[:1].title() + word[1:] for word in value.lower().split(" "))


@rule("ltrim", "rtrim")
def _side_trim(call: Call) -> Expr:
    call.arity(1, 2)
    characters = call.as_(0, STRING) if len(call.args) == 2 else "' '"
    sql = f"{call.name}({call.as_(len(call.args) - 1, STRING)}, {characters})"
    if len(call.args) == 1:
        return call.result(sql, STRING)
    side = "LEADING" if call.name == "ltrim" else "TRAILING"
    return Expr(sql, STRING, f"TRIM({side} {call.args[0].label} FROM {call.args[1].label})")


@rule("length", "len", "char_length", "character_length")
def _length(call: Call) -> Expr:
    call.arity(1)
    if call.args[0].type == BINARY:
        return call.result(f"CAST(octet_length({call.args[0].sql}) AS INTEGER)", INT)
    return call.result(f"CAST(length({call.as_(0, STRING)}) AS INTEGER)", INT)


@rule("substring", "substr")
def _substring(call: Call) -> Expr:
    call.arity(2, 3)
    value, start = call.as_(0, STRING), call.as_(1, INT)
    length = call.as_(2, INT) if len(call.args) == 3 else None
    label = f"{call.name}({', '.join(a.label for a in call.args)}{', 2147483647' if length is None else ''})"
    first = call.args[1].value
    if isinstance(first, int) and first >= 0:
        begin = max(first, 1)
        sql = (
            f"substr({value}, {begin})"
            if length is None
            else f"substr({value}, {begin}, spark_count({length}))"
        )
    else:
        sql = f"spark_substring({value}, {start}, {'2147483647' if length is None else length})"
    return Expr(sql, STRING, label)


@rule("concat")
def _concat(call: Call) -> Expr:
    if call.args and all(arg.type.kind in ("array", "void") for arg in call.args):
        from pybyzer.engines.sparksql.functions.arrays import together

        kind, parts = together(call.args, call.name)
        return call.result("(" + " || ".join(parts) + ")", kind)
    if call.args and all(arg.type == BINARY for arg in call.args):
        return call.result("(" + " || ".join(arg.sql for arg in call.args) + ")", BINARY)
    parts = [call.as_(index, STRING) for index in range(len(call.args))] or ["''"]
    return call.result("(" + " || ".join(parts) + ")", STRING)


@rule("concat_ws")
def _concat_ws(call: Call) -> Expr:
    call.arity(1, -1)
    separator = call.as_(0, STRING)
    pieces = []
    for index, arg in enumerate(call.args[1:], 1):
        if arg.type.kind == "array":
            pieces.append(f"coalesce({call.as_(index, array(STRING))}, [])")
        else:
            pieces.append(f"[{call.as_(index, STRING)}]")
    joined = " || ".join(pieces) or "[]"
    kept = f"list_filter(CAST({joined} AS VARCHAR[]), lambda e: e IS NOT NULL)"
    function = "array_to_string" if call.args[0].constant else "spark_join"
    joined = f"{function}({kept}, {separator})"
    if call.args[0].value is None or not call.args[0].constant:
        joined = f"CASE WHEN {separator} IS NOT NULL THEN {joined} END"
    return call.result(joined, STRING)


@rule("locate", "position")
def _locate(call: Call) -> Expr:
    call.arity(2, 3)
    needle, value = call.as_(0, STRING), call.as_(1, STRING)
    start = call.as_(2, INT) if len(call.args) == 3 else "1"
    label = (
        call.label if len(call.args) == 3 else f"{call.name}({call.args[0].label}, {call.args[1].label}, 1)"
    )
    found = f"strpos(substr({value}, {start}), {needle})"
    sql = f"CASE WHEN {start} < 1 THEN 0 WHEN {found} = 0 THEN 0 ELSE CAST({found} + {start} - 1 AS INTEGER) END"
    if start == "1":
        sql = f"CAST(strpos({value}, {needle}) AS INTEGER)"
    else:
        sql = f"CASE WHEN {needle} IS NOT NULL AND {value} IS NOT NULL THEN {sql} END"
    return Expr(sql, INT, label)


@rule("lpad", "rpad")
def _pad(call: Call) -> Expr:
    call.arity(2, 3)
    pad = call.as_(2, STRING) if len(call.args) == 3 else "' '"
    value, size = call.as_(0, STRING), call.as_(1, INT)
    label = f"{call.name}({call.args[0].label}, {call.args[1].label}, {call.args[2].label if len(call.args) == 3 else ' '})"
    sql = f"CASE WHEN {pad} = '' THEN left({value}, spark_count({size})) ELSE {call.name}({value}, spark_count({size}), {pad}) END"
    if len(call.args) < 3 or (call.args[2].constant and call.args[2].value):
        sql = f"{call.name}({value}, spark_count({size}), {pad})"
    return Expr(sql, STRING, label)


@rule("trim", "btrim")
def _trim(call: Call) -> Expr:
    call.arity(1, 2)
    characters = call.as_(1, STRING) if len(call.args) == 2 else "' '"
    kind = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(call.extra.get("position", "")).upper(), "trim")
    sql = f"{kind}({call.as_(0, STRING)}, {characters})"
    side = str(call.extra.get("position") or "BOTH").upper()
    if len(call.args) == 1:
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, call.name)
        return Expr(sql, STRING, f"{name}({call.args[0].label})")
    if call.name == "btrim":
        return call.result(sql, STRING)
    return Expr(sql, STRING, f"TRIM({side} {call.args[1].label} FROM {call.args[0].label})")


@rule("reverse")
def _reverse(call: Call) -> Expr:
    call.arity(1)
    if call.args[0].type.kind == "array":
        return call.result(f"list_reverse({call.args[0].sql})", call.args[0].type)
    return call.result(f"reverse({call.as_(0, STRING)})", STRING)


@rule("substring_index")
def _substring_index(call: Call) -> Expr:
    call.arity(3)
    value, delimiter, count = call.as_(0, STRING), call.as_(1, STRING), call.as_(2, INT)
    parts = f"string_split({value}, {delimiter})"
    join = "array_to_string" if call.args[1].constant else "spark_join"
    sql = (
        f"CASE WHEN {value} IS NULL OR {delimiter} IS NULL OR {count} IS NULL THEN NULL "
        f"WHEN {count} = 0 OR {delimiter} = '' THEN '' "
        f"WHEN {count} > 0 THEN {join}(({parts})[:{count}], {delimiter}) "
        f"ELSE {join}(({parts})[greatest(len({parts}) + {count} + 1, 1):], {delimiter}) END"
    )
    return call.result(sql, STRING)


@rule("format_string", "printf")
def _format_string(call: Call) -> Expr:
    call.arity(1, -1)
    pattern = str(call.constant(0))
    out, index = [], 0
    for match in re.finditer(r"%%|%n|%([-0]*)(\d*)(\.\d+)?([sdfxX])|([^%]+)|%", pattern):
        flags, width, precision, kind, plain = match.groups()
        if plain is not None or match[0] in ("%%", "%n"):
            out.append(text(plain if plain is not None else "%" if match[0] == "%%" else "\n"))
            continue
        if kind is None or index + 1 >= len(call.args):
            raise Unsupported(f"{call.name} with the pattern {pattern}")
        index += 1
        if kind == "s":
            value = f"coalesce({call.as_(index, STRING)}, 'null')"
        else:
            given = call.args[index].type
            if not (given.fractional if kind == "f" else given.integral):
                raise EngineError(f"%{kind} cannot write {given.spark}", hint="cast it: double(x), bigint(x)")
            value = call.as_(index, DOUBLE if kind == "f" else BIGINT)
        form = text(f"%{flags}{width}{precision or ''}{kind}")
        one = f"printf({form}, {value})"
        out.append(one if kind == "s" else f"coalesce({one}, 'null')")
    return call.result("(" + (" || ".join(out) or "''") + ")", STRING)


@rule("overlay")
def _overlay(call: Call) -> Expr:
    call.arity(3, 4)
    value, other, start = call.as_(0, STRING), call.as_(1, STRING), call.as_(2, INT)
    length = call.as_(3, INT) if len(call.args) == 4 else "-1"
    count = f"CASE WHEN {length} < 0 THEN length({other}) ELSE {length} END"
    sql = f"(substr({value}, 1, greatest({start} - 1, 0)) || {other} || substr({value}, {start} + {count}))"
    shown = [arg.label for arg in call.args] + (["-1"] if len(call.args) == 3 else [])
    return Expr(sql, STRING, f"overlay({', '.join(shown)})")


@rule("base64")
def _base64(call: Call) -> Expr:
    call.arity(1)
    return call.result(f"to_base64({call.as_(0, BINARY)})", STRING)


@rule("hex")
def _hex(call: Call) -> Expr:
    call.arity(1)
    kind = call.args[0].type
    if kind in (BINARY, STRING):
        return call.result(f"hex({call.args[0].sql})", STRING)
    return call.result(f"hex({call.as_(0, BIGINT)})", STRING)
