"""Aggregates: many rows in, one value out; each may have distinct, a filter and a window."""

from __future__ import annotations

import re

from pybyzer.engines.sparksql.arithmetic import exact_division
from pybyzer.engines.sparksql.call import Call, rule, table
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.percentiles import measured, whole
from pybyzer.engines.sparksql.nested import ordering
from pybyzer.engines.sparksql.types import BIGINT, DOUBLE, INT, STRING, VOID, SqlType, array, decimal
from pybyzer.errors import EngineError

table("""
count_if | boolean | bigint | count(CASE WHEN {0} THEN 1 END){w}
bool_and, every | boolean | boolean | bool_and({d}{0}){w}
bool_or, some, any | boolean | boolean | bool_or({d}{0}){w}
stddev, stddev_samp, std | double | double | stddev_samp({d}{0}){w}
stddev_pop | double | double | stddev_pop({d}{0}){w}
variance, var_samp | double | double | var_samp({d}{0}){w}
var_pop | double | double | var_pop({d}{0}){w}
kurtosis | double | double | CASE WHEN var_pop({d}{0}){w} <> 0 THEN kurtosis_pop({d}{0}){w} END
corr | double; double | double | CASE WHEN regr_sxx({0}, {1}){w} <> 0 AND regr_syy({0}, {1}){w} <> 0 THEN corr({0}, {1}){w} END
covar_samp | double; double | double | covar_samp({0}, {1}){w}
covar_pop | double; double | double | covar_pop({0}, {1}){w}
regr_count | double; double | bigint | CAST(regr_count({0}, {1}){w} AS BIGINT)
regr_slope | double; double | double | CASE WHEN regr_sxx({0}, {1}){w} <> 0 THEN regr_slope({0}, {1}){w} END
regr_intercept | double; double | double | regr_intercept({0}, {1}){w}
regr_r2 | double; double | double | regr_r2({0}, {1}){w}
regr_avgx | double; double | double | regr_avgx({0}, {1}){w}
regr_avgy | double; double | double | regr_avgy({0}, {1}){w}
regr_sxx | double; double | double | regr_sxx({0}, {1}){w}
regr_syy | double; double | double | regr_syy({0}, {1}){w}
regr_sxy | double; double | double | regr_sxy({0}, {1}){w}
""")


@rule("count")
def _count(call: Call) -> Expr:
    call.aggregate()
    if call.extra.get("star"):
        return Expr(f"count(*){call.around()}", BIGINT, f"count(1){call.label_suffix}")
    call.arity(1, -1)
    if not call.distinct and len(call.args) == 1:
        return call.result(f"count({call.args[0].sql}){call.around()}", BIGINT)
    present = " AND ".join(f"{arg.sql} IS NOT NULL" for arg in call.args)
    if not call.distinct:
        return call.result(f"count(CASE WHEN {present} THEN 1 END){call.around()}", BIGINT)
    if len(call.args) == 1:
        return call.result(f"count(DISTINCT {call.args[0].sql}){call.around()}", BIGINT)
    row = ", ".join(arg.sql for arg in call.args)
    return call.result(f"count(DISTINCT row({row})){call.around(present)}", BIGINT)


@rule("sum", "try_sum")
def _sum(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = measured(call)
    kind = value.type
    if value.type.integral:
        kind = BIGINT
    elif value.type.kind == "decimal":
        kind = decimal(value.type.precision + 10, value.type.scale)
    elif value.type.fractional:
        kind = DOUBLE
    distinct = "DISTINCT " if call.distinct else ""
    summed = f"sum({distinct}{value.sql}){call.around()}"
    if value.type == DOUBLE:
        return call.result(summed, kind)
    try_ = "TRY_" if kind.kind == "decimal" or call.name == "try_sum" else ""
    return call.result(f"{try_}CAST({summed} AS {kind.duck})", kind)


@rule("avg", "mean", "try_avg")
def _avg(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = measured(call)
    distinct = "DISTINCT " if call.distinct else ""
    if value.type.fractional or value.type.integral:
        return call.result(f"avg({distinct}{value.sql}){call.around()}", DOUBLE)
    total = f"sum({distinct}{value.sql}){call.around()}"
    count = f"count({distinct}{value.sql}){call.around()}"
    if value.type.kind == "decimal":
        kind = decimal(value.type.precision + 4, value.type.scale + 4)
        whole_sum = decimal(min(value.type.precision + 10, 38), value.type.scale)
        return call.result(exact_division(total, whole_sum, count, decimal(20, 0), kind), kind)
    kind = whole(value.type)
    average = f"CAST(spark_quotient(CAST({total} AS HUGEINT), CAST({count} AS HUGEINT)) AS {kind.duck})"
    if call.name == "try_avg":
        # A sum beyond the type is NULL here, and an error in avg.
        average = f"CASE WHEN TRY_CAST({total} AS {kind.duck}) IS NOT NULL THEN {average} END"
    return call.result(average, kind)


@rule("min", "max")
def _min(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    kind = call.args[0].type
    if kind.kind == "map":
        raise EngineError(f"{call.name} of a map")
    if kind.parts:
        value = call.args[0].sql
        some = call.around(f"{value} IS NOT NULL")
        return call.result(f"arg_{call.name}_null({value}, {ordering(value, kind)}){some}", kind)
    return call.result(f"{call.name}({call.args[0].sql}){call.around()}", kind)


@rule("collect_list", "array_agg", "collect_set")
def _collect(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = call.args[0]
    distinct = "DISTINCT " if call.distinct or call.name == "collect_set" else ""
    kind = array(value.type)
    listed = f"list({distinct}{value.sql}){call.around(f'{value.sql} IS NOT NULL')}"
    if call.name == "collect_set":
        # Spark leaves the order open; sorted, it is the same in every run.
        listed = f"list_sort({listed})"
    return call.result(f"coalesce({listed}, CAST([] AS {kind.duck}))", kind)


@rule("collect_union")
def _collect_union(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = call.args[0]
    if value.type.kind != "array":
        raise EngineError(f"collect_union needs arrays, but {value.label} is {value.type.spark}")
    listed = f"list({value.sql}){call.around(f'{value.sql} IS NOT NULL')}"
    sql = f"coalesce(list_sort(list_distinct(flatten({listed}))), CAST([] AS {value.type.duck}))"
    return call.result(sql, value.type)


@rule("first", "first_value", "any_value", "last", "last_value")
def _first(call: Call) -> Expr:
    call.arity(1, 2)
    call.aggregate()
    value = call.args[0]
    skip = call.ignore_nulls or (len(call.args) == 2 and call.constant(1) is True)
    last = call.name.startswith("last")
    shown = call.name.removesuffix("_value") if call.over is None and call.name != "any_value" else call.name
    written = " ignore nulls" if skip and call.over is not None else ""
    label = f"{shown}({value.label}){written}{call.label_suffix}"
    if call.over is not None:
        name = "last_value" if last else "first_value"
        nulls = " IGNORE NULLS" if skip else ""
        return Expr(f"{name}({value.sql}{nulls}){call.around()}", value.type, label)
    name = "last" if last else "first"
    condition = f"{value.sql} IS NOT NULL" if skip else None
    return Expr(f"{name}({value.sql}){call.around(condition)}", value.type, label)


@rule("max_by", "min_by")
def _max_by(call: Call) -> Expr:
    call.arity(2, 3)
    call.aggregate()
    condition = f"{call.args[1].sql} IS NOT NULL"
    if len(call.args) == 3:
        count = call.constant(2)
        if not isinstance(count, int) or not 1 <= count <= 100_000:
            raise EngineError(f"{call.name}: how many is a whole number from 1 to 100000")
        inner = f"struct_pack(x := {call.args[0].sql})"
        key = ordering(call.args[1].sql, call.args[1].type)
        way = "DESC" if call.name == "max_by" else "ASC"
        # Rows whose x is NULL count too, which DuckDB's own max_by leaves out.
        pairs = f"list({inner} ORDER BY {key} {way}){call.around(condition)}"
        return call.result(f"list_transform({pairs}[1:{count}], lambda p: p.x)", array(call.args[0].type))
    name = "arg_max_null" if call.name == "max_by" else "arg_min_null"
    key = ordering(call.args[1].sql, call.args[1].type)
    sql = f"{name}({call.args[0].sql}, {key}){call.around(condition)}"
    return call.result(sql, call.args[0].type)


@rule("skewness")
def _skewness(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    x = f"{'DISTINCT ' if call.distinct else ''}{call.as_(0, DOUBLE)}"
    n = f"count({x}){call.around()}"
    # DuckDB corrects for the sample, Spark does not.
    population = f"skewness({x}){call.around()} * ({n} - 2) / sqrt(CAST({n} AS DOUBLE) * ({n} - 1))"
    spread = f"var_pop({x}){call.around()} <> 0"
    return call.result(
        f"CASE WHEN {spread} THEN CASE WHEN {n} = 2 THEN 0.0 ELSE {population} END END", DOUBLE
    )


@rule("approx_count_distinct")
def _approx_count_distinct(call: Call) -> Expr:
    call.arity(1, 2)
    call.aggregate()
    # Exact is within any allowed error.
    return call.result(f"count(DISTINCT {call.args[0].sql}){call.around()}", BIGINT)


@rule("listagg", "string_agg")
def _listagg(call: Call) -> Expr:
    call.arity(1, 2)
    call.aggregate()
    separator = call.as_(1, STRING) if len(call.args) == 2 and call.args[1].type != VOID else "''"
    distinct = "DISTINCT " if call.distinct else ""
    order, written = call.extra.get("order", ("", ""))
    inner = f"{distinct}{call.as_(0, STRING)}, {separator}{order and f' ORDER BY {order}'}"
    shown = call.args[1].label if len(call.args) == 2 else "NULL"
    group = f" WITHIN GROUP (ORDER BY {written})" if written else ""
    label = f"{call.name}({distinct}{call.args[0].label}, {shown}){group}{call.label_suffix}"
    return Expr(f"string_agg({inner}){call.around()}", STRING, label)


@rule("grouping")
def _grouping(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    return call.result(f"CAST(grouping({call.args[0].sql}) AS TINYINT)", SqlType("tinyint"))


@rule("grouping_id")
def _grouping_id(call: Call) -> Expr:
    call.aggregate()
    parts = [arg.sql for arg in call.args] or call.scope.group_names()
    if not parts:
        raise EngineError("grouping_id needs a group by")
    return Expr(f"CAST(grouping({', '.join(parts)}) AS BIGINT)", BIGINT, call.label)


# -- functions that only windows have ------------------------------------------------------------------


def _windowed(call: Call) -> None:
    if call.over is None:
        raise EngineError(f"{call.name} needs over (...)")


@rule("row_number", "rank", "dense_rank")
def _rank(call: Call) -> Expr:
    # What stands between the parentheses of rank(x) is what the window is ordered by.
    call.arity(0, 0 if call.name == "row_number" else -1)
    _windowed(call)
    shown = call.label if call.name == "row_number" else f"{call.name.upper()}(){call.label_suffix}"
    return Expr(f"CAST({call.name}(){call.around()} AS INTEGER)", INT, shown)


@rule("ntile")
def _ntile(call: Call) -> Expr:
    call.arity(1)
    _windowed(call)
    return call.result(f"CAST(ntile({call.as_(0, INT)}){call.around()} AS INTEGER)", INT)


@rule("percent_rank", "cume_dist")
def _percent_rank(call: Call) -> Expr:
    call.arity(0, -1)
    _windowed(call)
    name = "PERCENT_RANK" if call.name == "percent_rank" else call.name
    return Expr(f"{call.name}(){call.around()}", DOUBLE, f"{name}(){call.label_suffix}")


def _one_row(call: Call) -> str:
    """The frame Spark shows for lag and lead: the row that is so far away."""
    away = call.args[1].value if len(call.args) > 1 else 1
    if not isinstance(away, int):
        return "ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING)"
    place = -away if call.name == "lag" else away
    bound = f"{place} FOLLOWING"
    return f"ROWS BETWEEN {bound} AND {bound})"


@rule("lag", "lead")
def _lag(call: Call) -> Expr:
    call.arity(1, 3)
    _windowed(call)
    value = call.args[0]
    offset = call.as_(1, INT) if len(call.args) > 1 else "1"
    default = f", {cast(call.args[2], value.type).sql}" if len(call.args) > 2 else ""
    nulls = " IGNORE NULLS" if call.ignore_nulls else ""
    shown = call.args[1].label if len(call.args) > 1 else "1"
    other = call.args[2].label if len(call.args) > 2 else "NULL"
    suffix = re.sub(r"(RANGE|ROWS) BETWEEN [^)]*\)$", _one_row(call), call.label_suffix)
    label = f"{call.name}({value.label}, {shown}, {other}){suffix}"
    return Expr(f"{call.name}({value.sql}, {offset}{default}{nulls}){call.around()}", value.type, label)


@rule("nth_value")
def _nth_value(call: Call) -> Expr:
    call.arity(2)
    _windowed(call)
    nulls = " IGNORE NULLS" if call.ignore_nulls else ""
    return call.result(
        f"nth_value({call.args[0].sql}, {call.as_(1, INT)}{nulls}){call.around()}", call.args[0].type
    )


NAMES = frozenset(
    {
        "count", "sum", "avg", "mean", "min", "max", "collect_list", "collect_set", "array_agg", "first", "last",
        "any_value", "first_value", "last_value", "max_by", "min_by", "skewness", "kurtosis", "percentile",
        "median", "percentile_approx", "approx_percentile", "approx_count_distinct", "listagg", "string_agg",
        "count_if", "bool_and", "bool_or", "every", "some", "any", "bitmap_construct_agg", "bitmap_or_agg",
        "bitmap_and_agg", "schema_of_variant_agg", "stddev", "stddev_samp", "stddev_pop", "std",
        "mode", "try_sum", "percentile_cont", "percentile_disc", "histogram_numeric", "collect_union",
        "regr_count", "regr_slope", "regr_intercept", "regr_r2", "regr_avgx", "regr_avgy", "regr_sxx", "regr_syy",
        "regr_sxy", "bit_and", "bit_or", "bit_xor", "try_avg", "variance", "var_samp", "var_pop", "corr", "covar_samp", "covar_pop", "grouping", "grouping_id",
    }
)  # fmt: skip
"""Names of aggregates, for what must know before translating."""
