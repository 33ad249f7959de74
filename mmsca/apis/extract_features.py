"""Features of a folder of images: the whole of tools/extract_features.py."""

import argparse
import io
import os
from collections.abc import Sequence
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from mmengine.model import BaseModel
from mmengine.runner import Runner

from mmsca.apis.images import AnyImage, Images
from mmsca.apis.knn import add_model_arguments
from mmsca.apis.load import load_backbone
from mmsca.datasets.find_images import FileCounts, find_images
from mmsca.models.features import pooled_features
from mmsca.utils.errors import InputError
from mmsca.utils.places import check_new_file
from mmsca.utils.whole_file import write_whole

FORMATS = ('.npz', '.npy', '.parquet')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write the pooled features of all images below a folder, '
        'loaded by the test pipeline of a linear config.'
    )
    add_model_arguments(parser)
    parser.add_argument('folder', help='folder of images')
    parser.add_argument(
        'out',
        help='file to write. .npz: arrays `features` (N, D) and `files` '
        '(N,). .npy: the features, and the files line by line in a .txt '
        'beside it. .parquet: columns `file` and `feature`',
    )
    return parser.parse_args(argv)


def extract_features(
    backbone: BaseModel, images: Sequence[AnyImage]
) -> np.ndarray:
    """Pooled features of images.

    Args:
        backbone (BaseModel): Of `mmsca.load_backbone`: the test_dataloader of
            its config prepares the images.
        images (Sequence[AnyImage]): N images: paths, pictures of Pillow, or
            arrays in RGB, uint8, (H, W, 3).

    Returns:
        np.ndarray: float32, (N, D), as the neck gives them, not normalized.

    Raises:
        InputError: If there is no image, one cannot be read, or has another
            size than the others after the pipeline; the message names it.
    """
    if len(images) == 0:
        raise InputError('There are no images to extract features of.')
    loader_cfg = deepcopy(backbone.cfg.test_dataloader)
    loader_cfg.dataset = Images(images, loader_cfg.dataset.pipeline)
    # A process is worth starting for a batch.
    batches = len(images) // loader_cfg.batch_size
    loader_cfg.num_workers = min(loader_cfg.num_workers, batches)
    loader_cfg.persistent_workers = False
    backbone.eval()
    parts = [
        pooled_features(backbone, batch)[0].numpy()
        for batch in Runner.build_dataloader(loader_cfg)
    ]
    return np.concatenate(parts)


def images_below(folder: Path) -> list[Path]:
    """All images at any depth; see :func:`find_images`.

    Raises:
        InputError: If the folder is missing or holds none.
    """
    if not folder.is_dir():
        raise InputError(f"The image folder '{folder}' does not exist.")
    counts = FileCounts()
    paths = [folder / name for name in find_images(folder, counts=counts)]
    counts.report(folder)
    return paths


def write(out: Path, features: np.ndarray, files: list[str]) -> None:
    """Write features (N, D) and N file names in the format of the suffix."""
    buffer = io.BytesIO()
    if out.suffix == '.parquet':
        import pyarrow
        import pyarrow.parquet

        table = pyarrow.table(dict(file=files, feature=list(features)))
        pyarrow.parquet.write_table(table, buffer)
    elif out.suffix == '.npz':
        np.savez(buffer, features=features, files=np.array(files))
    else:
        names = ''.join(f'{file}\n' for file in files)
        write_whole(out.with_suffix('.txt'), os.fsencode(names))
        np.save(buffer, features)
    write_whole(out, buffer.getvalue())


def extract(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    folder, out = Path(args.folder), Path(args.out)
    check_new_file(out, 'OUT', FORMATS)
    if out.suffix == '.parquet' and find_spec('pyarrow') is None:
        raise InputError(
            f"'{out}' needs pyarrow: pip install pyarrow, or name a .npz file."
        )
    paths = images_below(folder)
    backbone = load_backbone(
        args.checkpoint,
        args.config,
        options=args.cfg_options,
        trust=args.trust_checkpoint,
    )
    features = extract_features(backbone, paths)
    files = [path.relative_to(folder).as_posix() for path in paths]
    write(out, features, files)
    print(f'{len(paths)} images, {features.shape[1]} features each: {out}')
