create or replace macro pick(i, salt, words) as words[1 + cast(hash(i * 1000003 + salt) % len(words) as bigint)];
create or replace macro draw(i, salt, least, most) as
  cast(least + hash(i * 1000003 + salt) % (most - least + 1) as integer);
create or replace macro money(i, salt, least, most) as
  cast(cast(least * 100 + hash(i * 1000003 + salt) % ((most - least) * 100 + 1) as bigint) / 100 as decimal(15, 2));
create or replace macro words(i, salt) as
  pick(i, salt, ['quickly', 'furious', 'special', 'final', 'ironic', 'Customer', 'pending', 'bold']) || ' '
  || pick(i, salt + 1, ['deposits', 'requests', 'accounts', 'Complaints', 'packages', 'foxes', 'ideas', 'pinto']);
create table region as select cast(i as integer) r_regionkey, ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'][i + 1] r_name,
  words(i, 1) r_comment from range(5) t(i);
create table nation as select cast(i as integer) n_nationkey,
  ['ALGERIA', 'ARGENTINA', 'BRAZIL', 'CANADA', 'EGYPT', 'ETHIOPIA', 'FRANCE', 'GERMANY', 'INDIA', 'INDONESIA', 'IRAN',
   'IRAQ', 'JAPAN', 'JORDAN', 'KENYA', 'MOROCCO', 'MOZAMBIQUE', 'PERU', 'CHINA', 'ROMANIA', 'SAUDI ARABIA', 'VIETNAM',
   'RUSSIA', 'UNITED KINGDOM', 'UNITED STATES'][i + 1] n_name,
  cast([0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1][i + 1] as integer) n_regionkey,
  words(i, 2) n_comment from range(25) t(i);
create table supplier as select i s_suppkey, 'Supplier#' || lpad(cast(i as varchar), 9, '0') s_name,
  'street ' || draw(i, 3, 1, 999) s_address, draw(i, 4, 0, 24) s_nationkey,
  (10 + draw(i, 4, 0, 24)) || '-' || draw(i, 5, 100, 999) || '-' || draw(i, 6, 1000, 9999) s_phone,
  money(i, 7, -999, 9999) s_acctbal, words(i, 8) s_comment from range(1, {suppliers} + 1) t(i);
create table customer as select i c_custkey, 'Customer#' || lpad(cast(i as varchar), 9, '0') c_name,
  'street ' || draw(i, 11, 1, 999) c_address, draw(i, 12, 0, 24) c_nationkey,
  (10 + draw(i, 12, 0, 24)) || '-' || draw(i, 13, 100, 999) || '-' || draw(i, 14, 1000, 9999) c_phone,
  money(i, 15, -999, 9999) c_acctbal,
  pick(i, 16, ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD']) c_mktsegment,
  words(i, 17) c_comment from range(1, {customers} + 1) t(i);
create table part as select i p_partkey,
  pick(i, 21, ['forest', 'green', 'blue', 'almond', 'ivory', 'lemon']) || ' '
  || pick(i, 22, ['green', 'red', 'navy', 'peach', 'plum', 'rose', 'snow']) p_name,
  'Manufacturer#' || draw(i, 23, 1, 5) p_mfgr, 'Brand#' || draw(i, 23, 1, 5) || draw(i, 24, 1, 5) p_brand,
  pick(i, 25, ['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO']) || ' '
  || pick(i, 26, ['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED']) || ' '
  || pick(i, 27, ['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER']) p_type,
  draw(i, 28, 1, 50) p_size,
  pick(i, 29, ['SM', 'LG', 'MED', 'JUMBO', 'WRAP']) || ' '
  || pick(i, 30, ['CASE', 'BOX', 'BAG', 'JAR', 'PKG', 'PACK', 'CAN', 'DRUM']) p_container,
  cast((90000 + (i // 10) % 20001 + 100 * (i % 1000)) / 100 as decimal(15, 2)) p_retailprice,
  words(i, 31) p_comment from range(1, {parts} + 1) t(i);
create table partsupp as select i p, i ps_partkey,
  1 + (i + j * (1 + {suppliers} // 4 + (i - 1) // {suppliers})) % {suppliers} ps_suppkey,
  draw(i * 4 + j, 41, 1, 9999) ps_availqty, money(i * 4 + j, 42, 1, 1000) ps_supplycost,
  words(i, 43) ps_comment from range(1, {parts} + 1) t(i), range(4) s(j);
alter table partsupp drop p;
create table orders as select i o_orderkey,
  1 + cast(hash(i * 7 + 51) % ({customers} * 2 // 3) as bigint) o_custkey,
  pick(i, 52, ['F', 'O', 'P']) o_orderstatus, money(i, 53, 900, 500000) o_totalprice,
  date '1992-01-01' + draw(i, 54, 0, 2405) o_orderdate,
  pick(i, 55, ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW']) o_orderpriority,
  'Clerk#' || draw(i, 56, 1, 1000) o_clerk, 0 o_shippriority, words(i, 57) o_comment
  from range(1, {orders} + 1) t(i);
create table lineitem as select *, l_shipdate + draw(k, 71, 1, 30) l_receiptdate,
  pick(k, 72, ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN']) l_shipinstruct,
  pick(k, 73, ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB']) l_shipmode, words(k, 74) l_comment
from (select o_orderkey * 8 + j k, o_orderkey l_orderkey, 1 + cast(hash(k + 61) % {parts} as bigint) l_partkey,
  1 + (l_partkey + draw(k, 62, 0, 3) * (1 + {suppliers} // 4 + (l_partkey - 1) // {suppliers})) % {suppliers} l_suppkey,
  cast(j + 1 as integer) l_linenumber, cast(draw(k, 63, 1, 50) as decimal(15, 2)) l_quantity,
  cast(l_quantity * ((90000 + (l_partkey // 10) % 20001 + 100 * (l_partkey % 1000)) / 100) as decimal(15, 2)) l_extendedprice,
  cast(draw(k, 64, 0, 10) / 100 as decimal(15, 2)) l_discount, cast(draw(k, 65, 0, 8) / 100 as decimal(15, 2)) l_tax,
  pick(k, 66, ['A', 'N', 'R']) l_returnflag, pick(k, 67, ['F', 'O']) l_linestatus,
  o_orderdate + draw(k, 68, 1, 121) l_shipdate, o_orderdate + draw(k, 69, 30, 90) l_commitdate
  from orders, range(7) s(j) where j <= hash(o_orderkey * 3 + 60) % 7) lines;
alter table lineitem drop k;
