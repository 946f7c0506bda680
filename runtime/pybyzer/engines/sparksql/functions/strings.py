"""Texts: the table, and the functions that need a decision."""

from __future__ import annotations

import re

from pybyzer.engines.sparksql.call import Call, rule, table, unsupported
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.patterns import java_regex, literal_of_regex, replacement
from pybyzer.engines.sparksql.types import BIGINT, BINARY, BOOLEAN, DOUBLE, INT, STRING, array, text
from pybyzer.errors import EngineError, Unsupported

table(r"""
upper, ucase | string | string | upper({0})
lower, lcase | string | string | lower({0})
ltrim | string | string | ltrim({0}, ' ')
rtrim | string | string | rtrim({0}, ' ')
ascii | string | int | CASE WHEN {0} = '' THEN 0 ELSE ascii({0}) END
chr, char | bigint | string | CASE WHEN {0} < 0 THEN '' ELSE chr(CAST({0} % 256 AS INTEGER)) END
repeat | string; int | string | repeat({0}, greatest({1}, 0))
space | int | string | repeat(' ', greatest({0}, 0))
replace | string; string; string?='' | string | CASE WHEN {1} = '' THEN {0} ELSE replace({0}, {1}, {2}) END
translate | string; string; string | string | translate({0}, {1}, {2})
contains | string; string | boolean | contains({0}, {1})
startswith | string; string | boolean | starts_with({0}, {1})
endswith | string; string | boolean | ends_with({0}, {1})
instr | string; string | int | CAST(strpos({0}, {1}) AS INTEGER)
levenshtein | string; string | int | CAST(levenshtein({0}, {1}) AS INTEGER)
bit_length | string | int | CAST(octet_length(encode({0})) * 8 AS INTEGER)
octet_length | string | int | CAST(octet_length(encode({0})) AS INTEGER)
left | string; int | string | left({0}, greatest({1}, 0))
right | string; int | string | CASE WHEN {1} <= 0 THEN CASE WHEN {0} IS NOT NULL THEN '' END ELSE right({0}, {1}) END
initcap | string | string | array_to_string(list_transform(string_split(lower({0}), ' '), lambda w: upper(w[1]) || w[2:]), ' ')
split_part | string; string; int | string | CASE WHEN {1} = '' THEN CASE WHEN {2} IN (1, -1) THEN {0} ELSE '' END ELSE split_part({0}, {1}, {2}) END
url_encode | string | string | replace(url_encode({0}), '%20', '+')
url_decode | string | string | url_decode(replace({0}, '+', ' '))
unhex | string | binary | TRY(unhex({0}))
bin | bigint | string | bin({0})
find_in_set | string; string | int | CASE WHEN contains({0}, ',') THEN 0 ELSE CAST(coalesce(list_position(string_split({1}, ','), {0}), 0) AS INTEGER) END
""")

unsupported("sentences luhn_check mask to_char to_number collate")


@rule("length", "len", "char_length", "character_length")
def _length(call: Call) -> Expr:
    call.arity(1)
    if call.args[0].type == BINARY:
        return call.result(f"CAST(octet_length({call.args[0].sql}) AS INTEGER)", INT)
    return call.result(f"CAST(length({call.as_(0, STRING)}) AS INTEGER)", INT)


@rule("substring", "substr")
def _substring(call: Call) -> Expr:
    call.arity(2, 3)
    if call.args[0].type == BINARY:
        raise Unsupported(f"{call.name} of binary", hint="substring(string(x), ...)")
    value, start = call.as_(0, STRING), call.as_(1, INT)
    length = call.as_(2, INT) if len(call.args) == 3 else None
    label = f"{call.name}({', '.join(a.label for a in call.args)}{', 2147483647' if length is None else ''})"
    first = call.args[1].value
    if isinstance(first, int) and first >= 0:
        begin = max(first, 1)
        sql = (
            f"substr({value}, {begin})"
            if length is None
            else f"substr({value}, {begin}, greatest({length}, 0))"
        )
    else:
        count = "2147483647" if length is None else length
        begin_sql = f"(CASE WHEN {start} > 0 THEN {start} - 1 WHEN {start} < 0 THEN length({value}) + {start} ELSE 0 END)"
        sql = (
            f"substr({value}, greatest({begin_sql}, 0) + 1, "
            f"greatest(CAST({begin_sql} AS BIGINT) + {count}, 0) - greatest({begin_sql}, 0))"
        )
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
    return call.result(f"array_to_string({kept}, {separator})", STRING)


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
    sql = f"CASE WHEN {pad} = '' THEN left({value}, greatest({size}, 0)) ELSE {call.name}({value}, greatest({size}, 0), {pad}) END"
    if len(call.args) < 3 or (call.args[2].constant and call.args[2].value):
        sql = f"{call.name}({value}, greatest({size}, 0), {pad})"
    return Expr(sql, STRING, label)


@rule("trim", "btrim")
def _trim(call: Call) -> Expr:
    call.arity(1, 2)
    characters = call.as_(1, STRING) if len(call.args) == 2 else "' '"
    kind = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(call.extra.get("position", "")).upper(), "trim")
    sql = f"{kind}({call.as_(0, STRING)}, {characters})"
    if "position" in call.extra or len(call.args) == 2:
        side = str(call.extra.get("position") or "BOTH").upper()
        return Expr(
            sql,
            STRING,
            f"TRIM({side} {call.args[1].label if len(call.args) == 2 else ' '} FROM {call.args[0].label})",
        )
    return Expr(sql, STRING, f"{call.name}({call.args[0].label})")


@rule("reverse")
def _reverse(call: Call) -> Expr:
    call.arity(1)
    if call.args[0].type.kind == "array":
        return call.result(f"list_reverse({call.args[0].sql})", call.args[0].type)
    return call.result(f"reverse({call.as_(0, STRING)})", STRING)


@rule("split")
def _split(call: Call) -> Expr:
    call.arity(2, 3)
    value = call.as_(0, STRING)
    label = f"split({call.args[0].label}, {call.args[1].label}, {call.args[2].label if len(call.args) == 3 else '-1'})"
    limit = call.constant(2) if len(call.args) == 3 else -1
    regex = call.constant(1)
    if not isinstance(limit, int) or not isinstance(regex, str):
        raise Unsupported("split: the pattern and the limit must be literals here")
    plain = literal_of_regex(regex)
    if plain:
        parts = f"string_split({value}, {text(plain)})"
    elif plain == "":
        # No trailing empty text, unlike other patterns.
        parts = f"CASE WHEN {value} = '' THEN [''] ELSE string_split({value}, '') END"
    else:
        parts = f"string_split_regex({value}, {text(java_regex(regex))})"
    if limit > 0:
        if not plain:
            raise Unsupported(
                "split with a limit and a pattern", hint="split by a plain text, or without a limit"
            )
        rest = f"array_to_string(({parts})[{limit}:], {text(plain)})"
        parts = f"CASE WHEN len({parts}) > {limit} THEN ({parts})[:{limit - 1}] || [{rest}] ELSE {parts} END"
    return Expr(parts, array(STRING), label)


@rule("substring_index")
def _substring_index(call: Call) -> Expr:
    call.arity(3)
    value, delimiter, count = call.as_(0, STRING), call.as_(1, STRING), call.as_(2, INT)
    parts = f"string_split({value}, {delimiter})"
    sql = (
        f"CASE WHEN {count} = 0 OR {delimiter} = '' THEN CASE WHEN {value} IS NOT NULL THEN '' END "
        f"WHEN {count} > 0 THEN array_to_string(({parts})[:{count}], {delimiter}) "
        f"ELSE array_to_string(({parts})[greatest(len({parts}) + {count} + 1, 1):], {delimiter}) END"
    )
    return call.result(sql, STRING)


@rule("rlike", "regexp_like", "regexp")
def _regexp_like(call: Call) -> Expr:
    call.arity(2)
    return call.result(f"regexp_matches({call.as_(0, STRING)}, {_pattern(call, 1)})", BOOLEAN)


@rule("regexp_extract", "regexp_substr")
def _regexp_extract(call: Call) -> Expr:
    call.arity(2, 3)
    if call.name == "regexp_substr":
        found = f"regexp_extract({call.as_(0, STRING)}, {_pattern(call, 1)})"
        return call.result(
            f"CASE WHEN regexp_matches({call.as_(0, STRING)}, {_pattern(call, 1)}) THEN {found} END", STRING
        )
    group = call.constant(2) if len(call.args) == 3 else 1
    label = f"regexp_extract({call.args[0].label}, {call.args[1].label}, {group})"
    return Expr(f"regexp_extract({call.as_(0, STRING)}, {_pattern(call, 1)}, {int(group)})", STRING, label)


@rule("regexp_extract_all")
def _regexp_extract_all(call: Call) -> Expr:
    call.arity(2, 3)
    group = call.constant(2) if len(call.args) == 3 else 1
    label = f"regexp_extract_all({call.args[0].label}, {call.args[1].label}, {group})"
    sql = f"regexp_extract_all({call.as_(0, STRING)}, {_pattern(call, 1)}, {int(group)})"
    return Expr(sql, array(STRING), label)


@rule("regexp_count")
def _regexp_count(call: Call) -> Expr:
    call.arity(2)
    found = f"len(regexp_extract_all({call.as_(0, STRING)}, {_pattern(call, 1)}))"
    return call.result(f"CAST({found} AS INTEGER)", INT)


@rule("regexp_replace")
def _regexp_replace(call: Call) -> Expr:
    call.arity(3, 4)
    if len(call.args) == 4 and call.constant(3) != 1:
        raise Unsupported("regexp_replace from a position other than 1")
    made = replacement(str(call.constant(2)))
    label = f"regexp_replace({', '.join(arg.label for arg in call.args[:3])}, 1)"
    sql = f"regexp_replace({call.as_(0, STRING)}, {_pattern(call, 1)}, {text(made)}, 'g')"
    return Expr(sql, STRING, label)


def _pattern(call: Call, index: int) -> str:
    """The SQL of a regular expression argument in RE2's spelling."""
    value = call.args[index].value
    return text(java_regex(value)) if isinstance(value, str) else call.as_(index, STRING)


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


@rule("str_to_map")
def _str_to_map(call: Call) -> Expr:
    call.arity(1, 3)
    pair = call.constant(1) if len(call.args) > 1 else ","
    key = call.constant(2) if len(call.args) > 2 else ":"
    plain = [literal_of_regex(str(part)) for part in (pair, key)]
    if not all(plain):
        raise Unsupported("str_to_map with patterns", hint="separate by plain texts")
    first, second = (text(str(part)) for part in plain)
    entry = (
        f"lambda e: {{'key': split_part(e, {second}, 1), "
        f"'value': CASE WHEN contains(e, {second}) THEN substr(e, strpos(e, {second}) + {len(str(plain[1]))}) END}}"
    )
    from pybyzer.engines.sparksql.types import map_of

    label = f"str_to_map({call.args[0].label}, {pair}, {key})"
    sql = f"map_from_entries(list_transform(string_split({call.as_(0, STRING)}, {first}), {entry}))"
    return Expr(sql, map_of(STRING, STRING), label)
