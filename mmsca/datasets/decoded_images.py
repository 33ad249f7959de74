"""Images that were decoded once, in a file that processes share."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL
import torchvision
from mmengine.logging import print_log
from rich.progress import track

from mmsca.datasets.file_names import FileNames
from mmsca.datasets.transforms.load_image import LoadImage
from mmsca.datasets.write_once import write_once
from mmsca.utils.errors import InputError


class DecodedImages(Sequence):
    """Images in a file that is mapped, read-only: BGR, uint8 (H, W, 3) each.

    The file holds a line of text, the heights and widths, int64 (N, 2), and
    the images one after another: 3 bytes per pixel, so 1,000 images of
    64 x 64 take 12 MB, of 224 x 224 151 MB, of 500 x 375 563 MB. Processes
    share them through the page cache, and a copy by pickle opens the file
    again.

    Args:
        file (Path): The file.
        head (bytes): Its line of text.
        count (int): N.

    Raises:
        InputError: If the file has another line of text or is not whole.
    """

    def __init__(self, file: Path, head: bytes, count: int) -> None:
        self.source = file, head, count
        with file.open('rb') as stream:
            found = stream.read(len(head))
            self.shapes = np.fromfile(stream, np.dtype(('<i8', 2)), count)
            self.ends = np.cumsum(3 * self.shapes.prod(1))
            size = len(head) + 16 * count + self.ends[-1:].sum()
            if found != head or os.fstat(stream.fileno()).st_size != size:
                raise InputError(
                    f"'{file}' is not whole, or was changed in use. Remove "
                    'it; the next start decodes the images anew.'
                )
            pixels = np.memmap(stream, np.uint8, 'r', stream.tell())
        self.pixels = np.asarray(pixels)  # slices of a memmap are slow

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> np.ndarray:
        height, width = self.shapes[index]
        end = self.ends[index]
        start = end - 3 * height * width
        return self.pixels[start:end].reshape(height, width, 3)

    def __reduce__(self) -> tuple:
        return type(self), self.source


def decoded_images(
    file: Path, folder: Path, names: FileNames
) -> DecodedImages:
    """Images of a folder from a cache, which is written if need be.

    It is written anew when a name, size or time of modification of a file
    is not what it was, or the version of a decoder. So every start looks at
    each file.

    Args:
        file (Path): The cache.
        folder (Path): Folder of the images.
        names (FileNames): The images, relative to the folder.

    Raises:
        InputError: If the file is something else, as the cache of another
            folder is, or if an image cannot be decoded.
        FileNotFoundError: If an image is missing.
    """
    title = os.fsencode(f'Decoded images of {folder.resolve()}: ')
    head = title + _digest(folder, names) + b'\n'

    def is_current():
        if not file.exists():
            return False
        with file.open('rb') as stream:
            found = stream.read(len(head))
        if not found.startswith(title):
            raise InputError(
                f"'{file}' does not hold the decoded images of '{folder}', "
                'and is not overwritten. Name another file in `cache`.'
            )
        return found == head

    def write(part):
        if file.exists():
            print_log(
                f"Files of '{folder}' changed: decoding anew.", 'current'
            )
        shapes = np.empty((len(names), 2), '<i8')
        with part.open('wb') as stream:
            stream.write(head + shapes.tobytes())
            progress = track(names, f'decoding to {file}')
            for index, name in enumerate(progress):
                image = _decode(folder / name)
                shapes[index] = image.shape[:2]
                stream.write(image)
            stream.seek(len(head))
            stream.write(shapes)

    write_once(file, is_current, write)
    return DecodedImages(file, head, len(names))


def _digest(folder: Path, names: FileNames) -> bytes:
    """What the pixels depend on, as 64 characters."""
    decoders = f'{PIL.__version__} {torchvision.__version__}'
    digest = hashlib.sha256(decoders.encode())
    for name in names:
        state = os.stat(os.path.join(folder, name))
        line = f'{name} {state.st_size} {state.st_mtime_ns}\n'
        digest.update(os.fsencode(line))
    return digest.hexdigest().encode()


def _decode(path: Path) -> np.ndarray:
    """An image as the pipeline would load it, uint8 (H, W, 3)."""
    return LoadImage()(dict(img_path=str(path)))['img']
