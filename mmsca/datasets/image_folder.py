"""Any folder of images, without labels."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmengine.dataset import force_full_init
from mmengine.fileio import list_from_file
from mmpretrain.datasets import CustomDataset

from mmsca.datasets.decoded_images import decoded_images
from mmsca.datasets.file_names import FileNames
from mmsca.datasets.find_images import IMAGE_EXTENSIONS
from mmsca.datasets.listing import blame_listing, listed_names, names_text
from mmsca.datasets.transforms.load_image import LoadImage
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@DATASETS.register_module()
class ImageFolder(CustomDataset):
    """All images below a folder, at any depth, for pretraining.

    What is an image and what is passed over: :func:`find_images`. How many
    files were taken and left is printed.

    It holds the names in one buffer and no Python object per image, so that
    workers share the memory of the process that starts them.

    With `listing` the folder is scanned at the first start only. Images that
    are added later are not seen before the listing is removed; one that is
    gone ends the run when its turn comes.

    With `cache` images are decoded at the first start only, at full size,
    and items have `img`, `img_shape` and `ori_shape` as `mmsca.LoadImage`
    gives them, which the pipeline then leaves out; `img` is read-only. That
    is for sets that fit into memory: see
    :class:`mmsca.datasets.decoded_images.DecodedImages` for the size. Changed
    files are decoded anew at the next start. Views of JPEG files differ a
    little from those without a cache, which `mmsca.MultiCrop` decodes at a
    smaller size where that is enough.

    Of all processes that share a path, the first writes the file, whole or
    not at all, and the others wait for it.

    Args:
        data_root (str): The folder.
        data_prefix (str): A folder below it.
        listing (str): Text file for the names of the images, relative to
            the working directory. Defaults to '', to scan at every start.
        cache (str): File for the decoded images, relative to the working
            directory. Defaults to '', to decode in the pipeline.
        extensions (Sequence[str]): Of images.
        **kwargs: As in :class:`mmpretrain.CustomDataset`, e.g. `pipeline`,
            but `with_label` and `serialize_data`.

    Raises:
        InputError: If the folder is missing or holds no image; if `listing`
            or `cache` belongs to another folder; if the pipeline loads what
            is cached, or an image for the cache cannot be decoded.
    """

    def __init__(
        self,
        data_root: str,
        data_prefix: str = '',
        listing: str = '',
        cache: str = '',
        extensions: Sequence[str] = IMAGE_EXTENSIONS,
        **kwargs,
    ) -> None:
        self.folder = Path(data_root, data_prefix)
        self.listing = listing
        self.cache = cache
        if not self.folder.is_dir():
            raise InputError(
                f"The image folder '{self.folder}' does not exist. Point "
                '`train_dataloader.dataset.data_root` to a folder of images '
                '(MaterialScenes is written by '
                '`mmsca make-material-scenes`).'
            )
        super().__init__(
            data_root=data_root,
            data_prefix=data_prefix,
            with_label=False,
            extensions=extensions,
            serialize_data=False,
            **kwargs,
        )

    def load_data_list(self) -> np.ndarray:
        """Read the names, and the images if they are cached.

        Returns:
            np.ndarray: Of each sample the index of its name, int64 (N,).
        """
        self.names = self._load_names()
        self.images = None
        if self.cache:
            steps = self.pipeline.transforms
            readers = LoadImage, LoadImageFromFile
            again = [s for s in steps if isinstance(s, readers)]
            if again:
                name = type(again[0]).__name__
                raise InputError(
                    f"The images are cached in '{self.cache}', but the "
                    f'pipeline loads them again. Take {name} out of '
                    '`train_dataloader.dataset.pipeline`.'
                )
            with blame_listing(self.listing):
                self.images = decoded_images(
                    Path(self.cache), self.folder, self.names
                )
        return np.arange(len(self.names))

    def _load_names(self) -> FileNames:
        if self.ann_file and self.listing:
            raise InputError(
                f"The names are in `ann_file`, '{self.ann_file}', so that "
                'nothing is left for `listing`. Give one of the two.'
            )
        if self.ann_file:
            names = list_from_file(self.ann_file)
            return FileNames(os.fsencode(''.join(f'{n}\n' for n in names)))
        if self.listing:
            file = Path(self.listing)
            return listed_names(file, self.folder, self.extensions)
        return FileNames(names_text(self.folder, self.extensions))

    @force_full_init
    def get_data_info(self, idx: int) -> dict:
        """What the pipeline starts from.

        Args:
            idx (int): Index of a sample; a negative one counts from the end.

        Returns:
            dict: `img_path`, `sample_idx`, which is `idx` itself unless
            negative, and the fields of a cached image.
        """
        index = self.data_list[idx]
        info = dict(
            img_path=os.path.join(self.img_prefix, self.names[index]),
            sample_idx=idx if idx >= 0 else len(self) + idx,
        )
        if self.images is not None:
            img = self.images[index]
            shape = img.shape[:2]
            info.update(img=img, img_shape=shape, ori_shape=shape)
        return info

    def prepare_data(self, idx: int) -> dict | None:
        """A sample after the pipeline, or None if that gives it up.

        Raises:
            InputError: If the listing names a file that is gone.
        """
        with blame_listing(self.listing):
            return super().prepare_data(idx)
