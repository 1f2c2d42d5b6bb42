"""Keras models that are well-formed HDF5 but do not hold, each for one reason (broken/), and models
that hold although they are stored in a way that is rare (unusual/).

usage: gen_broken_keras.py TESTDATA        (h5py; edits TESTDATA/keras3/lstm_stacked_dense.h5 and others)

The names say what is wrong; `manifest.json` says which diagnostic each must produce.
"""
import json
import os
import shutil
import sys

import h5py
import numpy as np

root = sys.argv[1]
target = os.path.join(root, "broken")
os.makedirs(target, exist_ok=True)


def edit(name, source, change_config=None, change_file=None):
    path = os.path.join(target, name + ".h5")
    shutil.copyfile(os.path.join(root, source), path)
    with h5py.File(path, "r+") as f:
        if change_config:
            config = json.loads(f.attrs["model_config"])
            config = change_config(config) or config
            f.attrs["model_config"] = json.dumps(config)
        if change_file:
            change_file(f)


def layer(config, class_name):
    return next(l for l in config["config"]["layers"] if l["class_name"] == class_name)["config"]


def set_option(class_name, **options):
    return lambda config: layer(config, class_name).update(options)


def dataset(f, suffix):
    found = []
    f["model_weights"].visititems(lambda n, o: found.append(o) if isinstance(o, h5py.Dataset) and n.endswith(suffix) else None)
    return found[0]


def replace(suffix, make):
    def change(f):
        old = dataset(f, suffix)
        name, values = old.name, make(old[()])
        del f[name]
        f[name] = values
    return change


def drop_bias(f):
    group = f["model_weights/lstm"]
    names = [n for n in group.attrs["weight_names"] if not n.endswith("bias")]
    group.attrs["weight_names"] = names


S = "keras3/lstm_last.h5"
edit("units_declared_wrong", S, set_option("LSTM", units=16))
edit("all_problems_at_once", "keras3/lstm_stacked_dense.h5",
     lambda c: [l["config"].update(units=l["config"]["units"] + 1) for l in c["config"]["layers"] if "units" in l["config"]] and None)
edit("kernel_transposed", S, change_file=replace("/kernel", lambda k: k.T))
edit("input_size_wrong", S, change_file=replace("/kernel", lambda k: np.vstack([k, k[:1]])))
edit("bias_missing", S, change_file=drop_bias)
edit("weight_is_nan", S, change_file=replace("/kernel", lambda k: np.where(np.arange(k.size).reshape(k.shape) == 5, np.nan, k).astype(k.dtype)))
edit("weight_is_integer", S, change_file=replace("/kernel", lambda k: k.astype("int32")))
edit("activation_unknown", S, set_option("LSTM", activation="gelu_new"))
edit("option_unknown", S, set_option("LSTM", peephole=True))
edit("time_major", S, set_option("LSTM", time_major=True))
edit("class_unknown", S, lambda c: c["config"]["layers"][1].update(class_name="MyLSTM"))
edit("extra_dataset", S, change_file=lambda f: f["model_weights/lstm"].create_dataset("forgotten", data=np.zeros(3, "f4")))
edit("layer_group_missing", S, change_file=lambda f: f["model_weights"].__delitem__("lstm"))
edit("graph_waits_for_itself", "keras3/encoder_decoder.h5",
     lambda c: c["config"]["layers"][2]["inbound_nodes"][0]["args"][0]["config"].update(keras_history=["decoder", 0, 0]))
edit("output_does_not_exist", "keras3/encoder_decoder.h5", lambda c: c["config"].update(output_layers=[["head", 0, 7]]))
edit("layer_never_called", "keras3/encoder_decoder.h5",
     lambda c: [c["config"]["layers"][4].update(inbound_nodes=[]), c["config"].update(output_layers=[["decoder", 0, 1], ["decoder", 0, 2]])] and None)
edit("stateful_called_twice", "keras3/shared_twice.h5", set_option("LSTM", stateful=True))
edit("dtype_quantized", S, set_option("LSTM", dtype={"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}))
edit("dtype_is_a_list", S, set_option("LSTM", dtype=[1]))
edit("input_is_no_input", "keras3/encoder_decoder.h5",
     lambda c: c["config"].update(input_layers=[["enc_in", 0, 0], ["encoder", 0, 0]]))
edit("activation_missing", S, lambda c: layer(c, "LSTM").pop("recurrent_activation") and None)
edit("json_broken", S, change_file=lambda f: f.attrs.__setitem__("model_config", f.attrs["model_config"][:-2]))
edit("json_duplicate", S, change_file=lambda f: f.attrs.__setitem__("model_config", f.attrs["model_config"].replace('"units": 4', '"units": 4, "units": 5')))


target = os.path.join(root, "unusual")
os.makedirs(target, exist_ok=True)


def keep(name, source, change_file):
    edit(name, source, change_file=change_file)
    shutil.copyfile(os.path.join(root, source[:-3] + ".golden.npz"), os.path.join(target, name + ".golden.npz"))


def split_lists(f):
    """Keras splits a list of names that is too long for one attribute into name0, name1, …"""
    def split(group, name, pieces):
        names = [n.encode() if isinstance(n, str) else n for n in group.attrs[name]]
        for i, piece in enumerate(np.array_split(np.array(names), pieces)):
            group.attrs["%s%d" % (name, i)] = piece
        del group.attrs[name]
    weights = f["model_weights"]
    split(weights, "layer_names", 3)
    split(weights["lstm_11"], "weight_names", 2)


def fixed_strings(f):
    """As h5py 2 wrote them: fixed length, padded with zeros."""
    def fix(_, group):
        for name in ("layer_names", "weight_names"):
            if name in group.attrs and len(group.attrs[name]):
                values = np.array([n.encode() if isinstance(n, str) else n for n in group.attrs[name]])
                del group.attrs[name]
                group.attrs[name] = values
    f.visititems(lambda n, o: fix(n, o) if isinstance(o, h5py.Group) else None)
    for name in ("keras_version", "backend"):
        f.attrs[name] = np.bytes_(f.attrs[name])


def many_attributes(f):
    """Object headers that continue elsewhere, and attributes nobody asks for."""
    for i in range(60):
        f["model_weights/lstm"].attrs["note_%d" % i] = "x" * 20
        f.attrs["number_%d" % i] = np.arange(i)


def compact_bias(f):
    old = dataset(f, "/bias")
    name, values = old.name, old[()]
    del f[name]
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    plist.set_obj_track_times(False)
    space = h5py.h5s.create_simple(values.shape)
    h5py.h5d.create(f.id, name.encode(), h5py.h5t.IEEE_F32LE, space, plist).write(h5py.h5s.ALL, h5py.h5s.ALL, values)


keep("names_in_pieces", "keras3/order_of_layers.h5", split_lists)
keep("names_of_fixed_length", "keras3/lstm_stacked_dense.h5", fixed_strings)
keep("many_attributes", "keras3/lstm_seq_state.h5", many_attributes)
keep("compact_dataset", "keras3/lstm_last.h5", compact_bias)


def stored_as(dtype="<f4", **options):
    """Every weight stored in another way: chunked, filtered, swapped."""
    def change(f):
        names = []
        f["model_weights"].visititems(lambda n, o: names.append(o.name) if isinstance(o, h5py.Dataset) else None)
        for name in names:
            values = f[name][()].astype(dtype)
            del f[name]
            chunks = tuple(min(3, n) for n in values.shape)
            f.create_dataset(name, data=values, chunks=chunks, **options)
    return change


keep("chunked", "keras3/lstm_stacked_dense.h5", stored_as())
keep("chunked_deflated", "keras3/lstm_stacked_dense.h5", stored_as(compression="gzip"))
keep("chunked_all_filters_big_endian", "keras3/lstm_stacked_dense.h5",
     stored_as(">f4", compression="gzip", shuffle=True, fletcher32=True))

# A user block: 512 bytes before the file that HDF5 knows nothing of.
with h5py.File(os.path.join(root, "keras3/lstm_last.h5"), "r") as source:
    with h5py.File(os.path.join(target, "user_block.h5"), "w", userblock_size=512) as f:
        for name, value in source.attrs.items():
            f.attrs[name] = value
        source.copy("model_weights", f)
shutil.copyfile(os.path.join(root, "keras3/lstm_last.golden.npz"), os.path.join(target, "user_block.golden.npz"))


def rewrite(name, source, **options):
    """The model with every structure of libver='latest': large groups and attributes in heaps, all checksums."""
    with h5py.File(os.path.join(root, source), "r") as old:
        with h5py.File(os.path.join(target, name + ".h5"), "w", libver="latest", track_order=True) as f:
            def copy(group, into):
                for key, value in group.attrs.items():
                    into.attrs[key] = value
                for i in range(10):
                    into.attrs["note_%d" % i] = "x" * 20
                for key, item in group.items():
                    if isinstance(item, h5py.Dataset):
                        into.create_dataset(key, data=item[()], track_times=False, **options)
                    else:
                        copy(item, into.create_group(key, track_order=True))
            copy(old, f)
    shutil.copyfile(os.path.join(root, source[:-3] + ".golden.npz"), os.path.join(target, name + ".golden.npz"))


rewrite("libver_latest", "keras3/lstm_stacked_dense.h5")
rewrite("libver_latest_deflated", "keras3/lstm_stacked_dense.h5", chunks=True, compression="gzip", shuffle=True)
