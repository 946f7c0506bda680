"""How a CSV text is written: separators, quotes and what stands for NULL; the options are Spark's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pybyzer.context import BOOLEAN, Parameter
from pybyzer.errors import BadOption, Unsupported
from pybyzer.sources.lines import unescaped

CSV_PARAMETERS = (
    Parameter("header", "the first line holds the names of the columns", "false", choices=BOOLEAN),
    Parameter(
        "inferSchema",
        "find types: int, bigint, decimal, double, date, timestamp, boolean",
        "false",
        choices=BOOLEAN,
    ),
    Parameter("sep", "what separates values; also several characters", ","),
    Parameter("delimiter", "the same as sep"),
    Parameter("quote", "around values with separators; empty: no quotes", '"'),
    Parameter("escape", "makes a quote inside quotes part of the value", "\\"),
    Parameter("charToEscapeQuoteEscaping", "makes an escape part of the value"),
    Parameter("comment", "lines that begin with this character are left out", ""),
    Parameter("nullValue", "what stands for NULL, besides nothing", ""),
    Parameter("emptyValue", "what two quotes without anything between stand for"),
    Parameter("nanValue", "what stands for NaN", "NaN"),
    Parameter("positiveInf", "what stands for infinity", "Inf"),
    Parameter("negativeInf", "what stands for negative infinity", "-Inf"),
    Parameter("dateFormat", "how dates are written"),
    Parameter("timestampFormat", "how timestamps are written"),
    Parameter("ignoreLeadingWhiteSpace", "leave out blanks before values", "false", choices=BOOLEAN),
    Parameter("ignoreTrailingWhiteSpace", "leave out blanks after values", "false", choices=BOOLEAN),
    Parameter("mode", "malformed lines", "PERMISSIVE", choices=("PERMISSIVE", "DROPMALFORMED", "FAILFAST")),
    Parameter("samplingRatio", "without effect: all rows are looked at"),
    Parameter("enforceSchema", "without effect", "true", choices=BOOLEAN),
    Parameter("preferDate", "only the default: dates before timestamps", "true", choices=BOOLEAN),
    Parameter("maxColumns", "without effect: there is no limit"),
    Parameter("maxCharsPerColumn", "without effect: there is no limit"),
    Parameter("codec", "without effect on load: the file's name says how it is compressed"),
    Parameter("compression", "without effect on load"),
    Parameter("unescapedQuoteHandling", "only STOP_AT_DELIMITER", choices=("STOP_AT_DELIMITER",)),
    Parameter("timeZone", "the zone of timestamps without one; the session's by default"),
    Parameter("locale", "only en-US", choices=("en-US",)),
)
"""Options of the reader; the defaults are Spark's."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A checked dialect. ``quote`` and others are empty when there is none."""

    separator: str = ","
    quote: str = '"'
    escape: str = "\\"
    escape_escape: str = "\\"
    comment: str = ""
    null: str = ""
    empty: str = ""
    trim_left: bool = False
    trim_right: bool = False

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        """From checked options of the reader."""
        separator = unescaped(options.get("delimiter") or options["sep"])
        if not separator:
            raise BadOption("csv: the separator cannot be empty", option="sep")
        if options["preferDate"].lower() != "true":
            raise Unsupported("csv: preferDate=false is not done here")
        quote, escape = (_character(options, name) for name in ("quote", "escape"))
        other = options.get("charToEscapeQuoteEscaping", escape)
        if unescaped(other) != escape:
            raise Unsupported("csv: charToEscapeQuoteEscaping other than the escape is not done here")
        return cls(
            separator,
            quote,
            escape,
            "" if escape == quote else escape,
            _character(options, "comment"),
            options["nullValue"],
            options.get("emptyValue", ""),
            options["ignoreLeadingWhiteSpace"].lower() == "true",
            options["ignoreTrailingWhiteSpace"].lower() == "true",
        )


def _character(options: Mapping[str, str], name: str) -> str:
    value = unescaped(options[name])
    if len(value) > 1:
        raise BadOption(f'csv: {name} must be one character, not "{value}"', option=name)
    return "" if value == "\0" else value
