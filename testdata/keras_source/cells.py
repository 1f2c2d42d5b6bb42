from tensorflow.keras import layers, models
from tensorflow.keras.layers.wrappers import TimeDistributed  # training

model = models.Sequential()
model.add(layers.Embedding(len(vocabulary), 4))
model.add(layers.RNN([layers.LSTMCell(5), layers.GRUCell(6)], return_sequences=True))
model.add(layers.GRU(4, use_bias=False, return_sequences=True))
model.add(layers.RNN(layers.SimpleRNNCell(units_of(data)), name="last"))
model.add(layers.Dense(2))
