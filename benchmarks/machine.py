"""What a measurement ran on."""

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

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
    cpu = Path('/proc/cpuinfo').read_text().split('model name')[1:2]
    names = [line.splitlines()[0].strip('\t: ') for line in cpu]
    versions = {name: installed(name) for name in PACKAGES}
    return dict(
        date=datetime.now(timezone.utc).isoformat(timespec='minutes'),
        cpu=names[0] if names else platform.machine(),
        capability=torch.backends.cpu.get_cpu_capability(),
        cores=os.cpu_count(),
        threads=torch.get_num_threads(),
        python=platform.python_version(),
        versions={name: v for name, v in versions.items() if v},
    )
