"""DataSummary: what is in each column of a table, as text, in two queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from pybyzer.arrow import type_name
from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.engines.sparksql.literals import java_text
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, is_number, is_text, number, whole, words
from pybyzer.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

METRICS = (
    "%25",
    "median",
    "%75",
    "blankValueRatio",
    "dataLength",
    "dataType",
    "max",
    "maximumLength",
    "mean",
    "min",
    "minimumLength",
    "nonNullCount",
    "nullValueRatio",
    "skewness",
    "totalCount",
    "standardDeviation",
    "standardError",
    "uniqueValueRatio",
    "categoryCount",
    "primaryKeyCandidate",
    "mode",
)
"""All metrics, in the order of the result's columns."""

_UNASKED = ("skewness", "categoryCount", "%25", "%75")
_COUNTED = ("uniqueValueRatio", "categoryCount", "primaryKeyCandidate", "mode")
_QUANTILES = {"%25": 0.25, "median": 0.5, "%75": 0.75}
_WHOLE = ("dataLength", "maximumLength", "minimumLength", "nonNullCount", "totalCount", "categoryCount")
_BYTES = {
    "boolean": 1,
    "tinyint": 1,
    "smallint": 2,
    "int": 4,
    "bigint": 8,
    "float": 4,
    "double": 8,
    "date": 8,
    "timestamp": 8,
    "timestamp_ntz": 8,
}
_NAMES = {"tinyint": "byte", "smallint": "short", "int": "integer", "bigint": "long"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@ESTIMATORS.register("DataSummary")
class DataSummary(Estimator):
    """One row for each column, all texts; blank texts and NaN count as missing in most metrics.

    Small tables give exact quantiles, interpolated; above ``approxThreshold`` rows they are values of
    the table, as in the original. Everything that is counted is exact always.
    """

    name = "DataSummary"
    description = "metrics of each column: type, range, mean, quantiles, missing, distinct and usual values"
    example = """
select explode(array(57, 50, 10, 40)) as age as people;
run people as DataSummary.`` where metrics="mean,median,max" as summary;
"""
    parameters = (
        Parameter("metrics", "separated by commas; the order of the columns is fixed"),
        Parameter("roundAt", "digits after the point; ratios get two more", "2"),
        Parameter("relativeError", "error of the quantiles of large tables; 0: none", "0.01"),
        Parameter("approxCountDistinct", "accepted; counts are exact", "true", choices=BOOLEAN),
        Parameter("approxThreshold", "rows up to which quantiles are interpolated; -1: never", "100000"),
        Parameter("threshold", "accepted; counts are exact", "0.9"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        chosen = _chosen(options.get("metrics"))
        digits = min(whole(options, "roundAt", 0), 40)
        error = number(options, "relativeError", 0)
        threshold = whole(options, "approxThreshold", -1)
        schema = ctx.engine.schema(request.table)
        total = ask(ctx, f"select count(*) as n from {quoted(request.table)}").column("n")[0].as_py()
        exact = error == 0 or 0 <= total <= threshold
        rows = _summary(ctx, request.table, schema, chosen, None if exact else max(1, round(1 / error)))
        names = ("columnName", "ordinalPosition", *chosen)
        made = [
            [field.name, str(place), *(_text(row.get(name), name, digits) for name in chosen)]
            for place, (field, row) in enumerate(zip(schema, rows, strict=True), 1)
        ]
        if not total:
            made = []
        arrays = [pa.array([row[i] for row in made], pa.string()) for i in range(len(names))]
        ctx.engine.ingest(request.output, pa.table(dict(zip(names, arrays, strict=True))))

    predict = fit


def _chosen(text: str | None) -> list[str]:
    if not text:
        return [name for name in METRICS if name not in _UNASKED]
    asked = words(text)
    for name in asked:
        if name not in (*METRICS, "columnName", "ordinalPosition"):
            raise BadOption(f'DataSummary has no metric "{name}"', option="metrics", hint=_close(name))
    return [name for name in METRICS if name in asked]


def _close(name: str) -> str:
    return did_you_mean(name, METRICS) or "known: " + ", ".join(METRICS)


def _summary(
    ctx: Context, table: str, schema: pa.Schema, chosen: list[str], accuracy: int | None
) -> list[dict[str, Any]]:
    """The values of the metrics, by column: first all aggregates at once, then what is counted by value."""
    wanted = [
        (place, name, expression)
        for place, field in enumerate(schema)
        for name, expression in _aggregates(field, chosen, accuracy).items()
    ]
    select = ", ".join(f"{expression} as `{place}_{i}`" for i, (place, _, expression) in enumerate(wanted))
    rows: list[dict[str, Any]] = [{} for _ in schema]
    if wanted:
        found = ask(ctx, f"select {select} from {quoted(table)}")
        for i, (place, name, _) in enumerate(wanted):
            rows[place][name] = found.column(f"{place}_{i}")[0].as_py()
    counted = [name for name in chosen if name in _COUNTED]
    if counted:
        parts = [_values(table, place, field) for place, field in enumerate(schema)]
        for found in ask(ctx, " union all ".join(parts)).to_pylist():
            rows[found["place"]].update(_by_value(schema.field(found["place"]), found))
    for field, row in zip(schema, rows, strict=True):
        row["dataType"] = _type(field.type)
    return rows


def _valid(field: pa.Field) -> str:
    """The column's value, NULL where it is blank or not a number."""
    import pyarrow as pa

    name = quoted(field.name)
    if is_text(field.type):
        return f"if(trim({name}) = '', null, {name})"
    return f"if(isnan({name}), null, {name})" if pa.types.is_floating(field.type) else name


def _aggregates(field: pa.Field, chosen: list[str], accuracy: int | None) -> dict[str, str]:
    """The metrics that one scan of the table answers, as expressions."""
    import pyarrow as pa

    name, valid, kind = quoted(field.name), _valid(field), field.type
    numeric, text = is_number(kind), is_text(kind)
    known = f"count({valid})"
    comparable = not pa.types.is_nested(kind) and not pa.types.is_null(kind)
    found: dict[str, str] = {
        "nonNullCount": known,
        "totalCount": "count(*)",
        "nullValueRatio": f"(count(*) - count({name if text else valid})) / count(*)",
        "blankValueRatio": f"count(if(trim({name}) = '', 1, null)) / count(*)" if text else "0.0d",
        "dataLength": f"max(length({name}))" if text else _length(kind),
    }
    if comparable:
        found |= {"max": f"cast(max({valid}) as string)", "min": f"cast(min({valid}) as string)"}
    if text:
        found |= {"maximumLength": f"max(length({name}))", "minimumLength": f"min(length({name}))"}
    if numeric:
        double = f"cast({valid} as double)"
        found |= {
            "mean": f"avg({double})",
            "standardDeviation": f"stddev({double})",
            "standardError": f"stddev({double}) / sqrt({known})",
            "skewness": f"skewness({double})",
        }
        for metric, share in _QUANTILES.items():
            found[metric] = (
                f"percentile({double}, {share})"
                if accuracy is None
                else f"percentile_approx({double}, {share}, {accuracy})"
            )
    return {metric: expression for metric, expression in found.items() if metric in chosen}


def _length(kind: pa.DataType) -> str:
    """Bytes of a value; nothing for types that have no fixed number of them."""
    import pyarrow as pa

    count = 16 if pa.types.is_decimal(kind) else _BYTES.get(type_name(kind))
    return f"max({count})" if count else "max(cast(null as int))"


def _values(table: str, place: int, field: pa.Field) -> str:
    """A query for a column's distinct values: how many, how often the most frequent ones, and which."""
    import pyarrow as pa

    name, kind = quoted(field.name), field.type
    # Maps cannot be grouped, but their text can.
    value = f"cast({name} as string)" if pa.types.is_nested(kind) else name
    blank = f"trim({name}) = ''" if is_text(kind) else "false"
    known = f"{value} is not null" + (f" and not isnan({name})" if pa.types.is_floating(kind) else "")
    rows = f"select {value} as v, {blank} as blank from {quoted(table)} where {known}"
    groups = f"select v, blank, count(*) as n from ({rows}) as rows group by v, blank"
    # Most values are equally frequent: there are few different frequencies.
    frequencies = (
        "select blank, n, count(*) as groups, any_value(v) as some"
        f" from ({groups}) as grouped group by blank, n"
    )
    return (
        f"select {place} as place, sum(if(blank, 0, groups)) as distinct_values,"
        " sum(if(blank, 0, n * groups)) as known, sum(if(n = top, groups, 0)) as tied,"
        " cast(max_by(some, n) as string) as usual"
        f" from (select *, max(n) over () as top from ({frequencies}) as counted) as ranked"
    )


def _by_value(field: pa.Field, found: Mapping[str, Any]) -> dict[str, Any]:
    known, distinct = found["known"] or 0, found["distinct_values"] or 0
    ratio = distinct / known if known else 0.0
    return {
        "uniqueValueRatio": ratio,
        "categoryCount": 0 if is_number(field.type) else distinct,
        "primaryKeyCandidate": int(ratio >= 1),
        "mode": found["usual"] if found["tied"] == 1 else None,
    }


def _type(kind: pa.DataType) -> str:
    """Spark's name of a type without what is inside it."""
    name = type_name(kind)
    return _NAMES.get(name) or re.split("<", name, maxsplit=1)[0]


def _text(value: Any, metric: str, digits: int) -> str:
    """A value as the result shows it: numbers rounded half up, also those in texts; nothing for NULL."""
    if value is None:
        return ""
    text = str(value)
    if metric in (*_WHOLE, "primaryKeyCandidate", "dataType") or not _NUMBER.fullmatch(text):
        return text
    places = digits + 2 if metric.endswith("Ratio") else digits
    with localcontext(prec=400):
        rounded = Decimal(text).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return java_text(float(rounded))
