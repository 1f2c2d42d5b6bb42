"""Packed sequences of given lengths, the last state of both directions."""
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Tagger(nn.Module):
    def __init__(self, vocab, dim, hidden, tags, batch_first=True):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.rnn = nn.LSTM(dim, hidden, bidirectional=True, batch_first=batch_first)
        self.fc = nn.Linear(hidden * 2, tags)
        self.batch_first = batch_first

    def forward(self, tokens, lengths):
        x = self.embed(tokens)
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=self.batch_first, enforce_sorted=False)
        packed, (h, _) = self.rnn(packed)
        y, _ = pad_packed_sequence(packed, batch_first=self.batch_first)
        return self.fc(y), h.transpose(0, 1).contiguous().view(h.size(1), -1)
