#!/usr/bin/env python3
"""Checkpoints of every kind that torch writes, and what is in them.

usage: gen_torch_checkpoints.py            writes ../pytorch
       gen_torch_checkpoints.py DIR COUNT  writes COUNT random checkpoints for a comparison with torch.load

`expected.json` says for each file which tensors must be found (their bytes in row-major order, as torch.load gives
them), or with which code the file must be refused. Made with torch 2.13.0; the files read the same with any torch.
"""
import argparse
import collections
import enum
import io
import json
import os
import pathlib
import random
import sys
import warnings
import zipfile

import numpy
import torch

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(HERE), "pytorch")
EXPECTED = {}


def described(tensor):
    tensor = tensor.detach().resolve_conj().resolve_neg()
    tensor = torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor)
    flat = tensor.reshape(-1).view(torch.uint8) if tensor.numel() else torch.empty(0, dtype=torch.uint8)
    return {"type": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "bytes": bytes(flat.tolist()).hex()}


def expect(name, tensors=None, code=None, **more):
    entry = dict(more)
    if tensors is not None:
        entry["tensors"] = {key: described(value) for key, value in tensors.items()}
    if code:
        entry["code"] = code
    EXPECTED[name] = entry


def save(name, value, tensors=None, code=None, protocol=2, legacy=False, **more):
    torch.save(value, os.path.join(FOLDER, name), pickle_protocol=protocol, _use_new_zipfile_serialization=not legacy)
    expect(name, tensors, code, **more)


def lstm_state():
    torch.manual_seed(7)
    model = torch.nn.Sequential(collections.OrderedDict(lstm=torch.nn.LSTM(2, 3), fc=torch.nn.Linear(3, 1)))
    return model.state_dict()


def every_type():
    base = torch.arange(24, dtype=torch.float32) / 8
    result = collections.OrderedDict()
    for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
                  torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64):
        result[str(dtype)] = base[:3].to(dtype)
    result["scalar"] = torch.tensor(2.5)
    result["empty"] = torch.zeros(0, 4)
    result["row"] = base.view(4, 6)[2]
    result["block"] = base.view(4, 6)[1:3, 2:5]
    result["transposed"] = base.view(4, 6).t()
    result["strided"] = base[1::3]
    result["expanded"] = torch.tensor([1.0, 2.0]).expand(3, 2)
    result["parameter"] = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    attributed = torch.nn.Parameter(torch.tensor([3.0]))
    attributed.note = "kept"
    result["parameter_with_state"] = attributed
    noted = torch.tensor([4.0])
    noted.note = "kept"
    result["tensor_with_state"] = noted
    result["buffer"] = torch.nn.Buffer(torch.tensor([5.0]))
    return result


class Color(enum.Enum):
    RED = 1


class Ordered(collections.OrderedDict):
    pass


class Thing:
    def __init__(self):
        self.values = [1, 2]
        self.itself = self


class Call:
    def __init__(self, function, *arguments):
        self.parts = (function, arguments)

    def __reduce__(self):
        return self.parts


def fixtures():
    state = lstm_state()
    few = collections.OrderedDict(w=torch.tensor([[1.0, 2.0], [3.0, 4.0]]), b=torch.tensor([5, 6]))
    save("small.pt", {"state_dict": few, "epoch": 1}, few, facts={"epoch": "1"}, notes=["pytorch.beside"])
    save("small_legacy.pt", {"state_dict": few, "epoch": 1}, few, legacy=True, facts={"epoch": "1"}, notes=["pytorch.beside"])
    torch.manual_seed(11)
    layer = torch.nn.Linear(1, 1)
    save("small_module.pt", layer, layer.state_dict(), modules=[["", "torch.nn.modules.linear.Linear"]])
    for protocol in (2, 3, 4, 5):
        save(f"protocol{protocol}.pt", every_type(), every_type(), protocol=protocol)
    save("legacy.pt", state, state, legacy=True)
    for protocol in (3, 4, 5):
        save(f"legacy_protocol{protocol}.pt", every_type(), every_type(), protocol=protocol, legacy=True)
    save("plain_dict.pt", dict(state), state)
    save("empty.pt", collections.OrderedDict(), {})

    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    plain = collections.defaultdict(dict)
    plain["a"]["b"] = 1
    training = {
        "epoch": 3, "global_step": 40, "best": float("inf"), "loss": numpy.float64(0.25), "steps": numpy.int64(7),
        "model_state_dict": state, "optimizer": optimizer.state_dict(), "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("a/b")),
        "history": plain, "color": Color.RED, "size": torch.Size([1, 2]), "device": torch.device("cpu"), "dtype": torch.float32,
        "thing": Thing(), "scheduler": {"last_epoch": 3, "base_lrs": [0.1]}, "set": {1, 2}, "bytes": b"\x00\xff", "big": 1 << 80,
        "array": numpy.arange(3.0), "complex": 1 + 2j, "rng": torch.get_rng_state()[:8],
    }
    facts = {"epoch": "3", "global_step": "40", "loss": "0.25", "steps": "7", "args.lr": "0.1", "args.path": "a/b", "size": "[1, 2]",
             "device": "cpu", "dtype": "torch.float32", "optimizer 'optimizer'": "Adam-like, 2 entries, not converted",
             "state dict": "'model_state_dict'"}
    for protocol in (2, 4):
        save(f"training_protocol{protocol}.pt", training, state, protocol=protocol, facts=facts, notes=["pytorch.state-dict.chosen", "pytorch.beside"])
    save("training_legacy.pt", training, state, legacy=True, facts=facts, notes=["pytorch.state-dict.chosen", "pytorch.beside"])

    other = {key: value + 1 for key, value in state.items()}
    save("model_and_ema.pt", {"ema": other, "model": state}, state, notes=["pytorch.state-dict.chosen"])
    save("model_and_ema_key.pt", {"ema": other, "model": state}, other, key="ema", notes=["pytorch.beside"])
    save("key_unknown.pt", {"ema": other, "model": state}, code="pytorch.state-dict.key-unknown", key="emma")
    save("ambiguous.pt", {"teacher_a": other, "teacher_b": state}, code="pytorch.state-dict.ambiguous")
    save("ambiguous_key.pt", {"teacher_a": {"inner": other}, "teacher_b": state}, other, key="teacher_a.inner", notes=["pytorch.beside"])
    save("list_of_two.pt", [state, {"epoch": 1}], state, notes=["pytorch.beside"])
    save("no_tensors.pt", {"epoch": 3}, code="pytorch.state-dict.missing")
    save("one_tensor.pt", torch.ones(2), {"0": torch.ones(2)})
    save("extra_state.pt", {**state, "_extra_state": {"scale": torch.ones(1)}, "version": 3}, state, facts={"version": "3"}, notes=["pytorch.entry.plain"])
    save("object_in_state.pt", {**state, "thing": Thing()}, state, notes=["pytorch.entry.skipped"])
    save("ordered_subclass.pt", {"model": Ordered(state)}, state)
    save("only_objects.pt", {"model": Thing()}, code="pickle.callable.refused")

    torch.manual_seed(8)
    module = torch.nn.Sequential(collections.OrderedDict(
        lstm=torch.nn.LSTM(2, 3, batch_first=True, bidirectional=True), norm=torch.nn.BatchNorm1d(6), fc=torch.nn.Linear(6, 1, bias=False)))
    module.register_buffer("scratch", torch.ones(2), persistent=False)
    module.register_parameter("nothing", None)
    save("module.pt", module, module.state_dict(), notes=["pytorch.module.unregistered"], modules=[
        ["", "torch.nn.modules.container.Sequential"], ["lstm", "torch.nn.modules.rnn.LSTM"],
        ["norm", "torch.nn.modules.batchnorm.BatchNorm1d"], ["fc", "torch.nn.modules.linear.Linear"]])
    save("module_in_checkpoint.pt", {"model": module, "epoch": 1}, module.state_dict(), facts={"epoch": "1"},
         notes=["pytorch.beside", "pytorch.module.unregistered"], modules=[
        ["", "torch.nn.modules.container.Sequential"], ["lstm", "torch.nn.modules.rnn.LSTM"],
        ["norm", "torch.nn.modules.batchnorm.BatchNorm1d"], ["fc", "torch.nn.modules.linear.Linear"]])
    shared = torch.nn.Linear(2, 2)
    tied = torch.nn.ModuleList([shared, shared])
    save("module_tied.pt", tied, tied.state_dict())

    save("data_parallel.pt", {"module." + key: value for key, value in state.items()}, state, strip=True)
    save("compiled.pt", {"_orig_mod." + key: value for key, value in state.items()}, state, strip=True)
    save("lightning_compiled.pt", {"state_dict": {"model._orig_mod." + key: value for key, value in state.items()},
                                   "pytorch-lightning_version": "2.6.0",
                                   "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.5)}},
                                   "hyper_parameters": {"hidden": 3}}, state, strip=True, facts={"hyper_parameters.hidden": "3"})
    save("prefix_collision.pt", {"lstm._orig_mod.weight": torch.ones(1), "lstm.weight": torch.zeros(1)},
         code="pytorch.prefix.collision", strip=True)

    for name, function in (("weight_norm", torch.nn.utils.weight_norm), ("weight_norm_new", torch.nn.utils.parametrizations.weight_norm),
                           ("spectral_norm", torch.nn.utils.spectral_norm), ("spectral_norm_new", torch.nn.utils.parametrizations.spectral_norm)):
        torch.manual_seed(9)
        model = torch.nn.ModuleDict({"lstm": torch.nn.LSTM(2, 3), "conv": torch.nn.Conv1d(4, 3, 2)})
        function(model["lstm"], "weight_hh_l0")
        if name.startswith("weight_norm"):
            function(model["conv"], "weight", dim=1)
        else:
            function(model["conv"], "weight")
        model.train()
        model["lstm"](torch.ones(1, 1, 2))
        model["conv"](torch.ones(1, 4, 4))
        model.eval()
        model["lstm"](torch.ones(1, 1, 2))
        model["conv"](torch.ones(1, 4, 4))
        folded = {"lstm.weight_hh_l0": model["lstm"].weight_hh_l0, "conv.weight": model["conv"].weight}
        save(name + ".pt", model.state_dict(), code="", folded={key: described(value) for key, value in folded.items()})
    model = torch.nn.Linear(3, 3)
    torch.nn.utils.parametrizations.orthogonal(model, "weight")
    save("orthogonal.pt", model.state_dict(), code="pytorch.parametrization.unsupported", fold=True)

    unsupported = "pytorch.tensor.unsupported"
    quantized = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
    dequantized = ["pytorch.tensor.dequantized"]
    save("quantized.pt", {"weight": quantized}, {"weight": quantized.dequantize()}, notes=dequantized)
    rows = torch.quantize_per_channel(torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.qint8)
    save("quantized_rows.pt", {"weight": rows}, {"weight": rows.dequantize()}, notes=dequantized)
    save("sparse.pt", {"weight": torch.eye(2).to_sparse()}, code=unsupported)
    save("sparse_rows.pt", {"weight": torch.eye(2).to_sparse_csr()}, code=unsupported)
    save("nested.pt", {"weight": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])}, code=unsupported)
    save("meta.pt", {"weight": torch.empty(2, device="meta")}, code=unsupported)
    save("conjugate.pt", {"weight": torch.ones(2, dtype=torch.complex64).conj()}, code=unsupported)
    save("negative.pt", {"weight": torch.ones(2, dtype=torch.complex64).conj().imag}, code=unsupported)
    for name, dtype in (("complex.pt", torch.complex64), ("float8.pt", torch.float8_e4m3fn)):
        tensors = {"weight": torch.ones(2).to(dtype)}
        save(name, tensors, tensors)

    refused = "pickle.callable.refused"
    for name, call in (("os_system", Call(os.system, "true")), ("eval", Call(eval, "1")), ("attribute", Call(getattr, Color, "RED")),
                       ("load", Call(torch.load, "x.pt")), ("load_bytes", Call(torch.storage._load_from_bytes, b""))):
        for protocol in (2, 4):
            value = {"model": state, "extra": call}
            if name == "attribute":
                save(f"call_{name}_protocol{protocol}.pt", value, state, protocol=protocol)
            else:
                save(f"call_{name}_protocol{protocol}.pt", value, code=refused, protocol=protocol)
    save("call_os_system_legacy.pt", {"model": state, "extra": Call(os.system, "true")}, code=refused, legacy=True)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(2, 1)
            self.register_buffer("scale", torch.tensor([2.0]))

        def forward(self, x):
            return self.linear(x) * self.scale

    torch.manual_seed(10)
    net = Net().eval()
    exported = torch.export.export(net, (torch.ones(1, 2),))
    torch.export.save(exported, os.path.join(FOLDER, "exported.pt2"))
    # The program itself, with the source lines it was made from, is not what is tested.
    rewritten("exported.pt2", "exported.pt2", lambda name: "/models/" not in name and "sample_inputs" not in name)
    expect("exported.pt2", net.state_dict())
    buffer = io.BytesIO()
    torch.save(net.state_dict(), buffer)
    with zipfile.ZipFile(os.path.join(FOLDER, "exported_before.pt2"), "w") as archive:
        for name, content in (("serialized_exported_program.json", b"{}"), ("serialized_state_dict.pt", buffer.getvalue()), ("version", b"7.1")):
            archive.writestr(zipfile.ZipInfo(name), content)
    expect("exported_before.pt2", net.state_dict())
    with zipfile.ZipFile(os.path.join(FOLDER, "compiled_program.pt2"), "w") as archive:
        for name, content in (("m/archive_format", b"pt2"), ("m/data/aotinductor/model/a.so", b"\x7fELF"), ("m/version", b"0")):
            archive.writestr(zipfile.ZipInfo(name), content)
    expect("compiled_program.pt2", code="pytorch.envelope.unsupported")

    save("stored.pt", state, state)
    rewritten("stored.pt", "deflated.pt", compression=zipfile.ZIP_DEFLATED)
    expect("deflated.pt", state)
    swapped("stored.pt", "big_endian.pt")
    expect("big_endian.pt", state)
    torch.save(state, os.path.join(FOLDER, "legacy_big_endian.pt"), _use_new_zipfile_serialization=False)
    path = os.path.join(FOLDER, "legacy_big_endian.pt")
    content = open(path, "rb").read()
    place = content.index(b"little_endian") + len(b"little_endian")
    flag = content.index(b"\x88", place)
    open(path, "wb").write(content[:flag] + b"\x89" + content[flag + 1:])
    expect("legacy_big_endian.pt", code="pytorch.envelope.unsupported")

    import tarfile
    with tarfile.open(os.path.join(FOLDER, "torch_0_1.tar"), "w") as archive:
        for name in ("sys_info", "pickle", "tensors", "storages"):
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, io.BytesIO(b"\x80\x02N."))
    expect("torch_0_1.tar", code="pytorch.envelope.unsupported")

    class Thirds(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(2))
            self.sizes = [1, 2]
            self.inner = torch.nn.Linear(2, 1)

        def forward(self, x):
            return self.inner(x * self.weight) * self.sizes[0]

    third = Thirds()
    torch.jit.save(torch.jit.script(third), os.path.join(FOLDER, "script.ts.pt"))
    # The generated code is torch's; what is read is data.pkl and its storages.
    rewritten("script.ts.pt", "script.ts.pt", lambda name: "/code/" not in name)
    expect("script.ts.pt", third.state_dict(), modules=[["", "Thirds"], ["inner", "torch.nn.modules.linear.Linear"]])


def packed(prefix, content):
    """The float tensors in the state of a packed object of torch, under the keys that the module had before."""
    (weight, bias), _ = content.__getstate__() if isinstance(content, torch.ScriptObject) else (content, None)
    names = prefix.replace("_packed_params._packed_params", "{}").replace("_packed_weight_ih", "{}_ih").replace("_packed_weight_hh", "{}_hh")
    weight = weight.dequantize() if weight.is_quantized else weight
    return {names.format("weight"): weight, **({} if bias is None else {names.format("bias"): bias})}


def packed_cells(module):
    """The float tensors of a dynamically quantized LSTM or GRU."""
    tensors = {}
    for index, parameter in enumerate(module._all_weight_values):
        (_, biases, _, _, weights), _ = parameter.param.__getstate__()
        ends = f"l{index // 2}{'_reverse' * (index % 2)}" if module.bidirectional else f"l{index}"
        for name, weight in zip(("ih", "hh"), weights):
            (matrix, bias), _ = weight.__getstate__()
            tensors[f"weight_{name}_{ends}"] = matrix.dequantize() if matrix.is_quantized else matrix
            tensors[f"bias_{name}_{ends}"] = bias
        for name, bias in zip(("ih", "hh"), biases):
            tensors[f"bias_{name}_{ends}"] = bias
    return tensors


def numbers_of_other_kinds():
    """Numbers that are no tensors: arrays of NumPy, lists, quantized and packed weights, states of optimizers."""
    state = lstm_state()
    weight, bias = state["fc.weight"], state["fc.bias"]
    arrays = {**state, "fc.weight": weight.numpy(), "fc.bias": bias.numpy().astype(">f4"), "mean": numpy.float64(0.5),
              "column": numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)), "empty": numpy.zeros((0, 3), "f4"),
              "half": numpy.arange(3, dtype="f2"), "flags": numpy.array([True, False]), "count": numpy.int32(7)}
    read = {**state, "mean": torch.tensor(0.5, dtype=torch.float64), "column": torch.arange(6.0, dtype=torch.float64).reshape(2, 3),
            "empty": torch.zeros(0, 3), "half": torch.arange(3, dtype=torch.float16), "flags": torch.tensor([True, False]),
            "count": torch.tensor(7, dtype=torch.int32)}
    for protocol in (2, 4):
        save(f"arrays_protocol{protocol}.pt", arrays, read, protocol=protocol)
    save("arrays_alone.pt", {"lstm": {"w": numpy.ones((2, 2), "f4")}, "b": numpy.zeros(2)},
         {"lstm.w": torch.ones(2, 2), "b": torch.zeros(2, dtype=torch.float64)})
    save("records.pt", {**state, "records": numpy.zeros(2, [("x", "f4"), ("y", "i4")]), "words": numpy.array(["ab", "c"])}, state)
    save("containers.pt", {**state, "head": [weight, bias], "pair": (bias,), "parts": {"a": bias, "b": {"c": bias.numpy()}},
                           "objects": numpy.array([bias.numpy(), None], dtype=object)},
         {**state, "head.0": weight, "head.1": bias, "pair.0": bias, "parts.a": bias, "parts.b.c": bias, "objects.0": bias},
         notes=["pytorch.state-dict.chosen"])
    save("tuple_of_tensors.pt", (weight, [bias]), {"0": weight, "1.0": bias})
    save("numbered.pt", {0: weight, 1: bias}, {"0": weight, "1": bias})
    save("plain_numbers.pt", {**{key: value for key, value in state.items() if key != "fc.bias"}, "fc.bias": [0.5], "alpha": 0.25,
                              "losses": [0.5, 0.25], "steps": 3},
         {**state, "fc.bias": torch.tensor([0.5])},
         notes=["pytorch.entry.skipped", "pytorch.entry.skipped", "pytorch.entry.plain"])
    save("storages.pt", {"weight": weight, "typed": bias.storage(), "untyped": weight.clone().untyped_storage()},
         {"weight": weight, "typed": bias, "untyped": weight.clone().view(-1).view(torch.uint8)})
    save("list_beside.pt", {"model": state, "stats": [bias, bias.numpy()], "mean": bias}, state,
         notes=["pytorch.state-dict.chosen", "pytorch.beside"])

    dequantized = ["pytorch.tensor.dequantized"]
    torch.manual_seed(11)
    kinds = {}
    for name, dtype in (("qint8", torch.qint8), ("quint8", torch.quint8), ("qint32", torch.qint32)):
        zero = 3 if dtype == torch.quint8 else -3
        kinds["tensor." + name] = torch.quantize_per_tensor(torch.randn(4, 5), 0.013, zero, dtype)
        kinds["channel." + name] = torch.quantize_per_channel(
            torch.randn(4, 5), torch.tensor([0.011, 0.017, 0.1, 0.3, 1 / 3], dtype=torch.float64), torch.tensor([0, 1, zero, 3, 4]), 1, dtype)
    kinds["float"] = torch.quantize_per_channel(torch.randn(4, 5), torch.rand(4) / 9, torch.randn(4), 0, torch.quint8)
    kinds["view"] = kinds["tensor.qint8"][1:3]
    kinds["parameter"] = torch.nn.Parameter(torch.quantize_per_tensor(torch.randn(3), 0.01, 0, torch.qint8), requires_grad=False)
    save("quantized_kinds.pt", kinds, {key: value.dequantize() for key, value in kinds.items()}, notes=dequantized)

    from torch.ao.nn.quantized import Linear
    from torch.ao.quantization import quantize_dynamic
    nn = torch.nn
    recurrent = {nn.LSTM, nn.GRU, nn.Linear, nn.LSTMCell, nn.GRUCell}
    model = nn.ModuleDict({"lstm": nn.LSTM(3, 4, 2, bidirectional=True), "gru": nn.GRU(8, 4, 2), "one": nn.GRU(4, 5), "fc": nn.Linear(5, 2)})
    for name, dtype in (("quantized_dynamic", torch.qint8), ("quantized_half", torch.float16)):
        quantized = quantize_dynamic(model, recurrent, dtype=dtype)
        tensors = packed("fc._packed_params._packed_params", quantized["fc"]._packed_params._packed_params)
        for module in ("lstm", "gru", "one"):
            tensors.update({f"{module}.{key}": value for key, value in packed_cells(quantized[module]).items()})
        save(name + ".pt", quantized.state_dict(), tensors, notes=dequantized if dtype == torch.qint8 else [])
    # As wide as its state: two layers, or two directions.
    quantized = quantize_dynamic(nn.ModuleDict({"rnn": nn.LSTM(4, 4, 2)}), recurrent, dtype=torch.qint8)
    tensors = {}
    for index in range(2):
        for name, value in packed_cells(quantized["rnn"]).items():
            if name.endswith(f"_l{index}"):
                tensors[f"rnn._all_weight_values.{index}.param.{name[:-3]}"] = value
    save("quantized_unclear.pt", quantized.state_dict(), tensors, notes=["pytorch.entry.skipped"] + dequantized)
    cells = quantize_dynamic(nn.ModuleDict({"lstm": nn.LSTMCell(3, 4), "gru": nn.GRUCell(3, 4)}), recurrent, dtype=torch.qint8)
    tensors = {}
    for key, value in cells.state_dict().items():
        tensors.update(packed(key, value))
    save("quantized_cells.pt", cells.state_dict(), tensors, notes=dequantized)
    static = nn.ModuleDict({"fc": Linear(4, 2)})
    static["fc"].set_weight_bias(torch.quantize_per_tensor(torch.randn(2, 4), 0.02, 0, torch.qint8), torch.randn(2))
    static["fc"].scale, static["fc"].zero_point = 0.1, 5
    save("quantized_static.pt", static.state_dict(), packed("fc._packed_params._packed_params", static["fc"]._packed_params._packed_params),
         notes=["pytorch.outputs.rounded", "pytorch.outputs.rounded"] + dequantized)
    bits = torch.quantize_per_channel(torch.randn(2, 4), torch.rand(2) / 9, torch.randn(2), 0, torch.quint4x2)
    save("quantized_bits.pt", {"weight": bits}, code="tensor.dtype-unsupported")

    torch.manual_seed(12)
    linear = nn.Linear(3, 1)
    optimizer = torch.optim.Adam(linear.parameters())
    linear(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    save("optimizer_alone.pt", optimizer.state_dict(), code="pytorch.optimizer-state")
    save("optimizer_in_checkpoint.pt", {"epoch": 2, "optimizer": optimizer.state_dict()}, code="pytorch.optimizer-state")
    parts = []
    for name, content in (("policy.pth", state), ("policy.optimizer.pth", optimizer.state_dict()), ("pytorch_variables.pth", {"log_std": bias})):
        buffer = io.BytesIO()
        torch.save(content, buffer)
        parts.append((name, buffer.getvalue()))
    with zipfile.ZipFile(os.path.join(FOLDER, "policy.zip"), "w") as archive:
        for name, content in [("data", b"{}"), *parts, ("_stable_baselines3_version", b"2.3.2"), ("system_info.txt", b"")]:
            archive.writestr(zipfile.ZipInfo(name), content)
    expect("policy.zip", state, notes=["pytorch.beside"])
    torch.manual_seed(13)
    perceptron = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).state_dict()
    save("perceptron.pt", perceptron, perceptron)


def rewritten(source, target, keep=lambda name: True, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(os.path.join(FOLDER, source)) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist() if keep(name)]
    with zipfile.ZipFile(os.path.join(FOLDER, target), "w", compression) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            archive.writestr(info, content)


def swapped(source, target):
    with zipfile.ZipFile(os.path.join(FOLDER, source)) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(os.path.join(FOLDER, target), "w") as archive:
        for name, content in entries:
            if name.endswith("byteorder"):
                content = b"big"
            elif "/data/" in name:
                content = numpy.frombuffer(content, "<f4").astype(">f4").tobytes()
            archive.writestr(zipfile.ZipInfo(name), content)


def random_state(draw, legacy):
    types = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
             torch.uint8, torch.bool]
    if not legacy:  # torch writes these in the format before 1.6 and can't read them there
        types += [torch.uint16, torch.uint32, torch.uint64]
    storage = torch.randn(draw.randint(8, 64))
    state = collections.OrderedDict() if draw.random() < 0.5 else {}
    for index in range(draw.randint(1, 12)):
        shape = [draw.randint(0 if draw.random() < 0.1 else 1, 5) for _ in range(draw.randint(0, 4))]
        kind = draw.random()
        if kind < 0.3:
            count = draw.randint(1, len(storage))
            offset = draw.randint(0, len(storage) - count)
            step = draw.randint(1, 3)
            tensor = storage[offset:offset + count:step]
        elif kind < 0.5 and len(shape) >= 2 and 0 not in shape:
            axes = list(range(len(shape)))
            draw.shuffle(axes)
            tensor = torch.randn(shape).permute(axes)[..., :draw.randint(1, 5)]
        elif kind < 0.6:
            tensor = torch.randn(draw.randint(1, 4)).expand(3, -1)
        else:
            tensor = (torch.randn(shape) * 100).to(draw.choice(types))
        if tensor.is_floating_point() and draw.random() < 0.2:
            tensor = torch.nn.Parameter(tensor)
        state[draw.choice(["a", "lstm.b", "é", "e\u0301", "名", "x y"]) + str(index)] = tensor
    return state


def compare(folder, count):
    global FOLDER
    FOLDER = folder
    os.makedirs(folder, exist_ok=True)
    draw = random.Random(1)
    torch.manual_seed(1)
    for number in range(count):
        legacy = draw.random() < 0.4
        state = random_state(draw, legacy)
        protocol = draw.choice([2, 3, 4, 5])
        value = state
        if draw.random() < 0.3:
            value = {"epoch": number, "state_dict": state, "note": "x" * draw.randint(0, 300)}
        name = f"case{number:04}.pt"
        save(name, value, protocol=protocol, legacy=legacy)
        loaded = torch.load(os.path.join(folder, name), weights_only=protocol == 2)
        loaded = loaded.get("state_dict", loaded)
        expect(name, loaded)


def main():
    if len(sys.argv) == 3:
        compare(sys.argv[1], int(sys.argv[2]))
    else:
        os.makedirs(FOLDER, exist_ok=True)
        fixtures()
        numbers_of_other_kinds()
    with open(os.path.join(FOLDER, "expected.json"), "w") as file:
        json.dump(EXPECTED, file, indent=1, sort_keys=True, ensure_ascii=True)
        file.write("\n")


if __name__ == "__main__":
    main()
