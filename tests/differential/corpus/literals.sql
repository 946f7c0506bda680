-- Literals, escapes, identifiers.
select "double" as a, 'single' as b, 'it\'s' as c, "say \"hi\"" as d
select 'tab\tnewline\n' as a, length('a\\b') as b, 'x' 'y' as c
select 1 as a, 3000000000 as b, 1.50 as c, 1e3 as d, 2L as e, 7Y as f, 1.5D as g, true as h, null as i
select `id` as `odd name`, `t`.`k` from t where `id` = 1
select ID, K from T where k = "a" order by iD
select -5 as a, - 5 as b, +3 as c, -id from t where id = 2
select x'48656C6C6F' as a, cast(x'4869' as string) as b
select date'2024-02-29' as a, timestamp'2024-02-29 12:00:00' as b
select 'ünïcode 中文' as a, upper('é') as b
