"""TableRepartition and RepartitionExt: the same rows, laid out in another number of partitions."""

from __future__ import annotations

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted


@ESTIMATORS.register("TableRepartition", "RepartitionExt")
class TableRepartition(Estimator):
    """The number of partitions decides how many workers share a table, and how many files it becomes."""

    name = "TableRepartition"
    description = "the same rows in another number of partitions"
    example = """
select id from range(100) as numbers;
run numbers as TableRepartition.`` where partitionNum="4" as spread;
"""
    parameters = (
        Parameter("partitionNum", "how many partitions", required=True),
        Parameter("partitionType", "how rows are dealt out", "hash", choices=("hash", "range")),
        Parameter(
            "partitionCols",
            "columns to sort by, separated by commas: equal values come together, but the cut between two"
            " partitions may fall among them",
        ),
        Parameter("shuffle", "false: only fewer partitions than before", "true", choices=("true", "false")),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        if not request.options.get("partitionNum"):
            raise BadOption("partitionNum is required", hint='as in partitionNum="4"')
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        count = _positive(options["partitionNum"])
        columns = [name.strip() for name in options.get("partitionCols", "").split(",") if name.strip()]
        if options["partitionType"].lower() == "range" and not columns:
            raise BadOption(
                "At least one partition-by expression must be specified.",
                option="partitionType",
                hint="name the columns in partitionCols",
            )
        if options["shuffle"].lower() == "false":
            count = min(count, ctx.engine.stream(request.table, limit=0).partitions)
        # Partitions are contiguous pieces of the table: sorting brings equal values together.
        order = f" order by {', '.join(quoted(column) for column in columns)}" if columns else ""
        ctx.engine.query(f"select * from {quoted(request.table)}{order}", request.output, partitions=count)

    predict = fit


def _positive(text: str) -> int:
    if not text.strip().isdigit() or int(text) < 1:
        raise BadOption(f'partitionNum must be a whole number from 1, not "{text}"', option="partitionNum")
    return int(text)
