"""Options that reach a field pass, others name the nearest."""

from copy import deepcopy
from pathlib import Path

import pytest
from mmengine.config import Config

from mmsca.apis.option_fields import check_names, merge_options
from mmsca.utils.errors import InputError

CONFIGS = Path(__file__).parents[2] / 'configs'


@pytest.fixture(scope='module')
def configs():
    files = dict(
        sca='sca/swav_sca_r18_materials.py',
        linear='classification/r18_linear_materials.py',
        detection='detection/mask-rcnn_r18_fpn_materials.py',
        folder='detection/mask-rcnn_r18_fpn_folder.py',
    )
    return {k: Config.fromfile(CONFIGS / f) for k, f in files.items()}


@pytest.mark.parametrize(
    'name, options',
    [
        ('sca', {'model.backbone.frozen_stages': 1}),
        ('sca', {'model.sca.num_partners': 2}),
        ('sca', {'model.head.queue_start_by_epoch': False}),
        ('sca', {'train_dataloader.sampler.seed': 3}),
        ('sca', {'train_dataloader.prefetch_factor': 3}),
        ('sca', {'train_dataloader.num_batch_per_epoch': 3}),
        ('sca', {'optim_wrapper.accumulative_counts': 2}),
        ('sca', {'optim_wrapper.clip_grad.max_norm': 2}),
        ('sca', {'optim_wrapper.paramwise_cfg.bias_decay_mult': 0}),
        ('sca', {'randomness.deterministic': True}),
        ('sca', {'compile': True, 'sync_bn': 'torch', 'resume': True}),
        ('sca', {'default_hooks.checkpoint.interval': 1}),
        ('sca', {'default_hooks.checkpoint.max_keep_ckpts': 1}),
        ('sca', {'default_hooks.logger': None}),
        ('linear', {'custom_hooks.0.priority': 'LOW'}),
        ('linear', {'custom_hooks': []}),
        ('sca', {'default_hooks.frozen': None}),
        ('sca', {'val_cfg': None, 'load_from': 'a b.pth'}),
        ('linear', {'model.backbone.init_cfg': None}),
        ('linear', {'model.backbone.init_cfg.prefix': 'encoder.'}),
        ('linear', {'test_cfg.fp16': True}),
        ('detection', {'model.test_cfg.rcnn.score_thr': 0.1}),
        ('detection', {'test_evaluator.outfile_prefix': 'x'}),
        ('detection', {'train_dataloader.dataset.indices': 4}),
        ('folder', {'coco_folder.root': 'x', 'coco_folder.train.images': 'y'}),
    ],
    ids=lambda value: ' '.join(value) if isinstance(value, dict) else value,
)
def test_fields_that_are_read(configs, name, options):
    cfg = deepcopy(configs[name])
    merge_options(cfg, options)
    for option, value in options.items():
        now = cfg
        for part in option.split('.'):
            now = now[int(part)] if isinstance(now, list) else now[part]
        assert now == value


@pytest.mark.parametrize(
    'name, option, words',
    [
        ('sca', 'optim_wraper.optimizer.lr', "mean 'optim_wrapper'"),
        ('sca', 'randomnes.seed', "mean 'randomness'"),
        ('sca', 'foo', 'the config has no field'),
        ('sca', 'model.head.epsilom', '(mmsca.SwAVHead) has no field'),
        ('sca', 'model.backbone.frozen_stage', "mean 'frozen_stages'"),
        ('sca', 'train_dataloader.batchsize', "mean 'batch_size'"),
        ('sca', 'train_cfg.max_epoch', "mean 'max_epochs'"),
        ('sca', 'optim_wrapper.optimizer.Lr', "mean 'lr'"),
        ('sca', 'randomness.sed', "mean 'seed'"),
        ('sca', 'default_hooks.checkpoint.intervall', "mean 'interval'"),
        ('sca', 'default_hooks.chekpoint', "mean 'checkpoint'"),
        ('linear', 'custom_hooks.0.foo', 'custom_hooks.0 (mmsca.'),
        ('linear', 'custom_hooks.foo', 'a list of'),
        ('linear', 'custom_hooks.9.foo', 'Expected a number below'),
        ('sca', 'param_scheduler.0.last_stepp', "mean 'last_step'"),
        ('sca', 'model.head.epsilon.x', 'which has no fields'),
        ('detection', 'model.test_cfg.rcnn.score_th', "mean 'score_thr'"),
        ('folder', 'coco_folder.rot', "mean 'root'"),
        ('folder', 'data_root', 'was copied when the file was read'),
    ],
)
def test_fields_that_nothing_reads(configs, name, option, words):
    cfg = deepcopy(configs[name])
    with pytest.raises(InputError) as error:
        merge_options(cfg, {option: 1})
    assert words in str(error.value) and option in str(error.value)


def test_a_node_may_be_replaced(configs):
    cfg = deepcopy(configs['sca'])
    loop = dict(type='IterBasedTrainLoop', max_iters=3)
    options = {f'train_cfg.{key}': value for key, value in loop.items()}
    merge_options(cfg, {'train_cfg._delete_': True, **options})
    assert cfg.train_cfg == loop
    cfg = deepcopy(configs['linear'])
    options = {'custom_hooks._delete_': True, 'custom_hooks.type': 'X'}
    merge_options(cfg, options)
    assert cfg.custom_hooks == dict(type='X')


def test_a_variable_may_change_with_its_copies(configs):
    cfg = Config(
        dict(
            default_scope='mmpretrain',
            data_root='a',
            train_dataloader=dict(dataset=dict(data_root='a')),
        )
    )
    options = {'data_root': 'b', 'train_dataloader.dataset.data_root': 'b'}
    merge_options(deepcopy(cfg), options)
    with pytest.raises(InputError, match='Set train_dataloader.dataset.data'):
        merge_options(cfg, {'data_root': 'b'})


def test_a_variable_that_no_run_reads():
    cfg = Config(dict(scores=dict(threshold='val'), model=dict(a=1)))
    with pytest.raises(InputError, match='scores: .* a run does not read it'):
        merge_options(cfg, {'scores.threshold': 0.5})


def test_names_of_a_file():
    check_names(Config(dict(train_pipeline=[], channels=3, _model=1)), 'a.py')
    with pytest.raises(InputError, match="'a.py' sets optim_wraper.*wrapper'"):
        check_names(Config(dict(optim_wraper={})), 'a.py')
