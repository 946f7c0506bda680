-- Texts.
select substring('hello', 0, 2), substring('hello', -3, 2), substring('hello', -10, 7), substring('hello', 3), substring('hello', 10), substr('hello', 2, -1)
select left('hello', 2), left('hello', 0), left('hello', -1), right('hello', 2), right('hello', 0), right('hello', 9)
select concat('a', 1, true), concat('a', null), concat(), concat_ws('-', 'a', null, 'b'), concat_ws(',', array('x', null, 'y'), 'z')
select 'a' || 1, 'a' || null
select trim('  a  '), ltrim('  a '), rtrim(' a  '), trim(both 'x' from 'xxaxx'), trim(leading 'x' from 'xxaxx'), trim(trailing 'x' from 'xxaxx')
select lpad('7', 3, '0'), rpad('7', 3, 'ab'), lpad('12345', 3, '0'), lpad('a', 4), rpad('a', -1, 'x')
select instr('hello', 'l'), locate('l', 'hello'), locate('l', 'hello', 4), locate('z', 'hello'), position('lo' in 'hello')
select upper('abc'), lower('ABC'), initcap('hello wORLD foo'), reverse('abc'), repeat('ab', 3), repeat('ab', 0), space(3)
unnamed: select replace('banana', 'an', 'o'), replace('banana', 'an'), translate('abcba', 'ab', 'x'), replace('a', '', 'x')
select ascii('a'), ascii(''), chr(65), chr(321), char_length('中文'), length('a b '), octet_length('中'), bit_length('ab')
select split('a,b,,c,,', ','), split('abc', ''), split('a1b22c', '[0-9]+'), split('', ','), split(null, ',')
select split('a.b.c', '\\.'), split('a|b', '\\|')[1], split('a,b,c', ',', 2), split('a b', ' ')[5], split('path/to/file.png', '/')
select split_part('a,b,c', ',', 2), split_part('a,b,c', ',', -1), split_part('a,b,c', ',', 9), substring_index('a.b.c', '.', 2), substring_index('a.b.c', '.', -2), substring_index('a.b.c', '.', 0), substring_index('abc', '.', 1)
select 'abc' like 'a%', 'abc' like '_b_', 'a%' like 'a\\%', 'axb' like 'a\\%b', 'ABC' like 'abc', 'ABC' ilike 'a%', 'abc' not like 'b%', 'a!b' like 'a!!b' escape '!'
select contains('abc', 'b'), startswith('abc', 'ab'), endswith('abc', 'bc'), contains(null, 'a')
select base64('abc'), string(unbase64('YWJj')), hex('abc'), hex(255), hex(-1), unhex('616263'), md5('a'), sha1('a'), sha2('a', 256), sha2('a', 512), crc32('abc')
select format_string('%s has %d of %.2f', 'x', 5, 1.5d), printf('%05d|%-5s|%5s', 42, 'ab', 'cd'), format_string('100%%')
select format_number(1234567.891, 2), format_number(0.5, 0), format_number(1234, 0)
select levenshtein('kitten', 'sitting'), soundex('Robert'), soundex('Ashcraft'), find_in_set('b', 'a,b,c'), find_in_set('z', 'a,b'), conv('ff', 16, 10), conv('-10', 10, 16), bin(13)
select str_to_map('a:1,b:2'), str_to_map('x=1;y', ';', '=')
select parse_url('https://u:p@host.com:80/a/b?q=1&r=2#frag', 'HOST'), parse_url('https://host.com/a?q=1', 'QUERY', 'q'), parse_url('https://host.com/a/b', 'PATH')
select encode('abc', 'utf-8'), string(encode('é', 'UTF-8')), length(bin), octet_length('é') from n
select string(bin), cast(bin as string), length(string(bin)) from n
select hash('a', 1), hash(1), hash(cast(1 as bigint)), hash(null), hash('abcdefgh'), xxhash64('a'), xxhash64(1, 'b'), hash(1.5d), hash(true)
select url_encode('a b&c'), url_decode('a+b%26c')
select 'abc' like any ('a%', 'x%'), 'abc' like all ('a%', '%c'), 'abc' not like any ('a%', 'x%'), 'abc' not like all ('x%', 'y%')
select overlay('Spark SQL' placing '_' from 6), overlay('Spark SQL', 'CORE', 7), overlay('Spark SQL', 'ANSI ', 7, 0)
