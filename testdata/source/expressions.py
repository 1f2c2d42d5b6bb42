"""Expressions of every kind."""
a = 1 + 2 * 3 ** -x ** 2 - ~y // z % 4 @ w << 1 >> 2 & 3 | 4 ^ 5
b = not p and q or r if s is not None else t not in u
c = 1 < 2 <= 3 != 4 == 5 >= 6 > 7 in v
d = 0xFF, 0o17, 0b11, 1_000, 10 ** 30, 99999999999999999999, 1e3, .5, 2., 1_0.0_1e-1_0, 3j, 1.5J
e = (), (1,), (1), [], [1, 2,], {}, {1: 2, **m}, {1, 2}, {*n}, [*o, 1], *k, 2
f = x[0], x[1:2], x[:, -1, :], x[..., None], x[::2], x[a:b:c], x[*i], x[1, 2:], x[()]
g = f(1, *args, b=2, **kwargs), f(x for x in y), f(a, (x for x in y)), f(a := 1)
h = [x async for x in y if x if not x], {x: y for x, y in z.items()}, {x for (x, *y) in z for w in y}
i = lambda: 0, lambda x, *y, z=1, **w: x, lambda *, k: (yield), lambda a, /, b: a
j = x.y.z(1)[2].w, -x.y ** 2, (await_).x
k = "a" 'b' """c"d
e""" r'\n' 'tab\t\x41\u00e9\101\
joined\q' u"u"
l = b"a\x00\xff\n" rb'\x'
m = f"{x}{y!r:>{width}.2f} {{literal}} {x=} {x = !s} {a['k']} {d[0]:%Y-%m} {x if y else z}" f'{z:{w}}' "tail"
n = f"""{
    x
} {'nested ' + f"{inner!a}"}"""
o = 1if x else 2
p = x \
    + y
q = (yield)
r = "é" "\N{GREEK SMALL LETTER ALPHA}"
é = ñ + 变量
s: int = 3
t: list[int]
u, v = w = 1, 2
(x) = [y] = z
x += 1; y //= 2; z **= 3; w @= v; m >>= 1
print(*a, sep="")
x[0], y.z = f()
