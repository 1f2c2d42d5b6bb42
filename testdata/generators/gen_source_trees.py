#!/usr/bin/env python3
"""Writes Python's own syntax trees as text, to compare the package's parser with.

usage: gen_source_trees.py                      the trees of testdata/source/*.py, beside them as *.tree
       gen_source_trees.py FOLDER SOURCES ...   the trees of all .py files under SOURCES, and FOLDER/list.txt, which the test
                                                'every file of a folder' reads when RECUR_SOURCE_TREES names FOLDER

Files that Python itself does not parse, and those that are not UTF-8, are left out. Standard library only.
"""
import ast
import os
import struct
import sys
import warnings

warnings.simplefilter("ignore")
BINARY = {"Add": "+", "Sub": "-", "Mult": "*", "MatMult": "@", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**",
          "LShift": "<<", "RShift": ">>", "BitAnd": "&", "BitOr": "|", "BitXor": "^"}
UNARY = {"Not": "not", "USub": "-", "UAdd": "+", "Invert": "~"}
COMPARE = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Is": "is", "IsNot": "is not",
           "In": "in", "NotIn": "not in"}


def name_of(node):
    return type(node).__name__


def quoted(text):
    out = "'"
    for c in text:
        n = ord(c)
        if 0xD800 <= n < 0xE000:
            n = 0xFFFD  # no character by itself
        out += chr(n) if 0x20 <= n < 0x7F and c not in "'\\" else "\\%x;" % n
    return out + "'"


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


class Text:
    def __init__(self):
        self.formatted = 0

    def at(self, n):
        return "" if self.formatted else "@%d:%d" % (n.lineno, n.col_offset)

    def some(self, n):
        return " -" if n is None else " " + self.expression(n)

    def listed(self, nodes):
        return " [" + "".join(self.some(n) for n in nodes) + "]"

    def block(self, nodes):
        return " [" + "".join(" " + self.statement(n) for n in nodes) + "]"

    def of(self, name, n, *values):
        return "(" + name + self.at(n) + "".join(self.some(v) for v in values) + ")"

    def statement(self, n):
        k = name_of(n)
        if k == "Expr":
            return self.of("Expr", n, n.value)
        if k == "Assign":
            return "(Assign" + self.at(n) + self.listed(n.targets) + self.some(n.value) + ")"
        if k == "AugAssign":
            return self.of("AugAssign " + BINARY[name_of(n.op)], n, n.target, n.value)
        if k == "AnnAssign":
            return self.of(k, n, n.target, n.annotation, n.value)
        if k == "If":
            return self.condition(n, "(If" + self.at(n))
        if k in ("For", "AsyncFor"):
            return "(" + k + self.at(n) + self.some(n.target) + self.some(n.iter) + self.block(n.body) + self.block(n.orelse) + ")"
        if k == "While":
            return "(While" + self.at(n) + self.some(n.test) + self.block(n.body) + self.block(n.orelse) + ")"
        if k in ("With", "AsyncWith"):
            items = "".join(self.some(i.context_expr) + self.some(i.optional_vars) for i in n.items)
            return "(" + k + self.at(n) + items + self.block(n.body) + ")"
        if k in ("Try", "TryStar"):
            handlers = "".join(" (Handler %s%s%s)" % (h.name or "-", self.some(h.type), self.block(h.body)) for h in n.handlers)
            return "(" + k + self.at(n) + self.block(n.body) + handlers + self.block(n.orelse) + self.block(n.finalbody) + ")"
        if k in ("FunctionDef", "AsyncFunctionDef"):
            return ("(" + k + " " + n.name + self.at(n) + self.parameters(n.args) + self.some(n.returns) + self.block(n.body)
                    + self.listed(n.decorator_list) + ")")
        if k == "ClassDef":
            return "(ClassDef " + n.name + self.at(n) + self.arguments(n.bases, n.keywords) + self.block(n.body) + self.listed(n.decorator_list) + ")"
        if k == "Return":
            return self.of(k, n, n.value)
        if k == "Raise":
            return self.of(k, n, n.exc, n.cause)
        if k == "Assert":
            return self.of(k, n, n.test, n.msg)
        if k == "Delete":
            return "(Delete" + self.at(n) + self.listed(n.targets) + ")"
        if k in ("Pass", "Break", "Continue"):
            return self.of(k, n)
        if k in ("Global", "Nonlocal"):
            return self.of(k + " " + " ".join(n.names), n)
        if k == "Import":
            return self.of("Import" + self.imported(n.names), n)
        if k == "ImportFrom":
            names = " *" if n.names[0].name == "*" else self.imported(n.names)
            return self.of("ImportFrom %d %s%s" % (n.level, n.module or "-", names), n)
        if k == "Match":
            cases = "".join(" (case %s%s%s)" % (self.pattern(c.pattern), self.some(c.guard), self.block(c.body)) for c in n.cases)
            return "(Match" + self.at(n) + self.some(n.subject) + cases + ")"
        if k == "TypeAlias":
            return self.of("TypeAlias " + n.name.id, n, n.value)
        raise NotImplementedError(k)

    def condition(self, n, head):
        otherwise = n.orelse
        out = head + self.some(n.test) + self.block(n.body)
        if len(otherwise) == 1 and name_of(otherwise[0]) == "If" and self.is_elif(n, otherwise[0]):
            return out + " [ " + self.condition(otherwise[0], "(If") + "])"
        return out + self.block(otherwise) + ")"

    def is_elif(self, outer, inner):
        line = self.lines[inner.lineno - 1].encode()
        return line[inner.col_offset:].startswith(b"elif")

    def imported(self, names):
        return "".join(" %s:%s" % (a.name, a.asname or "-") for a in names)

    def parameters(self, a):
        out = []
        plain = a.posonlyargs + a.args
        defaults = [None] * (len(plain) - len(a.defaults)) + a.defaults
        for i, (p, d) in enumerate(zip(plain, defaults)):
            out.append(" " + ("/" if i < len(a.posonlyargs) else "") + p.arg + self.some(p.annotation) + self.some(d))
        if a.vararg:
            out.append(" *" + a.vararg.arg + self.some(a.vararg.annotation) + " -")
        for p, d in zip(a.kwonlyargs, a.kw_defaults):
            out.append(" =" + p.arg + self.some(p.annotation) + self.some(d))
        if a.kwarg:
            out.append(" **" + a.kwarg.arg + self.some(a.kwarg.annotation) + " -")
        return " {" + "".join(out) + "}"

    def arguments(self, positional, keywords):
        out = ""
        for a in positional:
            out += " *" + self.expression(a.value) if name_of(a) == "Starred" else self.some(a)
        for k in keywords:
            out += (" %s=" % k.arg if k.arg else " **") + self.expression(k.value)
        return out

    def constant(self, n):
        v = n.value
        if v is None or v is Ellipsis or isinstance(v, bool):
            text = "..." if v is Ellipsis else str(v)
        elif isinstance(v, int):
            text = str(v) if v < 2 ** 63 else "large"
        elif isinstance(v, float):
            text = "f%d" % bits(v)
        elif isinstance(v, complex):
            text = "j%d" % bits(v.imag)
        elif isinstance(v, str):
            text = quoted(v)
        else:
            text = "b" + ",".join(map(str, v))
        return text + self.at(n)

    def expression(self, n):
        k = name_of(n)
        if k == "Name":
            return n.id + self.at(n)
        if k == "Constant":
            return self.constant(n)
        if k in ("Tuple", "List", "Set"):
            return self.of(k, n, *n.elts)
        if k == "Dict":
            return self.of(k, n, *[x for pair in zip(n.keys, n.values) for x in pair])
        if k == "UnaryOp":
            return self.of(UNARY[name_of(n.op)], n, n.operand)
        if k == "BinOp":
            return self.of(BINARY[name_of(n.op)], n, n.left, n.right)
        if k == "BoolOp":
            return self.of(name_of(n.op), n, *n.values)
        if k == "Compare":
            out = "(Compare" + self.at(n) + self.some(n.left)
            return out + "".join(" " + COMPARE[name_of(o)] + self.some(c) for o, c in zip(n.ops, n.comparators)) + ")"
        if k == "IfExp":
            return self.of(k, n, n.test, n.body, n.orelse)
        if k == "Call":
            return "(Call" + self.at(n) + self.some(n.func) + self.arguments(n.args, n.keywords) + ")"
        if k == "Attribute":
            return self.of("." + n.attr, n, n.value)
        if k == "Subscript":
            return self.of(k, n, n.value, n.slice)
        if k == "Slice":
            return self.of(k, n, n.lower, n.upper, n.step)
        if k in ("Starred", "Await", "Yield", "YieldFrom"):
            return self.of(k, n, n.value)
        if k == "Lambda":
            return "(Lambda" + self.at(n) + self.parameters(n.args) + self.some(n.body) + ")"
        if k == "NamedExpr":
            return self.of("NamedExpr " + n.target.id, n, n.value)
        if k in ("ListComp", "SetComp", "GeneratorExp", "DictComp"):
            parts = [n.key, n.value] if k == "DictComp" else [n.elt]
            out = "(" + k + self.at(n) + "".join(self.some(p) for p in parts)
            for g in n.generators:
                out += (" (async" if g.is_async else " (for") + self.some(g.target) + self.some(g.iter) + self.listed(g.ifs) + ")"
            return out + ")"
        if k == "JoinedStr":
            return self.joined(n, self.at(n))
        raise NotImplementedError(k)

    def joined(self, n, place):
        self.formatted += 1
        out = "(JoinedStr" + place
        for v in n.values:
            if name_of(v) == "Constant":
                out += " " + quoted(v.value)
            else:
                c = "-" if v.conversion == -1 else chr(v.conversion)
                spec = " -" if v.format_spec is None else " " + self.joined(v.format_spec, "")
                out += " (Value " + c + self.some(v.value) + spec + ")"
        self.formatted -= 1
        return out + ")"

    def pattern(self, p):
        k = name_of(p)
        if k == "MatchValue":
            return self.expression(p.value)
        if k == "MatchSingleton":
            return str(p.value) + self.at(p)
        if k == "MatchStar":
            return "*" + (p.name or "_")
        if k == "MatchSequence":
            return "(Sequence" + "".join(" " + self.pattern(x) for x in p.patterns) + ")"
        if k == "MatchMapping":
            return "(Mapping " + (p.rest or "-") + "".join(self.some(a) + " " + self.pattern(b) for a, b in zip(p.keys, p.patterns)) + ")"
        if k == "MatchClass":
            named = "".join(" %s= %s" % (a, self.pattern(b)) for a, b in zip(p.kwd_attrs, p.kwd_patterns))
            return "(Class" + self.some(p.cls) + "".join(" " + self.pattern(x) for x in p.patterns) + named + ")"
        if k == "MatchOr":
            return "(Either" + "".join(" " + self.pattern(x) for x in p.patterns) + ")"
        if p.pattern is None:
            return "=" + (p.name or "_")
        return "(As " + p.name + " " + self.pattern(p.pattern) + ")"


def tree_text(source):
    text = Text()
    text.lines = source.replace("\r\n", "\n").split("\n")
    return "".join(text.statement(s) + "\n" for s in ast.parse(source).body)


def main():
    if len(sys.argv) < 3:
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "source")
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    text = tree_text(f.read())
                with open(os.path.join(folder, name[:-3] + ".tree"), "w") as f:
                    f.write(text)
        return
    target, count, skipped = sys.argv[1], 0, 0
    os.makedirs(target, exist_ok=True)
    with open(os.path.join(target, "list.txt"), "w") as index:
        for root in sys.argv[2:]:
            for folder, _, names in sorted(os.walk(root)):
                for name in sorted(n for n in names if n.endswith(".py")):
                    path = os.path.join(folder, name)
                    try:
                        with open(path, encoding="utf-8", newline="") as f:
                            source = f.read()
                        text = tree_text(source)
                    except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError, MemoryError):
                        skipped += 1
                        continue
                    tree = os.path.join(target, "%d.tree" % count)
                    with open(tree, "w") as f:
                        f.write(text)
                    index.write(path + "\t" + tree + "\n")
                    count += 1
    print(count, "trees,", skipped, "files left out")


if __name__ == "__main__":
    main()
