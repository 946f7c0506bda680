-- Joins, subqueries, set operations, generators, order and limit.
select a.id, b.id from t a join t b on a.id = b.id + 1 order by 1
select a.id, b.k from t a left join (select 1 id, 'one' k) b on a.id = b.id order by a.id
select * from (select 1 id, 'l' l) a full outer join (select 2 id, 'r' r) b using (id) order by id
select * from (select 1 id, 'l' l) a right join (select 2 id, 'r' r) b using (id) order by id
select id, l, r from (select 1 id, 'l' l) a natural join (select 1 id, 'r' r) b
select a.id from t a left semi join (select 1 id union select 3) b on a.id = b.id order by a.id
select a.id from t a left anti join (select 1 id) b on a.id = b.id order by a.id
select a.id, b.x from (select 1 id) a cross join (select 2 x) b
select a.*, b.* from (select 1 id) a join (select 1 id, 2 z) b on a.id = b.id
select a.id from t a, t b where a.id = b.id and a.k = 'a' order by 1
select id from t where id in (select id from t where k = 'a') order by id
select id from t where id not in (select 2) order by id
select id from t a where exists (select 1 from t b where b.k = a.k and b.id <> a.id) order by id
select id, (select max(b.id) from t b where b.k = a.k) m from t a order by id
select (select sum(id) from t) s, (select k from t where id = 99) n
with c as (select id, k from t), d as (select k, count(*) n from c group by k) select c.id, d.n from c join d on c.k = d.k order by c.id
with c(p, q) as (select 1, 2) select q, p from c
select * from (select id from t order by id desc limit 2) order by id
unordered: select id from t union select id from t
unordered: select k from t union all select k from t
unordered: select k from t except select 'a'
unordered: select k from t intersect select 'a'
unordered: select id from t minus select 1
select id, k from t where id < 2 union all select 9, 'z' order by id desc
select id a from t union all select 2 order by a limit 2
select id, e from t lateral view explode(split(csv, ',')) x as e order by id, e
select id, pos, e from t lateral view posexplode(split(csv, ',')) x as pos, e
select id, e from t lateral view outer explode(split(csv, ',')) x as e order by id, e
select kk, vv from n lateral view explode(m) y as kk, vv order by kk
select x.e, y.f from n lateral view explode(array(1, 2)) x as e lateral view explode(array(x.e * 10)) y as f
select explode(array(1, 2)) as e, 'c' as c
select id, explode(split(csv, ',')) from t where id = 1
select explode_outer(split(csv, ',')) e, id from t where id >= 3
select posexplode(array('a', 'b'))
select posexplode_outer(array()) as (p, e)
select explode(m) as (kk, vv) from n
select inline(array(struct(1 as a, 'x' as b), struct(2, 'y')))
select stack(2, 'a', 1, 'b', 2) as (c1, c2)
select stack(2, 1, 2, 3)
select * from values (1, 'a'), (2, null) as v(i, s)
select * from values (1), (2.5)
select id from range(3)
select id * 2 from range(1, 10, 3)
select sum(id) from range(1000)
select x from t order by x
select x from t order by x desc
select k from t order by k nulls last, id
select id from t order by id limit 2 offset 1
select id, k from t order by 2 desc, 1
select id as z from t order by z desc limit 1
select k from t order by id desc
select distinct k, id % 2 o from t order by k, o
select * except (x, csv, d, b, f) from t order by id
select t.*, 1 one from t where id = 1
select count(*) from t tablesample (100 percent)
select id from t where k is null or k = 'b' order by id
select id + 1 as a, a * 2 as b from t where id = 1
select k, count(*) from t where id > 0 group by k having count(*) >= 1 order by k limit 2
select (a.id) from (select * from t) a where a.id = 1
select struct(*) s from (select 1 a, 'b' b)
select /*+ broadcast(t) */ id from t sort by id
select id from t distribute by k sort by id desc
select typeof(1), typeof('a'), typeof(1.5), typeof(array(1)), typeof(map('a', 1)), typeof(named_struct('a', 1)), typeof(null), typeof(1L)
select monotonically_increasing_id() from t
select nosuch from t
select id from nosuch
select id id2 from t group by k
select percentile(id, 0.5, 2) from t
unnamed: select array_sort(array(1), (l, r) -> 0)
