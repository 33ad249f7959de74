"""SwAV's own settings, chosen on 1,300 val scenes.

Reproduces: nothing; what SwAV is at its best. Of these settings the one with
    the highest mean of linear and MaxBoxAccV2 is `swav_tuned` of
    materials.py.
Expected: docs/study/swav_settings.md
Hardware: CPU; two cores run two jobs at a time.
Command: python tools/run_study.py configs/study/swav_settings.py
"""

title = 'Settings of SwAV, chosen on val'
suite = 'materials_val'
data_root = 'data/material_scenes_val'
scenes_args = ['--num-val', '1300']
control = 'swav'
seeds = [0, 1]
swav = 'sca/swav_r18_materials.py'
lr = 'optim_wrapper.optimizer.lr'
epsilon = 'model.head.epsilon'
prototypes = 'model.head.num_prototypes'
arms = dict(
    swav=dict(title='lr 6e-3, epsilon 0.03, K 32', config=swav),
    lr_half=dict(title='lr 3e-3', config=swav, options=[f'{lr}=3e-3']),
    lr_double=dict(title='lr 12e-3', config=swav, options=[f'{lr}=12e-3']),
    epsilon_low=dict(
        title='epsilon 0.02', config=swav, options=[f'{epsilon}=0.02']
    ),
    epsilon_high=dict(
        title='epsilon 0.05', config=swav, options=[f'{epsilon}=0.05']
    ),
    prototypes_few=dict(
        title='K 16', config=swav, options=[f'{prototypes}=16']
    ),
    prototypes_many=dict(
        title='K 64', config=swav, options=[f'{prototypes}=64']
    ),
)
