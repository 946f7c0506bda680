-- Dates and times (session zone Asia/Shanghai).
select year(dt), month(dt), day(dt), dayofmonth(dt), dayofweek(dt), weekday(dt), dayofyear(dt), weekofyear(dt), quarter(dt), hour(ts), minute(ts), second(ts) from n
select date_add(dt, 1), date_sub(dt, 1), datediff(dt, date'2024-01-01'), add_months(dt, 12), add_months(date'2024-01-31', 1), last_day(dt), next_day(dt, 'MO'), next_day(dt, 'nope') from n
select trunc(dt, 'MM'), trunc(dt, 'year'), trunc(dt, 'week'), trunc(dt, 'Q'), trunc(dt, 'bad'), date_trunc('hour', ts), date_trunc('DAY', ts), date_trunc('month', ts) from n
select months_between(date'2024-03-31', date'2024-02-29'), months_between('2024-03-15', '2024-01-01'), months_between('2024-03-15 12:00:00', '2024-02-15')
select date_format(ts, 'yyyy-MM-dd HH:mm:ss'), date_format(ts, 'yyyyMMdd'), date_format(dt, 'E EEEE'), date_format(ts, 'MM/dd/yy hh:mm a'), date_format(ts, "yyyy-MM-dd'T'HH:mm:ss.SSS"), date_format(dt, 'd/M/y'), date_format(dt, 'MMM d, yyyy'), date_format('2024-01-02', 'yyyy/MM'), date_format(ts, 'H:m:s'), date_format(dt, 'DDD MMMM') from n
select to_date('2024-01-02'), to_date('20240102', 'yyyyMMdd'), to_date('02/01/2024', 'dd/MM/yyyy'), to_date('bad'), to_date('2024-01-02 10:00:00'), to_date(ts) from n
select to_timestamp('2024-01-02 03:04:05'), to_timestamp('2024/01/02 03:04', 'yyyy/MM/dd HH:mm'), to_timestamp('bad'), to_timestamp('20240102', 'yyyyMMdd')
select unix_timestamp('2024-01-01 00:00:00'), unix_timestamp('2024/01/01', 'yyyy/MM/dd'), unix_timestamp(ts), to_unix_timestamp(dt), unix_timestamp('bad') from n
select from_unixtime(0), from_unixtime(1700000000, 'yyyy-MM-dd'), from_unixtime(1700000000), timestamp_seconds(10), timestamp_millis(1500), unix_seconds(ts), unix_millis(ts) from n
unnamed: select ts + interval 1 day, ts - interval 2 hours, dt + interval 1 month, dt - interval 1 day, date'2024-01-31' + 1, date'2024-01-31' - 1, dt + interval 2 weeks, dt + interval 3 hours from n
select extract(year from ts), extract(month from dt), extract(hour from ts), date_part('day', dt), extract(quarter from dt), extract(week from dt), extract(dow from dt) from n
select from_utc_timestamp('2024-01-01 00:00:00', 'America/New_York'), to_utc_timestamp('2024-01-01 08:00:00', 'Asia/Shanghai')
select make_date(2024, 2, 29), make_date(2023, 2, 29), date_from_unix_date(1), unix_date(date'1970-01-02')
select dt = '2024-02-29', dt > '2024-01-01', ts > '2024-02-29', dt in ('2024-02-29'), greatest(dt, date'2025-01-01') from n
select current_date() = to_date(current_timestamp()), current_timestamp() > '2020-01-01', now() is not null
select cast(ts as string), cast(dt as string), string(ts) from n
