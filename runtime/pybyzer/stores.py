"""Object stores by URL: which options of ``connect s3 ...`` and of settings a library gets, by its own names.

A connection is for one bucket (``as bucket``) or, as ``default``, for all of them; settings with Hadoop's
names (``fs.s3a.access.key``) count below it, and below those the library's own ways (environment, files).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pybyzer.connections import revealed
from pybyzer.context import Context
from pybyzer.errors import BadOption
from pybyzer.registry import did_you_mean


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a store. ``fsspec`` may be ``a.b``: key ``b`` of the dictionary ``a``."""

    name: str
    fsspec: str
    delta: str = ""
    aliases: tuple[str, ...] = ()


_S3 = (
    Option("accessKey", "key", "AWS_ACCESS_KEY_ID", ("key", "accessKeyId")),
    Option("secretKey", "secret", "AWS_SECRET_ACCESS_KEY", ("secret", "secretAccessKey", "accessKeySecret")),
    Option("sessionToken", "token", "AWS_SESSION_TOKEN", ("token",)),
    Option("endpoint", "endpoint_url", "AWS_ENDPOINT_URL", ("endpointUrl",)),
    Option("region", "client_kwargs.region_name", "AWS_REGION", ("endpointRegion",)),
    Option("anonymous", "anon", "AWS_SKIP_SIGNATURE", ("anon",)),
)
_GS = (
    Option("token", "token", "GOOGLE_SERVICE_ACCOUNT", ("serviceAccount",)),
    Option("project", "project"),
    Option("endpoint", "endpoint_url", "GOOGLE_BASE_URL", ("endpointUrl",)),
)
_AZURE = (
    Option("accountName", "account_name", "AZURE_STORAGE_ACCOUNT_NAME"),
    Option("accountKey", "account_key", "AZURE_STORAGE_ACCOUNT_KEY"),
    Option("sasToken", "sas_token", "AZURE_STORAGE_SAS_TOKEN"),
    Option("tenantId", "tenant_id", "AZURE_STORAGE_TENANT_ID"),
    Option("clientId", "client_id", "AZURE_STORAGE_CLIENT_ID"),
    Option("clientSecret", "client_secret", "AZURE_STORAGE_CLIENT_SECRET"),
)
_OSS = (
    Option("accessKey", "key", "", ("accessKeyId",)),
    Option("secretKey", "secret", "", ("accessKeySecret",)),
    Option("endpoint", "endpoint"),
)
_HDFS = (Option("user", "user"), Option("kerberosTicket", "kerb_ticket"))
OPTIONS: Mapping[str, tuple[Option, ...]] = {
    **dict.fromkeys(("s3", "s3a", "s3n"), _S3),
    **dict.fromkeys(("gs", "gcs"), _GS),
    **dict.fromkeys(("abfs", "abfss", "az"), _AZURE),
    "oss": _OSS,
    "hdfs": _HDFS,
}
"""The options of each scheme. Their names count without case, dots and underscores."""
PACKAGES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("abfs", "abfss", "az"), "adlfs"),
    "oss": "ossfs",
}
"""What has to be installed for a scheme."""


@dataclass(frozen=True, slots=True)
class Storage:
    """What the libraries are told about a store: fsspec's arguments, and deltalake's storage options."""

    fsspec: Mapping[str, Any] = field(default_factory=dict, repr=False)
    delta: Mapping[str, str] = field(default_factory=dict, repr=False)


def storage(ctx: Context, url: str) -> Storage:
    """The options for a URL; none for a scheme that has no store behind it."""
    scheme = url.partition("://")[0].lower()
    known = OPTIONS.get(scheme, ())
    if not known:
        return Storage()
    chosen = _of_settings(ctx.settings.conf, scheme, known)
    bucket = urlsplit(url).netloc.rpartition("@")[0] or urlsplit(url).netloc
    for kind in _relatives(scheme):
        for name in ("default", bucket):
            chosen |= _of_connection(kind, known, ctx.connections.find(kind, name) or {})
    arguments: dict[str, Any] = {}
    delta: dict[str, str] = {}
    for option, value in chosen.items():
        outer, dot, inner = option.fsspec.partition(".")
        if dot:
            arguments.setdefault(outer, {})[inner] = value
        else:
            arguments[outer] = value.lower() == "true" if option.name == "anonymous" else value
        if option.delta:
            delta[option.delta] = value
    if delta.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        delta["AWS_ALLOW_HTTP"] = "true"
    return Storage(arguments, delta)


def _relatives(scheme: str) -> list[str]:
    """Schemes of the same store: a connection for one of them is good for all."""
    return [other for other in OPTIONS if OPTIONS[other] is OPTIONS[scheme]]


def _of_connection(kind: str, known: tuple[Option, ...], options: Mapping[str, str]) -> dict[Option, str]:
    names = {key: _find(known, key) for key in options}
    for key, option in names.items():
        if option is None:
            hint = did_you_mean(key, [o.name for o in known])
            raise BadOption(f'connect {kind} has no option "{key}"', hint=hint)
    values = revealed(options)
    return {option: values[key] for key, option in names.items() if option is not None}


def _of_settings(conf: Mapping[str, str], scheme: str, known: tuple[Option, ...]) -> dict[Option, str]:
    """Settings under Hadoop's names; those that are for Hadoop only are left alone."""
    found = {}
    for other in _relatives(scheme):
        prefix = f"fs.{other}."
        own = {key[len(prefix) :]: value for key, value in conf.items() if key.startswith(prefix)}
        for key, value in revealed(own).items():
            option = _find(known, key)
            if option is not None:
                found[option] = value
    return found


def _find(known: tuple[Option, ...], key: str) -> Option | None:
    wanted = _plain(key)
    return next((o for o in known if wanted in map(_plain, (o.name, *o.aliases))), None)


def _plain(key: str) -> str:
    return key.lower().replace(".", "").replace("_", "").replace("-", "")
