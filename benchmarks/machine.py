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


def describe() -> dict:
    """Date, processor, cores, threads and versions."""
    versions = {name: installed(name) for name in PACKAGES}
    return dict(
        date=datetime.now(timezone.utc).isoformat(timespec='minutes'),
        cpu=cpu_name(),
        capability=torch.backends.cpu.get_cpu_capability(),
        cores=os.cpu_count(),
        threads=torch.get_num_threads(),
        python=platform.python_version(),
        versions={name: v for name, v in versions.items() if v},
    )
