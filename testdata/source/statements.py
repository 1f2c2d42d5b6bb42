#!/usr/bin/env python
# -*- coding: utf-8 -*-
import os, os.path as p
from . import a
from ... import b as c
from .m.n import (d, e as f,)
from g import *
if x: pass
elif y: z = 1; w = 2
else:
    pass
if x:
    1
else:
    if y: 2
for i, *j in k: break
else: continue
for x in 1, *y: pass
while (n := f()):
	tab
	if indented:
	        eight
else:
    blanks
with a as b, c as (d, e): pass
with (a as b, c): pass
with (a): pass
with (a, b) as c: pass
with (yield_)(x) as y, z: pass
try:
    pass
except (A, B) as e:
    raise C from e
except D: raise
except: pass
else: pass
finally:
    del x, y[0]
try: pass
except* G: pass
@decorator
@a.b(c)
def function(a, b: int = 1, /, c=2, *args: str, d, e=3, **kwargs) -> (int):
    """A docstring."""

    # a comment of its own

    global g, h
    def inner():
        nonlocal a
        return
    return a, *b
class Empty: ...
class C(B, metaclass=M, *bases):
    x: int = 1

    @property
    def y(self): return self._y
  # a comment with less indentation
    async def z(self):
        async with a as b: await c
        async for d in e: yield d
        else: pass
        return [f async for f in g]
match command.split():
    case []: pass
    case [x]: pass
    case [x, *rest] if rest: pass
    case {"a": 1, **others}: pass
    case Point(x=0, y=-1.5) | Point(0, _): pass
    case (1 | 2) as number, "text": pass
    case None | True | a.b: pass
    case _: pass
match = 1
match(x)
match[0]
case = type = _ = 0
type(x)
assert x, "message"
assert (x,
        y)
lambda: (yield)
x = [  # comment
    1,

    2,
]
if True:
    pass

    # end

