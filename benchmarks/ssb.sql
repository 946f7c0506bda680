create or replace table ssb.dates as select cast(strftime(d, '%Y%m%d') as integer) d_datekey, d d_date,
  cast(year(d) as integer) d_year, cast(year(d) * 100 + month(d) as integer) d_yearmonthnum,
  strftime(d, '%b%Y') d_yearmonth, cast((dayofyear(d) - 1) // 7 + 1 as integer) d_weeknuminyear
  from (select cast(unnest(generate_series(date '1992-01-01', date '1998-12-31', interval 1 day)) as date) d);
create or replace table ssb.customer as select c_custkey, c_name, left(rpad(n_name, 9, ' '), 9) || draw(c_custkey, 81, 0, 9) c_city,
  n_name c_nation, r_name c_region from customer, nation, region
  where c_nationkey = n_nationkey and n_regionkey = r_regionkey;
create or replace table ssb.supplier as select s_suppkey, s_name, left(rpad(n_name, 9, ' '), 9) || draw(s_suppkey, 82, 0, 9) s_city,
  n_name s_nation, r_name s_region from supplier, nation, region
  where s_nationkey = n_nationkey and n_regionkey = r_regionkey;
create or replace table ssb.part as select p_partkey, p_name, 'MFGR#' || draw(p_partkey, 83, 1, 5) p_mfgr,
  p_mfgr || draw(p_partkey, 84, 1, 5) p_category, p_category || draw(p_partkey, 85, 1, 40) p_brand1
  from (select p_partkey, p_name from part);
create or replace table ssb.lineorder as select l_orderkey lo_orderkey, l_linenumber lo_linenumber, o_custkey lo_custkey,
  l_partkey lo_partkey, l_suppkey lo_suppkey, cast(strftime(o_orderdate, '%Y%m%d') as integer) lo_orderdate,
  cast(l_quantity as integer) lo_quantity, cast(l_extendedprice * 100 as bigint) lo_extendedprice,
  cast(l_discount * 100 as integer) lo_discount,
  cast(l_extendedprice * (100 - l_discount * 100) as bigint) lo_revenue,
  cast(l_extendedprice * 60 as bigint) lo_supplycost from lineitem, orders where l_orderkey = o_orderkey;
