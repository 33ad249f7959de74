"""What a measurement ran on."""

import os
import platform
from pathlib import Path


def cpu_name() -> str:
    """Model of the processor, its architecture where nothing tells it."""
    file = Path('/proc/cpuinfo')
    text = file.read_text() if file.exists() else ''
    for line in text.splitlines():
        key, _, value = line.partition(':')
        if key.strip() == 'model name':
            return value.strip()
    return platform.machine()


def usable_cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
