import tensorflow as tf
from tensorflow.keras import Model, backend as K
from tensorflow.keras.layers import *

def attend(x, axis=1):
    if K.ndim(x) == 2:
        return K.softmax(x)
    e = K.exp(x - K.max(x, axis=axis, keepdims=True))
    return e / K.sum(e, axis=axis, keepdims=True)

model = tf.keras.Sequential([LSTM(4, input_shape=(6, 3), return_sequences=True)])
count = 2
while count > 0:
    model.add(GRU(4, return_sequences=True))
    count -= 1
model.add(Dense(6, name="parts"))
left, right = tf.split(model.output, 2, axis=-1)
weights = Dense(1)(inputs=model.get_layer("parts").input)
weights = Activation(attend)(weights)
left = Dense(3, activation=lambda x: K.exp(-x))(left)
joined = Multiply()([weights, Add()([left, right])])
model = Model(model.input, Activation("softmax")(joined))
