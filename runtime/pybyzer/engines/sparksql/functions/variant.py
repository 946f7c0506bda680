"""Variants: values whose type travels with them (``parse_json``, ``variant_get`` ...)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from pybyzer.engines.sparksql import variant_paths as paths
from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.data_types import of_ddl
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import call_python, python_sql
from pybyzer.engines.sparksql.merging import merged
from pybyzer.engines.sparksql.types import BOOLEAN, INT, STRING, VARIANT, VOID, SqlType, array, struct
from pybyzer.engines.sparksql.variant_format import Single, decode, encode
from pybyzer.engines.sparksql.variant_json import Mismatch, json_of, of_json
from pybyzer.engines.sparksql.variant_types import cast_to, ddl, schema_of
from pybyzer.errors import EngineError, Unsupported

Stored = dict[str, bytes]
ZONE = ("current_setting('TimeZone')", STRING)
"""The session's time zone, for what writes instants."""

ENTRY = struct(("pos", "key", "value"), (INT, STRING, VARIANT))
"""A row of ``variant_explode``."""


def _variant(call: Call, index: int) -> str:
    arg = call.args[index]
    if arg.type not in (VARIANT, VOID):
        raise EngineError(f"{call.name} needs a variant, but {arg.label} is {arg.type.spark}")
    return arg.sql if arg.type == VARIANT else f"CAST(NULL AS {VARIANT.duck})"


def _trying(call: Call) -> bool:
    return call.name.startswith("try_")


@rule("parse_json", "try_parse_json")
def _parse_json(call: Call) -> Expr:
    call.arity(1)

    def run(value: str) -> Stored:
        return encode(of_json(value))

    return call_python(call, _or_none(run) if _trying(call) else run, (STRING,), VARIANT)


def _or_none(run: Callable[..., Any]) -> Callable[..., Any]:
    def safe(*values: Any) -> Any:
        try:
            return run(*values)
        except Mismatch:
            return None

    return safe


@rule("is_variant_null")
def _is_variant_null(call: Call) -> Expr:
    call.arity(1)
    # A value is null if its first byte is 0.
    value = f"struct_extract({_variant(call, 0)}, 'value')"
    return call.result(f"coalesce({value} = '\\x00'::BLOB, false)", BOOLEAN)


@rule("is_valid_variant")
def _is_valid_variant(call: Call) -> Expr:
    call.arity(1)
    return call.result(f"CASE WHEN {_variant(call, 0)} IS NOT NULL THEN true END", BOOLEAN)


@rule("variant_get", "try_variant_get")
def _variant_get(call: Call) -> Expr:
    call.arity(2, 3)
    kind = of_ddl(str(call.constant(2))) if len(call.args) == 3 else VARIANT
    made = got(call, _variant(call, 0), call.as_(1, STRING), kind, strict=not _trying(call))
    return Expr(made, kind, f"{call.name}({call.args[0].label}, {call.args[1].label})")


def got(call: Call, value: str, path: str, kind: SqlType, *, strict: bool) -> str:
    """SQL of what is at a path, as a type."""
    if any(part in kind.spark for part in ("date", "timestamp", "interval", "time(")):
        raise Unsupported(f"a variant as {kind.spark}", hint="cast it to string, and that to " + kind.spark)

    def run(stored: Stored, path: str, zone: str) -> Any:
        found = paths.look(decode(stored), paths.path_of(path, "variant_get"))
        if found is paths.MISSING:
            return None
        if kind == VARIANT:
            return encode(found)
        return _storable(cast_to(found, kind, ZoneInfo(zone), strict), kind)

    operands = [(value, VARIANT), (path, STRING), ZONE]
    return python_sql(call, ("variant_get", strict), run, operands, kind)


def _storable(value: Any, kind: SqlType) -> Any:
    """Variants inside a value as they are stored."""
    if value is None and kind != VARIANT:
        return None
    if kind == VARIANT:
        return encode(value)
    if kind.kind == "array":
        return [_storable(item, kind.element) for item in value]
    if kind.kind == "map":
        return [(key, _storable(item, kind.parts[1])) for key, item in value]
    if kind.kind == "struct":
        parts = zip(kind.names, kind.parts, strict=True)
        return {name: _storable(value[name], part) for name, part in parts}
    return value


def tree_of(value: Any, kind: SqlType) -> Any:
    """A value of a type as a variant's; NULL is null."""
    if value is None:
        return None
    if kind == VARIANT:
        return decode(value)
    if kind.kind == "array":
        return [tree_of(item, kind.element) for item in value]
    if kind.kind == "map":
        return {key: tree_of(item, kind.parts[1]) for key, item in value}
    if kind.kind == "struct":
        return {name: tree_of(value[name], part) for name, part in zip(kind.names, kind.parts, strict=True)}
    return Single(value) if kind.kind == "float" else value


def to_variant(call: Call, value: Expr, *, objects: bool = False) -> str:
    """SQL of a value as a variant; structs and maps only with ``objects``."""
    kind = value.type
    if kind == VARIANT:
        return value.sql
    if kind == VOID:
        return f"CAST(NULL AS {VARIANT.duck})"
    _check(kind, objects)
    return python_sql(
        call, ("to_variant",), lambda one: encode(tree_of(one, kind)), [(value.sql, kind)], VARIANT
    )


def _check(kind: SqlType, objects: bool) -> None:
    wrong = kind.kind in ("struct", "map") and not objects
    if wrong or (kind.kind == "map" and kind.parts[0] != STRING) or kind.kind in ("void", "interval"):
        raise EngineError(
            f"{kind.spark} cannot become a variant", hint="to_variant_object(x)" if wrong else None
        )
    for part in kind.parts:
        _check(part, objects)


def cast(call: Call, value: Expr, kind: SqlType, *, safe: bool) -> Expr:
    """A cast from or to a variant."""
    if kind == VARIANT:
        return Expr(to_variant(call, value), VARIANT, value.label)
    return Expr(got(call, value.sql, "'$'", kind, strict=not safe), kind, value.label)


def written(steps: list[str | int]) -> str:
    """The text of a path."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f"['{step}']" for step in steps)


@rule("to_variant_object")
def _to_variant_object(call: Call) -> Expr:
    call.arity(1)
    value = call.args[0]
    if not value.type.parts and value.type != VOID:
        raise EngineError(
            f"to_variant_object needs a struct, map or array, but {value.label} is {value.type.spark}"
        )
    return call.result(to_variant(call, value, objects=True), VARIANT)


@rule("schema_of_variant")
def _schema_of_variant(call: Call) -> Expr:
    call.arity(1)
    operands = [(_variant(call, 0), VARIANT)]
    sql = python_sql(call, ("schema_of_variant",), lambda one: ddl(schema_of(decode(one))), operands, STRING)
    return call.result(sql, STRING)


@rule("schema_of_variant_agg")
def _schema_of_variant_agg(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = _variant(call, 0)

    def run(values: list[Stored]) -> str:
        kind = VOID
        for one in values:
            kind = merged(kind, schema_of(decode(one)), VARIANT)
        return ddl(kind)

    many = f"coalesce(list({value}){call.around(f'{value} IS NOT NULL')}, [])"
    operands = [(f"CAST({many} AS {array(VARIANT).duck})", array(VARIANT))]
    return call.result(python_sql(call, ("schema_of_variants",), run, operands, STRING), STRING)


def exploded(call: Call) -> str:
    """SQL of the entries of a variant, as a list of ``ENTRY``."""

    def run(stored: Stored) -> list[dict[str, Any]]:
        tree = decode(stored)
        # The entries of an object keep its dictionary of keys; it is built anew otherwise.
        if isinstance(tree, dict):
            return [{"pos": i, "key": k, "value": part(stored, k)} for i, k in enumerate(tree)]
        items = tree if isinstance(tree, list) else []
        return [{"pos": i, "key": None, "value": encode(item)} for i, item in enumerate(items)]

    return python_sql(call, ("variant_explode",), run, [(_variant(call, 0), VARIANT)], array(ENTRY))


def part(stored: Stored, key: str) -> Stored:
    """The field of an object, under the object's dictionary."""
    return encode(decode(stored)[key], stored["metadata"])


# -- changes -------------------------------------------------------------------------------------------

Change = Callable[[Any, paths.Path, Any], Any]


def _changed(call: Call, change: Change, more: tuple[tuple[str, SqlType], ...] = ()) -> Expr:
    """A change at a path (argument 1) with a value (argument 2)."""
    name = call.name.removeprefix("try_")
    value = (
        f"CAST(NULL AS {VARIANT.duck})"
        if call.args[2].type == VOID
        else to_variant(call, call.args[2], objects=True)
    )

    def run(stored: Stored, path: str, new: Stored, *rest: Any) -> Stored:
        steps = paths.path_of(path, name)
        if not steps and name != "variant_array_append":
            raise EngineError(f"{name}: $ is the whole value", hint="a path to a field or an item: $.a")
        return encode(change(decode(stored), steps, (decode(new), *rest)))

    safe = _or_none(run) if _trying(call) else run
    operands = [(_variant(call, 0), VARIANT), (call.as_(1, STRING), STRING), (value, VARIANT), *more]
    return call.result(python_sql(call, (call.name,), safe, operands, VARIANT), VARIANT)


@rule("variant_insert", "try_variant_insert")
def _variant_insert(call: Call) -> Expr:
    call.arity(3)
    return _changed(
        call,
        lambda tree, path, new: paths.edited(tree, path, "variant_insert", paths.insert(new[0]), create=True),
    )


@rule("variant_set", "try_variant_set")
def _variant_set(call: Call) -> Expr:
    call.arity(3, 4)
    create = call.as_(3, BOOLEAN) if len(call.args) == 4 else "true"

    def change(tree: Any, path: paths.Path, new: Any) -> Any:
        return paths.edited(tree, path, "variant_set", paths.put(*new), create=new[1])

    made = _changed(call, change, ((create, BOOLEAN),))
    return made if len(call.args) == 4 else made.named(made.label[:-1] + ", true)")


@rule("variant_array_append", "try_variant_array_append")
def _variant_array_append(call: Call) -> Expr:
    call.arity(3)
    return _changed(call, lambda tree, path, new: paths.append(tree, path, new[0]))


@rule("variant_delete")
def _variant_delete(call: Call) -> Expr:
    call.arity(2, -1)

    def run(stored: Stored, given: list[str | None]) -> Stored:
        tree = decode(stored)
        for path in given:
            if path is not None:
                steps = paths.path_of(path, "variant_delete")
                if not steps:
                    raise EngineError("variant_delete: $ is the whole value")
                tree = paths.delete(tree, steps)
        return encode(tree)

    given = ", ".join(call.as_(index, STRING) for index in range(1, len(call.args)))
    operands = [(_variant(call, 0), VARIANT), (f"CAST([{given}] AS VARCHAR[])", array(STRING))]
    return call.result(python_sql(call, ("variant_delete",), run, operands, VARIANT), VARIANT)


@rule("variant_strip_nulls")
def _variant_strip_nulls(call: Call) -> Expr:
    call.arity(1, 2)
    arrays = call.as_(1, BOOLEAN) if len(call.args) == 2 else "true"

    def run(stored: Stored, arrays: bool) -> Stored:
        return encode(paths.without_nulls(decode(stored), arrays))

    operands = [(_variant(call, 0), VARIANT), (arrays, BOOLEAN)]
    made = call.result(python_sql(call, ("variant_strip_nulls",), run, operands, VARIANT), VARIANT)
    return made if len(call.args) == 2 else made.named(made.label[:-1] + ", true)")


def json_sql(call: Call, value: str) -> str:
    """SQL of a variant as JSON."""

    def run(stored: Stored, zone: str) -> str:
        return json_of(decode(stored), ZoneInfo(zone))

    return python_sql(call, ("variant_json",), run, [(value, VARIANT), ZONE], STRING)
