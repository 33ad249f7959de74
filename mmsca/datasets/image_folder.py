"""Any folder of images, without labels."""

from pathlib import Path

from mmpretrain.datasets import CustomDataset

from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@DATASETS.register_module()
class ImageFolder(CustomDataset):
    """All images below a folder, at any depth, for pretraining.

    Args:
        data_root (str): The folder.
        data_prefix (str): A folder below it. Defaults to ''.
        **kwargs: As in :class:`mmpretrain.CustomDataset`, e.g. `pipeline`.

    Raises:
        InputError: If the folder is missing or holds no image.
    """

    def __init__(
        self, data_root: str, data_prefix: str = '', **kwargs
    ) -> None:
        folder = Path(data_root, data_prefix)
        if not folder.is_dir():
            raise InputError(
                f"The image folder '{folder}' does not exist. Point "
                '`train_dataloader.dataset.data_root` to a folder of images '
                '(MaterialScenes is written by '
                'tools/make_material_scenes.py).'
            )
        try:
            super().__init__(
                data_root=data_root,
                data_prefix=data_prefix,
                with_label=False,
                **kwargs,
            )
        except RuntimeError as error:  # how mmpretrain says: no file found
            raise InputError(
                f"The image folder '{folder}' holds no image ({error}). Check "
                '`train_dataloader.dataset.data_root` and `data_prefix`.'
            ) from error
