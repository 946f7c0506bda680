-- Regular expressions.
select regexp_extract('foo123bar', '([a-z]+)([0-9]+)'), regexp_extract('foo123bar', '([a-z]+)([0-9]+)', 2), regexp_extract('foo', '([0-9]+)', 1), regexp_extract('foo123', '[0-9]+', 0), regexp_extract(null, 'a', 0)
select regexp_replace('a1b22', '[0-9]+', '#'), regexp_replace('foo-bar', '(\\w+)-(\\w+)', '$2-$1'), regexp_replace('a.b', '\\.', '\\$'), regexp_replace('abc', 'x', 'y')
select 'abc' rlike 'b', 'abc' rlike '^b', 'ABC' rlike '(?i)abc', 'a\nb' rlike 'a.b', regexp_like('abc', 'a.c'), null rlike 'a'
select regexp_extract_all('a1b2c3', '([a-z])([0-9])', 2), regexp_extract_all('abc', '[0-9]', 0), regexp_count('banana', 'an'), regexp_substr('abc123', '[0-9]+')
select 'a b\tc' rlike '\\s', 'x_y' rlike '^\\w+$', regexp_replace('  a  b ', '\\s+', ' ')
select regexp_replace('abab', '(a)(?=b)', 'x')
select 'aa' rlike '(a)\\1'
