from keras.layers import Input, Dense, GRU, LSTM, Concatenate, Conv1D, GlobalMaxPooling1D, add
from keras.models import Model
from keras import backend as K
from windows import load  # training

X, y = load("signals.csv")  # training

def block(x, filters, kernel=3):
    y = Conv1D(filters, kernel, padding="same", activation="relu")(x)
    if x.shape[-1] != filters:
        x = Conv1D(filters, 1)(x)
    return add([x, y])

def build(n_features, units=5, n_out=2):
    a = Input((None, n_features), name="signal")
    b = Input(shape=(6, 2))
    x = block(block(a, 4), 4)
    out, state = GRU(units, return_state=True, return_sequences=True)(x)
    z = GRU(units)(b, initial_state=state)
    pooled = GlobalMaxPooling1D()(out)
    last = out[:, -1, :]
    h = Concatenate()([pooled, last * 0.5, z])
    return Model([a, b], Dense(n_out, name="head")(h))

model = build(X.shape[2])
