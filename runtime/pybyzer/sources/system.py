"""The system as tables: ``modelList``, ``modelParams``, ``modelExample``, ``modelExplain``, ``_mlsql_``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybyzer import declared, system
from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption, UnknownName, Unsupported
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source

if TYPE_CHECKING:
    from pybyzer.engines.base import Ingestible

ALG = Parameter("alg", "the ET whose model it is")
EXPLAINING = (
    Parameter("alg", "the ET whose model it is", required=True),
    Parameter("*", "what that ET needs to find the model"),
)
NO_PATH = "the path is empty: load {0}.`` as t"


class SystemSource(Source):
    """A format that reads what the session knows of itself; it cannot be saved to."""

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        raise Unsupported(f"save is not supported in {self.name}")


@SOURCES.register("modelList")
class ModelListSource(SystemSource):
    """``name, algType, sparkCompatibility, doc, docType``: as ``!show et``."""

    name = "modelList"

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        ctx.check(self.name, self.parameters, request.options)
        if request.path:
            raise BadOption(
                f'modelList has no path, but this one is "{request.path}"',
                option="path",
                hint=f"{NO_PATH.format(self.name)}; modelParams.`{request.path}` has the options of one",
            )
        return declared.ets(ctx).table()


@SOURCES.register("modelParams")
class ModelParamsSource(SystemSource):
    """``param, description``: the options of the ET that the path names, as ``!show et/params/X``."""

    name = "modelParams"

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        ctx.check(self.name, self.parameters, request.options)
        return declared.et_parameters(ctx, _named(request, self.name)).table()


@SOURCES.register("modelExample")
class ModelExampleSource(SystemSource):
    """``name, value``: an example and the documentation of the ET that the path names, as ``!show et/X``."""

    name = "modelExample"

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        ctx.check(self.name, self.parameters, request.options)
        return declared.et_example(ctx, _named(request, self.name)).table()


@SOURCES.register("modelExplain")
class ModelExplainSource(SystemSource):
    """``name, value``: what the model at the path learned, told by its ET (``alg``)."""

    name = "modelExplain"
    parameters = EXPLAINING

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        options = ctx.check(self.name, self.parameters, request.options)
        return _explained(ctx, request.path, options)


@SOURCES.register("model")
class ModelSource(SystemSource):
    """The four above by the path: ``list``, or ``params``, ``example``, ``explain`` of the ET ``alg``."""

    name = "model"
    parameters = (ALG, Parameter("path", "explain: where the model is"), EXPLAINING[1])

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        options = ctx.check(self.name, self.parameters, request.options)
        if request.path == "list":
            return declared.ets(ctx).table()
        if request.path not in ("params", "example", "explain"):
            raise UnknownName(f'model has no "{request.path}"', hint="known: example, explain, list, params")
        if not options.get("alg"):
            raise BadOption("model: alg is required", hint='which ET: where alg="StringIndex"')
        if request.path == "explain":
            return _explained(ctx, options.pop("path", ""), options)
        ask = declared.et_parameters if request.path == "params" else declared.et_example
        try:
            return ask(ctx, options["alg"]).table()
        except UnknownName as error:
            raise error.about("alg") from None


@SOURCES.register("_mlsql_")
class MlsqlSource(SystemSource):
    """What ``!show`` shows, by the same path: ``_mlsql_.`conf/list```."""

    name = "_mlsql_"

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        ctx.check(self.name, self.parameters, request.options)
        return system.answer(ctx, request.path).table()


@SOURCES.register("mlsqlConf")
class ConfSource(SystemSource):
    """The settings, whatever the path."""

    name = "mlsqlConf"

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        ctx.check(self.name, self.parameters, request.options)
        return system.answer(ctx, "conf/list").table()


@SOURCES.register("mlsqlAPI")
class ApiSource(SystemSource):
    """The HTTP addresses, whatever the path: none in a session."""

    name = "mlsqlAPI"

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        ctx.check(self.name, self.parameters, request.options)
        return system.answer(ctx, "api/list").table()


def _named(request: LoadRequest, kind: str) -> str:
    if not request.path:
        raise BadOption(
            f"{kind}: the path is the name of an ET", option="path", hint=f"load {kind}.`StringIndex` as t"
        )
    return request.path


def _explained(ctx: Context, path: str, options: dict[str, str]) -> Ingestible:
    """A model in words; an ET that does not exist is an error at ``alg``."""
    if not path:
        raise BadOption("the path of the model is missing", option="path")
    alg = options.pop("alg")
    try:
        estimator = ctx.registries["ET"].get(alg)
    except UnknownName as error:
        raise error.about("alg") from None
    try:
        table: Ingestible = estimator().explain(ctx, path, options)
    except Unsupported as error:
        raise error.about("alg") from None
    return table
