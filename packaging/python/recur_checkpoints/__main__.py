"""``python -m recur_checkpoints`` is the command ``recur``."""
import os
import sys

from . import executable

os.execv(executable(), ["recur", *sys.argv[1:]])
