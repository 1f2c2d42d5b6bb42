"""Files of every layer and container that do not hold, each for one reason (broken/), and more that are only rare
(unusual/).

usage: gen_broken_layers.py TESTDATA        (h5py; edits files of TESTDATA/keras3, keras_1_2_2 and others)

The names say what is wrong; `manifest.json` says which diagnostic each must produce.
"""
import io
import json
import os
import shutil
import sys
import zipfile

import h5py
import numpy as np

root = sys.argv[1]


def at(*parts):
    return os.path.join(root, *parts)


def layer(config, class_name):
    found = [l for l in config["config"]["layers"] if l["class_name"] == class_name]
    return found[0]["config"]


def edit(name, source, change_config=None, change_file=None, folder="broken"):
    path = at(folder, name + ".h5")
    shutil.copyfile(at(source), path)
    with h5py.File(path, "r+") as f:
        if change_config:
            config = json.loads(f.attrs["model_config"])
            changed = change_config(config)
            f.attrs["model_config"] = json.dumps(config if changed is None else changed)
        if change_file:
            change_file(f)


def options(class_name, **values):
    def change(config):
        layer(config, class_name).update(values)
    return change


def dataset(f, suffix):
    found = []
    f.visititems(lambda n, o: found.append(o) if isinstance(o, h5py.Dataset) and n.endswith(suffix) else None)
    return found[0]


def replace(suffix, make):
    def change(f):
        old = dataset(f, suffix)
        name, values = old.name, make(old[()])
        del f[name]
        f[name] = values
    return change


def drop_name(group):
    def change(f):
        names = list(f[group].attrs["weight_names"])
        f[group].attrs["weight_names"] = names[:-1]
        del f[group][names[-1]]
    return change


GRU, LSTM, PAIR = "keras3/gru_reset_after_true.h5", "keras3/lstm_last.h5", "keras3/bilstm_concat.h5"


# ---- weights that do not fit the layer

def both_biases_in_one(f):
    replace("bias", lambda b: b.reshape(-1))(f)


edit("gru_cudnn_bias", GRU, options("GRU", reset_after=False), both_biases_in_one)
edit("gru_one_bias", GRU, change_file=replace("bias", lambda b: b[0]))
edit("gru_reset_before", GRU, options("GRU", reset_after=False))
edit("nested_array_missing", "keras3/nested_models.h5", change_file=drop_name("model_weights/inner_fn"))
edit("gate_missing", "keras_1_2_2/lstm_stacked_dense.h5", change_file=drop_name("model_weights/lstm_1"))
edit("cudnn_bias_of_lstm", "cudnn/cudnnlstm.h5", change_file=replace("bias:0", lambda b: b[:16]))
edit("direction_missing", PAIR, change_file=lambda f: f["model_weights/bidirectional"].attrs.__setitem__(
    "weight_names", list(f["model_weights/bidirectional"].attrs["weight_names"])[:3]))
edit("gamma_too_wide", "keras3/conv_bn_ln_lstm.h5", change_file=replace("batch_normalization/gamma", lambda g: np.tile(g, 2)))
edit("conv_kernel_transposed", "keras3/conv_bn_ln_lstm.h5", change_file=replace("conv1d/kernel", lambda k: k.T))

# ---- options

edit("merge_mode_unknown", PAIR, options("Bidirectional", merge_mode="max"))
edit("both_directions_forward", PAIR, lambda c: layer(c, "Bidirectional")["backward_layer"]["config"].update(go_backwards=False))
edit("direction_of_another_precision", PAIR,
     lambda c: layer(c, "Bidirectional")["layer"]["config"].update(dtype="float16"))
edit("keras_4", LSTM, change_file=lambda f: [g.attrs.__setitem__("keras_version", "4.0.0") for g in (f, f["model_weights"])])
edit("no_version_anywhere", LSTM, change_file=lambda f: [g.attrs.__delitem__("keras_version") for g in (f, f["model_weights"])])
edit("gru_activation_glu", GRU, options("GRU", activation="glu"))
edit("conv_channels_first", "keras3/conv_bn_ln_lstm.h5", options("Conv1D", data_format="channels_first"))
edit("conv_padding_unknown", "keras3/conv_bn_ln_lstm.h5", options("Conv1D", padding="reflect"))
edit("conv_groups_uneven", "keras3/conv_bn_ln_lstm.h5", options("Conv1D", groups=3))
edit("batch_normalization_of_timesteps", "keras3/conv_bn_ln_lstm.h5", options("BatchNormalization", axis=1))
edit("layer_normalization_rms", "keras3/conv_bn_ln_lstm.h5", options("LayerNormalization", rms_scaling=True))
edit("units_missing", GRU, lambda c: layer(c, "GRU").pop("units") and None)
edit("concatenate_batch", "keras3/shared_lstm.h5", options("Concatenate", axis=0))
edit("merge_of_unlike_shapes", "keras3/shared_lstm.h5", lambda c: [
    l.update(class_name="Dot") or l["config"].update(axes=[1, 2], normalize=False) or l["config"].pop("axis")
    for l in c["config"]["layers"] if l["class_name"] == "Concatenate"] and None)
edit("reverse_state_order", "keras3/rnn_cells.h5", lambda c: [
    l["config"]["cell"]["config"].update(reverse_state_order=True) for l in c["config"]["layers"]
    if l["config"].get("cell", {}).get("class_name") == "StackedRNNCells"] and None)
edit("cell_unknown", "keras3/rnn_cells.h5", lambda c: layer(c, "RNN")["cell"].update(class_name="MyCell"))
edit("wrapped_layer_unknown", PAIR, lambda c: layer(c, "Bidirectional")["layer"].update(class_name="ConvLSTM1D"))
edit("time_distributed_masking", "keras_2_0_9/gru_simplernn_td.h5", lambda c: [
    l["config"]["layer"].update(class_name="Masking") for l in c["config"] if l["class_name"] == "TimeDistributed"] and None)
edit("nested_class_unknown", "keras3/nested_models.h5", lambda c: [
    inner.update(class_name="MyLayer") for l in c["config"]["layers"] if l["config"].get("name") == "inner_fn"
    for inner in l["config"]["layers"] if inner["class_name"] == "BatchNormalization"] and None)
edit("called_while_training", "keras3/encoder_decoder.h5", lambda c: [
    l["config"].update(dropout=0.5) or l["inbound_nodes"][0]["kwargs"].update(training=True)
    for l in c["config"]["layers"] if l["config"]["name"] == "decoder"] and None)
edit("called_with_unknown_argument", "keras3/encoder_decoder.h5", lambda c: [
    l["inbound_nodes"][0]["kwargs"].update(constants=1) for l in c["config"]["layers"]
    if l["config"]["name"] == "decoder"] and None)
edit("attention_of_one", "keras3/attentions_masked.h5", lambda c: [
    l["inbound_nodes"][0]["args"][0].pop() for l in c["config"]["layers"]
    if l["config"]["name"] == "attention"] and None)
edit("subclassed_model", LSTM, lambda c: c.update(class_name="MyModel"))


# ---- native weights and archives

def native(name, source, change):
    path = at("broken", name + ".weights.h5")
    shutil.copyfile(at(source), path)
    with h5py.File(path, "r+") as f:
        change(f)


native("variable_gap", "keras3/lstm_last.weights.h5", lambda f: f.move("layers/lstm/cell/vars/1", "layers/lstm/cell/vars/3"))
native("variable_transposed", "keras3/lstm_last.weights.h5", replace("vars/0", lambda k: k.T))
native("variable_missing", "keras3/lstm_last.weights.h5", lambda f: f.__delitem__("layers/lstm/cell/vars/2"))
native("variable_group_renamed", "keras3/lstm_last.weights.h5", lambda f: f.move("layers/lstm", "layers/lstm_1"))
native("variable_too_many", "keras3/lstm_last.weights.h5",
       lambda f: f["layers/lstm/cell/vars"].create_dataset("3", data=np.zeros(3, "f4")))


def archive(name, source, change):
    with zipfile.ZipFile(at(source)) as old:
        members = {i.filename: old.read(i) for i in old.infolist()}
    change(members)
    with zipfile.ZipFile(at("broken", name + ".keras"), "w") as new:
        for member, content in members.items():
            # A fixed date, so that the file is the same whenever it is made.
            new.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), content)


def metadata(**values):
    def change(members):
        found = json.loads(members["metadata.json"])
        found.update(values)
        members["metadata.json"] = json.dumps(found).encode()
    return change


def npz_weights(members):
    del members["model.weights.h5"]
    stream = io.BytesIO()
    np.savez(stream, vars=np.zeros(3))
    members["model.weights.npz"] = stream.getvalue()


archive("archive_without_metadata", "keras3/lstm_last.keras", lambda m: m.__delitem__("metadata.json"))
archive("archive_of_keras_4", "keras3/lstm_last.keras", metadata(keras_version="4.1.0"))
archive("archive_with_npz", "keras3/lstm_last.keras", npz_weights)
archive("archive_config_cut", "keras3/lstm_last.keras", lambda m: m.__setitem__("config.json", m["config.json"][:-3]))
archive("archive_weights_cut", "keras3/lstm_last.keras",
        lambda m: m.__setitem__("model.weights.h5", m["model.weights.h5"][:3000]))


# ---- shards

def index(name, change, folder="broken"):
    with open(at("keras3_sharded", "stacked.weights.json")) as f:
        found = json.load(f)
    change(found["weight_map"])
    with open(at(folder, name + ".weights.json"), "w") as f:
        json.dump(found, f)


# Beside the other shards, so that only one is missing.
index("shard_missing", lambda m: m.update({next(iter(m)): "stacked_00009.weights.h5"}), "keras3_sharded")
index("shard_elsewhere", lambda m: m.update({next(iter(m)): "../keras3_sharded/stacked_00000.weights.h5"}))
index("shard_is_a_number", lambda m: m.update({next(iter(m)): 5}))

# ---- rare, and valid


def keep(name, golden):
    shutil.copyfile(at(golden), at("unusual", name + ".golden.npz"))


# TensorFlow up to 2.12 wrote HDF5 whatever the name said.
shutil.copyfile(at("tf_keras/lstm_stacked_dense.h5"), at("unusual/hdf5_named.keras"))
keep("hdf5_named", "tf_keras/lstm_stacked_dense.golden.npz")


def bare_list(config):
    """Keras 2.0 wrote the list of layers as the config of a Sequential model, and no InputLayer."""
    layers = config["config"]["layers"]
    shape = layers[0]["config"]["batch_input_shape"]
    layers[1]["config"]["batch_input_shape"] = shape
    return {"class_name": "Sequential", "config": layers[1:]}


edit("bare_list", "tf_keras/lstm_stacked_dense.h5", bare_list, folder="unusual")
keep("bare_list", "tf_keras/lstm_stacked_dense.golden.npz")

# Weights whose layers have other names than the architecture's: paired by position.
edit("other_names", "tf_keras/lstm_stacked_dense.h5", lambda c: [
    l["config"].update(name="other_" + l["config"]["name"]) for l in c["config"]["layers"]] and None, folder="unusual")
keep("other_names", "tf_keras/lstm_stacked_dense.golden.npz")

# What to_json() gave in Keras 1 and 2: model_config with the version beside it. The weights are those beside it.
for folder in ("keras_1_2_2", "keras_2_2_4"):
    with h5py.File(at(folder, "bilstm_gru.h5"), "r") as f:
        config = json.loads(f.attrs["model_config"])
        version = f["model_weights"].attrs.get("keras_version", f.attrs.get("keras_version"))
    version = "1.2.2" if version is None else version.decode() if isinstance(version, bytes) else version
    with open(at(folder, "bilstm_gru.json"), "w") as f:
        json.dump({"class_name": config["class_name"], "config": config["config"], "keras_version": version,
                   "backend": "tensorflow"}, f)
