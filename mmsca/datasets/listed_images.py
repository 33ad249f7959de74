"""The images of class folders that a list names."""

from pathlib import Path

from mmsca.datasets.class_folders import ClassFolders
from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@DATASETS.register_module()
class ListedImages(ClassFolders):
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
        **kwargs: As in :class:`ClassFolders`, e.g. `pipeline`.

    Raises:
        InputError: If the list or the folder is missing, if the list is
            empty, or names a class or an image that is not there.
    """

    def from_list(self) -> list[dict]:
        """One sample per line of the list, in its order."""
        folder = Path(self.img_prefix)
        labels = self.class_to_idx
        samples = []
        for name in self.lines():
            label = name.rpartition('_')[0]
            if label not in labels:
                raise InputError(
                    f"'{self.ann_file}' lists '{name}', of the class "
                    f"'{label}', but '{folder}' has no folder of that name. "
                    'Take the list that belongs to the data set; the class '
                    'is the part of a file name before the last _.'
                )
            path = folder / label / name
            samples.append(dict(img_path=str(path), gt_label=labels[label]))
        self.check_first(samples)
        return samples
