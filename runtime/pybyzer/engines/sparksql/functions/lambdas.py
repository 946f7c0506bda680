"""Functions of arrays that take a lambda."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast, fresh_variable
from pybyzer.engines.sparksql.coercion import widest
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.arrays import V
from pybyzer.engines.sparksql.nested import settled
from pybyzer.engines.sparksql.types import BOOLEAN, INT, SqlType, array
from pybyzer.errors import EngineError


def sorted_by(call: Call) -> Expr:
    """Each item in turn is put behind those that do not come after it: a stable sort."""
    values = call.translator.expression(call.nodes[0], call.scope)
    kind = element(values, call)
    sorted_, item, other = fresh_variable(), fresh_variable(), fresh_variable()
    _, body = call.lambda_(1, [kind, kind], [other, f"{item}[1]"])
    if body.type != INT:
        raise EngineError(f"array_sort: the comparator gives {body.type.spark}, not int")
    wrong = "error('array_sort: the comparator gave NULL')"
    first = f"(CASE WHEN {body.sql} IS NULL THEN {wrong} ELSE {body.sql} END <= 0)"
    step = (
        f"list_filter({sorted_}, lambda {other}: {first}) || {item} "
        f"|| list_filter({sorted_}, lambda {other}: NOT {first})"
    )
    single = fresh_variable()
    lists = f"list_transform({values.sql}, lambda {single}: [{single}])"
    start = f"CAST([] AS {values.type.duck})"
    sql = f"list_reduce({lists}, lambda {sorted_}, {item}: {step}, {start})"
    return Expr(sql, values.type, f"array_sort({values.label}, {body.label})")


@rule("transform")
def _transform(call: Call) -> Expr:
    call.arity(2)
    values = call.translator.expression(call.nodes[0], call.scope)
    parameters, body = _with_index(call, values)
    sql = f"list_transform({values.sql}, lambda {parameters}: {settled(body)})"
    return Expr(sql, array(body.type), f"transform({values.label}, {body.label})")


def _with_index(call: Call, values: Expr) -> tuple[str, Expr]:
    """The parameters and the body of a lambda over items and their places."""
    item, place = fresh_variable(), fresh_variable()
    # Spark counts from 0 (as int), DuckDB from 1.
    sqls = [item, f"CAST({place} - 1 AS INTEGER)"]
    names, body = call.lambda_(1, [element(values, call), INT], sqls)
    return item if len(names) == 1 else f"{item}, {place}", body


def element(values: Expr, call: Call) -> SqlType:
    if values.type.kind != "array":
        raise EngineError(f"{call.name} needs an array, but {values.label} is {values.type.spark}")
    return values.type.element


@rule("filter")
def _filter(call: Call) -> Expr:
    call.arity(2)
    values = call.translator.expression(call.nodes[0], call.scope)
    parameters, body = _with_index(call, values)
    sql = f"list_filter({values.sql}, lambda {parameters}: coalesce({body.sql}, false))"
    return Expr(sql, values.type, f"filter({values.label}, {body.label})")


@rule("exists", "any_match", "forall", "all_match")
def _exists(call: Call) -> Expr:
    call.arity(2)
    values = call.translator.expression(call.nodes[0], call.scope)
    names, body = call.lambda_(1, [element(values, call)])
    found = f"list_transform({values.sql}, lambda {names[0]}: {body.sql})"
    decisive = "true" if call.name in ("exists", "any_match") else "false"
    other = "false" if decisive == "true" else "true"
    sql = (
        f"CASE WHEN {values.sql} IS NULL THEN NULL WHEN list_contains({found}, {decisive}) THEN {decisive} "
        f"WHEN list_count({found}) < len({found}) THEN NULL ELSE {other} END"
    )
    return Expr(sql, BOOLEAN, f"{call.name}({values.label}, {body.label})")


@rule("aggregate", "reduce")
def _aggregate(call: Call) -> Expr:
    call.arity(3, 4)
    values = call.translator.expression(call.nodes[0], call.scope)
    start = call.translator.expression(call.nodes[1], call.scope)
    names, body = call.lambda_(2, [start.type, element(values, call)])
    if body.type != start.type:
        wider = widest(start.type, body.type)
        if wider is None:
            raise EngineError(
                f"{call.name}: the accumulator is {start.type.spark}, the lambda gives {body.type.spark}"
            )
        start = cast(start, wider)
        names, body = call.lambda_(2, [wider, element(values, call)])
        body = cast(body, wider)
    reduced = f"list_reduce({values.sql}, lambda {names[0]}, {names[1]}: {body.sql}, {start.sql})"
    out = Expr(reduced, start.type, f"{call.name}({values.label}, {start.label}, {body.label})")
    if len(call.nodes) == 3:
        return out.named(f"{out.label[:-1]}, lambdafunction({V}, {V}))")
    (name,), finish = call.lambda_(3, [start.type])
    one = f"list_transform([{out.sql}], lambda {name}: {finish.sql})[1]"
    return Expr(one, finish.type, out.label[:-1] + f", {finish.label})")


@rule("zip_with")
def _zip_with(call: Call) -> Expr:
    call.arity(3)
    a = call.translator.expression(call.nodes[0], call.scope)
    b = call.translator.expression(call.nodes[1], call.scope)
    pair = fresh_variable()
    _, body = call.lambda_(2, [element(a, call), element(b, call)], [f"{pair}[1]", f"{pair}[2]"])
    out = f"list_transform(list_zip({a.sql}, {b.sql}), lambda {pair}: {settled(body)})"
    guarded = f"CASE WHEN {a.sql} IS NOT NULL AND {b.sql} IS NOT NULL THEN {out} END"
    return Expr(guarded, array(body.type), f"zip_with({a.label}, {b.label}, {body.label})")
