import keras
from keras import layers, ops

class Block(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.conv = layers.Conv1D(filters, 3, padding="causal")
        self.norm = layers.LayerNormalization()

    def call(self, x):
        return ops.relu(self.norm(self.conv(x)))

class Net(keras.Model):
    def __init__(self, filters=(4, 6), units=5, n_out=2):
        super().__init__()
        self.blocks = [Block(f) for f in filters]
        self.rnn = layers.LSTM(units, return_sequences=True)
        self.drop = layers.Dropout(0.3)
        self.head = keras.Sequential([layers.Dense(4, activation="tanh"), layers.Dense(n_out)])

    def call(self, inputs, training=None):
        x = inputs
        for block in self.blocks:
            x = block(x)
        x = self.drop(self.rnn(x), training=training)
        weights = ops.softmax(ops.mean(x, axis=-1, keepdims=True), axis=1)
        return self.head(ops.sum(weights * x, axis=1))

model = Net()
