import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from sklearn.neighbors import KNeighborsClassifier

from mmsca.apis.knn import build_model, knn
from mmsca.evaluation.knn import knn_accuracy, knn_predict
from mmsca.utils.errors import InputError

LINEAR = 'configs/classification/r18_linear_materials.py'


@pytest.mark.parametrize('temperature', [0.07, 1.0])
def test_predictions_equal_those_of_scikit_learn(temperature):
    generator = torch.Generator().manual_seed(1)
    centres = torch.randn(4, 16, generator=generator)
    bank_labels, labels = torch.arange(80) % 4, torch.arange(60) % 4
    bank, features = (
        F.normalize(
            centres[of] + 2 * torch.randn(len(of), 16, generator=generator),
            dim=1,
        ).double()
        for of in (bank_labels, labels)
    )
    ks = [20, 1, 7, 500, 80]
    found = knn_predict(features, bank, bank_labels, ks, temperature, chunk=9)
    accuracy = knn_accuracy(
        features, labels, bank, bank_labels, ks, temperature
    )
    # All that are asked for, and no more neighbours than there are.
    assert list(found) == list(accuracy) == [1, 7, 20, 80]
    for k, predicted in found.items():
        reference = KNeighborsClassifier(
            k,
            metric='cosine',
            # scikit-learn gives the distance 1 - s.
            weights=lambda distance: np.exp((1 - distance) / temperature),
        ).fit(bank, bank_labels)
        assert predicted.tolist() == reference.predict(features).tolist()
        score = 100 * reference.score(features, labels)
        assert accuracy[k] == pytest.approx(score)


def test_no_neighbours_at_all():
    bank = torch.rand(3, 2)
    with pytest.raises(ValueError, match='1 or more'):
        knn_predict(bank, bank, torch.zeros(3, dtype=torch.long), [0])


def test_tool_on_a_checkpoint_and_on_random_weights(
    material_scenes, tmp_path, monkeypatch, request
):
    monkeypatch.chdir(request.config.rootpath)
    cfg_options = [
        f'{split}_dataloader.{key}={value}'
        for split in ('train', 'test')
        for key, value in (
            ('dataset.data_root', material_scenes),
            ('num_workers', 0),
            ('persistent_workers', False),
        )
    ]
    out = tmp_path / 'knn.json'
    options = ['--k', '5', '500', '--out', str(out)]
    options += ['--cfg-options', *cfg_options]
    results = knn([LINEAR, 'none', *options])
    assert json.loads(out.read_text()) == results
    assert (results['num_train'], results['num_test']) == (40, 20)
    assert list(results['top1']) == ['5', '40']

    # A file with the very weights that `none` draws gives the same.
    model = build_model(Config.fromfile(LINEAR), 'none')
    path = tmp_path / 'pretrained.pth'
    torch.save({'state_dict': model.state_dict()}, path)
    again = knn([LINEAR, str(path), *options])
    assert again['top1'] == results['top1']


def test_checkpoints_that_do_not_fit(tmp_path, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    with pytest.raises(InputError, match='no checkpoint file'):
        knn([LINEAR, str(tmp_path / 'missing.pth')])
    path = tmp_path / 'other.pth'
    torch.save({'encoder.conv1.weight': torch.zeros(1)}, path)
    with pytest.raises(InputError, match='covers 0 of'):
        knn([LINEAR, str(path)])
