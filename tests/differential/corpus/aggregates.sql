-- Aggregates.
select count(*), count(k), count(distinct k), count(distinct k, id), sum(id), avg(id), min(id), max(id), sum(x), avg(x), max(x), min(x), sum(d), avg(d) from t
select k, count(*) c, sum(id) s, avg(id) a from t group by k order by k
select sort_array(collect_list(k)), sort_array(collect_set(k)), collect_list(id), size(collect_list(x)) from t
select collect_list(id) from t where id > 100
select stddev(id), stddev_pop(id), variance(id), var_pop(id), skewness(id), kurtosis(id), corr(id, b), covar_samp(id, b), covar_pop(id, id) from t
unnamed: select percentile(id, 0.5), percentile(id, array(0.25, 0.75)), percentile_approx(id, 0.5), percentile_approx(id, array(0.25, 0.5)), median(id), approx_count_distinct(k), percentile_cont(0.5) within group (order by id) from t
select max_by(k, id), min_by(k, id), count_if(id > 2), bool_and(id > 0), bool_or(id > 3), every(f), some(f), any_value(1), first(5), last(6) from t
select sum(if(id > 1, 1, 0)), sum(case when k = 'a' then id end), count(case when k = 'a' then 1 end), sum(id) filter (where k = 'a'), count(*) filter (where id > 2) from t
select sum(id) + 1, sum(id) / count(*), max(id) - min(id), sum(id * 2), round(avg(id), 1), concat(max(k), '!') from t
select sum(id), count(*), max(k), avg(id) from t where id > 100
select k, sum(id) s from t group by k having sum(id) > 1 order by s, k
select k as kk, count(*) c from t group by kk having c > 1
select id % 2 as odd, count(*) from t group by id % 2 order by odd
select id % 2 as odd, k, count(*) from t group by 1, 2 order by 1, 2
unordered: select k, id % 2 o, sum(id) s, grouping(k) g from t group by k, id % 2 with rollup
unordered: select k, id % 2 o, sum(id) s from t group by cube(k, id % 2)
unordered: select k, sum(id) s, grouping_id() g from t group by k grouping sets ((k), ())
unordered: select k, f, count(*) from t group by k, f grouping sets ((k, f), (k), ())
unordered: select k, count(*) from t group by rollup(k)
unordered: select distinct k from t
select sum(distinct id % 2), avg(distinct id % 2) from t
select typeof(sum(id)), typeof(count(*)), typeof(avg(d)), typeof(sum(d)), typeof(sum(x)) from t
select k, explode(collect_list(id)) e from t group by k order by k, e
select sum(cast(id as tinyint)), sum(cast(x as float)), avg(cast(id as smallint)) from t where id = 1
select * from (select k, id from t) pivot (sum(id) for k in ('a', 'b'))
select * from (select k, id, f from t) pivot (sum(id) as s, count(*) as c for k in ('a' as x, 'b')) order by f
select count(*), k from t group by k order by count(*) desc, k
select k, id % 2 o, count(*) c from t group by all order by k, o
select mode(k), try_sum(id), try_avg(id) from t where k is not null
