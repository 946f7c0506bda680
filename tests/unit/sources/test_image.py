"""Pictures decoded as Spark decodes them, whatever they are stored as."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pybyzer import Session
from pybyzer.errors import BadOption
from pybyzer.sources.image import BGR, BGRA, GRAY, _decoded
from tests.unit.sources.support import load, rows

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


def stored(picture: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def test_colours_are_bgr() -> None:
    found = _decoded(stored(Image.fromarray(PIXELS)))
    assert found is not None
    assert (found["height"], found["width"], found["nChannels"], found["mode"]) == (2, 3, 3, BGR)
    assert found["data"] == PIXELS[:, :, ::-1].tobytes()


@pytest.mark.parametrize(
    ("picture", "mode"),
    [
        (Image.fromarray(PIXELS).convert("RGBA"), BGRA),
        (Image.fromarray(PIXELS).convert("P"), BGR),
        (Image.fromarray(PIXELS).convert("L"), GRAY),
        (Image.fromarray(PIXELS).convert("LA"), GRAY),
        (Image.fromarray(PIXELS).convert("1"), BGR),
        (Image.fromarray(PIXELS[:, :, 0].astype(np.uint16) * 1000), GRAY),
    ],
    ids=["rgba", "palette", "gray", "gray and alpha", "bits", "16 bits"],
)
def test_layouts(picture: Image.Image, mode: int) -> None:
    found = _decoded(stored(picture))
    assert found is not None
    assert found["mode"] == mode
    assert len(found["data"]) == 2 * 3 * found["nChannels"]


@pytest.mark.parametrize("data", [b"no picture", b"", stored(Image.fromarray(PIXELS))[:50]])
def test_what_is_no_picture(data: bytes) -> None:
    assert _decoded(data) is None


def test_a_corrupt_picture_is_named(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(stored(Image.fromarray(PIXELS)))
    (tmp_path / "b b.png").write_bytes(b"no picture")
    with pytest.raises(BadOption, match=r"b%20b\.png is not a picture"):
        load(session, "image", str(tmp_path))
    assert len(load(session, "image", str(tmp_path), {"dropInvalid": "true"})) == 1


def test_labels_from_directories(session: Session, tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        (tmp_path / f"label={label}").mkdir()
        (tmp_path / f"label={label}" / "1.png").write_bytes(stored(Image.fromarray(PIXELS)))
    assert [row["label"] for row in rows(session, "image", str(tmp_path))] == ["cat", "dog"]
    assert [row["label"] for row in rows(session, "binaryFile", str(tmp_path))] == ["cat", "dog"]


def test_empty_files_give_no_row(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x")
    (tmp_path / "b.bin").write_bytes(b"")
    assert [row["length"] for row in rows(session, "binaryFile", str(tmp_path))] == [1]
