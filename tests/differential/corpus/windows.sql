-- Windows.
select id, row_number() over (order by id desc) a, rank() over (order by k) b, dense_rank() over (order by k desc) c, ntile(2) over (order by id) d, percent_rank() over (order by id) e, cume_dist() over (order by id) f from t order by id
select id, lag(id) over (order by id) a, lag(id, 2, -1) over (order by id) b, lead(k) over (order by id) c, first_value(k) over (order by id) d, last_value(k) over (order by id rows between unbounded preceding and unbounded following) e, first_value(x, true) over (order by id desc) f from t order by id
select id, sum(id) over (partition by k order by id) a, sum(id) over (order by k) b, sum(id) over () c, avg(id) over (partition by k) d, count(*) over (order by id rows between 1 preceding and 1 following) e, max(id) over (partition by k order by id rows between unbounded preceding and 1 preceding) f from t order by id
select id, sum(id) over w s, row_number() over w r from t window w as (partition by k order by id) order by id
select * from (select id, k, row_number() over (partition by k order by id desc) r from t) where r = 1 order by id
select k, sum(sum(id)) over (order by k) s, rank() over (order by count(*) desc) r from t group by k order by k
select id, collect_list(id) over (order by id rows between 1 preceding and current row) l, nth_value(id, 2) over (order by id) n2 from t order by id
