"""TableRepartition and RepartitionExt: the same rows, laid out in another number of partitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

NUMBER = "__partition__"
"""The column that is sorted by while rows are dealt out."""


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
            "columns, separated by commas, whose equal values are in one partition: by hash as in Spark, or"
            " sorted and in ranges",
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
        if not columns:
            ctx.engine.query(f"select * from {quoted(request.table)}", request.output, partitions=count)
            return
        self._by_columns(ctx, request, columns, count, hashed=options["partitionType"].lower() == "hash")

    def _by_columns(
        self, ctx: Context, request: FitRequest, columns: list[str], count: int, *, hashed: bool
    ) -> None:
        """Compute the table once, ordered by partition, and cut it where the partitions end."""
        import numpy as np

        listed = ", ".join(quoted(column) for column in columns)
        # As Spark deals rows out by hash; in a range, rows of equal values have the same rank.
        which = (
            f"pmod(hash({listed}), {count})"
            if hashed
            else f"cast((rank() over (order by {listed}) - 1) * {count} div count(*) over () as int)"
        )
        order = NUMBER if hashed else f"{NUMBER}, {listed}"
        ordered, dealt = ctx.catalog.fresh("partitions"), ctx.catalog.fresh("partitions")
        table = quoted(request.table)
        ctx.engine.query(f"select *, {which} as {NUMBER} from {table} order by {order}", ordered)
        rows = np.zeros(count, np.int64)
        try:
            ctx.engine.ingest(dealt, _counted(ctx.engine.stream(ordered).reader, rows))
            kept = f"select * except ({NUMBER}) from {quoted(dealt)}"
            ctx.engine.query(kept, request.output, partitions=rows.tolist())
        finally:
            ctx.engine.drop(ordered)
            ctx.engine.drop(dealt)

    predict = fit


def _counted(reader: pa.RecordBatchReader, rows: np.ndarray[Any, Any]) -> pa.RecordBatchReader:
    """The same rows; ``rows`` counts those of each partition, whose number is the last column."""
    import numpy as np
    import pyarrow as pa

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            numbers = batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False)
            rows[:] += np.bincount(numbers, minlength=len(rows))
            yield batch

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


def _positive(text: str) -> int:
    if not text.strip().isdigit() or int(text) < 1:
        raise BadOption(f'partitionNum must be a whole number from 1, not "{text}"', option="partitionNum")
    return int(text)
