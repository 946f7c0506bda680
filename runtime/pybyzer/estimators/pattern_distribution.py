"""PatternDistribution: what texts look like (letters, digits, signs), and how often, as JSON."""

from __future__ import annotations

import json
import re
import string
from typing import TYPE_CHECKING

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.engines.base import SqlFunction
from pybyzer.errors import BadOption
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest, quoted
from pybyzer.estimators.in_place import temporary
from pybyzer.estimators.inputs import ask, flag, is_text, whole

if TYPE_CHECKING:
    import pyarrow as pa

_RUN = re.compile(r"A+|a+|9+")
_SIGNS = ((string.ascii_lowercase, "a"), (string.ascii_uppercase, "A"), (string.digits, "9"))


def _shapes(texts: pa.Array) -> pa.Array:
    """A sign for each character: all bytes of all texts at once, and then the Chinese ones."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    table = np.arange(256, dtype=np.uint8)
    for characters, sign in _SIGNS:
        table[np.frombuffer(characters.encode(), np.uint8)] = ord(sign)
    # In one piece from its first byte: a slice shares the bytes of its neighbours.
    texts = pa.concat_arrays([texts.fill_null(""), pa.array([], pa.string())])
    _, offsets, data = texts.buffers()
    if data is None or not len(data):
        return texts
    signs = table[np.frombuffer(data, np.uint8)]
    made = pa.StringArray.from_buffers(len(texts), offsets, pa.py_buffer(signs.tobytes()))
    if signs.max() > 127:
        made = pc.replace_substring_regex(made, "[\\x{4e00}-\\x{9fff}]", "A")
    return made


@ESTIMATORS.register("PatternDistribution")
class PatternDistribution(Estimator):
    """For each column of texts: ``a`` a small letter, ``A`` a capital or a Chinese character, ``9`` a digit.

    ``pattern`` has a sign for each character, ``alternativePattern`` counts runs: ``A(3)9``.
    """

    name = "PatternDistribution"
    description = "the patterns of letters and digits in each column of texts, as JSON"
    example = """
select explode(array("AB-12", "CD-34", "x")) as code as codes;
run codes as PatternDistribution.`` as patterns;
"""
    parameters = (
        Parameter("limit", "patterns of a column", "100"),
        Parameter("patternLimit", "characters of a pattern longer than 1000", "1000"),
        Parameter("excludeEmptyVal", "without NULL and empty texts", "true", choices=BOOLEAN),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options, strict=False)
        sizes = whole(options, "limit", 0), whole(options, "patternLimit", 0)
        names = [field.name for field in ctx.engine.schema(request.table) if is_text(field.type)]
        texts = [
            _patterns(ctx, request.table, name, sizes, flag(options, "excludeEmptyVal")) for name in names
        ]
        rows = pa.table(
            {"columnName": pa.array(names, pa.string()), "patternDistribution": pa.array(texts, pa.string())}
        )
        ctx.engine.ingest(request.output, rows)

    predict = fit


def _patterns(ctx: Context, table: str, name: str, sizes: tuple[int, int], only_full: bool) -> str:
    import pyarrow as pa

    limit, cut = sizes
    column = quoted(name)
    where = f" where {column} is not null and {column} <> ''" if only_full else ""
    kind = pa.string()
    shapes = temporary(ctx, SqlFunction("", ("text",), batch=_shapes, types=(kind,), returns=kind))
    counted = (
        f"select shape, count(*) as n from (select {shapes}({column}) as shape from {quoted(table)}{where})"
        " as shaped group by shape"
    )
    found = ask(
        ctx,
        f"select shape, n, sum(n) over () as total, count(*) over () as shapes from ({counted}) as counted"
        f" order by n desc, shape limit {max(limit, 1)}",
    ).to_pylist()
    if not found:
        raise BadOption(f"Please make sure the column {name} contains content except null or empty content!")
    items = [
        {
            "pattern": row["shape"][:cut] if len(row["shape"]) > 1000 else row["shape"],
            "alternativePattern": _RUN.sub(_counted, row["shape"]),
            "count": row["n"],
            "ratio": row["n"] / float(row["total"]),
        }
        for row in found[:limit]
    ]
    texts = (json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items)
    about = {
        "colPatternDistribution": f"[{', '.join(texts)}]",
        "totalCount": str(found[0]["shapes"]),
        "limit": str(limit),
    }
    return json.dumps(about, ensure_ascii=False, separators=(",", ":"))


def _counted(run: re.Match[str]) -> str:
    return run[0] if len(run[0]) == 1 else f"{run[0][0]}({len(run[0])})"
