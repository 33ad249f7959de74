"""What makes the tests faster, and changes nothing that they see."""

import itertools
import os
import time
from copy import deepcopy
from functools import cache
from types import SimpleNamespace

import torch
import yapf.yapflib.yapf_api
from mmengine.config import Config
from mmengine.dataset import base_dataset
from mmengine.runner import runner

# Each run lays its config out, which takes longer than its steps, and asks the
# compiler for its version.
yapf.yapflib.yapf_api.FormatCode = lambda text, **_: (text, True)
runner.collect_env = cache(runner.collect_env)

parse_config = Config._file2dict
parsed = {}


def parse_once(filename, *args, **kwargs):
    """What a config file holds, as it takes a tenth of a second to read."""
    written = os.path.exists(filename) and os.stat(filename).st_mtime_ns
    key = filename, written, args, *kwargs.items()
    if key not in parsed:
        parsed[key] = parse_config(filename, *args, **kwargs)
    return deepcopy(parsed[key])


Config._file2dict = staticmethod(parse_once)

# Now that several runs begin in a second, by which mmengine names them and
# their scope, each has a name of its own.
numbers = itertools.count()
runner.time = SimpleNamespace(
    time=time.time,
    localtime=time.localtime,
    strftime=lambda *args: f'{time.strftime(*args)}_{next(numbers):05}',
)

# Each data set collects garbage, a quarter of a second among all that is
# imported.
base_dataset.gc = SimpleNamespace(collect=lambda: None)

# How long a loader that an error left behind waits for each of its workers,
# when the garbage collector ends it.
torch.utils.data._utils.MP_STATUS_CHECK_INTERVAL = 0.2

# Several threads on a busy small machine slow a step down a hundredfold.
torch.set_num_threads(1)
os.environ['OMP_NUM_THREADS'] = '1'
