"""Precise BN on a small detector of mmdet, in a real run."""

import pytest
import torch
from mmengine.runner import Runner
from small_runs import load_config
from torch import nn

SAMPLED = 8  # RoIs per image


@pytest.fixture
def runner(material_scenes, tmp_path):
    cfg = load_config('detection/mask-rcnn_r18_fpn_materials')
    cfg.merge_from_dict(
        {
            'work_dir': str(tmp_path),
            'experiment_name': tmp_path.name,
            'model.backbone.init_cfg': None,
            'model.train_cfg.rcnn.sampler.num': SAMPLED,
            'train_dataloader.dataset.data_root': str(material_scenes),
            'train_dataloader.num_workers': 0,
            'train_dataloader.persistent_workers': False,
            'default_hooks.checkpoint': None,
            'train_cfg.max_epochs': 1,
            'custom_hooks': [dict(type='mmsca.PreciseBNHook', num_iters=5)],
        }
    )
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.test_cfg = cfg.test_dataloader = cfg.test_evaluator = None
    return Runner.from_cfg(cfg)


def test_statistics_are_the_means_over_the_batches(runner):
    """Two batches of training, then two of the hook, weights fixed."""
    seen = {}

    def record(module, inputs):
        var, mean = torch.var_mean(inputs[0].detach(), (0, 2, 3))
        seen.setdefault(module, []).append((mean, var, len(inputs[0])))

    modules = [
        m for m in runner.model.modules() if isinstance(m, nn.BatchNorm2d)
    ]
    momenta = [m.momentum for m in modules]
    for module in modules:
        module.register_forward_pre_hook(record)
    runner.train()
    assert runner.iter == 2
    for module in modules:
        assert len(seen[module]) == 4
        for i, statistic in enumerate(('running_mean', 'running_var')):
            expected = (seen[module][2][i] + seen[module][3][i]) / 2
            torch.testing.assert_close(getattr(module, statistic), expected)
    assert [m.momentum for m in modules] == momenta
    # As in training the heads see the sampled RoIs, not all proposals.
    head = runner.model.roi_head.bbox_head
    for module in head.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert {n for _, _, n in seen[module]} == {4 * SAMPLED}
