"""For testdata/neighbours/audio: recurrent models of audio plug-ins: RTNeural JSON, state dict in JSON (GuitarML, AIDA-X) and NeuralAmpModeler .nam.

usage: gen_audio.py [--rtneural PROGRAM] [--nam PROGRAM]     needs keras 3 and torch
Goldens (out_N) come from Keras or torch.  `engine_N` is what the plug-in's own engine computed from the written file:
PROGRAM MODEL in.csv out.csv ... prints one row per sample; without it the recorded engine_N are kept if the file did not change.
"""
import argparse
import hashlib
import json
import os
import subprocess
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import keras
import numpy as np
import torch

from common import Family, random_weights, rng

torch.backends.mkldnn.enabled = False
torch.set_num_threads(1)
parser = argparse.ArgumentParser()
parser.add_argument("--rtneural")
parser.add_argument("--nam")
args = parser.parse_args()
L = keras.layers
T = 64


def signal(n, seed, t=T):
    """A decaying mixture of tones with some noise, [1, t, n]."""
    r = rng(seed)
    k = np.arange(t)[:, None]
    x = np.sin(0.2 * k + r.uniform(0, 6, n)) * 0.6 + 0.3 * np.sin(0.71 * k) + 0.1 * r.standard_normal((t, n))
    return x.astype("float32")[None]


def dump(path, obj, indent):
    with open(path, "w") as f:
        json.dump(obj, f, indent=indent, separators=None if indent else (", ", ": "))


def engine(program, model, x, *extra):
    """Runs the engine on x [1, T, n]; the rows it prints, or (None, its complaint)."""
    with tempfile.TemporaryDirectory() as d:
        a, b = os.path.join(d, "in.csv"), os.path.join(d, "out.csv")
        np.savetxt(a, x[0], fmt="%.9g", delimiter=",")
        done = subprocess.run([program, model, a, b] + [str(e) for e in extra], capture_output=True, text=True)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["signal %d" % -done.returncode])[-1]
            return None, said.replace(os.path.dirname(model) + os.sep, "")[:200]
        return np.loadtxt(b, delimiter=",", ndmin=2).astype("float32")[None], None


def kept(fam, name, filename):
    """engine_N of an earlier run on the same bytes."""
    old = fam.path(name + ".golden.npz")
    if not os.path.exists(old):
        return {}
    g = np.load(old)
    digest = hashlib.sha256(open(fam.path(filename), "rb").read()).hexdigest()
    return {k: g[k] for k in g.files if k.startswith("engine_")} if "digest" in g.files and str(g["digest"]) == digest else {}


def finish(fam, name, filename, kind, arrays, engines, description, tolerance=1e-5, **extra):
    arrays = dict(arrays)
    arrays.update(engines or kept(fam, name, filename))
    arrays["digest"] = hashlib.sha256(open(fam.path(filename), "rb").read()).hexdigest()
    worst = 0.0
    for k in [k for k in arrays if k.startswith("engine_")]:
        d = float(np.abs(arrays[k] - arrays["out_" + k[7:]]).max())
        worst = max(worst, d)
        assert d < tolerance, (name, k, d)
    print("%-24s %s" % (name, "engine differs by %.1e" % worst if any(k.startswith("engine_") for k in arrays) else "no engine"))
    fam.add(name, [{"file": filename, "kind": kind}], fam.golden(name, arrays), description, **extra)


def refuse(fam, name, filename, kind, description, reader, expect="refuse"):
    if reader == "not run" and os.path.exists(fam.path("manifest.json")):
        old = [c for c in json.load(open(fam.path("manifest.json")))["cases"] if c["case"] == name]
        reader = old[0].get("reader", reader) if old else reader
    print("%-24s %s" % (name, reader))
    fam.add(name, [{"file": filename, "kind": kind}], None, description, expect=expect, reader=reader)


# ---- RTNeural, Keras style ------------------------------------------------------------------------------------------
rt = Family("neighbours/audio", {"keras": keras.__version__, "torch": torch.__version__, "engine": "RTNeural 1fb1f075, STL backend, float32"})


def layer_entry(layer):
    known = {L.TimeDistributed: "time-distributed-dense", L.GRU: "gru", L.LSTM: "lstm", L.Dense: "dense", L.Conv1D: "conv1d", L.PReLU: "prelu",
             L.Conv2D: "conv2d", L.Activation: "activation"}
    kind = known.get(type(layer), "unknown")
    if isinstance(layer, L.BatchNormalization):
        kind = "batchnorm" if len(layer.input.shape) == 3 else "batchnorm2d"
    act = getattr(layer.layer if isinstance(layer, L.TimeDistributed) else layer, "activation", None)
    act = getattr(act, "__name__", "")
    e = {"type": kind, "activation": act if act in ("tanh", "relu", "sigmoid", "softmax", "elu") else "", "shape": list(layer.output.shape)}
    if kind == "conv1d":
        e.update(kernel_size=list(layer.kernel_size), dilation=list(layer.dilation_rate), groups=layer.groups)
    if kind == "conv2d":
        # the engine's reader calls .back() on these: a bare number works, a list of one too
        e.update(kernel_size_time=layer.kernel_size[0], kernel_size_feature=layer.kernel_size[1], dilation=layer.dilation_rate[0],
                 strides=layer.strides[1], num_filters_in=layer.input.shape[3], num_features_in=layer.input.shape[2],
                 num_filters_out=layer.output.shape[3], padding=layer.padding)
    if kind.startswith("batchnorm"):
        e["epsilon"] = layer.epsilon
    if kind == "batchnorm2d":
        e.update(num_filters_in=layer.input.shape[3], num_features_in=layer.input.shape[2])
    e["weights"] = [w.tolist() for w in layer.get_weights()]
    return e


def rtneural_json(model, skip=(L.Reshape,)):
    return {"in_shape": list(model.input_shape), "layers": [layer_entry(l) for l in model.layers if not isinstance(l, (L.InputLayer,) + skip)]}


def keras_case(name, layers, shape, seed, description, indent=None, edit=None, refused=None, **extra):
    keras.utils.clear_session()
    model = keras.Sequential([keras.Input(shape)] + layers)
    random_weights(model, seed)
    j = rtneural_json(model)
    if edit:
        edit(j)
    dump(rt.path(name + ".json"), j, indent)
    n = int(np.prod(shape[1:]))
    x = signal(n, seed)
    y = np.asarray(model(x.reshape((1, T) + tuple(shape[1:])), training=False)).reshape(1, T, -1)
    eng, said = engine(args.rtneural, rt.path(name + ".json"), x) if args.rtneural else (None, None)
    if refused:
        refuse(rt, name, name + ".json", "rtneural_json", description, said or ("the engine differs from Keras by %.1e" % np.abs(eng - y).max() if eng is not None else "not run"),
               expect=refused)
        return
    assert not said, (name, said)
    arrays = {"in_0": x, "out_0": y}
    engines = {} if eng is None else {"engine_0": eng}
    arrays.update({"w_%d" % i: w for i, w in enumerate(model.get_weights())})
    finish(rt, name, name + ".json", "rtneural_json", arrays, engines, description, **extra)


def lstm(u, **kw):
    return L.LSTM(u, return_sequences=True, **kw)


def gru(u, **kw):
    return L.GRU(u, return_sequences=True, **kw)


keras_case("lstm_stack", [lstm(4), lstm(3), L.Dense(2, activation="tanh")], (None, 2), 102, "two LSTMs, Dense with tanh, two inputs and outputs")
keras_case("gru_dense", [gru(5), L.Dense(1)], (None, 1), 104, "GRU(5), reset_after, bias [2, 15]")
keras_case("gru_td", [L.TimeDistributed(L.Dense(4, activation="relu")), gru(4), L.TimeDistributed(L.Dense(1, activation="sigmoid"))], (None, 2), 105,
           "time-distributed-dense around a GRU")
keras_case("dense_no_bias", [lstm(3), L.Dense(2, use_bias=False, activation="elu")], (None, 1), 106, "Dense of one weight array, elu")
keras_case("conv1d_lstm", [L.Conv1D(4, 3, dilation_rate=2, padding="causal", activation="tanh"), L.PReLU(shared_axes=[1]), L.BatchNormalization(), lstm(4),
           L.Dense(3, activation="softmax")], (None, 2), 107, "causal Conv1D (kernel 3, dilation 2), PReLU [1, 4], BatchNorm (epsilon 1e-3), LSTM, softmax")
keras_case("conv1d_groups", [L.Conv1D(4, 2, groups=2, padding="causal"), gru(3), L.Dense(1)], (None, 4), 108, "grouped Conv1D: weights [2, 2, 4]")
keras_case("batchnorm_plain", [lstm(3), L.BatchNormalization(scale=False, center=False, epsilon=0.01), L.Dense(1)], (None, 1), 109,
           "BatchNorm of two arrays: moving mean, moving variance")
keras_case("activations", [L.Dense(3), L.Activation("tanh"), L.Dense(3), L.Activation("relu"), lstm(3), L.Activation("sigmoid"), L.Dense(3), L.Activation("elu"),
           L.Dense(3), L.Activation("softmax"), L.Dense(1)], (None, 1), 110, "layers of type activation")
keras_case("conv2d_gru", [L.ZeroPadding2D(((2, 0), (0, 0))), L.Conv2D(2, (2, 3), dilation_rate=(2, 1), padding="valid"), L.BatchNormalization(),
           L.ZeroPadding2D(((1, 0), (0, 0))), L.Conv2D(3, (2, 1), strides=(1, 1), padding="valid", activation="relu"), L.Reshape((-1, 9)), gru(4), L.Dense(1)],
           (None, 5, 1), 111, "in_shape of rank 4 [time, feature, filter]; conv2d pads time causally, batchnorm2d",
           edit=lambda j: j.__setitem__("layers", [l for l in j["layers"] if l["type"] != "unknown"]))


def aida(j):
    j.update(in_skip=1, in_gain=-6.0, out_gain=3.0, samplerate=44100, input_batch=[0.0, 0.1], output_batch=[0.0, 0.1],
             metadata={"name": "test", "samplerate": "48000", "license": "CC0"})
    j["layers"][0]["activation"] = ""


keras.utils.clear_session()
aida_model = keras.Sequential([keras.Input((None, 1)), lstm(5, name="rec"), L.Dense(1, name="lin")])
random_weights(aida_model, 112)
j = rtneural_json(aida_model)
aida(j)
dump(rt.path("aidax_lstm.json"), j, None)
x = signal(1, 112)
db = lambda v: np.float32(10 ** (v / 20))
xg = x * db(-6)
raw = np.asarray(aida_model(xg, training=False))
eng = engine(args.rtneural, rt.path("aidax_lstm.json"), xg)[0] if args.rtneural else None
finish(rt, "aidax_lstm", "aidax_lstm.json", "rtneural_json",
       {"in_0": x, "out_0": (raw + xg) * db(3), "out_1": raw}, {} if eng is None else {"engine_0": (eng + xg) * db(3), "engine_1": eng},
       "AIDA-X: in_skip 1, in_gain -6 dB, out_gain 3 dB, samplerate; out_0 = (network(g x) + g x) G, out_1 = network(g x) alone")

# refused, or read with a warning
keras_case("lstm_relu", [lstm(3, activation="relu"), L.Dense(1)], (None, 1), 120, "LSTM with activation relu: the engine ignores the key and computes tanh", refused="refuse")
keras_case("gru_reset_before", [gru(3, reset_after=False), L.Dense(1)], (None, 1), 121, "GRU of reset_after false: bias of rank 1", refused="refuse")
keras_case("lstm_no_bias", [lstm(3, use_bias=False), L.Dense(1)], (None, 1), 122, "LSTM of two arrays: the engine wants three", refused="refuse")
keras_case("bidirectional", [L.Bidirectional(lstm(3)), L.Dense(1)], (None, 1), 123, "Bidirectional becomes type unknown, which the engine skips in silence", refused="refuse")

# ---- state dict in JSON ---------------------------------------------------------------------------------------------
def torch_init(module, seed, scale=0.4):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.randn(p.shape, generator=g) * scale)
    return module.eval()


def state(module, prefix):
    return {prefix + k: v.tolist() for k, v in module.state_dict().items()}


def amp_case(name, unit, f, h, layers, seed, description, skip=1, bias=True, out=1, nested=True, indent=None, keys=("rec.", "lin."), edit=None, runnable=True):
    rec = torch_init(getattr(torch.nn, unit)(f, h, layers, batch_first=True), seed)
    lin = torch_init(torch.nn.Linear(h, out, bias=bias), seed + 1)
    sd = {**state(rec, keys[0]), **state(lin, keys[1])}
    j = sd if not nested else {"model_data": {"model": "SimpleRNN", "input_size": f, "skip": skip, "output_size": out, "unit_type": unit,
                                              "num_layers": layers, "hidden_size": h, "bias_fl": bias}, "state_dict": sd}
    if edit:
        edit(j)
    dump(rt.path(name + ".json"), j, indent)
    x = signal(f, seed)
    with torch.no_grad():
        y, s = rec(torch.from_numpy(x))
        y = lin(y)
        if skip:
            y = y + torch.from_numpy(x[:, :, :skip])
    arrays = {"in_0": x, "out_0": y.numpy()}
    arrays.update({"sd/" + k: np.float32(v) for k, v in sd.items()})
    eng = {}
    if args.rtneural and unit in ("LSTM", "GRU"):
        e, said = engine(args.rtneural, rt.path(name + ".json"), x, unit.lower(), keys[0], layers, h, f, keys[1], skip)
        assert e is not None, said
        eng = {"engine_0": e}
    finish(rt, name, name + ".json", "state_dict_json", arrays, eng, description)


amp_case("proteus_cond", "LSTM", 2, 8, 1, 203, "one parameter (knob) as second input; skip adds channel 0 only")
amp_case("amp_gru", "GRU", 1, 6, 1, 207, "unit_type GRU, skip 0, bias_fl false: lin has no bias, rec keeps both", skip=0, bias=False)
amp_case("amp_lstm_2layer", "LSTM", 3, 4, 2, 209, "num_layers 2, input_size 3, output_size 2, skip 2", skip=2, out=2)
amp_case("amp_rnn", "RNN", 1, 5, 1, 211, "unit_type RNN (tanh); no plug-in runs it")
amp_case("torch_lstm", "LSTM", 2, 5, 2, 213, "bare state dict as JSON (RTNeural torch style), keys lstm.* and dense.*", skip=0, nested=False, keys=("lstm.", "dense."))
amp_case("torch_gru", "GRU", 1, 4, 3, 215, "bare state dict as JSON, gru.* and dense.*, 3 layers", skip=0, nested=False, keys=("gru.", "dense."))
# ---- SmartAmpPro: one window, one step of an LSTM ----
keras.utils.clear_session()
window = 120
pro = keras.Sequential([keras.Input((window, 1)), L.Conv1D(2, 12, strides=12, padding="same"), L.Conv1D(3, 12, strides=12, padding="same"), L.LSTM(5), L.Dense(1)])
random_weights(pro, 220)
c1, c2, rec, out = pro.layers
named = lambda l: {"bias:0": l.get_weights()[-1].tolist(), "kernel:0": l.get_weights()[0].tolist()}
dump(rt.path("smartamppro.json"), {"conv1d": named(c1), "conv1d_1": named(c2), "dense": named(out), "lstm": {"lstm_cell": {}, **named(rec)},
                                   "input_size": window, "conv1d_stride": 12, "conv1d_1_stride": 12}, None)
samples = signal(1, 220, window + 15)[0, :, 0]
x = np.stack([samples[i:i + window] for i in range(16)])[:, :, None]
finish(rt, "smartamppro", "smartamppro.json", "smartamppro_json",
       {"in_0": x, "out_0": np.asarray(pro(x, training=False)), **{"w_%d" % i: w for i, w in enumerate(pro.get_weights())}}, {},
       "SmartAmpPro: conv1d, conv1d_1 (padding same), lstm WITHOUT recurrent kernel (120 samples become one step from a zero state), dense; one output a window")
dump(rt.path("gated_conv.json"), {"model_data": {"model": "GatedConvNet", "layers": 1, "channels": 2, "dilation_growth": 2, "kernel_size": 3, "blocks": 1},
                                  "state_dict": {"blocks.0.layers.0.conv.weight": [[[0.1, 0.2, 0.3]]] * 4, "blocks.0.layers.0.conv.bias": [0.0] * 4}}, None)
refuse(rt, "gated_conv", "gated_conv.json", "state_dict_json", "model GatedConvNet: no recurrent layer, refused by name", "not run")
dump(rt.path("amp_short.json"), {"model_data": {"model": "SimpleRNN", "input_size": 1, "skip": 1, "output_size": 1, "unit_type": "LSTM", "num_layers": 1,
                                                "hidden_size": 3, "bias_fl": True},
                                 "state_dict": {"rec.weight_ih_l0": [[0.1]] * 11, "rec.weight_hh_l0": [[0.1, 0.2, 0.3]] * 12, "rec.bias_ih_l0": [0.1] * 12,
                                                "rec.bias_hh_l0": [0.1] * 12, "lin.weight": [[0.1, 0.2, 0.3]], "lin.bias": [0.0]}}, None)
refuse(rt, "amp_short", "amp_short.json", "state_dict_json", "weight_ih_l0 has 11 rows, hidden_size 3 needs 12", "RTNeural checks no size here and reads past the end")

# ---- NeuralAmpModeler -----------------------------------------------------------------------------------------------
nam = Family("neighbours/audio", {"torch": torch.__version__, "engine": "NeuralAmpModelerCore daae2d0b, float32, exact tanh"})


def nam_json(config, weights, version="0.5.4", architecture="LSTM", rate=48000, **extra):
    j = {"version": version, "metadata": {"date": {"year": 2026, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}, "name": "corpus",
                                          "gear_type": "amp", "tone_type": "clean", "loudness": -20.0, "gain": 0.2, "input_level_dbu": 18.0,
                                          "output_level_dbu": 12.0}, "architecture": architecture, "config": config, "weights": weights}
    if rate is not None:
        j["sample_rate"] = rate
    j.update(extra)
    return j


def nam_parts(f, h, layers, out, seed):
    rec = torch_init(torch.nn.LSTM(f, h, layers, batch_first=True), seed)
    head = torch_init(torch.nn.Linear(h, out), seed + 1)
    g = torch.Generator().manual_seed(seed + 2)
    h0, c0 = torch.randn((layers, 1, h), generator=g) * 0.5, torch.randn((layers, 1, h), generator=g) * 0.5
    blob = []
    for k in range(layers):
        p = lambda n: getattr(rec, "%s_l%d" % (n, k)).data
        blob += torch.cat([p("weight_ih"), p("weight_hh")], 1).flatten().tolist() + (p("bias_ih") + p("bias_hh")).tolist()
        blob += h0[k, 0].tolist() + c0[k, 0].tolist()
    blob += head.weight.data.flatten().tolist() + head.bias.data.tolist()
    return rec, head, h0, c0, blob


def nam_case(name, f, h, layers, seed, description, out=1, version="0.5.4", rate=48000):
    rec, head, h0, c0, blob = nam_parts(f, h, layers, out, seed)
    config = {"input_size": f, "hidden_size": h, "num_layers": layers}
    if f != 1 or out != 1:
        config.update(in_channels=f, out_channels=out)
    dump(nam.path(name + ".nam"), nam_json(config, blob, version, rate=rate), None)
    x = signal(f, seed)
    warm = T * -(-max(1, int(0.5 * (rate or -1))) // T)          # whole buffers of T zeros
    with torch.no_grad():
        cold = head(rec(torch.from_numpy(x), (h0, c0))[0]).numpy()
        s = rec(torch.zeros((1, warm, f)), (h0, c0))[1]
        hot = head(rec(torch.from_numpy(x), s)[0]).numpy()
    engines = {}
    if args.nam:
        for i in (0, 1):
            e, said = engine(args.nam, nam.path(name + ".nam"), x, i)
            assert e is not None, said
            engines["engine_%d" % i] = e
    arrays = {"in_0": x, "out_0": cold, "out_1": hot, "h0": h0[:, 0].numpy(), "c0": c0[:, 0].numpy(), "prewarm": np.int64(warm)}
    arrays.update({"sd/rec." + k: v.numpy() for k, v in rec.state_dict().items()})
    arrays.update({"sd/head." + k: v.numpy() for k, v in head.state_dict().items()})
    finish(nam, name, name + ".nam", "nam", arrays, engines, description + "; out_0 from the stored state, out_1 after the host's reset (`prewarm` zero samples)")


nam_case("lstm_1x3", 1, 3, 1, 301, "hidden 3, one layer: 70 weights")
nam_case("lstm_2x8", 1, 8, 2, 304, "hidden 8, two layers")
nam_case("lstm_stereo", 2, 4, 1, 307, "two channels in and out: in_channels, out_channels, head [2, 4] then bias [2]", out=2, version="0.7.0")


def nam_refused(name, obj, description):
    dump(nam.path(name + ".nam"), obj, None)
    said = "not run"
    if name in ("lstm_short", "lstm_long"):
        said = "the count is an assertion of debug builds; a release build reads on past the end"
    elif args.nam:
        e, said = engine(args.nam, nam.path(name + ".nam"), signal(1, 1), 1)
        said = said or "the engine runs it"
    refuse(nam, name, name + ".nam", "nam", description, said)


blob = nam_parts(1, 3, 1, 1, 330)[4]
base = {"input_size": 1, "hidden_size": 3, "num_layers": 1}
nam_refused("lstm_short", nam_json(base, blob[:-1]), "one weight too few")
nam_refused("lstm_long", nam_json(base, blob + [0.0]), "one weight too many")
nam_refused("lstm_old", nam_json(base, blob, "0.4.0"), "version below 0.5.0")
nam_refused("lstm_no_weights", {k: v for k, v in nam_json(base, blob).items() if k != "weights"}, "no weights key")
r = rng(331)
wavenet = {"layers": [{"input_size": 1, "condition_size": 1, "head_size": 2, "channels": 3, "kernel_size": 3, "dilations": [1, 2], "activation": "Tanh",
                       "gated": False, "head_bias": False},
                      {"input_size": 3, "condition_size": 1, "head_size": 1, "channels": 2, "kernel_size": 3, "dilations": [8], "activation": "Tanh",
                       "gated": False, "head_bias": True}], "head": None, "head_scale": 0.02}
nam_refused("wavenet", nam_json(wavenet, (r.standard_normal(131) * 0.4).astype("float32").tolist(), architecture="WaveNet"), "architecture WaveNet: convolutions only, refused by name")
nam_refused("container", nam_json({"submodels": [{"max_value": 0.5, "model": nam_json(base, blob)},
                                                 {"max_value": 1.0, "model": nam_json(base, blob)}]}, [], "0.7.0", "SlimmableContainer"),
            "architecture SlimmableContainer (0.7.0) of two LSTM files: config.submodels[k].model is a whole .nam object; weights is empty")
