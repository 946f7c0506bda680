"""SampleDatasetExt and TakeRandomSampleExt: made-up rows, and some rows of a table."""

from __future__ import annotations

from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.draws import draw
from pybyzer.estimators.inputs import double, number, whole, words


@ESTIMATORS.register("SampleDatasetExt")
class SampleDatasetExt(Estimator):
    """Random features and labels to try things with."""

    name = "SampleDatasetExt"
    description = "made-up rows: id, random features, a random label"
    example = """
run command as SampleDatasetExt.`` where columns="id,features,label" and size="5" and featuresSize="3"
    as data;
"""
    parameters = (
        Parameter("columns", "some of id, features, label", "id"),
        Parameter("size", "rows", "10000"),
        Parameter("featuresSize", "elements of features", "100"),
        Parameter("labelSize", "different labels, from 0", "2"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        size, length = whole(options, "size", 0), whole(options, "featuresSize", 1)
        labels = whole(options, "labelSize", 1)
        makers = {
            "id": "id",
            "features": f"transform(sequence(1, {length}), i -> cast(rand() as float)) as features",
            "label": f"cast(floor(rand() * {labels}) as int) as label",
        }
        chosen = words(options["columns"])
        for name in chosen:
            if name not in makers:
                raise BadOption(f"{name} is not support", option="columns", hint="id, features, label")
        if not chosen:
            raise BadOption("columns names no column", option="columns", hint="id, features, label")
        ctx.engine.query(
            f"select {', '.join(makers[name] for name in chosen)} from range({size}) as ids", request.output
        )

    predict = fit


@ESTIMATORS.register("TakeRandomSampleExt")
class TakeRandomSampleExt(Estimator):
    """``size`` rows, or each row with probability ``fraction``; both: at most ``size`` of those."""

    name = "TakeRandomSampleExt"
    description = "some rows of a table, at random"
    example = """
select id from range(100) as numbers;
run numbers as TakeRandomSampleExt.`` where size="10" as some;
"""
    parameters = (
        Parameter("size", "how many rows; -1: no matter", "-1"),
        Parameter("fraction", "probability of each row; -1: no matter", "-1"),
        Parameter("seed", "a whole number: the same rows every time"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        size, fraction = whole(options, "size", -1), number(options, "fraction")
        if fraction != -1 and not 0 <= fraction <= 1:
            raise BadOption(f"fraction must be from 0 to 1, not {fraction:g}", option="fraction")
        sql = f"select *, {draw(ctx, options)} as __draw__ from {quoted(request.table)}"
        where = "" if fraction == -1 else f" where __draw__ < {double(fraction)}"
        limit = "" if size == -1 else f" order by __draw__ limit {size}"
        ctx.engine.query(f"select * except (__draw__) from ({sql}) as drawn{where}{limit}", request.output)

    predict = fit
