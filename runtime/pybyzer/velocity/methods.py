"""What may be called on a value of a template: closed tables, one for each kind of value.

``"s"`` in a signature is a text, ``"i"`` a whole number, ``"v"`` anything; ``?`` goes before those that may
be missing, ``*`` after one that repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pybyzer.dates import Moment
from pybyzer.errors import BadOption, UnknownName
from pybyzer.registry import did_you_mean
from pybyzer.velocity.values import (
    MOST_CHARACTERS,
    Loop,
    Texts,
    Value,
    checked,
    equal,
    kind,
    number,
    text,
    too_large,
)

Method = tuple[str, Callable[..., Value]]
_SLOT = re.compile(r"\{(\d+)\}")


def _replace(own: str, old: str, new: str) -> str:
    if not old:
        raise BadOption("replace: the text to look for is empty")
    if len(own) + own.count(old) * (len(new) - len(old)) > MOST_CHARACTERS:
        raise too_large("a text of a template")
    return own.replace(old, new)


def _split(own: str, separator: str, limit: int = 0) -> list[Value]:
    """Java's split at a separator that is taken as it is (``\\|`` and ``\\.`` may be written so)."""
    if separator in (r"\s+", r"\\s+"):
        parts = re.split(r"\s+", own)
    else:
        plain = re.sub(r"\\+(\W)", r"\1", separator)
        parts = own.split(plain, limit - 1 if limit > 0 else -1) if plain else list(own)
    if limit == 0 and own:
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
    return list(parts)


def _index(size: int, at: int, what: str) -> int:
    if not 0 <= at < size:
        raise BadOption(f"{what}: there is no {at}, it has {size}", hint="the first is 0")
    return at


def _part(own: Any, start: int, end: int | None = None) -> Any:
    stop = len(own) if end is None else end
    if not 0 <= start <= stop <= len(own):
        raise BadOption(f"from {start} to {stop} is outside, it has {len(own)}", hint="the first is 0")
    return own[start:stop]


def _repeat(own: str, times: int) -> str:
    if len(own) * times > MOST_CHARACTERS:
        raise too_large("a text of a template")
    return own * times


def _compare(own: str, other: str) -> int:
    return (own > other) - (own < other)


def _add(own: Sequence[Value], value: Value) -> bool:
    if not isinstance(own, list):
        raise BadOption("nothing can be added to a range", hint="#set($list = []) makes a list")
    own.append(value)
    return True


def _put(own: dict[str, Value], key: Value, value: Value) -> Value:
    before = own.get(text(key))
    own[text(key)] = value
    return before


def _entries(own: dict[str, Value]) -> list[Value]:
    return [{"key": key, "value": value} for key, value in own.items()]


def _contains(own: Sequence[Value], value: Value) -> bool:
    return any(equal(item, value) for item in own)


def _position(own: Sequence[Value], value: Value) -> int:
    return next((i for i, item in enumerate(own) if equal(item, value)), -1)


def _joined(own: Sequence[Value], separator: str) -> str:
    return checked(separator.join(text(item) for item in own))


def _filled(own: Texts, name: str, *values: Value) -> Value:
    found = own.find(name)
    if found is None:
        raise UnknownName(f'no variable "{name}"')

    def slot(match: re.Match[str]) -> str:
        at = int(match[1]) if len(match[1]) < 5 else len(values)
        return text(values[at]) if at < len(values) else match[0]

    return checked(_SLOT.sub(slot, text(found)))


ANY: dict[str, Method] = {
    "toString": ("", text),
    "equals": ("v", equal),
}

TEXT: dict[str, Method] = {
    "length": ("", len),
    "isEmpty": ("", lambda own: not own),
    "isBlank": ("", lambda own: not own.strip()),
    "toUpperCase": ("", lambda own: own.upper()),
    "toLowerCase": ("", lambda own: own.lower()),
    "trim": ("", lambda own: own.strip()),
    "strip": ("", lambda own: own.strip()),
    "split": ("s?i", _split),
    "contains": ("s", lambda own, other: other in own),
    "startsWith": ("s", lambda own, other: own.startswith(other)),
    "endsWith": ("s", lambda own, other: own.endswith(other)),
    "indexOf": ("s", lambda own, other: own.find(other)),
    "lastIndexOf": ("s", lambda own, other: own.rfind(other)),
    "substring": ("i?i", _part),
    "charAt": ("i", lambda own, at: own[_index(len(own), at, "charAt")]),
    "replace": ("ss", _replace),
    "concat": ("s", lambda own, other: checked(own + other)),
    "repeat": ("i", _repeat),
    "equalsIgnoreCase": ("s", lambda own, other: own.lower() == other.lower()),
    "compareTo": ("s", _compare),
    "toNumber": ("", number),
}

NUMBER: dict[str, Method] = {
    "intValue": ("", int),
    "longValue": ("", int),
    "doubleValue": ("", float),
}

LIST: dict[str, Method] = {
    "size": ("", len),
    "length": ("", len),
    "isEmpty": ("", lambda own: not own),
    "get": ("i", lambda own, at: own[_index(len(own), at, "get")]),
    "contains": ("v", _contains),
    "indexOf": ("v", _position),
    "subList": ("ii", _part),
    "join": ("s", _joined),
    "add": ("v", _add),
}

MAP: dict[str, Method] = {
    "size": ("", len),
    "isEmpty": ("", lambda own: not own),
    "get": ("v", lambda own, key: own.get(text(key))),
    "getOrDefault": ("vv", lambda own, key, other: own.get(text(key), other)),
    "containsKey": ("v", lambda own, key: text(key) in own),
    "keySet": ("", list),
    "values": ("", lambda own: list(own.values())),
    "entrySet": ("", _entries),
    "put": ("vv", _put),
    "getKey": ("", lambda own: own.get("key")),
    "getValue": ("", lambda own: own.get("value")),
}

LOOP: dict[str, Method] = {
    "getIndex": ("", lambda own: own.index),
    "getCount": ("", lambda own: own.index + 1),
    "hasNext": ("", lambda own: own.index + 1 < own.size),
    "getHasNext": ("", lambda own: own.index + 1 < own.size),
    "isFirst": ("", lambda own: own.index == 0),
    "isLast": ("", lambda own: own.index + 1 == own.size),
    "getParent": ("", lambda own: own.parent),
}

TEXTS: dict[str, Method] = {"get": ("sv*", _filled)}


def _moved(unit: str, sign: int) -> Method:
    return "i", lambda own, amount: own.plus(unit, sign * amount)


def _changed(*parts: str) -> Method:
    return "i" * len(parts), lambda own, *values: own.change(**dict(zip(parts, values, strict=True)))


_UNITS = {
    "Years": "years",
    "Months": "months",
    "Weeks": "weeks",
    "Days": "days",
    "Hours": "hours",
    "Minutes": "minutes",
    "Seconds": "seconds",
    "Millis": "milliseconds",
}

DATE: dict[str, Method] = {
    **{f"plus{word}": _moved(unit, 1) for word, unit in _UNITS.items()},
    **{f"minus{word}": _moved(unit, -1) for word, unit in _UNITS.items()},
    "toString": ("?s", lambda own, *pattern: own.text(*pattern)),
    "withYear": _changed("year"),
    "withMonthOfYear": _changed("month"),
    "withDayOfMonth": _changed("day"),
    "withDate": _changed("year", "month", "day"),
    "withHourOfDay": _changed("hour"),
    "withMinuteOfHour": _changed("minute"),
    "withSecondOfMinute": _changed("second"),
    "withTimeAtStartOfDay": ("", lambda own: own.change(hour=0, minute=0, second=0, microsecond=0)),
    "withDayOfWeek": ("i", lambda own, day: own.plus("days", day - own.at.isoweekday())),
    "withFirstDayOfMonth": ("", lambda own: own.change(day=1)),
    "withLastDayOfMonth": ("", lambda own: own.change(day=own.days_in_month)),
    "getYear": ("", lambda own: own.at.year),
    "getMonthOfYear": ("", lambda own: own.at.month),
    "getDayOfMonth": ("", lambda own: own.at.day),
    "getDayOfWeek": ("", lambda own: own.at.isoweekday()),
    "getDayOfYear": ("", lambda own: own.at.timetuple().tm_yday),
    "getWeekOfWeekyear": ("", lambda own: own.at.isocalendar().week),
    "getHourOfDay": ("", lambda own: own.at.hour),
    "getMinuteOfHour": ("", lambda own: own.at.minute),
    "getSecondOfMinute": ("", lambda own: own.at.second),
    "getMillis": ("", lambda own: int(own.at.timestamp() * 1000)),
    "isBefore": ("v", lambda own, other: own.at < _moment(other).at),
    "isAfter": ("v", lambda own, other: own.at > _moment(other).at),
    "isEqual": ("v", lambda own, other: own.at == _moment(other).at),
}


def _moment(value: Value) -> Moment:
    if not isinstance(value, Moment):
        raise BadOption(f"a date is compared with a date, not with a {kind(value)}")
    return value


_TABLES: dict[type, dict[str, Method]] = {
    str: TEXT,
    int: NUMBER,
    float: NUMBER,
    list: LIST,
    range: LIST,
    dict: MAP,
    Moment: DATE,
    Loop: LOOP,
    Texts: TEXTS,
}


def names(value: Value) -> list[str]:
    """What can be called on a value."""
    return sorted({*ANY, *_TABLES.get(type(value), {})})


def call(value: Value, name: str, arguments: Sequence[Value]) -> Value:
    """``value.name(arguments)``; ``UnknownName`` or ``BadOption`` when that is no method or takes others."""
    method = _TABLES.get(type(value), {}).get(name) or ANY.get(name)
    if method is None:
        known = names(value)
        hint = did_you_mean(name, known) or "there are " + ", ".join(known)
        raise UnknownName(f'a {kind(value)} has no method "{name}"', hint=hint)
    signature, function = method
    return function(value, *_accepted(name, signature, arguments))


def item(value: Value, name: str) -> Value:
    """``value.name``: an entry of a map, or what ``getName()`` or ``isName()`` gives; None without one."""
    if isinstance(value, dict):
        return value.get(name)
    table = _TABLES.get(type(value), {})
    capital = name[:1].upper() + name[1:]
    for method in (f"get{capital}", f"is{capital}", name if isinstance(value, Loop) else ""):
        found = table.get(method)
        if found is not None and not found[0]:
            return found[1](value)
    return None


def at(value: Value, index: Value) -> Value:
    """``value[index]`` of a list or a map."""
    if isinstance(value, dict):
        return value.get(text(index))
    if isinstance(value, list | range) and isinstance(index, int) and not isinstance(index, bool):
        place = index + len(value) if index < 0 else index
        return value[_index(len(value), place, "[ ]")]
    raise BadOption(f"a {kind(value)} has no [{text(index)}]", hint="lists and maps have items")


def _accepted(name: str, signature: str, arguments: Sequence[Value]) -> list[Any]:
    """The arguments as a method takes them: a text that is a number where a number is wanted."""
    needed, _, more = signature.partition("?")
    repeats = needed.endswith("*")
    letters = needed.rstrip("*") + more
    least = len(needed.rstrip("*")) - repeats
    if len(arguments) < least or (len(arguments) > len(letters) and not repeats):
        wanted = f"{least} or more" if repeats or more else f"{least or 'no'}"
        raise BadOption(f"{name} takes {wanted} values, not {len(arguments)}")
    if repeats:
        letters += letters[-1] * len(arguments)
    return [_argument(name, letter, value) for letter, value in zip(letters, arguments, strict=False)]


def _argument(name: str, letter: str, value: Value) -> Value:
    if letter == "i":
        found = number(value)
        if not isinstance(found, int):
            raise BadOption(f"{name} takes a whole number, not {text(value)[:40]}")
        return found
    if letter == "s":
        if value is None:
            raise BadOption(f"{name} takes a text, not nothing")
        return text(value)
    return value
