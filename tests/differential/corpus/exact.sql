-- Rounding, decimals, seeded random values, percentiles, sketches.
select round(1.50, 2), round(1.25, 1), round(125, -1), round(-125, -1), round(12345.678, -2), bround(2.5), bround(2.675d, 2), bround(25, -1), bround(1.25, 1), round(2.675d, 2), round(cast(2.5 as float)), round(null), round('2.5')
select ceil(3.1411, 3), ceil(-3.1411, 2), floor(-3.1411, 2), ceil(123, -1), floor(123L, -2), ceil(1.23d, 1), ceil(cast(1.5 as float)), floor(null)
select acosh(2), asinh(-1), atanh(0.5), atanh(1), csc(1), sec(1), acosh(0.5)
select rand(0), randn(0), rand(42), randn(7), uniform(10, 20, 0), uniform(1.0d, 2.0d, 3), randstr(3, 0) from t
select id from t tablesample (50 percent) repeatable (3)
select width_bucket(5, 0, 10, 0), width_bucket(null, 0, 1, 2), width_bucket(10, 0, 10, 5), width_bucket(0, 0, 10, 5), width_bucket(10, 10, 0, 5), width_bucket(3, 1, 1, 4), width_bucket('NaN', 0, 1, 2), width_bucket(11, 10, 0, 5), width_bucket(-1, 10, 0, 5), width_bucket(5, 10, 0, 5)
select cast(12345.67 as decimal(15,2)) * (1 - cast(0.05 as decimal(15,2))) * (1 + cast(0.08 as decimal(15,2))) x
select cast(1 as decimal(10,2))/3, cast(-7.5 as decimal(10,2))/cast(0.3 as decimal(5,1)), cast(7 as decimal(38,0))/cast(3 as decimal(38,0)), cast(1 as decimal(38,10))/cast(3 as decimal(10,5)), 1.0/3, 2/1.5, cast(5 as decimal(5,0))/0, cast(12345678901234567890.12 as decimal(38,2))/7, cast(0 as decimal(5,2))/3
select avg(x), avg(x)/3, sum(x)/count(*) from values (cast(1.5 as decimal(10,2))),(2.25),(null),(-7.33) t(x)
select try_add(2147483647, 1), try_subtract(-128Y, 1Y), try_multiply(9223372036854775807, 2), try_divide(1, 0), try_mod(5, 0)
select try_sum(x), try_avg(x) from values (9223372036854775807L),(1L) t(x)
select percentile_disc(0.25) within group (order by x desc), percentile_cont(0.25) within group (order by x desc), percentile_disc(0.5) within group (order by x), percentile_disc(array(0.1,0.5)) within group (order by x) from values (1),(2),(3),(4) t(x)
select percentile(x, 0.3, f), percentile(x, array(0.1,0.9), f), percentile_approx(x, 0.5), percentile_approx(x, array(0.0, 1.0), 5) from values (1,2),(2,1),(3,4),(10,1) t(x,f)
select mode(x, true), collect_set(x), listagg(x, ',') within group (order by y desc), max_by(x, y, 2), min_by(x, y, 10) from values (3,1),(1,2),(2,3),(1,4),(3,null) t(x,y)
select kurtosis(x), skewness(x), corr(x,x), regr_slope(x,x), regr_sxy(x,x) from values (1),(1),(1) t(x)
select kurtosis(x), skewness(x), corr(x,x+x*x), regr_slope(x,x), skewness(distinct x) from values (1),(2),(5),(5) t(x)
select kurtosis(x), skewness(x), stddev(x), variance(x), var_pop(x), corr(x,x), covar_samp(x,x) from values (1) t(x)
select max(struct(id, k)), min(array(id)), max(named_struct('a', x)), max_by(id, struct(k, id)) from t
select struct(1, null) < struct(1, 2), array(1, null) < array(1, 2), array(1) < array(1, null), struct(1, null) = struct(1, null)
select id, st from (select id, struct(k, id) st from t) order by st desc
select theta_sketch_estimate(theta_sketch_agg(id)), theta_sketch_estimate(theta_sketch_agg(id, 10)), hll_sketch_estimate(hll_sketch_agg(id)), hll_sketch_estimate(hll_sketch_agg(id, 10)), theta_sketch_estimate(theta_sketch_agg(cast(id as string))), hll_sketch_estimate(hll_sketch_agg(cast(id as string))) from range(30000)
select tuple_sketch_summary_double(tuple_sketch_agg_double(id, 1.0d)), tuple_sketch_estimate_double(tuple_sketch_agg_double(id, 1.0d)), tuple_sketch_theta_double(tuple_sketch_agg_double(id, 1.0d)) from range(30000)
select theta_sketch_estimate(theta_union(a, b)), theta_sketch_estimate(theta_intersection(a,b)), theta_sketch_estimate(theta_difference(a,b)), theta_sketch_estimate(theta_union(a,b,5)) from (select theta_sketch_agg(id) a, theta_sketch_agg(id+10000) b from range(30000))
select kll_sketch_get_quantile_bigint(kll_sketch_agg_bigint(col), 0.5), kll_sketch_get_rank_bigint(kll_sketch_agg_bigint(col), 3), kll_sketch_get_n_bigint(kll_sketch_agg_bigint(col)), kll_sketch_get_quantile_bigint(kll_sketch_agg_bigint(col), array(0.1,0.21,0.9)) from values (1),(2),(3),(4),(5),(5),(null) tab(col)
refused: select theta_sketch_agg(id) from t
select format_number(12345.6789, 2), format_number(0.5, 0), format_number(1.5, 0), format_number(-1234.565, 2), format_number(1e10, 3), format_number(double('NaN'), 2), format_number(12332.123456, '##################.###'), format_number(1234.5, '#,###.00'), format_number(5, '000.0'), format_number(0.25, '#.#'), format_number(0, '#'), format_number(12, -1)
