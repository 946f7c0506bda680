"""``from pyjava.api import Utils``: pictures as results."""

from __future__ import annotations

import base64
import io
from typing import Any


class Utils:
    """Matplotlib figures as ``content, mime`` rows."""

    @staticmethod
    def gen_img(plt: Any) -> str:
        """The current figure as base64 of a PNG."""
        buffer = io.BytesIO()
        plt.savefig(buffer, format="png")
        return base64.b64encode(buffer.getvalue()).decode("ascii")

    @staticmethod
    def show_plt(plt: Any, context: Any) -> None:
        """Make the current figure the result of the cell."""
        context.build_result([{"content": Utils.gen_img(plt), "mime": "image"}])
        plt.close()


__all__ = ["Utils"]
