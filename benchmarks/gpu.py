"""All that a GPU can say, at the size of the full configs, in minutes.

Each section is one of the other benchmarks on a GPU; `small`, on any machine.
A section is written as soon as it is measured, into the file of the card, and
what is not measured again stays there.
"""

import gc
import json
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks import (
    augmentation,
    cam,
    host_sync,
    mask_rcnn,
    report,
    sinkhorn,
    step,
    waiting,
    without_backbone,
    workers,
)

VIEWS = dict(batch_size=256, sizes=step.FULL['sizes'])
SMALL_VIEWS = dict(batch_size=2, sizes=(32, 32, 16), depth=18)
CORES = os.cpu_count()
# By name: function, settings, and those for a look.
SECTIONS = {
    'step-bf16': (
        step.measure,
        dict(VIEWS, pairs=8, precision='bf16', memory_of=tuple(step.ARMS)[1:]),
        dict(SMALL_VIEWS, pairs=1, precision='bf16', memory_of=()),
    ),
    'step-fp16': (
        step.measure,
        dict(VIEWS, pairs=8, precision='fp16'),
        dict(
            SMALL_VIEWS,
            pairs=1,
            precision='fp16',
            arms=('mmsca',),
            memory_of=(),
        ),
    ),
    'step-compiled': (
        step.measure,
        dict(
            VIEWS,
            pairs=8,
            precision='bf16',
            compile={},
            arms=('backbone', 'mmsca', 'mmsca + SCA'),
            memory_of=(),
        ),
        dict(
            SMALL_VIEWS,
            pairs=1,
            precision='bf16',
            compile=dict(backend='eager'),
            arms=('mmsca',),
            memory_of=(),
        ),
    ),
    'augmentation': (
        augmentation.measure,
        dict(VIEWS, pairs=8, precision='bf16'),
        dict(SMALL_VIEWS, pairs=1, precision='bf16'),
    ),
    'host-sync': (
        host_sync.measure,
        dict(VIEWS, arms=('mmsca', 'mmsca + SCA', 'mmpretrain')),
        dict(SMALL_VIEWS, arms=('mmsca + SCA',)),
    ),
    'sinkhorn': (
        sinkhorn.compare_with_peers,
        dict(prototypes=3000, batch=4096, calls=50),
        dict(prototypes=30, batch=4, calls=2),
    ),
    'sca': (
        without_backbone.measure,
        dict(VIEWS, pairs=20),
        dict(batch_size=2, sizes=(32, 32, 16), pairs=1),
    ),
    'cam': (
        cam.measure,
        dict(batch_size=32, size=224, pairs=20),
        cam.SMALL,
    ),
    'mask-rcnn': (
        mask_rcnn.measure,
        dict(batch_size=2, size=(800, 1216), num_boxes=8, pairs=10),
        dict(batch_size=1, size=(96, 128), num_boxes=2, pairs=1),
    ),
    'workers': (
        workers.measure,
        dict(
            batch_size=64,
            batches=8,
            workers=tuple(n for n in (1, 2, 4, 8, 16) if n <= CORES),
        ),
        dict(batch_size=2, batches=2, workers=(1,)),
    ),
    'waiting': (
        waiting.measure,
        dict(
            batch_size=256, iterations=200, warm_up=20, workers=min(CORES, 16)
        ),
        dict(
            batch_size=2,
            iterations=3,
            warm_up=1,
            workers=1,
            arms=('mmsca + SCA',),
            depth=18,
            sizes=(48, 32),
        ),
    ),
}
IMAGES, EPOCHS = 1_281_167, 200  # of ImageNet, of the configs
WARMUP = 0.2  # of the training without SCA, as in swav_sca_r50.py


def fitting(
    measure: Callable, settings: dict, device: str
) -> tuple[list, list[dict], dict]:
    """Measure with the batch, or with half of it until the GPU has room.

    Returns:
        tuple: Ratios, rows, and the settings that were possible.
    """
    while True:
        try:
            return *measure(**settings, device=device), settings
        except RuntimeError as error:
            # That of this process, or what a training said at its end.
            half = settings.get('batch_size', 1) // 2
            if half == 0 or 'out of memory' not in str(error):
                raise
        # Out of the handler, whose frames hold what did not fit.
        settings = {**settings, 'batch_size': half}
        gc.collect()
        torch.cuda.empty_cache()


def training_hours(sections: dict[str, dict]) -> list[dict]:
    """What 200 epochs of ImageNet take, from the images a second measured.

    On one GPU as fast as tools/train.py was, and on eight if they are eight
    times as fast, which is not measured here.

    Args:
        sections (dict[str, dict]): Results by name, `waiting` among them.

    Returns:
        list[dict]: A row an arm, and the loader's cores that one GPU needs
        where `workers` was measured.
    """
    speeds = {
        row['arm']: row['images a second']
        for row in sections['waiting']['rows']
    }
    seconds = {arm: IMAGES * EPOCHS / x for arm, x in speeds.items()}
    if {'mmsca', 'mmsca + SCA'} <= seconds.keys():
        seconds['mmsca + SCA'] = (
            WARMUP * seconds['mmsca'] + (1 - WARMUP) * seconds['mmsca + SCA']
        )
    rows = [
        {'arm': arm, 'hours, 1 GPU': s / 3600, 'hours, 8 GPUs': s / 3600 / 8}
        for arm, s in seconds.items()
    ]
    if 'workers' in sections:
        worker = sections['workers']['rows'][-1]['images a second and worker']
        for row in rows:
            row['cores a GPU needs'] = speeds[row['arm']] / worker
    return rows


def result_file(folder: Path) -> Path:
    """`gpu-<card>.json`, `gpu-cpu.json` without a card."""
    card = 'cpu'
    if torch.cuda.is_available():
        card = torch.cuda.get_device_name()
    slug = re.sub(r'[^a-z0-9]+', '-', card.lower()).strip('-')
    return folder / f'gpu-{slug}.json'


def run(names: list[str], small: bool, folder: Path) -> None:
    """Measure sections, print and write them.

    Args:
        names (list[str]): Of sections.
        small (bool): Whether to take the small settings.
        folder (Path): Where results are written.
    """
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    torch.backends.cudnn.benchmark = True  # as in the configs
    file = result_file(folder)
    sections = {}
    if file.exists():
        sections = json.loads(file.read_text())['sections']

    def keep(name: str, ratios: list, rows: list[dict], settings: dict):
        sections[name] = report.make_result(ratios, rows, settings)
        file.write_text(json.dumps(dict(sections=sections), indent=2) + '\n')
        print('\n'.join(report.section(name, sections[name])), flush=True)

    failed = []
    for name in names:
        measure, *settings = SECTIONS[name]
        try:
            keep(name, *fitting(measure, settings[small], device))
        except Exception:
            # Minutes of a GPU are dear: the others are measured all the same.
            traceback.print_exc()
            failed.append(name)
        gc.collect()
        torch.cuda.empty_cache()
    if 'waiting' in names and 'waiting' not in failed:
        settings = dict(images=IMAGES, epochs=EPOCHS, warmup=WARMUP)
        keep('hours', [], training_hours(sections), settings)
    if failed:
        sys.exit(f'error: not measured: {", ".join(failed)}')
