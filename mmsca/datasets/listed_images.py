"""The images of class folders that a list names."""

from pathlib import Path

from mmpretrain.datasets import CustomDataset
from mmpretrain.datasets.custom import find_folders

from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@DATASETS.register_module()
class ListedImages(CustomDataset):
    """A labelled part of a data set in class folders.

    The list has the format of `1percent.txt` and `10percent.txt` of SimCLR
    (google-research/simclr, imagenet_subsets), which SwAV uses as well: one
    file name per line, whose class is the part before the last `_`. Line
    `n01440764_10183.JPEG` is the image
    `<data_prefix>/n01440764/n01440764_10183.JPEG`. Classes are all folders
    below `data_prefix`, in alphabetic order, listed or not.

    Args:
        data_root (str): Folder that the other two are relative to.
        data_prefix (str): Folder of the class folders.
        ann_file (str): The list.
        **kwargs: As in :class:`mmpretrain.CustomDataset`, e.g. `pipeline`.

    Raises:
        InputError: If the list or the folder is missing, if the list is
            empty, or names a class or an image that is not there.
    """

    def load_data_list(self) -> list[dict]:
        """One sample per line of the list, in its order."""
        file, folder = Path(self.ann_file), Path(self.img_prefix)
        if not file.is_file():
            raise InputError(
                f"The list of images '{file}' does not exist. "
                '`train_dataloader.dataset.ann_file` names it, relative to '
                '`data_root`; configs/classification/README.md says where to '
                'get it.'
            )
        if not folder.is_dir():
            raise InputError(
                f"The folder of classes '{folder}' does not exist. Point "
                '`train_dataloader.dataset.data_root` to the data set.'
            )
        lines = file.read_text().splitlines()
        names = [line.strip() for line in lines if line.strip()]
        if not names:
            raise InputError(
                f"The list of images '{file}' is empty. Expected one file "
                'name per line, such as n01440764_10183.JPEG.'
            )
        classes, labels = find_folders(str(folder))
        self._metainfo['classes'] = tuple(classes)
        samples = []
        for name in names:
            label = name.rpartition('_')[0]
            if label not in labels:
                raise InputError(
                    f"'{file}' lists '{name}', of the class '{label}', but "
                    f"'{folder}' has no folder of that name. Take the list "
                    'that belongs to the data set; the class is the part of '
                    'a file name before the last _.'
                )
            path = folder / label / name
            samples.append(dict(img_path=str(path), gt_label=labels[label]))
        first = Path(samples[0]['img_path'])
        if not first.is_file():
            raise InputError(
                f"'{first}', the first image of '{file}', does not exist. "
                'Take the list that belongs to the data set.'
            )
        return samples
