"""DescriptiveMetrics: the most frequent values of each column, as JSON."""

from __future__ import annotations

import json

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.inputs import ask, flag, whole


@ESTIMATORS.register("DescriptiveMetrics")
class DescriptiveMetrics(Estimator):
    """``[{"value" : count}, ...]`` for each column: the most frequent values, in their own order."""

    name = "DescriptiveMetrics"
    description = "how often the most frequent values of each column are there, as JSON"
    example = """
select explode(array("ant", "bee", "ant")) as animal as animals;
run animals as DescriptiveMetrics.`` as metrics;
"""
    parameters = (
        Parameter("metricSize", "values of a column", "100"),
        Parameter("excludeEmptyVal", "without NULL and empty texts", "true", choices=BOOLEAN),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        if whole(options, "metricSize") <= 0:
            raise BadOption(
                "The limit parameter `metricSize` is not allowed to be less than 1!", option="metricSize"
            )
        names = ctx.engine.schema(request.table).names
        texts = [
            _values(ctx, request.table, name, whole(options, "metricSize"), flag(options, "excludeEmptyVal"))
            for name in names
        ]
        rows = pa.table(
            {"columnName": pa.array(names, pa.string()), "descriptiveMetrics": pa.array(texts, pa.string())}
        )
        ctx.engine.ingest(request.output, rows)

    predict = fit


def _values(ctx: Context, table: str, name: str, most: int, only_full: bool) -> str:
    column = quoted(name)
    where = f" where {column} is not null and cast({column} as string) <> ''" if only_full else ""
    counted = (
        f"select v, count(*) as n from (select {column} as v from {quoted(table)}{where}) as shown group by v"
    )
    found = ask(
        ctx,
        f"select cast(v as string) as word, n from (select v, n from ({counted}) as counted"
        f" order by n desc, v limit {most}) as most order by v",
    )
    pairs = zip(found.column("word").to_pylist(), found.column("n").to_pylist(), strict=True)
    # The blanks and the escaped slash are the original's.
    items = (f"{{{json.dumps(word or '', ensure_ascii=False)} : {count}}}" for word, count in pairs)
    return f"[{', '.join(items)}]".replace("/", "\\/")
