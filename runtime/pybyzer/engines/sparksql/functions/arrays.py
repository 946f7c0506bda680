"""Arrays, with and without lambdas."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.casts import cast, fresh_variable
from pybyzer.engines.sparksql.coercion import tightest, widest, widest_of
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.intervals import moments
from pybyzer.engines.sparksql.nested import item_of
from pybyzer.engines.sparksql.types import (
    BIGINT,
    BOOLEAN,
    INT,
    STRING,
    VOID,
    SqlType,
    array,
    struct,
    text,
)
from pybyzer.errors import EngineError, Unsupported


def array_type(call: Call, index: int) -> SqlType:
    """The type of an argument that must be an array."""
    kind = call.args[index].type
    if kind == VOID:
        return array(VOID)
    if kind.kind != "array":
        raise EngineError(f"{call.name} needs an array, but {call.args[index].label} is {kind.spark}")
    return kind


def together(args: list[Expr], who: str) -> tuple[SqlType, list[str]]:
    """Arguments cast to the type they meet in."""
    kind = widest_of(arg.type for arg in args)
    if kind is None:
        raise EngineError(f"{who}: these types do not meet: {', '.join(arg.type.spark for arg in args)}")
    return kind, [cast(arg, kind).sql for arg in args]


@rule("array")
def _array(call: Call) -> Expr:
    kind, parts = together(call.args, "array") if call.args else (VOID, [])
    if kind == VOID:
        return call.result(f"CAST([{', '.join(parts)}] AS VARCHAR[])", array(VOID))
    return call.result(f"[{', '.join(parts)}]", array(kind))


@rule("array_size")
def _array_size(call: Call) -> Expr:
    call.arity(1)
    array_type(call, 0)
    return call.result(f"CAST(len({call.args[0].sql}) AS INTEGER)", INT)


@rule("size", "cardinality")
def _size(call: Call) -> Expr:
    call.arity(1)
    kind = call.args[0].type.kind
    if kind == "void":
        return call.result("-1", INT)
    if kind not in ("array", "map"):
        raise EngineError(f"{call.name} needs an array or a map, but {call.args[0].label} is {kind}")
    function = "len" if kind == "array" else "cardinality"
    return call.result(f"CAST(coalesce({function}({call.args[0].sql}), -1) AS INTEGER)", INT)


def _with_item(call: Call, place: int = 1) -> tuple[SqlType, str, str]:
    """An array and an item, in the type the two meet in."""
    call.arity(place + 1)
    kind = array_type(call, 0)
    item = tightest(kind.element, call.args[place].type)
    if item is None or call.args[0].type == VOID:
        raise EngineError(f"{call.name}: {call.args[place].type.spark} is not in {kind.spark}")
    if call.args[place].type == VOID and call.name in ("array_contains", "array_remove"):
        raise EngineError(f"{call.name}: NULL is in no array")
    return item, cast(call.args[0], array(item)).sql, cast(call.args[place], item).sql


@rule("array_contains")
def _array_contains(call: Call) -> Expr:
    _, values, item = _with_item(call)
    has = f"list_contains({values}, {item})"
    sql = f"CASE WHEN {item} IS NULL THEN NULL WHEN {has} THEN true WHEN list_count({values}) < len({values}) THEN NULL ELSE {has} END"
    return call.result(sql, BOOLEAN)


@rule("array_position")
def _array_position(call: Call) -> Expr:
    _, values, item = _with_item(call)
    sql = f"CASE WHEN {values} IS NULL OR {item} IS NULL THEN NULL ELSE CAST(coalesce(list_position({values}, {item}), 0) AS BIGINT) END"
    return call.result(sql, BIGINT)


@rule("array_remove")
def _array_remove(call: Call) -> Expr:
    kind, values, item = _with_item(call)
    e = fresh_variable()
    sql = f"CASE WHEN {item} IS NOT NULL THEN list_filter({values}, lambda {e}: {e} IS DISTINCT FROM {item}) END"
    return call.result(sql, array(kind))


@rule("array_append", "array_prepend")
def _array_append(call: Call) -> Expr:
    kind, values, item = _with_item(call)
    both = f"{values} || [{item}]" if call.name == "array_append" else f"[{item}] || {values}"
    return call.result(f"CASE WHEN {values} IS NOT NULL THEN {both} END", array(kind))


@rule("array_insert")
def _array_insert(call: Call) -> Expr:
    kind, values, item = _with_item(call, 2)
    if not call.args[1].type.integral:
        raise EngineError("array_insert: the position is an int", hint="from 1, or from -1 backwards")
    p = f"CAST({call.as_(1, INT)} AS BIGINT)"
    before = f"(len({values}) + {p} + 1)"
    none = f"CAST([] AS {array(kind).duck})"
    sql = (
        f"CASE WHEN {values} IS NULL OR {p} IS NULL THEN NULL "
        f"WHEN {p} = 0 THEN error('array_insert counts from 1 (or from -1, backwards)') "
        f"WHEN {p} > 0 THEN list_resize(({values})[1:{p} - 1], {p} - 1) || [{item}] || ({values})[{p}:] "
        f"WHEN {before} >= 0 THEN ({values})[1:{before}] || [{item}] || ({values})[{before} + 1:] "
        f"ELSE [{item}] || list_resize({none}, -{before}) || {values} END"
    )
    return call.result(sql, array(kind))


@rule("array_compact")
def _array_compact(call: Call) -> Expr:
    call.arity(1)
    e = fresh_variable()
    kind = array_type(call, 0)
    return call.result(f"list_filter({call.args[0].sql}, lambda {e}: {e} IS NOT NULL)", kind)


@rule("element_at", "try_element_at")
def _element_at(call: Call) -> Expr:
    call.arity(2)
    if call.args[0].type.kind == "map":
        return item_of(call.args[0], call.args[1]).named(call.label)
    kind = array_type(call, 0)
    wrong = f"{call.name} counts from 1 (or from -1, backwards)"
    if call.args[1].value == 0:
        raise EngineError(wrong)
    index = call.as_(1, INT)
    if not call.args[1].constant:
        index = f"CASE WHEN {index} = 0 THEN error({text(wrong)}) ELSE {index} END"
    return call.result(f"({call.args[0].sql})[{index}]", kind.element)


@rule("get", "array_get")
def _get(call: Call) -> Expr:
    call.arity(2)
    array_type(call, 0)
    return item_of(call.args[0], call.args[1]).named(call.label)


@rule("slice")
def _slice(call: Call) -> Expr:
    call.arity(3)
    kind = array_type(call, 0)
    values, start, count = call.args[0].sql, call.as_(1, INT), call.as_(2, INT)
    begin = f"CASE WHEN {start} > 0 THEN {start} ELSE len({values}) + {start} + 1 END"
    if call.args[1].value == 0 or (isinstance(call.args[2].value, int) and call.args[2].value < 0):
        raise EngineError("slice counts from 1 (or from -1, backwards), and its length is not negative")
    wrong = "error('slice: the start is 0, or the length negative')"
    sql = (
        f"CASE WHEN {start} = 0 OR {count} < 0 THEN {wrong} "
        f"WHEN {begin} < 1 THEN CAST([] AS {kind.duck}) ELSE ({values})[{begin}:{begin} + {count} - 1] END"
    )
    nulls = f"{values} IS NULL OR {start} IS NULL OR {count} IS NULL"
    return call.result(f"CASE WHEN {nulls} THEN NULL ELSE {sql} END", kind)


@rule("array_join")
def _array_join(call: Call) -> Expr:
    call.arity(2, 3)
    values = call.as_(0, array(STRING))
    e = fresh_variable()
    if len(call.args) == 3:
        values = f"list_transform({values}, lambda {e}: coalesce({e}, {call.as_(2, STRING)}))"
    else:
        values = f"list_filter({values}, lambda {e}: {e} IS NOT NULL)"
    joined = "array_to_string" if call.args[1].constant else "spark_join"
    return call.result(f"{joined}({values}, {call.as_(1, STRING)})", STRING)


@rule("array_max", "array_min")
def _array_max(call: Call) -> Expr:
    call.arity(1)
    kind = array_type(call, 0)
    return call.result(f"list_{call.name[6:]}({call.args[0].sql})", kind.element)


@rule("sort_array", "array_sort")
def _sort_array(call: Call) -> Expr:
    call.arity(1, 2)
    if call.name == "array_sort" and len(call.nodes) == 2:
        from pybyzer.engines.sparksql.functions.lambdas import sorted_by

        return sorted_by(call)
    kind = array_type(call, 0)
    if call.name == "array_sort":
        order = "'ASC', 'NULLS LAST'"
        label = f"{call.label[:-1]}, {_DEFAULT_ORDER})"
        return Expr(f"list_sort({call.args[0].sql}, {order})", kind, label)
    ascending = call.constant(1) if len(call.args) == 2 else True
    order = "'ASC', 'NULLS FIRST'" if ascending else "'DESC', 'NULLS LAST'"
    label = f"sort_array({call.args[0].label}, {str(bool(ascending)).lower()})"
    return Expr(f"list_sort({call.args[0].sql}, {order})", kind, label)


V = "namedlambdavariable()"
_DEFAULT_ORDER = (
    f"lambdafunction((IF((({V} IS NULL) AND ({V} IS NULL)), 0, (IF(({V} IS NULL), 1, (IF(({V} IS NULL), -1, "
    f"(IF(({V} < {V}), -1, (IF(({V} > {V}), 1, 0)))))))))), {V}, {V})"
)
"""What Spark's title says of an order that nobody wrote."""


def distinct(values: str) -> str:
    """SQL of the distinct items of an array, in order of first appearance, one NULL kept."""
    e, i = fresh_variable(), fresh_variable()
    same = f"list_position({values}, {e})"
    return f"list_filter({values}, lambda {e}, {i}: {same} IS NULL OR {same} = {i})"


@rule("array_distinct")
def _array_distinct(call: Call) -> Expr:
    call.arity(1)
    return call.result(distinct(call.args[0].sql), array_type(call, 0))


def _two(call: Call) -> tuple[SqlType, list[str]]:
    """Two arrays in the type both hold."""
    item = tightest(array_type(call, 0).element, array_type(call, 1).element)
    if item is None or VOID in (call.args[0].type, call.args[1].type):
        raise EngineError(f"{call.name}: {call.args[0].type.spark} and {call.args[1].type.spark} do not meet")
    return array(item), [cast(arg, array(item)).sql for arg in call.args]


@rule("array_union", "array_intersect", "array_except")
def _array_set(call: Call) -> Expr:
    call.arity(2)
    kind, (a, b) = _two(call)
    e = fresh_variable()
    null_inside = f"({e} IS NULL AND list_count({b}) < len({b}))"
    inside = f"coalesce(list_contains({b}, {e}) OR {null_inside}, false)"
    sql = {
        "array_union": lambda: distinct(f"({a} || {b})"),
        "array_intersect": lambda: distinct(f"list_filter({a}, lambda {e}: {inside})"),
        "array_except": lambda: distinct(f"list_filter({a}, lambda {e}: NOT {inside})"),
    }[call.name]()
    return call.result(f"CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN {sql} END", kind)


@rule("arrays_overlap")
def _arrays_overlap(call: Call) -> Expr:
    call.arity(2)
    _, (a, b) = _two(call)
    nulls = f"(list_count({a}) < len({a}) OR list_count({b}) < len({b}))"
    sql = (
        f"CASE WHEN list_has_any({a}, {b}) THEN true "
        f"WHEN {nulls} AND len({a}) > 0 AND len({b}) > 0 THEN NULL ELSE list_has_any({a}, {b}) END"
    )
    return call.result(sql, BOOLEAN)


@rule("shuffle")
def _shuffle(call: Call) -> Expr:
    call.arity(1)
    call.translator.volatile = True
    kind, e, p = array_type(call, 0), fresh_variable(), fresh_variable()
    pairs = f"list_transform({call.args[0].sql}, lambda {e}: {{'r': random(), 'v': {e}}})"
    return call.result(f"list_transform(list_sort({pairs}), lambda {p}: {p}.v)", kind)


@rule("flatten")
def _flatten(call: Call) -> Expr:
    call.arity(1)
    kind = array_type(call, 0)
    values = call.args[0].sql
    return call.result(
        f"CASE WHEN list_count({values}) = len({values}) THEN flatten({values}) END", kind.element
    )


@rule("array_repeat")
def _array_repeat(call: Call) -> Expr:
    call.arity(2)
    e = fresh_variable()
    item = call.args[0]
    sql = f"list_transform(range(spark_count({call.as_(1, INT)})), lambda {e}: {item.sql})"
    return call.result(sql, array(item.type))


@rule("sequence")
def _sequence(call: Call) -> Expr:
    call.arity(2, 3)
    first, last = call.args[0], call.args[1]
    if first.type.integral and last.type.integral:
        kind = widest(first.type, last.type) or BIGINT
        a, b = cast(first, BIGINT).sql, cast(last, BIGINT).sql
        step = call.as_(2, BIGINT) if len(call.args) == 3 else f"CASE WHEN {a} <= {b} THEN 1 ELSE -1 END"
        made = f"CAST(generate_series({a}, {b}, {step}) AS {array(kind).duck})"
        if len(call.args) == 3:
            away = f"({step} = 0 AND {a} <> {b}) OR ({step} > 0 AND {a} > {b}) OR ({step} < 0 AND {a} < {b})"
            made = (
                f"CASE WHEN {away} THEN error('sequence: this step leads away from its end') ELSE {made} END"
            )
        return call.result(made, array(kind))
    if first.type.temporal and last.type.temporal:
        return moments(call)
    raise Unsupported(f"sequence of {first.type.spark}", hint="whole numbers, dates or timestamps")


@rule("arrays_zip")
def _arrays_zip(call: Call) -> Expr:
    call.arity(1, -1)
    names = tuple(
        arg.label if type(node).__name__ in ("Column", "Alias") else str(index)
        for index, (node, arg) in enumerate(zip(call.nodes, call.args, strict=True))
    )
    kinds = tuple(array_type(call, index).element for index in range(len(call.args)))
    e = fresh_variable()
    parts = ", ".join(f"{text(name)}: {e}[{index}]" for index, name in enumerate(names, 1))
    zipped = f"list_zip({', '.join(arg.sql for arg in call.args)})"
    nulls = " OR ".join(f"{arg.sql} IS NULL" for arg in call.args)
    sql = f"CASE WHEN {nulls} THEN NULL ELSE list_transform({zipped}, lambda {e}: {{{parts}}}) END"
    return call.result(sql, array(struct(names, kinds)))
