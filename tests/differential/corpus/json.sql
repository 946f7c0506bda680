-- JSON in texts.
select get_json_object(js, '$.c'), get_json_object(js, '$.a.b[0]'), get_json_object(js, '$.a.b[1]'), get_json_object(js, '$.a'), get_json_object(js, '$.none'), get_json_object(js, '$.n'), get_json_object(js, '$.t') from n
select get_json_object('not json', '$.a'), get_json_object(null, '$.a'), get_json_object('[1,2]', '$[1]'), get_json_object('{"a b": 1}', "$['a b']")
select from_json('{"a":1,"b":"x"}', 'a int, b string'), from_json('{"a":"x"}', 'a int'), from_json('{"a":1.7}', 'a int'), from_json('{"a":[1,2]}', 'a array<int>'), from_json('[{"x":1}]', 'array<struct<x:int>>'), from_json('{"k":{"z":2.5}}', 'k map<string,double>')
select to_json(named_struct('a', 1, 'b', 'x"y', 'c', null, 'd', array(1, null), 'e', 1.5d, 'f', true)), to_json(map('a', 1)), to_json(array(named_struct('z', 1))), to_json(struct(*)) from t where id = 1
select j.x, j.y from n lateral view json_tuple(js, 'c', 'none') j as x, y
select json_tuple(js, 'c', 't') as (x, y) from n
select json_array_length('[1,2,3]'), json_object_keys('{"a":1,"b":2}'), json_array_length('{}')
select get_json_object('[{"a":1},{"a":2}]', '$[*].a')
