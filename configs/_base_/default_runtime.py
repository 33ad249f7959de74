# Runtime of pretraining, classification and localization. Detection takes
# mmdet's own from its `mmdet::` base.
default_scope = 'mmpretrain'

# Makes the types of this package known under the train.py of other OpenMMLab
# packages too.
custom_imports = dict(imports=['mmsca'], allow_failed_imports=False)

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='mmsca.CheckpointHook', interval=10, max_keep_ckpts=3
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    classes=dict(type='mmsca.ClassesHook'),
    keyed_randomness=dict(type='mmsca.KeyedRandomnessHook'),
    resumed_validation=dict(type='mmsca.ResumedValidationHook'),
    visualization=dict(type='VisualizationHook', enable=False),
)

env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)

vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='UniversalVisualizer', vis_backends=vis_backends)

log_level = 'INFO'
load_from = None
resume = False
randomness = dict(seed=0)
