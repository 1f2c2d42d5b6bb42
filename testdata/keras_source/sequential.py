import numpy as np
import pandas as pd
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import *

text = open("corpus.txt").read()  # training
chars = sorted(set(text))  # training
WIDTHS = [6, 5]
CONFIG = {"steps": 7, "rate": 0.2}

model = Sequential()
model.add(Embedding(len(chars), 4, mask_zero=True, input_length=CONFIG["steps"]))
for i, width in enumerate(WIDTHS):
    last = i == len(WIDTHS) - 1
    model.add(Bidirectional(LSTM(width, return_sequences=not last)))
    model.add(Dropout(CONFIG["rate"]))
model.add(Dense(len(chars), activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam")
model.fit(X, y, epochs=20)  # training
