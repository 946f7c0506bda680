-- Arithmetic and numbers.
select 7 / 2, 7 div 2, -7 div 2, 7 % 3, -7 % 3, 7.5 % 2, 1 / 0, 1 % 0, 1 div 0, 0 / 0, 1.5d % 0
select 5 + 2, 5 - 2.5, 5 * 1.5d, 2 * 3L, 1.1 + 2.22, 1.1 * 1.1, 1.0 / 3, 10 / 4, 1.5 - 1
select d + 1, d * 2, d / 3, d - 0.001, d % 2, -d from t order by id
select b + id, b * 2, id / b, b div id, b % 7 from t order by id
select round(2.5), round(-2.5), round(2.345, 2), round(1.005d, 2), round(125, -1), round(2.5d), round(-0.5d), bround(2.5), bround(3.5d), round(x, 1) from t where id = 1
select ceil(1.2), floor(-1.2), ceil(-0.5d), floor(5), ceil(1.5d), floor(2.999)
select abs(-3), abs(-1.5), sign(-2), sqrt(2.0), sqrt(-1), exp(1), ln(10), ln(0), log(10), log(2, 8), log10(1000), log2(8), log1p(1), pow(2, 10), cbrt(27)
select mod(10, 3), pmod(-7, 3), pmod(7, -3), greatest(1, null, 3), least(1, null, 3), greatest('a', 'b'), greatest(1, 2.5)
select 5 & 3, 5 | 3, 5 ^ 3, ~5, shiftleft(1, 3), shiftright(16, 2), bit_count(7), factorial(5), factorial(25), hypot(3, 4)
select pi(), degrees(pi()), radians(180), sin(0), cos(0), atan2(1, 1), e()
select nanvl(x, 0d), isnan(x), x = x, x > 1, x + 1 from t order by id
select cast('nan' as double) = cast('nan' as double), cast('nan' as double) > 1e308, cast('infinity' as double), -cast('inf' as double)
select 9223372036854775807 as a, -9223372036854775808 as b, 0.1 + 0.2, 0.1d + 0.2d
select id, id + null, null * 2 from t where id = 1
select rand() between 0 and 1, rand(5) between 0 and 1 from t where id = 1
select round(v, 2), round(v, 0), round(v, 1), round(cast(v as float), 2) from values (1.005d), (2.675d), (-1.005d), (0.125d), (-0.001d), (1e15d), (123456.785d), (0.5d), (1.5d), (2.5d), (-2.5d), (99.995d) as t(v)
select try_divide(1, 0), try_divide(6, 4), try_add(1, 2), nullifzero(0), nullifzero(5), zeroifnull(null + 1), current_database()
