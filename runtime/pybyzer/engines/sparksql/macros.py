"""SQL macros of our databases: Spark's casts and texts where DuckDB's own differ.

Each is written once, as DuckDB SQL; the translator calls them by name, and a database makes those that
its statements call. ``spark_x(s)`` gives NULL for
what Spark's cast gives NULL for.
"""

from __future__ import annotations

import re

MACROS: tuple[str, ...] = (
    # A text that Spark reads as a whole number, cut at the point; DuckDB also takes 1e3, 0x10 and 1_000.
    r"""spark_whole(s) AS CASE
        WHEN regexp_full_match(s, '[\x00-\x20]*[+-]?[0-9]+(\.[0-9]*)?[\x00-\x20]*')
        THEN regexp_extract(s, '[+-]?[0-9]+')
        WHEN regexp_full_match(s, '[\x00-\x20]*[+-]?\.[0-9]*[\x00-\x20]*') THEN '0' END""",
    # A text that Spark reads as a double.
    r"""spark_double(s) AS CASE
        WHEN regexp_full_match(s, '[\x00-\x20]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?[\x00-\x20]*')
        THEN TRY_CAST(regexp_extract(s, '[^\x00-\x20dDfF]+') AS DOUBLE)
        WHEN regexp_full_match(s, '(?i)[\x00-\x20]*([+-]?(inf|infinity)|nan)[\x00-\x20]*')
        THEN TRY_CAST(regexp_extract(s, '[^\x00-\x20]+') AS DOUBLE) END""",
    # A text that Spark reads as a decimal: digits and an exponent, ready for DuckDB's own cast.
    r"""spark_digits(s) AS CASE
        WHEN regexp_full_match(s, '[\x00-\x20]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[\x00-\x20]*')
        THEN regexp_extract(s, '[^\x00-\x20]+') END""",
    r"""spark_boolean(s) AS CASE
        WHEN regexp_full_match(s, '(?i)[\x00-\x20]*(t|true|y|yes|1)[\x00-\x20]*') THEN true
        WHEN regexp_full_match(s, '(?i)[\x00-\x20]*(f|false|n|no|0)[\x00-\x20]*') THEN false END""",
    # yyyy, yyyy-[m]m, yyyy-[m]m-[d]d, and that with anything after a blank or T.
    r"""spark_date(s) AS CASE
        WHEN regexp_full_match(s, '[\x00-\x20]*[+]?[0-9]{4,7}(-[0-9]{1,2}(-[0-9]{1,2}([ T](.|\n)*)?)?)?[\x00-\x20]*')
        THEN TRY_CAST(
            regexp_extract(s, '([0-9]{4,7})', 1)
            || '-' || coalesce(nullif(regexp_extract(s, '^[\x00-\x20]*[+]?[0-9]{4,7}-([0-9]{1,2})', 1), ''), '1')
            || '-' || coalesce(nullif(regexp_extract(s, '^[\x00-\x20]*[+]?[0-9]{4,7}-[0-9]{1,2}-([0-9]{1,2})', 1), ''), '1')
            AS DATE) END""",
    # The same with a time of day and a zone, or the time of today, as local time in DuckDB's spelling.
    r"""spark_local(s) AS CASE
        WHEN regexp_full_match(trim(s), '[+]?[0-9]{4,7}(-[0-9]{1,2}(-[0-9]{1,2}[ T]?)?)?')
        THEN CAST(spark_date(s) AS VARCHAR)
        WHEN regexp_full_match(trim(s), '([+]?[0-9]{4,7}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}(:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]*)?)?)?|T?[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]*)?)?)( ?([A-Za-z]+(/[A-Za-z_/-]+)*|(UTC|GMT|UT)?[+-][0-9]{1,2}(:?[0-9]{2})?))?')
        THEN CASE WHEN regexp_matches(s, '^[\x00-\x20]*T?[0-9]{1,2}:') THEN CAST(CAST(now() AS DATE) AS VARCHAR)
                ELSE CAST(spark_date(s) AS VARCHAR) END || ' '
            || lpad(regexp_extract(s, '(^[\x00-\x20]*|[ T])([0-9]{1,2})(:|[^-0-9:]|$)', 2), 2, '0') || ':'
            || lpad(coalesce(nullif(regexp_extract(s, '(^[\x00-\x20]*|[ T])[0-9]{1,2}:([0-9]{1,2})', 2), ''), '0'), 2, '0') || ':'
            || lpad(coalesce(nullif(regexp_extract(s, '(^[\x00-\x20]*|[ T])[0-9]{1,2}:[0-9]{1,2}:([0-9]{1,2})', 2), ''), '0'), 2, '0')
            || rtrim(regexp_extract(s, ':[0-9]{1,2}(\.[0-9]{0,6})', 1), '.') END""",
    # The zone at the end of such a text, in DuckDB's spelling; empty without one.
    r"""spark_zone(s) AS CASE
        WHEN regexp_matches(s, ':[0-9.]+ ?(UTC|GMT|UT)?[+-][0-9]{1,2}(:?[0-9]{2})?[\x00-\x20]*$')
        THEN regexp_extract(s, '([+-])[0-9]{1,2}(:?[0-9]{2})?[\x00-\x20]*$', 1)
            || lpad(regexp_extract(s, '[+-]([0-9]{1,2})(:?[0-9]{2})?[\x00-\x20]*$', 1), 2, '0') || ':'
            || coalesce(nullif(regexp_extract(s, '[+-][0-9]{1,2}:?([0-9]{2})[\x00-\x20]*$', 1), ''), '00')
        WHEN regexp_matches(s, ':[0-9.]+ ?Z[\x00-\x20]*$') THEN '+00:00'
        ELSE coalesce(' ' || nullif(regexp_extract(trim(s), ':[0-9.]+ ?([A-Za-z]+(/[A-Za-z_/-]+)*)$', 1), ''), '') END""",
    # Without zone: one that is written is read over.
    """spark_timestamp_ntz(s) AS TRY_CAST(spark_local(s) AS TIMESTAMP)""",
    # When clocks go back, an hour comes twice: Java means the first, ICU the second.
    """spark_instant(l, z) AS CASE
        WHEN timezone(z, timezone(z, l) - INTERVAL 1 HOUR) = l THEN timezone(z, l) - INTERVAL 1 HOUR
        WHEN timezone(z, timezone(z, l) - INTERVAL 30 MINUTE) = l THEN timezone(z, l) - INTERVAL 30 MINUTE
        ELSE timezone(z, l) END""",
    """spark_here(l) AS spark_instant(l, current_setting('TimeZone'))""",
    """spark_timestamp(s) AS CASE WHEN spark_zone(s) = '' THEN spark_here(spark_timestamp_ntz(s))
        ELSE TRY_CAST(spark_local(s) || spark_zone(s) AS TIMESTAMPTZ) END""",
    # Java's text of a double: plain between 1e-3 and 1e7, else one digit, a point, digits and E.
    r"""spark_exponent(t, minus) AS CASE
        WHEN contains(t, 'e') THEN
            CASE WHEN contains(t, '.') THEN replace(replace(t, 'e+', 'e'), 'e', 'E')
            ELSE replace(replace(t, 'e+', 'e'), 'e', '.0E') END
        WHEN starts_with(t, '0.') THEN
            minus || left(ltrim(t, '0.'), 1) || '.'
            || coalesce(nullif(substr(ltrim(t, '0.'), 2), ''), '0')
            || 'E-' || CAST(length(t) - 1 - length(ltrim(t, '0.')) AS VARCHAR)
        ELSE
            minus || left(t, 1) || '.'
            || coalesce(nullif(rtrim(replace(substr(t, 2), '.', ''), '0'), ''), '0')
            || 'E' || CAST(strpos(t || '.', '.') - 2 AS VARCHAR) END""",
    r"""spark_float_text(x) AS CASE
        WHEN isnan(x) THEN 'NaN'
        WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
        WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
        ELSE regexp_replace(regexp_replace(
            spark_exponent(CAST(abs(x) AS VARCHAR), ''), 'E-0*', 'E-'), '^',
            CASE WHEN x < 0 THEN '-' ELSE '' END) END""",
    # The quotient rounded down, of whole numbers (DuckDB's // cuts).
    """spark_floor_div(n, d) AS CAST((n - ((n % d) + d) % d) // d AS BIGINT)""",
    # Seconds with two digits before the point and no zeros at the end, of microseconds.
    r"""spark_seconds_text(m) AS
        lpad(CAST(m // 1000000 AS VARCHAR), CAST(greatest(2, length(CAST(m // 1000000 AS VARCHAR))) AS INTEGER), '0')
        || CASE WHEN m % 1000000 = 0 THEN ''
           ELSE '.' || rtrim(lpad(CAST(m % 1000000 AS VARCHAR), 6, '0'), '0') END""",
    # Whole months from a to b, as Java counts them: the day and the time of day must have come.
    """spark_months(a, b) AS (year(b) * 12 + month(b)) - (year(a) * 12 + month(a))
        - CASE WHEN date_trunc('month', a) < date_trunc('month', b)
                AND b - date_trunc('month', b) < a - date_trunc('month', a) THEN 1
            WHEN date_trunc('month', a) > date_trunc('month', b)
                AND b - date_trunc('month', b) > a - date_trunc('month', a) THEN -1 ELSE 0 END""",
    # An offset of a zone: +08:00 (or +0800, +08) and a text for none at all.
    """spark_offset(o, colon, minutes, zero) AS CASE WHEN o = 0 THEN zero ELSE
        CASE WHEN o < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(o) // 3600 AS VARCHAR), 2, '0')
        || CASE WHEN minutes = 1 OR abs(o) % 3600 <> 0
           THEN colon || lpad(CAST(abs(o) % 3600 // 60 AS VARCHAR), 2, '0') ELSE '' END END""",
    r"""spark_unit_text(n, unit) AS CASE WHEN n = 0 THEN '' ELSE CAST(n AS VARCHAR) || ' ' || unit || ' ' END""",
    # The text of a calendar interval: 1 years 2 months 3 days 4 hours 5 minutes 6.7 seconds.
    r"""spark_calendar_text(i) AS CASE WHEN i IS NOT NULL THEN coalesce(nullif(rtrim(
        spark_unit_text(datepart('year', i), 'years') || spark_unit_text(datepart('month', i), 'months')
        || spark_unit_text(datepart('day', i), 'days') || spark_unit_text(datepart('hour', i), 'hours')
        || spark_unit_text(datepart('minute', i), 'minutes')
        || CASE WHEN datepart('microsecond', i) = 0 THEN ''
           ELSE CASE WHEN datepart('microsecond', i) < 0 THEN '-' ELSE '' END
                || CAST(abs(datepart('microsecond', i)) // 1000000 AS VARCHAR)
                || rtrim(rtrim('.' || lpad(CAST(abs(datepart('microsecond', i)) % 1000000 AS VARCHAR), 6, '0'), '0'), '.')
                || ' seconds' END), ''), '0 seconds') END""",
    # Numbers to narrower ones: fractions are cut, floats stop at the bounds, whole numbers wrap.
    """spark_int_of_float(x) AS CASE WHEN isnan(x) THEN 0 WHEN x >= 2147483647 THEN 2147483647
        WHEN x <= -2147483648 THEN -2147483648 ELSE CAST(trunc(x) AS INTEGER) END""",
    """spark_bigint_of_float(x) AS CASE WHEN isnan(x) THEN 0 WHEN x >= 9223372036854775807
        THEN 9223372036854775807 WHEN x <= -9223372036854775808 THEN -9223372036854775808
        ELSE CAST(trunc(x) AS BIGINT) END""",
    """spark_wrap32(x) AS CAST(CASE WHEN (x & 4294967295) >= 2147483648
        THEN (x & 4294967295) - 4294967296 ELSE x & 4294967295 END AS INTEGER)""",
    # A count: negative ones are zero; greatest() would make zero of NULL too.
    """spark_count(n) AS CASE WHEN n < 0 THEN 0 ELSE n END""",
    """spark_begin(s, p) AS CASE WHEN p > 0 THEN CAST(p AS BIGINT) - 1 WHEN p < 0 THEN length(s) + p ELSE 0 END""",
    """spark_substring(s, p, n) AS CASE
        WHEN s IS NULL OR p IS NULL OR n IS NULL THEN NULL
        WHEN n <= 0 OR spark_begin(s, p) + n <= 0 THEN ''
        ELSE substr(s, greatest(spark_begin(s, p), 0) + 1,
            spark_begin(s, p) + n - greatest(spark_begin(s, p), 0)) END""",
    # array_to_string wants a separator that is a constant.
    """spark_join(l, s) AS CASE WHEN l IS NULL OR s IS NULL THEN NULL WHEN len(l) = 0 THEN ''
        ELSE list_reduce(l, lambda a, b: a || s || b) END""",
    """spark_wrap64(x) AS CAST(CASE WHEN (x & 18446744073709551615) >= 9223372036854775808
        THEN (x & 18446744073709551615) - 18446744073709551616 ELSE x & 18446744073709551615 END AS BIGINT)""",
    """spark_wrap16(x) AS CAST(CASE WHEN (x & 65535) >= 32768 THEN (x & 65535) - 65536
        ELSE x & 65535 END AS SMALLINT)""",
    # Decimal division on whole numbers, rounded half up; more than 38 digits is an error, never a guess.
    """spark_unscaled(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)""",
    """spark_quotient(n, d) AS CASE WHEN d <> 0 THEN
        CAST((2 * abs(n) + abs(d)) // (2 * abs(d)) AS HUGEINT)
        * CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END END""",
    # The same, halves to the even neighbour; up; down. The divisor is positive.
    """spark_quotient_even(n, d) AS CASE WHEN 2 * abs(n % d) > d OR (2 * abs(n % d) = d AND (n // d) % 2 <> 0)
        THEN n // d + CASE WHEN n < 0 THEN -1 ELSE 1 END ELSE n // d END""",
    """spark_quotient_up(n, d) AS n // d + CASE WHEN n % d > 0 THEN 1 ELSE 0 END""",
    """spark_quotient_down(n, d) AS n // d - CASE WHEN n % d < 0 THEN 1 ELSE 0 END""",
    """spark_scaled(q, s) AS CASE WHEN q < 0 THEN '-' ELSE '' END
        || left(lpad(CAST(abs(q) AS VARCHAR), CAST(greatest(s + 1, length(CAST(abs(q) AS VARCHAR))) AS INTEGER), '0'),
            greatest(s + 1, length(CAST(abs(q) AS VARCHAR))) - s)
        || '.' || right(lpad(CAST(abs(q) AS VARCHAR), s + 1, '0'), s)""",
    """spark_wrap8(x) AS CAST(CASE WHEN (x & 255) >= 128 THEN (x & 255) - 256 ELSE x & 255 END AS TINYINT)""",
)
"""What follows ``create macro``, in an order in which they can be created."""

_CALL = re.compile(r"\bspark_\w+")
_BY_NAME = {macro.partition("(")[0]: macro for macro in MACROS}


def lacking(sql: str, made: set[str]) -> list[str]:
    """The macros that ``sql`` calls, and they call, without those in ``made``, which takes them up."""
    found: list[str] = []
    for name in _CALL.findall(sql):
        if name not in made and name in _BY_NAME:
            made.add(name)
            body = _BY_NAME[name]
            found += [*lacking(body, made), body]
    return found
