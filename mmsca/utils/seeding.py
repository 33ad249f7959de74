"""Random generators seeded by what they are used for."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_all(*key: int) -> None:
    """Seed the generators of Python, NumPy and PyTorch by a key.

    Args:
        *key (int): Not negative, e.g. seed, epoch and index. Different keys
            give unrelated streams (numpy.random.SeedSequence).
    """
    words = np.random.SeedSequence(key).generate_state(3)
    random.seed(int(words[0]))
    np.random.seed(words[1])
    # Before GPUs are in use torch.manual_seed notes the stack for later, which
    # takes a worker as long as cutting a crop.
    generators = (
        torch if torch.cuda.is_initialized() else torch.default_generator
    )
    generators.manual_seed(int(words[2]))


@contextmanager
def kept_randomness() -> Iterator[None]:
    """Put the generators of Python, NumPy and PyTorch back at the end."""
    python, numpy = random.getstate(), np.random.get_state()
    devices = []
    if torch.cuda.is_available():
        devices = [torch.cuda.current_device()]
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
