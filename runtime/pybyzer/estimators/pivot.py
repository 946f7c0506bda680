"""Pivot: values of a column become columns, of aggregates of another column."""

from __future__ import annotations

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, column, columns, literal, require, words

MOST_COLUMNS = 10_000
"""Values that may become columns; the same bound as in Spark."""


@ESTIMATORS.register("Pivot")
class Pivot(Estimator):
    """A row for each value of ``columnLeft``, a column for each value of ``columnHeader``."""

    name = "Pivot"
    description = "values of a column become columns of aggregates"
    example = """
select stack(3, "Ann", "maths", 88, "Ann", "music", 92, "Bob", "maths", 65) as (name, subject, score)
    as marks;
run marks as Pivot.`` where columnLeft="name" and columnHeader="subject" and columnSum="score" as wide;
"""
    parameters = (
        Parameter("columnLeft", "the columns that stay, separated by commas", required=True),
        Parameter("columnHeader", "the column whose values become columns", required=True),
        Parameter("columnHeaderFields", "which of its values, separated by commas; else all"),
        Parameter("columnSum", "the column that is aggregated", required=True),
        Parameter("sunFunc", "the aggregate (spelled so in the original)", "sum"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        left, header, summed = (
            require(request.options, key) for key in ("columnLeft", "columnHeader", "columnSum")
        )
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        aggregate = options["sunFunc"]
        if not aggregate.isidentifier():
            raise BadOption(f'"{aggregate}" is no aggregate', option="sunFunc", hint="sum, avg, max, count")
        kept = [quoted(field.name) for field in columns(ctx, request.table, left, "columnLeft")]
        by = quoted(column(ctx, request.table, header, "columnHeader").name)
        value = quoted(column(ctx, request.table, summed, "columnSum").name)
        table = quoted(request.table)
        titles = words(options.get("columnHeaderFields", ""))
        if not titles:
            found = ask(
                ctx,
                f"select cast(value as string) as text from (select distinct {by} as value from {table})"
                f" as found where value is not null order by value limit {MOST_COLUMNS + 1}",
            )
            titles = found.column("text").to_pylist()
        if len(titles) > MOST_COLUMNS:
            raise BadOption(
                f"more than {MOST_COLUMNS} values", option="columnHeader", hint="group them first"
            )
        cells = [
            f"{aggregate}(if(cast({by} as string) = {literal(title)}, {value}, null)) as {quoted(title)}"
            for title in titles
        ]
        sql = f"select {', '.join(kept + cells)} from {table} group by {', '.join(kept)}"
        ctx.engine.query(sql, request.output)

    predict = fit
