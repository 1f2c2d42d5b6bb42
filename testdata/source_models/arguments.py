"""Sizes from a command line, a vocabulary that is only in the weights, both final states side by side."""
import argparse
import torch
from torch import nn
import torch.nn.functional as F


class Encoder(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_dim, dropout=0.1, **kwargs):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.gru = nn.GRU(embed_dim, hidden_dim, bidirectional=True, batch_first=True)
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens):
        _, h = self.gru(self.drop(self.embedding(tokens)))
        return torch.cat((h[-2], h[-1]), 1)


class Classifier(nn.Module):
    def __init__(self, args, vocab):
        super().__init__()
        self.encoder = Encoder(len(vocab), args.embed_dim, args.hidden_dim, dropout=args.dropout)
        self.head = nn.Sequential(nn.Linear(2 * args.hidden_dim, args.hidden_dim), nn.ReLU(), nn.Linear(args.hidden_dim, 3))

    def forward(self, tokens):
        return F.log_softmax(self.head(self.encoder(tokens)), dim=-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--embed-dim", type=int, default=5)
    parser.add_argument("--hidden-dim", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.3)
    args = parser.parse_args()
    vocab = open("vocab.txt").read().split()
    model = Classifier(args, vocab)
    print(model)


if __name__ == "__main__":
    main()
