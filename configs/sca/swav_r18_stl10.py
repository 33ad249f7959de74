"""SwAV on STL-10, the control of swav_sca_r18_stl10.py.

Reproduces: nothing; swav_r18_tinyimagenet.py on the 100,000 images without
    labels and those of train, in views of 64 and 32 px.
Expected: not measured yet.
Hardware: one GPU.
Command: python tools/train.py configs/sca/swav_r18_stl10.py
Data: python tools/prepare_data.py stl10 stl10_binary.tar.gz
"""

_base_ = './swav_r18_tinyimagenet.py'

model = dict(head=dict(num_prototypes=256))
views = dict(_base_.views, sizes=[64, 32])  # maps of 8x8 locations
train_dataloader = dict(
    dataset=dict(
        data_root='data/stl10',
        pipeline=[dict(type='mmsca.SeedDraw'), views],
    )
)
train_cfg = dict(max_epochs=50)
