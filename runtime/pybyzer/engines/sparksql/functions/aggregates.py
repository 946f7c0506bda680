"""Aggregates: many rows in, one value out; each may have distinct, a filter and a window."""

from __future__ import annotations

from pybyzer.engines.sparksql.call import Call, rule, table, unsupported
from pybyzer.engines.sparksql.casts import cast
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.types import BIGINT, DOUBLE, INT, STRING, VOID, SqlType, array, decimal
from pybyzer.errors import EngineError, Unsupported

table("""
count_if | boolean | bigint | count_if({0}){w}
bool_and, every | boolean | boolean | bool_and({0}){w}
bool_or, some, any | boolean | boolean | bool_or({0}){w}
stddev, stddev_samp, std | double | double | stddev_samp({d}{0}){w}
stddev_pop | double | double | stddev_pop({d}{0}){w}
variance, var_samp | double | double | var_samp({d}{0}){w}
var_pop | double | double | var_pop({d}{0}){w}
kurtosis | double | double | kurtosis_pop({d}{0}){w}
corr | double; double | double | corr({0}, {1}){w}
covar_samp | double; double | double | covar_samp({0}, {1}){w}
covar_pop | double; double | double | covar_pop({0}, {1}){w}
regr_count | double; double | bigint | CAST(regr_count({0}, {1}){w} AS BIGINT)
regr_slope | double; double | double | regr_slope({0}, {1}){w}
regr_intercept | double; double | double | regr_intercept({0}, {1}){w}
regr_r2 | double; double | double | regr_r2({0}, {1}){w}
""")

unsupported("histogram_numeric count_min_sketch approx_top_k hll_sketch_agg")


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


def _number(call: Call, index: int = 0) -> Expr:
    """A numeric argument; texts are read as doubles."""
    arg = call.args[index]
    if arg.type.numeric:
        return arg
    if arg.type in (STRING, VOID):
        return cast(arg, DOUBLE)
    raise EngineError(f"{call.name} needs a number, but {arg.label} is {arg.type.spark}")


@rule("sum", "try_sum")
def _sum(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = _number(call)
    kind = BIGINT if value.type.integral else DOUBLE
    if value.type.kind == "decimal":
        kind = decimal(value.type.precision + 10, value.type.scale)
    distinct = "DISTINCT " if call.distinct else ""
    summed = f"sum({distinct}{value.sql}){call.around()}"
    if value.type.kind == "decimal":
        return call.result(f"TRY_CAST({summed} AS {kind.duck})", kind)
    if value.type.integral:
        return call.result(f"CAST({summed} AS BIGINT)", kind)
    return call.result(f"CAST({summed} AS DOUBLE)" if value.type != DOUBLE else summed, kind)


@rule("mode")
def _mode(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    return call.result(f"mode({call.args[0].sql}){call.around()}", call.args[0].type)


@rule("avg", "mean", "try_avg")
def _avg(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = _number(call)
    distinct = "DISTINCT " if call.distinct else ""
    if value.type.kind == "decimal":
        kind = decimal(value.type.precision + 4, value.type.scale + 4)
        total = f"sum({distinct}{value.sql}){call.around()}"
        count = f"count({distinct}{value.sql}){call.around()}"
        from pybyzer.engines.sparksql.arithmetic import exact_division

        whole = decimal(38, value.type.scale)
        return call.result(exact_division(total, whole, count, decimal(20, 0), kind), kind)
    return call.result(f"avg({distinct}{value.sql}){call.around()}", DOUBLE)


@rule("min", "max")
def _min(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    kind = call.args[0].type
    if kind.kind == "map":
        raise EngineError(f"{call.name} of a map")
    return call.result(f"{call.name}({call.args[0].sql}){call.around()}", kind)


@rule("collect_list", "array_agg", "collect_set")
def _collect(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    value = call.args[0]
    distinct = "DISTINCT " if call.distinct or call.name == "collect_set" else ""
    kind = array(value.type)
    listed = f"list({distinct}{value.sql}){call.around(f'{value.sql} IS NOT NULL')}"
    return call.result(f"coalesce({listed}, CAST([] AS {kind.duck}))", kind)


@rule("first", "first_value", "any_value", "last", "last_value")
def _first(call: Call) -> Expr:
    call.arity(1, 2)
    call.aggregate()
    value = call.args[0]
    skip = call.ignore_nulls or (len(call.args) == 2 and call.constant(1) is True)
    label = f"{call.name}({value.label}){' ignore nulls' if skip else ''}{call.label_suffix}"
    last = call.name.startswith("last")
    if call.over is not None:
        name = "last_value" if last else "first_value"
        nulls = " IGNORE NULLS" if skip else ""
        return Expr(f"{name}({value.sql}{nulls}){call.around()}", value.type, label)
    name = "last" if last else "first"
    condition = f"{value.sql} IS NOT NULL" if skip else None
    return Expr(f"{name}({value.sql}){call.around(condition)}", value.type, label)


@rule("max_by", "min_by")
def _max_by(call: Call) -> Expr:
    call.arity(2)
    call.aggregate()
    name = "arg_max_null" if call.name == "max_by" else "arg_min_null"
    condition = f"{call.args[1].sql} IS NOT NULL"
    sql = f"{name}({call.args[0].sql}, {call.args[1].sql}){call.around(condition)}"
    return call.result(sql, call.args[0].type)


@rule("skewness")
def _skewness(call: Call) -> Expr:
    call.arity(1)
    call.aggregate()
    x = call.as_(0, DOUBLE)
    n = f"count({x}){call.around()}"
    # DuckDB corrects for the sample, Spark does not.
    population = f"skewness({x}){call.around()} * ({n} - 2) / sqrt(CAST({n} AS DOUBLE) * ({n} - 1))"
    few = f"CASE WHEN var_pop({x}){call.around()} > 0 THEN 0.0 ELSE CAST('nan' AS DOUBLE) END"
    return call.result(f"CASE WHEN {n} = 0 THEN NULL WHEN {n} <= 2 THEN {few} ELSE {population} END", DOUBLE)


@rule("approx_count_distinct")
def _approx_count_distinct(call: Call) -> Expr:
    call.arity(1, 2)
    call.aggregate()
    # Exact is within any allowed error.
    return call.result(f"count(DISTINCT {call.args[0].sql}){call.around()}", BIGINT)


@rule("percentile", "median", "percentile_cont", "percentile_disc", "percentile_approx", "approx_percentile")
def _percentile(call: Call) -> Expr:
    call.aggregate()
    discrete = call.name in ("percentile_approx", "approx_percentile", "percentile_disc")
    if call.name == "median":
        call.arity(1)
        points: object = 0.5
    else:
        call.arity(2, 4)
        points = call.args[1].value if call.args[1].constant else call.translator.constants(call.nodes[1])
    value = _number(call)
    kind = value.type if call.name in ("percentile_approx", "approx_percentile") else DOUBLE
    many = isinstance(points, list)
    numbers = [float(str(point)) for point in (points if isinstance(points, list) else [points])]
    if any(not 0 <= number <= 1 for number in numbers):
        raise EngineError(f"{call.name}: percentages are between 0 and 1")
    if len(call.args) > 2 and call.name == "percentile":
        raise Unsupported("percentile with frequencies")
    function = "quantile_disc" if discrete else "quantile_cont"
    wanted = f"[{', '.join(str(n) for n in numbers)}]" if many else str(numbers[0])
    inner = value.sql if discrete else cast(value, DOUBLE).sql
    sql = f"{function}({inner}, {wanted}){call.around()}"
    out = array(kind) if many else kind
    label = call.label if call.name != "percentile" else f"percentile({value.label}, {call.args[1].label}, 1)"
    if call.name in ("percentile_approx", "approx_percentile") and len(call.args) == 2:
        label = f"{call.name}({value.label}, {call.args[1].label}, 10000)"
    return Expr(f"CAST({sql} AS {out.duck})", out, label)


@rule("listagg", "string_agg")
def _listagg(call: Call) -> Expr:
    call.arity(1, 2)
    call.aggregate()
    separator = call.as_(1, STRING) if len(call.args) == 2 else "''"
    distinct = "DISTINCT " if call.distinct else ""
    return call.result(f"string_agg({distinct}{call.as_(0, STRING)}, {separator}){call.around()}", STRING)


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
    call.arity(0)
    _windowed(call)
    return Expr(f"CAST({call.name}(){call.around()} AS INTEGER)", INT, call.label)


@rule("ntile")
def _ntile(call: Call) -> Expr:
    call.arity(1)
    _windowed(call)
    return call.result(f"CAST(ntile({call.as_(0, INT)}){call.around()} AS INTEGER)", INT)


@rule("percent_rank", "cume_dist")
def _percent_rank(call: Call) -> Expr:
    call.arity(0)
    _windowed(call)
    return call.result(f"{call.name}(){call.around()}", DOUBLE)


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
    label = f"{call.name}({value.label}, {shown}, {other}){call.label_suffix}"
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
        "mode", "try_sum", "try_avg", "variance", "var_samp", "var_pop", "corr", "covar_samp", "covar_pop", "grouping", "grouping_id",
    }
)  # fmt: skip
"""Names of aggregates, for what must know before translating."""
