"""Numbers as texts of a format and back: ``to_char(12454, '99G999')``, ``to_number``; and the other ``to_char``."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal

from pybyzer.engines.sparksql.call import RULES, Call, rule
from pybyzer.engines.sparksql.expr import Expr
from pybyzer.engines.sparksql.functions.python import python_sql
from pybyzer.engines.sparksql.types import BINARY, STRING, VOID, SqlType, decimal
from pybyzer.errors import EngineError

_FORMAT = re.compile(r"(MI|S)?(\$)?([09,]*)(?:\.([09]*))?(\$)?(MI|S|PR)?")


@dataclass(frozen=True, slots=True)
class Format:
    """``sign`` is ``S`` or ``MI`` in front, ``tail`` that or ``PR`` behind; ``whole`` has commas."""

    written: str
    sign: str
    dollar: bool
    whole: str
    fraction: str
    point: bool
    tail: str

    @property
    def digits(self) -> int:
        return len(self.whole.replace(",", ""))

    @property
    def type(self) -> SqlType:
        return decimal(self.digits + len(self.fraction), len(self.fraction))


@functools.lru_cache(256)
def read(written: str) -> Format:
    """A format; ``EngineError`` if Spark takes none like it."""
    found = _FORMAT.fullmatch(written.upper().replace("G", ",").replace("D", "."))
    if found is None or (found[1] and found[6]) or (found[2] and found[5]):
        raise EngineError(f"the number format {written}", hint="digits 9 or 0, with . , $ S MI PR")
    whole, fraction = found[3], found[4]
    if not re.sub(r"\D", "", whole + (fraction or "")):
        raise EngineError(f"the number format {written!r} has no digit")
    if re.search(r"^,|,,|,$", whole):
        raise EngineError(f"the number format {written}: a comma stands between digits")
    if len(whole.replace(",", "")) + len(fraction or "") > 38:
        raise EngineError(f"the number format {written} has more than 38 digits")
    return Format(
        written,
        found[1] or "",
        bool(found[2] or found[5]),
        whole,
        fraction or "",
        fraction is not None,
        found[6] or "",
    )


def parse(form: Format, text: str) -> Decimal | None:
    """The number a text of this format is; None if it is not."""
    negative, inner = _unsigned(form, text.strip(" "))
    if form.dollar:
        if not inner.startswith("$"):
            return None
        inner = inner[1:]
    whole, point, fraction = inner.removeprefix(",").partition(".")
    if (
        (point and not form.point)
        or not re.fullmatch(r"[0-9,]*", whole)
        or not re.fullmatch("[0-9]*", fraction)
    ):
        return None
    if len(fraction) > len(form.fraction) or not (whole.replace(",", "") or fraction):
        return None
    if not _fits(whole.split(","), form.whole.split(",")):
        return None
    number = Decimal((whole.replace(",", "") or "0") + "." + (fraction or "0"))
    return (-number if negative else number).quantize(Decimal(1).scaleb(-len(form.fraction)))


def _fits(groups: list[str], wanted: list[str]) -> bool:
    """Whether the digits between commas are as many as the format has; fewer only in front, and not of zeros."""
    missing = len(wanted) - len(groups)
    if missing < 0 or any("0" in size for size in wanted[:missing]):
        return False
    for index, (group, size) in enumerate(zip(groups, wanted[missing:], strict=True)):
        if len(group) > len(size) or ((index or "0" in size) and len(group) != len(size)):
            return False
    return True


def _unsigned(form: Format, text: str) -> tuple[bool, str]:
    """Whether a text is negative, and the text without its sign."""
    if form.sign and text[:1] in ("+", "-"):
        return text[0] == "-", text[1:]
    if form.tail in ("S", "MI") and text[-1:] in ("+", "-"):
        return text[-1] == "-", text[:-1]
    if form.tail == "PR" and text.startswith("<") and text.endswith(">"):
        return True, text[1:-1]
    return False, text


def write(form: Format, value: Decimal) -> str:
    """A number in this format; # for every digit where it does not fit."""
    negative = value < 0
    plain = f"{abs(value):f}"
    whole, _, fraction = plain.partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if len(whole) > form.digits or len(fraction) > len(form.fraction):
        return re.sub("[09]", "#", form.whole) + ("." + "#" * len(form.fraction) if form.point else "")
    digits = whole.rjust(form.digits)
    out, index, started = [], 0, False
    for char in form.whole:
        if char == ",":
            out.append("," if started else " ")
            continue
        digit = digits[index]
        index += 1
        if char == "0" or started:
            digit = "0" if digit == " " else digit
        started = started or digit != " "
        out.append(digit)
    body = "".join(out)
    if form.point:
        # A blank before the point is a zero, unless a sign will stand there.
        if body.endswith(" ") and not (negative and form.tail == "PR") and form.sign != "S":
            body = body[:-1] + "0"
        body += "." + fraction.ljust(len(form.fraction), "0")
    return _signed(form, body, negative)


def _signed(form: Format, body: str, negative: bool) -> str:
    blanks = len(body) - len(body.lstrip(" "))
    lead, rest = body[:blanks], body[blanks:]
    if form.dollar:
        lead, rest = "", "$" + lead + rest
    if form.sign == "S":
        rest = ("-" if negative else "+") + rest
    elif form.sign == "MI":
        rest = ("-" if negative else " ") + rest
    elif form.tail == "S":
        rest += "-" if negative else "+"
    elif form.tail == "MI":
        rest += "-" if negative else " "
    elif form.tail == "PR":
        rest = f"<{rest}>" if negative else rest + "  "
    return lead + rest


@rule("to_number", "try_to_number")
def _to_number(call: Call) -> Expr:
    call.arity(2)
    form = read(str(call.constant(1)))
    trying = call.name == "try_to_number"

    def run(value: str) -> Decimal | None:
        made = parse(form, value)
        if made is None and not trying:
            raise EngineError(f"to_number: {value} is not of the format {form.written}", hint="try_to_number")
        return made

    operands = [(call.as_(0, STRING), STRING)]
    return call.result(python_sql(call, (call.name, form.written), run, operands, form.type), form.type)


@rule("to_char", "to_varchar")
def _to_char(call: Call) -> Expr:
    call.arity(2)
    value, form = call.args[0], call.args[1]
    if value.type.temporal:
        return RULES["date_format"](_as(call, "date_format", call.args))
    if value.type == BINARY:
        name = str(call.constant(1)).lower()
        if name == "utf-8":
            return RULES["decode"](_as(call, "decode", call.args))
        if name not in ("hex", "base64"):
            raise EngineError(f"{call.name}: no format {name}", hint="hex, base64, utf-8")
        return RULES[name](_as(call, name, [value]))
    if value.type == VOID:
        return call.result("CAST(NULL AS VARCHAR)", STRING)
    if not value.type.numeric and value.type != STRING:
        raise EngineError(f"{call.name} needs a number, but {value.label} is {value.type.spark}")
    made = read(str(form.value if form.constant else call.constant(1)))
    text = call.as_(0, STRING)

    def run(number: str) -> str:
        return write(made, Decimal(number))

    return call.result(python_sql(call, ("to_char", made.written), run, [(text, STRING)], STRING), STRING)


def _as(call: Call, name: str, args: list[Expr]) -> Call:
    made = call.with_args(args)
    made.name = name
    return made
