"""Files with one thing in them that recur refuses or warns of (refused/): an example for each diagnostic that
no other fixture provokes.

usage: gen_refused.py TESTDATA        (h5py, numpy, torch, safetensors)

Models are made of TESTDATA/keras3/lstm_last.h5 by an edit that a program or a user could make. The archives are
written with fixed dates, so that the bytes are the same every time.
"""
import io
import json
import os
import shutil
import struct
import sys
import zipfile

import h5py
import numpy as np
from safetensors.numpy import save_file

root = sys.argv[1]
target = os.path.join(root, "refused")
os.makedirs(target, exist_ok=True)
KERNEL = "model_weights/lstm/sequential/lstm/lstm_cell/kernel"


def path(name):
    return os.path.join(target, name)


def edited(name, change, source="keras3/lstm_last.h5"):
    """A copy of a model after `change(file)`."""
    shutil.copyfile(os.path.join(root, source), path(name))
    with h5py.File(path(name), "r+") as f:
        change(f)


def replaced(name, **options):
    """A model whose kernel was written again with options of h5py's create_dataset."""
    def change(f):
        values = f[KERNEL][()]
        del f[KERNEL]
        f.create_dataset(KERNEL, **{"data": values, **options})
    edited(name, change)


# --- HDF5
replaced("filter_lzf.h5", chunks=(3, 16), compression="lzf")
replaced("complex_kernel.h5", data=np.full((3, 16), 1 + 2j, "c8"))
# Space for the numbers is set aside when they are written, which never happens.
replaced("never_written.h5", data=None, shape=(300000, 16), dtype="f4")


def external(f):
    del f[KERNEL]
    f.create_dataset(KERNEL, (3, 16), "f4", external=[("kernel.raw", 0, 192)])


edited("external_storage.h5", external)


def virtual(f):
    del f[KERNEL]
    # The low-level call, because h5py's own has the time of writing stored with the dataset.
    space = h5py.h5s.create_simple((3, 16))
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_obj_track_times(False)
    creation.set_virtual(space, b"other.h5", b"kernel", h5py.h5s.create_simple((3, 16)))
    h5py.h5d.create(f.id, KERNEL.encode(), h5py.h5t.IEEE_F32LE, space, creation)


edited("virtual_dataset.h5", virtual)


def named_type(f):
    f["float_type"] = np.dtype("f4")
    values = f[KERNEL][()]
    del f[KERNEL]
    f.create_dataset(KERNEL, data=values, dtype=f["float_type"])


edited("named_type.h5", named_type)


def second_name(f):
    f["model_weights/encoder"] = f["model_weights/lstm"]


edited("second_name.h5", second_name)


def version_number(f):
    f.attrs["keras_version"] = 3.15


edited("version_is_a_number.h5", version_number)


def listed_twice(f):
    group = f["model_weights/lstm"]
    names = list(group.attrs["weight_names"])
    group.attrs["weight_names"] = [names[0], names[0], names[2]]


edited("listed_twice.h5", listed_twice)


def valid_convolution(f):
    config = json.loads(f.attrs["model_config"])
    layer = next(layer for layer in config["config"]["layers"] if layer["class_name"] == "Conv1D")
    layer["config"]["padding"] = "valid"
    f.attrs["model_config"] = json.dumps(config)


edited("convolution_of_three.h5", valid_convolution, "keras3/unknown_length.h5")

# A file that its writer has not closed: what a crash in training leaves behind.
shutil.copyfile(os.path.join(root, "unusual/libver_latest.h5"), path("open.tmp"))
with h5py.File(path("open.tmp"), "r+", libver="latest") as f:
    f.flush()
    shutil.copyfile(path("open.tmp"), path("not_closed.h5"))
os.remove(path("open.tmp"))


# --- archives
def archive(name, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path(name), "w", compression) as z:
        for entry, data in entries:
            info = zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0))
            info.compress_type = compression
            z.writestr(info, data)


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


ones = npy(np.ones((2, 6, 3), "f4"))
archive("bzip2.npz", [("in_0.npy", ones)], zipfile.ZIP_BZIP2)
archive("leads_outside.npz", [("../in_0.npy", ones)])
archive("complex.npz", [("in_0.npy", npy(np.full((2, 6, 3), 1 + 2j, "c8")))])
archive("state_of_another_model.npz", [
    ("in_0.npy", npy(np.ones((2, 5, 3), "f4"))),
    ("in_1.npy", npy(np.zeros((3, 8), "f4"))), ("in_2.npy", npy(np.zeros((3, 8), "f4")))])
archive("two_timesteps.npz", [("in_0.npy", npy(np.ones((1, 2, 3), "f4")))])
archive("token_outside.npz", [("in_0.npy", npy(np.array([[1, 2, 3, 4, 5, 600]], "i4")))])
archive("length_outside.npz", [("in_0.npy", npy(np.ones((2, 6, 3), "f4"))), ("in_1.npy", npy(np.array([4, 9], "i8")))])


# Keras takes the name '.', and an HDF5 file by name can't.
with zipfile.ZipFile(os.path.join(root, "keras3/lstm_last.keras")) as z:
    config = json.loads(z.read("config.json"))
    layer = next(layer for layer in config["config"]["layers"] if layer["class_name"] == "LSTM")
    layer["name"] = layer["config"]["name"] = "."
    archive("layer_named_dot.keras", [
        (name, json.dumps(config) if name == "config.json" else z.read(name)) for name in z.namelist()])


# --- pickles in the archive that torch.save writes
def checkpoint(name, data):
    archive(name, [("archive/data.pkl", data), ("archive/version", b"3\n")])



# copyreg's registry of extensions, which only the program that registered them has.
checkpoint("extension.pt", b"\x80\x02}q\x00X\x06\x00\x00\x00weightq\x01\x82\x01s.")
# What single damaged bytes leave: a key that is fetched, and a value, neither of which was ever made.
checkpoint("memo_missing.pt", b"\x80\x02}q\x00X\x06\x00\x00\x00weighth\x05s.")
checkpoint("stack_underflow.pt", b"\x80\x02}q\x00X\x06\x00\x00\x00weights.")

# --- safetensors
rng = np.random.default_rng(5)
cell = {"lstm.weight_ih_l0": (16, 3), "lstm.weight_hh_l0": (16, 4), "lstm.bias_ih_l0": (16,)}
save_file({k: rng.normal(0, 0.3, s).astype("f4") for k, s in cell.items()}, path("one_bias.safetensors"))


def safetensors(name, header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(path(name), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
# The header of 1 GiB of weights without them: what is left of a download that stopped early.
size = 16384 * 16384 * 4
safetensors("header_only.safetensors", {
    "dense.weight": {"dtype": "F32", "shape": [16384, 16384], "data_offsets": [0, size]}}, b"")
safetensors("metadata_number.safetensors", {"__metadata__": {"epoch": 3}, "weight": entry}, b"\0" * 8)
safetensors("dtype_float32.safetensors", {"weight": dict(entry, dtype="float32")}, b"\0" * 8)
for name in os.listdir(target):
    os.chmod(path(name), 0o644)
