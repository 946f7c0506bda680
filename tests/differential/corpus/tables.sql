-- Recursive tables, unpivot, pivots, samples, lateral generators, pipes.
with recursive r(n) as (values (1) union all select n+1 from r where n<5) select * from r
with recursive r(n, s) as (select 1, 'a' union all select n+1, concat(s, 'b') from r where n<3) select n, s from r order by n
select * from (values (1,10,20),(2,null,5)) t(id,a,b) unpivot (v for k in (a,b)) order by id, k
select * from (values (1,10,20),(2,null,5)) t(id,a,b) unpivot include nulls (v for k in (a as x,b as y)) order by id, k
select * from (values (1,2,3,4)) t(a1,a2,b1,b2) unpivot ((x,y) for k in ((a1,a2) as p,(b1,b2) as q)) order by k
select * from (values (1,'a','p',5),(1,'b','q',6)) t(id,k,l,v) pivot (sum(v) for (k,l) in (('a','p') as ap, ('b','q')))
select t.id, e.y from t, lateral explode(split(csv, ',')) as e(y) order by 1, 2
select k, count(*) c from t group by all order by all
select id from t order by id limit all
select explode(collection => array(10, 20))
values (1, 'a'), (2, 'b')
from t |> where id > 1 |> select id, k |> order by id desc
from t |> aggregate sum(id) as s group by k |> order by k
select * from range(1, 10, 3, 2)
select id, cume_dist() over (order by k), percent_rank() over (order by k), lag(id) over (order by id), lead(id, 2, 0) over (order by id) from t order by id
select dt, count(*) over (order by dt range between interval 1 day preceding and current row) from values (date'2024-01-01'),(date'2024-01-02'),(date'2024-01-05') t(dt)
select ts, count(*) over (order by ts range between interval 2 hours preceding and interval 1 hour following) from values (timestamp'2024-01-01 00:00:00'),(timestamp'2024-01-01 01:30:00') t(ts)
select count(*), max(id), collect_list(id), count_if(id > 0), bool_and(f), sum(x), avg(d), percentile(id, 0.5), mode(k) from t where id > 100
select k, sum(id), count_if(f), min(x), collect_set(k) from t where id > 100 group by k
