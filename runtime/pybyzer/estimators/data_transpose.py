"""DataTranspose: values of a column become columns (pivot), or columns become values (unpivot)."""

from __future__ import annotations

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import (
    ask,
    column,
    columns,
    is_number,
    is_text,
    literal,
    require,
    typed,
)

MOST_COLUMNS = 10_000
"""Values a pivot may turn into columns; the same bound as in Spark."""


@ESTIMATORS.register("DataTranspose")
class DataTranspose(Estimator):
    """``pivot``: a row for each value of ``indexCols``, a column of sums for each value of ``inputCol``.

    ``unpivot``: a row for each of ``unPivotCols``, its name in ``mergedCol``, its value in ``aggCol``.
    """

    name = "DataTranspose"
    description = "rows to columns (pivot) and columns to rows (unpivot)"
    example = """
select stack(3, "Ann", "maths", 88, "Ann", "music", 92, "Bob", "maths", 65) as (name, subject, score)
    as marks;
run marks as DataTranspose.`` where method="pivot" and indexCols="name" and inputCol="subject"
    and aggCol="score" as wide;
run wide as DataTranspose.`` where method="unpivot" and indexCols="name" and unPivotCols="maths,music"
    and mergedCol="subject" and aggCol="score" as long;
"""
    parameters = (
        Parameter("method", "pivot or unpivot", required=True, choices=("pivot", "unpivot")),
        Parameter("indexCols", "the columns that stay, separated by commas"),
        Parameter("inputCol", "pivot: the column whose values become columns, in their order"),
        Parameter("aggCol", "pivot: the column that is summed; unpivot: the new column of values"),
        Parameter("unPivotCols", "unpivot: the columns that become rows, separated by commas"),
        Parameter("mergedCol", "unpivot: the new column of names"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        require(request.options, "method", "The param for the method is required!", "pivot or unpivot")
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        index = columns(ctx, request.table, require(options, "indexCols"), "indexCols")
        kept = [quoted(field.name) for field in index]
        if options["method"].lower() == "pivot":
            sql = _pivot(ctx, request, options, kept)
        else:
            sql = _unpivot(ctx, request, options, kept)
        ctx.engine.query(sql, request.output)


def _pivot(ctx: Context, request: FitRequest, options: dict[str, str], kept: list[str]) -> str:
    table = quoted(request.table)
    by = column(ctx, request.table, require(options, "inputCol"), "inputCol")
    summed = column(ctx, request.table, require(options, "aggCol"), "aggCol")
    typed(summed, lambda kind: is_number(kind) or is_text(kind), "numbers", "aggCol")
    name = quoted(by.name)
    values = ask(
        ctx,
        f"select value, cast(value as string) as text from (select distinct {name} as value from {table})"
        f" as found order by value limit {MOST_COLUMNS + 1}",
    )
    if values.num_rows > MOST_COLUMNS:
        raise BadOption(
            f'column "{by.name}" has more than {MOST_COLUMNS} values',
            option="inputCol",
            hint="group them first",
        )
    total = f"cast({quoted(summed.name)} as double)" if is_text(summed.type) else quoted(summed.name)
    cells = []
    for text in values.column("text").to_pylist():
        same = f"{name} is null" if text is None else f"cast({name} as string) = {literal(text)}"
        title = "null" if text is None else text
        cells.append(f"sum(if({same}, {total}, null)) as {quoted(title)}")
    return f"select {', '.join(kept + cells)} from {table} group by {', '.join(kept)}"


def _unpivot(ctx: Context, request: FitRequest, options: dict[str, str], kept: list[str]) -> str:
    merged, value = require(options, "mergedCol"), require(options, "aggCol")
    chosen = columns(ctx, request.table, require(options, "unPivotCols"), "unPivotCols")
    pairs = ", ".join(f"{literal(field.name)}, {quoted(field.name)}" for field in chosen)
    stack = f"stack({len(chosen)}, {pairs}) as ({quoted(merged)}, {quoted(value)})"
    return f"select {', '.join(kept)}, {stack} from {quoted(request.table)}"
