-- Operands of different types.
select '1' + 1, '2' * '3', '10' / 4, 'a' + 1, '7' % 4, - '5', '1.5' + 1
select '10' > 9, 'a' = 0, '1.0' = 1, '5' = 5, '1' = 1.0, 2 > '10', true = 'true', '2024-01-01' = date'2024-01-01', '2024-01-01' < timestamp'2024-01-01 00:00:01'
select sum(csv), avg(k), max(k) from t
select sum(v), avg(v), max(v), min(v) from (select '1' v union all select '2.5' union all select 'x')
select 1 in ('1', 'a'), '1' in (1, 2), 1 in (null, 2), 1 in (1, null), null in (1), 2.0 in (1, 2)
select coalesce(null, 1, 'a'), coalesce(1, 2.5), coalesce(null, date'2024-01-01', timestamp'2024-01-02 00:00:00'), nvl(null, 'x'), if(true, 1, 2.5), if(false, 1, 'a'), nvl2(null, 1, 2), nullif(1, 1), nullif('a', 'b')
select case when true then 1 else 2.5 end, case when false then 1 end, case 1 when '1' then 'same' end, case when id = 1 then 'a' when id = 2 then null else 3 end from t order by id
select array(1, 2.5), array(1, 'a'), array(null, 1), array(1, null), map('a', 1, 'b', 2.5)
select 1 between '0' and 2, 'b' between 'a' and 'c', id between 2 and 3 from t order by id
select null = null, null <=> null, 1 <=> null, 1 <=> 1, 1 != 1, 1 <> 2, 1 == 1, not null, null and false, null or true
select id from t where '2' = id
select year('2024-05-06'), month('2024-05-06 10:00:00'), hour('2024-05-06 10:11:12'), datediff('2024-01-10', '2024-01-01'), date_add('2024-01-31', 1)
select id = b, id < x, d > id, d = 1.1 from t order by id
select id from t where id = 1 union all select 2.5 union all select null
select upper(5), length(12345), concat(1, 2), substring(12345, 2, 2), trim(5), 5 like '5'
