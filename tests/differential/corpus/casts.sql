-- Casts: what does not fit is NULL, fractions are cut.
select cast('12' as int), cast(' 12 ' as int), cast('1.9' as int), cast('-1.9' as int), cast('abc' as int), cast('' as int), cast('1e3' as int), cast('0x10' as int), cast('1_0' as int), cast('+5' as int), cast('.5' as int)
select cast('3000000000' as int), cast('3000000000' as bigint), cast('128' as tinyint), cast('9223372036854775808' as bigint)
select cast(2.7 as int), cast(-2.7 as int), cast(2.5d as int), cast(1e20 as int), cast(1e20 as bigint), cast(cast('nan' as double) as int), cast(3000000000 as int), cast(300 as tinyint), cast(1e10 as smallint)
select cast('1.5' as double), cast(' 1.5 ' as double), cast('1e3' as double), cast('1.5d' as double), cast('nan' as double), cast('Infinity' as double), cast('x' as double), cast('' as float)
select cast('1.25' as decimal(10, 1)), cast(1.25 as decimal(10, 1)), cast(-1.25 as decimal(10, 1)), cast(1.005d as decimal(10, 2)), cast('abc' as decimal(5, 2)), cast(12345.6 as decimal(5, 2)), cast(7 as decimal(5, 2)), cast('1e2' as decimal(10, 0))
select cast(1.0d as string), cast(1e10d as string), cast(1.5e-5d as string), cast(123456.789d as string), cast(1e7d as string), cast(0.1f as string), cast(cast('nan' as double) as string), cast(-0.0d as string), cast(1e300d as string), cast(100.0f as string)
unnamed: select cast(1.50 as string), cast(true as string), cast(date'2024-01-02' as string), cast(timestamp'2024-01-02 03:04:05' as string), cast(timestamp'2024-01-02 03:04:05.120' as string), cast(null as string)
select cast(array(1, 2, null) as string), cast(map('a', 1) as string), cast(named_struct('a', 1, 'b', null) as string), cast(array('x', 'y') as string), cast(array(1.5d) as string)
select cast('true' as boolean), cast('T' as boolean), cast('yes' as boolean), cast('0' as boolean), cast('maybe' as boolean), cast(1 as boolean), cast(0.0d as boolean), cast(2 as boolean)
select cast('2024-02-30' as date), cast('2024' as date), cast('2024-3' as date), cast('2024-3-5' as date), cast('2024-03-05 10:00:00' as date), cast('bad' as date), cast('2024-03-05T10:00' as date), cast(' 2024-03-05 ' as date)
select cast('2024-03-05 10:11:12' as timestamp), cast('2024-03-05' as timestamp), cast('2024-03-05 10:11' as timestamp), cast('2024-03-05T10:11:12Z' as timestamp), cast('2024-03-05 10:11:12.5+09:00' as timestamp), cast('bad' as timestamp), cast('2024' as timestamp)
select cast(0 as timestamp), cast(1.5d as timestamp), cast(ts as bigint), cast(ts as double), cast(ts as date), cast(dt as timestamp) from n
select cast(id as bigint) a, cast(id as double) b, cast(id as string) c, cast(x as int) d, cast(d as int) e, cast(d as double) f, cast(f as int) g, cast(b as int) h from t order by id
unnamed: select int('7'), bigint('7'), double('1.5'), string(5), float('2.5'), boolean('true'), date('2024-01-01'), decimal('5'), Double('2'), tinyint('3')
unnamed: select cast(array(1, 2) as array<string>), cast(array('1', 'x') as array<int>), cast(st as struct<a:string,b:string>), cast(m as map<string,string>), cast(array(1, 2) as array<double>) from n
select try_cast('x' as int), '5' :: int, cast('a' as binary)
select cast(1 as tinyint) + cast(1 as tinyint), cast(1 as smallint) * 2, cast(1 as float) + 1, cast(1 as float) + 1L
