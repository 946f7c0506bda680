"""NothingET: does nothing, and says so."""

from __future__ import annotations

from pybyzer.context import Context
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest
from pybyzer.estimators.inputs import nothing


@ESTIMATORS.register("NothingET")
class NothingET(Estimator):
    """The result has no rows; the input is not read."""

    name = "NothingET"
    description = "does nothing"
    example = """
run command as NothingET.`` as t;
"""

    def fit(self, ctx: Context, request: FitRequest) -> None:
        nothing(ctx, request.output)

    predict = fit
