"""RateSampler: splits a table in two by rates, in a new column."""

from __future__ import annotations

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.draws import draw
from pybyzer.estimators.inputs import column, flag, is_number, new_column, typed

_RATES = "Sum of sampleRates should equal to 1 and number of elements should be 2"


@ESTIMATORS.register("RateSampler")
class RateSampler(Estimator):
    """Marks each row for one of two samples in ``__split__``: a draw for each row, or exact for each label.

    With ``seed`` the same rows in the same order are always split the same.
    """

    name = "RateSampler"
    description = "splits a table in two by rates, in the column __split__ (0 or 1)"
    example = """
select id % 2 as label, id as feature from range(100) as numbers;
train numbers as RateSampler.`` where labelCol="label" and sampleRate="0.8,0.2" as marked;
select * from marked where __split__ = 0 as training;
"""
    parameters = (
        Parameter("labelCol", "a column of numbers; rates hold for each of its values", "label"),
        Parameter("sampleRate", "two rates whose sum is 1", "0.9,0.1"),
        Parameter("isSplitWithSubLabel", "true: exact for each label", "false", choices=BOOLEAN),
        Parameter("seed", "a whole number: the same split every time"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        rate = _first_rate(options["sampleRate"])
        label = column(ctx, request.table, options["labelCol"], "labelCol")
        typed(label, is_number, "numbers", "labelCol")
        new_column(ctx, request.table, "__split__", "labelCol")
        number = draw(ctx, options)
        table, by = quoted(request.table), quoted(label.name)
        if flag(options, "isSplitWithSubLabel"):
            drawn = f"select *, {number} as __draw__ from {table}"
            numbered = (
                f"select * except (__draw__), row_number() over (partition by {by} order by __draw__)"
                f" as __row__, count(*) over (partition by {by}) as __rows__ from ({drawn}) as drawn"
            )
            split = f"if(__row__ <= round(__rows__ * {rate}d), 0, 1) as __split__"
            sql = f"select * except (__row__, __rows__), {split} from ({numbered}) as numbered"
        else:
            sql = f"select *, if({number} < {rate}d, 0, 1) as __split__ from {table}"
        ctx.engine.query(sql, request.output)


def _first_rate(text: str) -> float:
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        rates = []
    if len(rates) != 2 or not abs(sum(rates) - 1) <= 0.001 or min(rates) < 0:
        raise BadOption(_RATES, option="sampleRate", hint='as in sampleRate="0.9,0.1"')
    return rates[0]
