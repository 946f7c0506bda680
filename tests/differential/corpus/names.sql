-- Names that Spark gives to columns nobody named.
select 1, 'a', 1.5, true, null
select id + 1, id * 2 - 1, -id, id / 2 from t where id = 1
select count(*), count(1), sum(id), avg(x), max(k) from t
select upper(k), concat(k, 'z'), substring(k, 1, 1), length(k) from t where id = 1
select split(csv, ',')[0], split(csv, ',') from t where id = 1
select a[0], m['k'], st.p, st.q from n
select case when id = 1 then 'one' else 'other' end from t where id = 1
select id > 1, id = 1 and k = 'a', not id = 2, k is null, k is not null, id in (1, 2), id between 1 and 3 from t where id = 1
select cast(id as string), cast(id + 1 as bigint), string(id), int('5') from t where id = 1
select coalesce(k, 'none'), nvl(k, 'none'), if(id = 1, 'y', 'n') from t where id = 1
select count(distinct k), sum(distinct id) from t
select row_number() over (partition by k order by id desc) from t where id = 1
select sum(id) over (partition by k) from t where id = 1
select round(1.234, 2), floor(1.5), ceil(1.5), abs(-1) from t where id = 1
select date_add(dt, 1), year(dt), date_format(dt, 'yyyy') from n
select (select 1), exists(select 1)
select k like 'a%', k rlike 'a' from t where id = 1
select t.id, t.k from t where t.id = 1
select id a, id A, id from t where id = 1
