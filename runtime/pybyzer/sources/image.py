"""``image``: pictures as pixels on the way in, bytes as picture files on the way out.

The columns are those of Spark's image source: ``data`` holds rows of BGR, BGRA or gray pixels from top to
bottom, ``mode`` is OpenCV's code of that layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pybyzer.context import BOOLEAN, Context, Parameter
from pybyzer.errors import BadOption
from pybyzer.sources.base import SOURCES, LoadRequest, SaveRequest, Source
from pybyzer.sources.binary_file import contents, in_chunks, with_content
from pybyzer.sources.paths import FILE_PARAMETERS, File, Place, file_url, find, place
from pybyzer.sources.row_files import save_row_files
from pybyzer.sources.tables import Again, partition_columns, partition_types

if TYPE_CHECKING:
    import pyarrow as pa

    from pybyzer.engines.base import Ingestible

GRAY, BGR, BGRA = 0, 16, 24
"""OpenCV's CV_8UC1, CV_8UC3 and CV_8UC4."""
_CHANNELS = {GRAY: 1, BGR: 3, BGRA: 4}


@SOURCES.register("image")
class ImageSource(Source):
    """Picture files, decoded by Pillow."""

    name = "image"
    parameters = (
        Parameter(
            "dropInvalid",
            '"true" leaves out files that are no pictures, "false" gives them height, width and mode -1;'
            " without it they are an error",
            choices=BOOLEAN,
        ),
        *FILE_PARAMETERS,
    )
    save_parameters = (
        Parameter("imageColumn", "the column with the bytes of a picture file", required=True),
        Parameter("fileName", "the column with the name of the file, below the path", required=True),
        Parameter("owner", "the user below whose home the path is"),
        Parameter("implClass", "accepted for old scripts; without effect"),
    )

    def load(self, ctx: Context, request: LoadRequest) -> Ingestible:
        import pyarrow as pa

        options = ctx.check(self.name, self.parameters, request.options)
        at = place(ctx, request.path, options)
        files = with_content(find(at, options, may_be_empty=True))
        invalid = options.get("dropInvalid", "").lower()
        schema = pa.schema([("image", pa.struct(_fields())), *partition_types(files).items()])

        return Again(schema, lambda: _batches(at, files, schema, invalid), [file.path for file in files])

    def save(self, ctx: Context, request: SaveRequest) -> int | None:
        checked = ctx.check(self.name, self.save_parameters, request.options)
        if request.partition_by:
            raise BadOption("image: partitionBy has no meaning here", hint="put directories into fileName")
        return save_row_files(ctx, request, checked, "imageColumn")


def _fields() -> list[tuple[str, pa.DataType]]:
    import pyarrow as pa

    numbers = [(name, pa.int32()) for name in ("height", "width", "nChannels", "mode")]
    return [("origin", pa.string()), *numbers, ("data", pa.binary())]


def _batches(at: Place, files: Sequence[File], schema: pa.Schema, invalid: str) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    kind = schema.field("image").type
    with ThreadPoolExecutor(thread_name_prefix="images") as pool:
        for chunk in in_chunks(files):
            rows = list(pool.map(_decoded, contents(at, chunk)))
            kept = [index for index, row in enumerate(rows) if row is not None or invalid != "true"]
            images = []
            for index in kept:
                origin = file_url(at, chunk[index].path)
                row = rows[index]
                if row is None and invalid != "false":
                    raise BadOption(
                        f"{origin} is not a picture that can be decoded",
                        hint='dropInvalid="true" leaves such files out',
                    )
                pixels = row or {"height": -1, "width": -1, "nChannels": -1, "mode": -1, "data": b""}
                images.append({"origin": origin, **pixels})
            parts = partition_columns([chunk[index] for index in kept], schema)
            yield pa.RecordBatch.from_arrays([pa.array(images, kind), *parts], schema=schema)


def _decoded(data: bytes) -> dict[str, Any] | None:
    """Size, layout and pixels of a picture; None when it cannot be decoded."""
    import io

    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            pixels, mode = _pixels(np, picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return None  # the caller names the file
    height, width = pixels.shape[:2]
    return {
        "height": height,
        "width": width,
        "nChannels": _CHANNELS[mode],
        "mode": mode,
        "data": np.ascontiguousarray(pixels).tobytes(),
    }


def _pixels(np: Any, picture: Any) -> tuple[Any, int]:
    """Pixels as Spark has them: gray without alpha, else BGR or BGRA; 16 bits keep the lower 8."""
    if picture.mode in ("L", "LA", "La"):
        return np.asarray(picture.getchannel(0)), GRAY
    if picture.mode.startswith("I"):
        return (np.asarray(picture) & 0xFF).astype(np.uint8), GRAY
    if picture.mode in ("RGBA", "PA") or "transparency" in picture.info:
        return np.asarray(picture.convert("RGBA"))[:, :, [2, 1, 0, 3]], BGRA
    return np.asarray(picture.convert("RGB"))[:, :, ::-1], BGR
