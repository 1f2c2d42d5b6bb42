"""Everything that a reader must not do: nothing here is ever run."""
import os
import subprocess
import urllib.request
import torch
import torch.nn as nn

os.system("touch /tmp/recur-was-here")
data = open("/etc/passwd").read()
urllib.request.urlopen("http://127.0.0.1:1/").read()
exec("import this")


def traced(function):
    subprocess.run(["touch", "/tmp/recur-was-here"])
    return function


class Model(nn.Module):
    os.system("touch /tmp/recur-was-here")

    def __init__(self):
        super().__init__()
        os.system("touch /tmp/recur-was-here")
        self.log = open("/tmp/recur-was-here", "w")
        self.vocabulary = __import__("json").load(open("vocab.json"))
        self.rnn = nn.GRU(3, 4, batch_first=True)
        self.apply(self.init_weights)

    @traced
    def export(self):
        os.remove("/tmp/recur-was-here")

    def init_weights(self, module):
        torch.load("/tmp/recur-was-here")

    def forward(self, x):
        print(os.environ, open("/etc/passwd").read())
        y, h = self.rnn(x)
        return y, h[-1]
