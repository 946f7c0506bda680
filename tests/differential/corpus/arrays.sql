-- Arrays, maps, structs, lambdas.
select a[0], a[2], a[9], a[-1], size(a), size(array()), size(null), cardinality(m), element_at(a, 1), element_at(a, -1), element_at(a, 9), get(a, 1) from n
select array_contains(a, 20), array_contains(a, 99), array_contains(array(1, 2), 3), array_position(a, 30), array_position(array(1), 9) from n
unnamed: select sort_array(a), sort_array(a, false), array_sort(a), array_max(a), array_min(a), array_distinct(ss), array_join(ss, '-'), array_join(ss, '-', '?'), reverse(ss), slice(a, 2, 2), slice(a, -2, 2), slice(a, 1, 9) from n
select array_union(array(1, 2, 2), array(2, 3)), array_intersect(array(1, 2, 2, null), array(2, null)), array_except(array(1, 2, 2, 3), array(2)), array_remove(a, 20), array_append(array(1), 2), array_prepend(array(1), 0), array_compact(a), concat(array(1), array(2, 3)) from n
select flatten(array(array(1, 2), array(3))), array_repeat('a', 2), sequence(1, 4), sequence(4, 1), sequence(0, 10, 5), sequence(date'2024-01-30', date'2024-02-02'), arrays_zip(array(1, 2), array('a', 'b')), arrays_zip(a, ss) from n
unnamed: select transform(array(1, 2), x -> x * 2), transform(array(1, 2), (x, i) -> x + i), filter(array(1, 2, 3), x -> x > 1), filter(array(1, 2, 3), (x, i) -> i > 0), exists(array(1, 2), x -> x > 1), exists(a, x -> x > 100), forall(array(1, 2), x -> x > 0), aggregate(array(1, 2, 3), 0, (s, x) -> s + x), aggregate(array(1, 2), 0, (s, x) -> s + x, s -> s * 10), reduce(array(1, 2), 10, (s, x) -> s - x), zip_with(array(1, 2), array(10, 20), (x, y) -> x + y) from n
unnamed: select transform(array(array(1, 2), array(3)), x -> transform(x, y -> y + 1)), transform(a, x -> x + id) from n, t where id = 1
select m['k'], m['none'], map_keys(m), map_values(m), map_entries(m), map_contains_key(m, 'k'), element_at(m, 'j'), map('a', 1)['a'], map_from_arrays(array('x', 'y'), array(1, 2)), map_concat(map('a', 1), map('b', 2)), map_from_entries(array(struct('a', 1))) from n
select map_filter(m, (k, v) -> v > 1), transform_values(m, (k, v) -> v * 10), transform_keys(m, (k, v) -> concat(k, '!')) from n
unnamed: select st.p, st.q, st, struct(1, 'a'), struct(id, k), struct(id as i, k as kk), named_struct('a', 1, 'b', array(1)) from n, t where id = 1
select array(named_struct('a', 1), named_struct('a', 2)).a, named_struct('a', named_struct('b', 5)).a.b, map('k', named_struct('z', 1))['k'].z, st.* from n
select array(1, 2) = array(1, 2), named_struct('a', 1) = named_struct('a', 1), array('a')[0] || 'b'
select arrays_overlap(array(1, 2), array(2, 3)), arrays_overlap(array(1), array(2)), arrays_overlap(array(1, null), array(2)), arrays_overlap(array(), array(1)), size(shuffle(array(1, 2, 3)))
