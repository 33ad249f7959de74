"""Predictions of a test, in a file."""

import json
from pathlib import Path

import numpy as np
from mmengine.evaluator import DumpResults
from mmengine.structures import BaseDataElement
from torch import Tensor

from mmsca.utils.whole_file import write_whole

ENDINGS = ('.pkl', '.pickle', '.json')


class PredictionFile(DumpResults):
    """Writes the predictions of all images, in the order of the images.

    Args:
        out_file_path (str): Its ending says the format: `.pkl` and `.pickle`
            hold dictionaries of tensors, `.json` the same with lists.
    """

    def __init__(self, out_file_path: str) -> None:
        file = Path(out_file_path)
        super().__init__(str(file.with_suffix('.pkl')))
        self.out_file_path = str(file)

    def compute_metrics(self, results: list[dict]) -> dict:
        """Write, and measure nothing."""
        if not self.out_file_path.endswith('.json'):
            return super().compute_metrics(results)
        write_whole(self.out_file_path, json.dumps(results, default=plain))
        return {}


def plain(value):
    """What JSON has instead: lists for tensors, texts for objects."""
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, BaseDataElement):
        return value.to_dict()
    if isinstance(value, set):
        return list(value)
    if isinstance(value, bytes):  # of a run-length encoded mask
        return value.decode('ascii', errors='replace')
    return str(value)
