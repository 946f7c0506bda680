"""Encryption and keyed hashes: ``aes_encrypt`` and its family, ``hmac``."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from typing import Any

from pybyzer.engines.sparksql.call import Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import python_sql
from pybyzer.engines.sparksql.types import BINARY
from pybyzer.errors import EngineError

_PADDINGS = {"GCM": "NONE", "CBC": "PKCS", "ECB": "PKCS"}
"""The modes, and the padding that each has (there is no other)."""
_IV_BYTES = {"GCM": 12, "CBC": 16, "ECB": 0}
_TAG_BYTES = 16


@rule("aes_encrypt", "aes_decrypt", "try_aes_decrypt")
def _aes(call: Call) -> Expr:
    encrypting = call.name == "aes_encrypt"
    call.arity(2, 6 if encrypting else 5)
    mode = str(call.constant(2)) if len(call.args) > 2 else "GCM"
    padding = str(call.constant(3)) if len(call.args) > 3 else "DEFAULT"
    rest = list(range(4, len(call.args)))
    shown = [arg.label for arg in call.args[:2]] + [mode, padding] + [call.args[i].label for i in rest]
    shown += [""] * ((6 if encrypting else 5) - len(shown))
    label = f"{call.name}({', '.join(shown)})"
    if padding.upper() not in ("DEFAULT", _PADDINGS.get(mode.upper())):
        raise EngineError(
            f"{call.name}: there is no mode {mode} with padding {padding}", hint="GCM, CBC or ECB, DEFAULT"
        )
    # What is not given is no NULL.
    operands = [(call.as_(0, BINARY), BINARY), (call.as_(1, BINARY), BINARY)]
    operands += [(call.as_(index, BINARY), BINARY) for index in rest]
    run = _RUNS[call.name]
    made = mode.upper()

    def one(value: bytes, key: bytes, *more: bytes) -> bytes | None:
        return run(made, value, key, *more)

    if encrypting and made != "ECB" and len(call.args) < 5:
        call.translator.volatile = True
    return Expr(python_sql(call, (call.name, made), one, operands, BINARY), BINARY, label)


def _cipher(mode: str, key: bytes, iv: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if len(key) not in (16, 24, 32):
        raise EngineError(f"AES: a key has 16, 24 or 32 bytes, not {len(key)}")
    made = modes.CBC(iv) if mode == "CBC" else modes.ECB()
    return Cipher(algorithms.AES(key), made)


def _encrypt(mode: str, value: bytes, key: bytes, iv: bytes = b"", aad: bytes = b"") -> bytes:
    if iv and len(iv) != _IV_BYTES[mode]:
        raise EngineError(f"aes_encrypt: {mode} takes an IV of {_IV_BYTES[mode]} bytes, not {len(iv)}")
    if aad and mode != "GCM":
        raise EngineError(f"aes_encrypt: {mode} takes no AAD")
    iv = iv or os.urandom(_IV_BYTES[mode])
    if mode == "GCM":
        return bytes(iv + _gcm(key).encrypt(iv, value, aad))
    fill = 16 - len(value) % 16
    writer = _cipher(mode, key, iv).encryptor()
    return bytes(iv + writer.update(value + bytes([fill]) * fill) + writer.finalize())


def _gcm(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(key) not in (16, 24, 32):
        raise EngineError(f"AES: a key has 16, 24 or 32 bytes, not {len(key)}")
    return AESGCM(key)


def _decrypt(mode: str, value: bytes, key: bytes, aad: bytes = b"") -> bytes:
    made = _decrypted(mode, value, key, aad)
    if made is None:
        raise EngineError("aes_decrypt: this value cannot be decrypted with this key")
    return made


def _try_decrypt(mode: str, value: bytes, key: bytes, aad: bytes = b"") -> bytes | None:
    try:
        return _decrypted(mode, value, key, aad)
    except EngineError:
        return None


def _decrypted(mode: str, value: bytes, key: bytes, aad: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag

    size = _IV_BYTES[mode]
    iv, body = value[:size], value[size:]
    if mode == "GCM":
        if len(body) < _TAG_BYTES:
            return None
        try:
            return bytes(_gcm(key).decrypt(iv, body, aad))
        except InvalidTag:
            return None
    if aad:
        raise EngineError(f"aes_decrypt: {mode} takes no AAD")
    if len(iv) != size or not body or len(body) % 16:
        return None
    reader = _cipher(mode, key, iv).decryptor()
    plain = bytes(reader.update(body) + reader.finalize())
    fill = plain[-1]
    good = 1 <= fill <= 16 and plain.endswith(bytes([fill]) * fill)
    return plain[:-fill] if good else None


_HASHES = {
    "MD5": "md5", "SHA": "sha1", "SHA1": "sha1", "SHA-1": "sha1", "SHA-224": "sha224", "SHA-256": "sha256",
    "SHA-384": "sha384", "SHA-512": "sha512",
}  # fmt: skip


@rule("hmac")
def _hmac(call: Call) -> Expr:
    call.arity(2, 3)
    algorithm = str(call.constant(2)) if len(call.args) == 3 else "SHA-256"
    name = _HASHES.get(algorithm.upper())
    if name is None:
        raise EngineError(f"hmac: no algorithm {algorithm}", hint=", ".join(_HASHES))

    def run(key: bytes, message: bytes) -> bytes:
        if not key:
            raise EngineError("hmac: the key is empty")
        return hmac.new(key, message, getattr(hashlib, name)).digest()

    operands = [(call.as_(0, BINARY), BINARY), (call.as_(1, BINARY), BINARY)]
    label = f"hmac({call.args[0].label}, {call.args[1].label}, {algorithm})"
    return Expr(python_sql(call, ("hmac", name), run, operands, BINARY), BINARY, label)


_RUNS: dict[str, Callable[..., bytes | None]] = {
    "aes_encrypt": _encrypt,
    "aes_decrypt": _decrypt,
    "try_aes_decrypt": _try_decrypt,
}
