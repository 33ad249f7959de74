"""Writes MaterialScenes to disk in the formats that training code reads.

.. code-block:: text

    ROOT/
      meta.json                           settings and version
      {train,val,test}/CLASS/CLASS_0000.png        single-object scenes
      metadata/{train,val,test}/*.txt              WSOL text files of these
      annotations/masks_{train,val,test}.json      COCO instances of these
      detection/{train,val,test}/scene_0000.png    multi-object scenes
      annotations/instances_{train,val,test}.json  COCO instances of these

`file_name` in `masks_*.json` is relative to ROOT, the same path as in the
WSOL text files; in `instances_*.json` it is relative to `detection/SPLIT`.
"""

import json
import os
import shutil
from itertools import product
from pathlib import Path
from uuid import uuid4

import cv2
from rich.progress import Progress

from mmsca.datasets.material_scenes.annotations import (
    CocoInstances,
    WsolMetadata,
)
from mmsca.datasets.material_scenes.photographs import CLASSES, SPLITS
from mmsca.datasets.material_scenes.scenes import make_scene
from mmsca.datasets.material_scenes.settings import Settings
from mmsca.utils.errors import InputError

# Raised whenever the same settings give other files.
VERSION = 1


def write_material_scenes(
    root: str | Path, settings: Settings, overwrite: bool = False
) -> bool:
    """Write the data set unless it is already there.

    Everything is written to a folder beside `root` that takes its place at
    the end, so an interrupted run leaves `root` as it was.

    Args:
        root (str | Path): Folder of the data set.
        settings (Settings): Parameters of the data set.
        overwrite (bool): Replace a MaterialScenes folder that was made with
            other settings, or by another version.

    Returns:
        bool: True if files were written, False if `root` already holds the
        data set of these settings.

    Raises:
        InputError: If `root` is something else, or was made with other
            settings and `overwrite` is not set.
    """
    # A link to another disk stays a link.
    root = Path(root).resolve()
    meta = dict(
        dataset='MaterialScenes', version=VERSION, settings=settings.to_dict()
    )
    # Written last, so a folder that has it is complete.
    if not overwrite and _read_meta(root) == meta:
        return False
    _check_replaceable(root, meta, overwrite)

    root.parent.mkdir(parents=True, exist_ok=True)
    partial = root.with_name(f'.{root.name}.{uuid4().hex[:8]}')
    replaced = partial.with_name(f'{partial.name}.old')
    try:
        partial.mkdir()
        _write_all(partial, settings)
        _write_json(partial / 'meta.json', meta, indent=2)
        if root.exists():
            os.rename(root, replaced)
        os.rename(partial, root)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(replaced, ignore_errors=True)
    return True


def _read_meta(root):
    """Content of `meta.json` if `root` is a MaterialScenes folder."""
    try:
        meta = json.loads((root / 'meta.json').read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return None
    known = isinstance(meta, dict) and meta.get('dataset') == 'MaterialScenes'
    return meta if known else None


def _check_replaceable(root, meta, overwrite):
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return
    found = _read_meta(root)
    if found is None:
        raise InputError(
            f'{root} exists and is not a MaterialScenes folder: choose '
            'another ROOT; it is never overwritten.'
        )
    if not overwrite:
        old = dict(version=found.get('version'), **found.get('settings', {}))
        new = dict(version=meta['version'], **meta['settings'])
        changes = ', '.join(
            f'{key} {old.get(key)} instead of {value}'
            for key, value in new.items()
            if old.get(key) != value
        )
        raise InputError(
            f'{root} holds MaterialScenes made with {changes}: pass '
            '--overwrite to replace it, or choose another ROOT.'
        )


def _write_all(root, settings):
    with Progress() as progress:
        for detection, split in product((False, True), SPLITS):
            write = _write_detection if detection else _write_single
            indices = progress.track(
                range(settings.num_scenes(split, detection)),
                description=f'{split} detection' if detection else split,
            )
            write(root, settings, split, indices)


def _write_single(root, settings, split, indices):
    coco, wsol = CocoInstances(), WsolMetadata()
    for name in CLASSES:
        (root / split / name).mkdir(parents=True)
    for index in indices:
        scene = make_scene(settings, split, index, detection=False)
        name = CLASSES[scene.labels[0]]
        path = f'{split}/{name}/{name}_{index // len(CLASSES):04d}.png'
        _write_png(root / path, scene.image)
        coco.add(path, scene)
        wsol.add(path, scene)
    _write_json(root / f'annotations/masks_{split}.json', coco.content)
    wsol.write(root / 'metadata' / split)


def _write_detection(root, settings, split, indices):
    coco = CocoInstances()
    folder = root / 'detection' / split
    folder.mkdir(parents=True)
    for index in indices:
        scene = make_scene(settings, split, index, detection=True)
        file_name = f'scene_{index:04d}.png'
        _write_png(folder / file_name, scene.image)
        coco.add(file_name, scene)
    _write_json(root / f'annotations/instances_{split}.json', coco.content)


def _write_png(path, image):
    # Not cv2.imwrite, which returns False where a disk is full.
    _, code = cv2.imencode('.png', image[..., ::-1])
    path.write_bytes(code.tobytes())


def _write_json(path, content, indent=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=indent)
    path.write_text(text + '\n', encoding='utf-8')
