"""Compares what the HDF5 reader finds in files with what h5py finds: objects, their order, shapes,
types and numbers, attributes and their order.

usage: compare_h5py.py [--dump DUMP.jsonl] FILE-OR-FOLDER...        (h5py, numpy; run in the project's root)

Folders are searched for HDF5 files and for `.keras` archives, whose HDF5 member is taken out. Without
--dump the reader's side is made by `swift test --filter HDF5DumpTests`, which must be built (release).
A difference is allowed only where this reader refuses what docs/formats/hdf5.md says it refuses.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import traceback
import zipfile
import zlib
from collections import Counter

import h5py
import numpy as np

SIGNATURE = b"\x89HDF\r\n\x1a\n"
FILTERS = {"deflate", "shuffle", "fletcher32"}


def is_hdf5(path):
    with open(path, "rb") as f:
        data = f.read(1 << 16)
    return any(data[start:start + 8] == SIGNATURE for start in [0] + [512 << i for i in range(7)])


def collect(arguments, folder):
    """The HDF5 files among the arguments, in a stable order."""
    found = []
    for argument in arguments:
        paths = [argument]
        if os.path.isdir(argument):
            paths = sorted(
                os.path.join(root, name) for root, _, names in os.walk(argument) for name in names)
        for path in paths:
            if not os.path.isfile(path):
                continue
            if path.endswith(".keras") and zipfile.is_zipfile(path):
                try:
                    with zipfile.ZipFile(path) as archive:
                        for name in archive.namelist():
                            if name.endswith(".h5"):
                                target = os.path.join(folder, f"{len(found)}.h5")
                                with open(target, "wb") as f:
                                    f.write(archive.read(name))
                                found.append((target, f"{path}:{name}"))
                except Exception as error:
                    print(f"skipped {path}: {error}")
            elif is_hdf5(path):
                found.append((os.path.abspath(path), path))
    return found


def checksum_strings(values):
    return zlib.crc32(b"".join(value + b"\n" for value in values))


def strings_of(value):
    """The strings of an attribute, each as bytes; None when it holds something else."""
    array = np.asarray(value, dtype=object) if isinstance(value, (str, bytes)) else np.asarray(value)
    if array.dtype.kind not in "SO":
        return None
    strings = []
    for item in array.ravel().tolist():
        if isinstance(item, str):
            item = item.encode("utf-8", "surrogateescape")
        if not isinstance(item, bytes):
            return None
        strings.append(item)
    return strings


def numbers(array, dtype):
    """The type and checksum of numbers, little-endian; None when they are no plain numbers."""
    if dtype.kind == "V" and dtype.names is None and dtype.subdtype is None and dtype.itemsize == 2:
        return "uint16", zlib.crc32(np.ascontiguousarray(array).tobytes())
    name = dtype.newbyteorder("=").name
    known = ["float16", "bfloat16", "float32", "float64", "bool"]
    known += [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
    if name not in known or dtype.subdtype is not None or h5py.check_enum_dtype(dtype):
        return None
    array = np.ascontiguousarray(array)
    return name, zlib.crc32(array.astype(array.dtype.newbyteorder("<")).tobytes())


def describe_attribute(attributes, name):
    identifier = attributes.get_id(name)
    dtype = identifier.dtype
    if identifier.get_space().get_simple_extent_type() == h5py.h5s.NULL:
        result = numbers(np.zeros(0, dtype), dtype)
        kind = result[0] if result else "string"
        return {"name": name, "shape": [0], "type": kind, "checksum": 0}
    value = attributes[name]
    strings = strings_of(value)
    if strings is not None:
        return {"name": name, "shape": [len(strings)], "type": "string",
                "checksum": checksum_strings(strings)}
    result = numbers(np.asarray(value, dtype), dtype)
    if result is None:
        return {"name": name, "why": "hdf5.datatype.unsupported"}
    return {"name": name, "shape": list(identifier.shape), "type": result[0],
            "checksum": result[1]}


def describe_dataset(dataset):
    creation = dataset.id.get_create_plist()
    if creation.get_layout() == h5py.h5d.VIRTUAL:
        return {"why": "hdf5.layout.unsupported"}
    if creation.get_external_count() > 0:
        return {"why": "hdf5.external-storage.refused"}
    if isinstance(dataset.id.get_type(), (h5py.h5t.TypeReferenceID, h5py.h5t.TypeBitfieldID,
                                          h5py.h5t.TypeTimeID)):
        return {"why": "hdf5.datatype.unsupported"}
    if dataset.id.get_type().committed():
        return {"why": "hdf5.message.unsupported"}
    for index in range(creation.get_nfilters()):
        number = creation.get_filter(index)[0]
        if number not in (1, 2, 3):
            return {"why": "hdf5.filter.unsupported"}
    if dataset.shape is None:
        result = numbers(np.zeros(0, dataset.dtype), dataset.dtype)
        return {"shape": [0], "type": result[0], "checksum": 0} if result else {
            "why": "hdf5.datatype.unsupported"}
    if dataset.dtype.kind == "O" or numbers(np.zeros(0, dataset.dtype), dataset.dtype) is None:
        return {"why": "hdf5.datatype.unsupported"}
    if dataset.nbytes > 1 << 30:
        return {"why": "bytes.limit-exceeded"}
    result = numbers(dataset[()], dataset.dtype)
    return {"shape": list(dataset.shape), "type": result[0], "checksum": result[1],
            "unwritten": dataset.id.get_offset() is None and dataset.chunks is None}


def walk(path):
    """What h5py finds in a file; `refusals` are the codes this reader may answer with instead."""
    objects, refusals, addresses = [], set(), set()

    def visit(item, name):
        info = h5py.h5o.get_info(item.id)
        if info.addr in addresses:
            refusals.add("hdf5.cycle")
            return
        addresses.add(info.addr)
        entry = {"path": name, "attributes": []}
        objects.append(entry)
        for attribute in item.attrs:
            try:
                entry["attributes"].append(describe_attribute(item.attrs, attribute))
            except Exception as error:
                entry["attributes"].append({"name": attribute, "failed": str(error)})
        if isinstance(item, h5py.Dataset):
            entry["kind"] = "dataset"
            try:
                entry["content"] = describe_dataset(item)
            except Exception as error:
                entry["content"] = {"failed": str(error)}
        elif isinstance(item, h5py.Group):
            entry["kind"] = "group"
            for key in item:
                link = item.get(key, getlink=True)
                if not isinstance(link, h5py.HardLink):
                    refusals.add("hdf5.link.refused")
                    continue
                visit(item[key], name.rstrip("/") + "/" + key)
        else:
            entry["kind"] = "other"

    with h5py.File(path, "r") as f:
        visit(f["/"], "/")
    return {"objects": objects, "refusals": sorted(refusals)}


def isolated(path):
    """`walk` in a process of its own: libhdf5 may crash or hang."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            import signal
            signal.alarm(30)
            result = walk(path)
        except BaseException as error:
            result = {"error": "".join(traceback.format_exception_only(error)).strip()}
        with os.fdopen(write, "wb") as pipe:
            pipe.write(json.dumps(result, default=int).encode("utf-8", "surrogateescape"))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    return json.loads(data) if data else {"error": "h5py crashed or hung"}


def differences(mine, theirs, counts):
    """What differs and is no documented refusal."""
    if "error" in theirs:
        counts["refused by both" if mine.get("error") else "read although h5py fails"] += 1
        return [] if mine.get("error") else [f"h5py fails: {theirs['error'][:100]}"]
    if mine.get("error"):
        if mine["error"] in theirs["refusals"]:
            counts["refused file: " + mine["error"]] += 1
            return []
        return [f"refused with {mine['error']}, {mine.get('message')}; h5py reads it"]
    found = []
    ours = [(item["path"], item["kind"]) for item in mine["objects"]]
    other = [(item["path"], item["kind"]) for item in theirs["objects"]]
    if ours != other:
        return [f"objects differ: {ours[:8]} and {other[:8]}"]
    for a, b in zip(mine["objects"], theirs["objects"]):
        where = a["path"]
        if a.get("error"):
            found.append(f"{where}: attributes refused with {a['error']}")
            continue
        names = [x["name"] for x in a["attributes"]], [x["name"] for x in b["attributes"]]
        if names[0] != names[1]:
            found.append(f"{where}: attributes {names[0][:8]} and {names[1][:8]}")
            continue
        pairs = [(f"{where}@{x['name']}", x, y) for x, y in zip(a["attributes"], b["attributes"])]
        if a["kind"] == "dataset":
            pairs.append((where, a["content"], b["content"]))
        for place, x, y in pairs:
            kind = "attribute" if "@" in place else "dataset"
            if x.get("error"):
                expected = y.get("why")
                allowed = x["error"] == expected or "failed" in y
                allowed |= x["error"] == "hdf5.data.missing" and y.get("unwritten", False)
                allowed |= kind == "attribute" and "why" in y and x["error"] in (
                    "hdf5.attribute.invalid", "hdf5.message.unsupported")
                if allowed:
                    counts[f"refused {kind}: {x['error']}"] += 1
                else:
                    found.append(f"{place}: refused with {x['error']}, {x.get('message')}; h5py: {y}")
            elif "why" in y or "failed" in y:
                found.append(f"{place}: read; h5py: {y}")
            elif [x[k] for k in ("shape", "checksum")] != [y[k] for k in ("shape", "checksum")] or (
                    x["type"] != y["type"] and x["shape"] != [0]):
                found.append(f"{place}: {x} and {y}")
            else:
                counts[f"identical {kind}"] += 1
    counts["identical file" if not found else "different file"] += 1
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dump", help="the reader's side, made before")
    parser.add_argument("paths", nargs="+")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = collect(arguments.paths, folder)
        dump = arguments.dump
        if dump is None:
            listed = os.path.join(folder, "files.txt")
            with open(listed, "w") as f:
                f.write("".join(path + "\n" for path, _ in files))
            subprocess.run(
                ["swift", "test", "-c", "release", "--skip-build", "--filter", "HDF5DumpTests"],
                env=dict(os.environ, RECUR_H5_DUMP=listed), check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            dump = listed + ".jsonl"
        with open(dump) as f:
            dumped = {entry["file"]: entry for entry in map(json.loads, f)}
        counts, failures = Counter(), 0
        for path, name in files:
            if path not in dumped:
                print(f"{name}: not in the dump")
                failures += 1
                continue
            for difference in differences(dumped[path], isolated(path), counts):
                print(f"{name}: {difference}")
                failures += 1
        print(f"{len(files)} files, {failures} differences (h5py {h5py.__version__}, "
              f"HDF5 {h5py.version.hdf5_version})")
        for key, count in sorted(counts.items()):
            print(f"  {count:6} {key}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
