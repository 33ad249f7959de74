"""The localization config end to end: thresholds from val, results on test."""

import pickle

import cv2
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

CONFIG = 'configs/localization/r18_gradcam_materials.py'


@pytest.fixture(scope='module')
def config(material_scenes, request):
    cfg = Config.fromfile(str(request.config.rootpath / CONFIG))
    loader = cfg.test_dataloader
    loader.dataset.data_root = str(material_scenes)
    loader.update(batch_size=8, num_workers=0, persistent_workers=False)
    cfg.train_dataloader = cfg.train_cfg = cfg.optim_wrapper = None
    cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
    cfg.param_scheduler = None
    return cfg


def test_val_chooses_and_only_test_is_scored(config, tmp_path):
    cfg = config.copy()
    cfg.work_dir = str(tmp_path / 'run')
    dump = tmp_path / 'predictions.pkl'
    cfg.test_evaluator.append(
        dict(type='DumpResults', out_file_path=str(dump))
    )
    cfg.default_hooks.visualization.update(
        enable=True, interval=5, out_dir=str(tmp_path / 'pictures')
    )
    runner = Runner.from_cfg(cfg)
    results = runner.test()

    assert results['cam/threshold_from'] == 'val'
    assert results['cam/MaxBoxAcc'] <= results['cam/oracle_MaxBoxAcc']
    # Whoever does not calibrate has seen each test image once, nothing else.
    predictions = pickle.loads(dump.read_bytes())
    paths = [prediction['img_path'] for prediction in predictions]
    assert len(set(paths)) == len(paths) == 20
    assert all('/test/' in path for path in paths)
    right = [
        int(prediction['pred_label']) == int(prediction['gt_label'])
        for prediction in predictions
    ]
    assert results['accuracy/top1'] == pytest.approx(100 * sum(right) / 20)

    pictures = sorted((tmp_path / 'pictures').iterdir())
    assert [int(path.name[:6]) for path in pictures] == [0, 5, 10, 15]
    assert pictures[0].stem.split('_', 1)[1] in paths[0]
    assert cv2.imread(str(pictures[0])).shape[:2] == (352, 640)

    # The same thresholds given by hand give the same numbers.
    given = config.copy()
    given.work_dir = str(tmp_path / 'given')
    given.test_evaluator[0].threshold = results['cam/threshold']
    again = Runner(
        model=runner.model,
        work_dir=given.work_dir,
        test_dataloader=given.test_dataloader,
        test_cfg=given.test_cfg,
        test_evaluator=given.test_evaluator,
        default_scope='mmpretrain',
        experiment_name='given',
    ).test()
    assert again['cam/threshold_from'] == 'given'
    for key in ('cam/MaxBoxAcc', 'cam/Top-1_Loc', 'cam/energy'):
        assert again[key] == pytest.approx(results[key])
