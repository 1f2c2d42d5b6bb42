"""A classifier as tutorials write it: sizes by position, states made by hand, Variable."""
import torch
import torch.nn as nn
from torch.autograd import Variable

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

input_size = 3
hidden_size = 4
num_layers = 2
num_classes = 2


class Net(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, num_classes):
        super(Net, self).__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, dropout=0.2 if num_layers > 1 else 0)
        self.fc = nn.Linear(hidden_size, num_classes)
        for name, param in self.named_parameters():
            nn.init.uniform_(param)

    def init_hidden(self, batch):
        weight = next(self.parameters())
        return (weight.new_zeros(self.num_layers, batch, self.hidden_size), weight.new_zeros(self.num_layers, batch, self.hidden_size))

    def forward(self, x):
        # zero states on the right device
        h0 = Variable(torch.zeros(self.num_layers, x.size(0), self.hidden_size)).to(device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(device).requires_grad_()
        out, (hn, cn) = self.lstm(x, (h0.detach(), c0))
        assert out.shape[2] == self.hidden_size
        out = self.fc(out[:, -1, :])
        return out


if __name__ == "__main__":
    model = Net(input_size, hidden_size, num_layers, num_classes).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(100):
        optimizer.zero_grad()
