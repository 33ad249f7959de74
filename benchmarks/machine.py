"""What a measurement ran on."""

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version

import torch

from mmsca.utils.machine import cpu_name

PACKAGES = (
    'mmsca',
    'torch',
    'torchvision',
    'numpy',
    'opencv-python',
    'opencv-python-headless',
    'onedl-mmengine',
    'onedl-mmpretrain',
    'onedl-mmdetection',
    'lightly',
    'grad-cam',
    'pycocotools',
    'faster-coco-eval',
)


def installed(package: str) -> str | None:
    """Version of a package, if there is one."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def gpu_name() -> str | None:
    """Name and memory of the GPU, and the CUDA that torch is built for."""
    if not torch.cuda.is_available():
        return None
    card = torch.cuda.get_device_properties(0)
    memory = card.total_memory / 2**30
    return f'{card.name}, {memory:.0f} GiB, CUDA {torch.version.cuda}'


def describe() -> dict:
    """Date, processors, cores, threads and versions."""
    versions = {name: installed(name) for name in PACKAGES}
    return dict(
        date=datetime.now(timezone.utc).isoformat(timespec='minutes'),
        gpu=gpu_name(),
        cpu=cpu_name(),
        capability=torch.backends.cpu.get_cpu_capability(),
        cores=os.cpu_count(),
        threads=torch.get_num_threads(),
        python=platform.python_version(),
        versions={name: v for name, v in versions.items() if v},
    )
