"""``aes_encrypt(s)`` and ``aes_decrypt(s)`` with the key of the installation; Spark's own take a key.

The text is Base64 of what Spark's ``aes_decrypt(value, key)`` takes: AES in GCM, first the nonce.
The nonce is a keyed hash of the text, so that a text is always encrypted to the same: it can be joined on.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from pybyzer.errors import BadOption
from pybyzer.functions.base import batch

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "PYBYZER_AES_KEY"
"""The environment variable with the key: 16, 24 or 32 characters."""
_NONCE = 12


@batch(
    "aes_encrypt", {"s": "string"}, "string", "encrypted with the installation's key, as Base64", costly=True
)
def aes_encrypt(s: pa.Array) -> pa.Array:
    import base64

    import pyarrow as pa

    cipher = _cipher("aes_encrypt")
    secret = hashlib.sha256(b"nonce" + _key("aes_encrypt")).digest()

    def one(text: str) -> str:
        plain = text.encode()
        nonce = hmac.digest(secret, plain, "sha256")[:_NONCE]
        return base64.b64encode(nonce + cipher.encrypt(nonce, plain, None)).decode()

    return pa.array([None if text is None else one(text) for text in s.to_pylist()], pa.string())


@batch("aes_decrypt", {"s": "string"}, "string", "the text that aes_encrypt(s) encrypted")
def aes_decrypt(s: pa.Array) -> pa.Array:
    import base64

    import pyarrow as pa
    from cryptography.exceptions import InvalidTag

    cipher = _cipher("aes_decrypt")

    def one(text: str) -> str:
        try:
            data = base64.b64decode(text, validate=True)
            plain: bytes = cipher.decrypt(data[:_NONCE], data[_NONCE:], None)
            return plain.decode()
        except (InvalidTag, ValueError):
            raise BadOption(
                "aes_decrypt: a text was not encrypted with this key, or is no such text",
                hint=f"texts of aes_encrypt(s) with the same {KEY}",
            ) from None

    return pa.array([None if text is None else one(text) for text in s.to_pylist()], pa.string())


def _cipher(name: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(_key(name))


def _key(name: str) -> bytes:
    key = os.environ.get(KEY, "").encode()
    if not key:
        raise BadOption(
            f"{name}: there is no key", hint=f"set {KEY} where the kernel starts, or write {name}(s, key)"
        )
    if len(key) not in (16, 24, 32):
        raise BadOption(f"{name}: {KEY} must have 16, 24 or 32 characters, not {len(key)}")
    return key
