import json
import pickle

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmsca.evaluation.prediction_file import PredictionFile

PREDICTIONS = [
    dict(
        img_path='a.png',
        pred_score=torch.tensor([0.25, 0.75]),
        pred_label=np.int64(1),
        masks=[dict(size=[2, 2], counts=b'04')],
        instances=InstanceData(boxes=torch.ones(1, 4)),
    )
]


def written(path):
    metric = PredictionFile(str(path))
    metric.process(None, PREDICTIONS)
    assert metric.evaluate(size=1) == {}
    return path


def test_json(tmp_path):
    content = json.loads(written(tmp_path / 'preds.json').read_text())
    assert content == [
        dict(
            img_path='a.png',
            pred_score=[0.25, 0.75],
            pred_label=1,
            masks=[dict(size=[2, 2], counts='04')],
            instances=dict(boxes=[[1.0, 1.0, 1.0, 1.0]]),
        )
    ]


@pytest.mark.parametrize('ending', ['pkl', 'pickle'])
def test_pickle(tmp_path, ending):
    path = written(tmp_path / f'preds.{ending}')
    (sample,) = pickle.loads(path.read_bytes())
    assert torch.equal(sample['pred_score'], PREDICTIONS[0]['pred_score'])
