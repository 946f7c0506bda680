"""``libsvm``: ``label index:value ...`` on each line, as a label and a sparse vector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pybyzer.arrow import vector_type
from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.sources.base import SOURCES, LoadRequest, Source
from pybyzer.sources.lines import Lines
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, find, place
from pybyzer.sources.stopping import until_cancelled
from pybyzer.sources.tables import Again

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

BATCH_ROWS = 10_000
SPARSE, DENSE = 0, 1
"""The ``type`` of a vector."""

Record = tuple[float, list[int], list[float]]
"""Label, indices from 0, values."""


@SOURCES.register("libsvm")
class LibsvmSource(Source):
    """``label double, features vector``. Indices in the files are from 1 and ascend."""

    name = "libsvm"
    parameters = (
        Parameter("numFeatures", "the length of the vectors; by default the largest index there is"),
        Parameter("vectorType", "how vectors are kept", "sparse", choices=("sparse", "dense")),
        *FILE_PARAMETERS,
    )

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        files = find(at, options)
        size = _size(options.get("numFeatures"), until_cancelled(ctx, _records(at, files)))
        dense = options["vectorType"].lower() == "dense"
        schema = pa.schema([("label", pa.float64()), ("features", vector_type())])

        def batches() -> Iterator[pa.RecordBatch]:
            labels: list[float] = []
            vectors: list[dict[str, object]] = []
            for label, indices, values in _records(at, files):
                if indices and indices[-1] >= size:
                    raise BadOption(f"libsvm: the index {indices[-1] + 1} is beyond numFeatures, {size}")
                labels.append(label)
                vectors.append(_vector(size, indices, values, dense=dense))
                if len(labels) >= BATCH_ROWS:
                    yield _batch(labels, vectors, schema)
                    labels, vectors = [], []
            if labels:
                yield _batch(labels, vectors, schema)

        return Again(schema, batches, [file.path for file in files])


def _size(given: str | None, records: Iterable[Record]) -> int:
    if given is not None:
        if not given.isdigit() or not int(given):
            raise BadOption(f'numFeatures is a whole number above 0, not "{given}"', option="numFeatures")
        return int(given)
    return max((indices[-1] + 1 for _, indices, _ in records if indices), default=0)


def _records(at: Place, files: Iterable[File]) -> Iterator[Record]:
    """Label, indices from 0, values; a line that is none of the format is named."""
    for file in files:
        for number, line in enumerate(Lines().of_file(at, file), 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            label, *pairs = text.split()
            try:
                indices = [int(pair.partition(":")[0]) - 1 for pair in pairs]
                values = [float(pair.partition(":")[2]) for pair in pairs]
                own = float(label)
            except ValueError:
                raise BadOption(
                    f"{file.path}, line {number} is not libsvm: {text[:80]}", hint="label index:value ..."
                ) from None
            if any(b <= a for a, b in zip([-1, *indices], indices, strict=False)):
                raise BadOption(f"{file.path}, line {number}: the indices must ascend from 1: {text[:80]}")
            yield own, indices, values


def _vector(size: int, indices: list[int], values: list[float], *, dense: bool) -> dict[str, object]:
    if not dense:
        return {"type": SPARSE, "size": size, "indices": indices, "values": values}
    known = dict(zip(indices, values, strict=True))
    whole = [known.get(index, 0.0) for index in range(size)]
    return {"type": DENSE, "size": None, "indices": None, "values": whole}


def _batch(labels: list[float], vectors: list[dict[str, object]], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [pa.array(labels, schema.field(0).type), pa.array(vectors, schema.field(1).type)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
