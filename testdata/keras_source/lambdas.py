import tensorflow as tf
from tensorflow.keras import layers, models
from tensorflow.keras import backend as K

def spread(z):
    return (z - K.mean(z, axis=1, keepdims=True)) / (K.std(z, axis=1, keepdims=True) + 1e-3)

model = models.Sequential([
    layers.Lambda(lambda x: tf.expand_dims(x, axis=-1), input_shape=[8]),
    layers.Lambda(spread),
    layers.SimpleRNN(5, return_sequences=True),
    layers.Lambda(lambda x, n=2: x[:, -n:], name="tail"),
    layers.Flatten(),
    layers.Dense(3),
    layers.Lambda(lambda x: x * 10.0),
])
