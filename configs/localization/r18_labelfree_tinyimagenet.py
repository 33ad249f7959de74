"""Localization without labels by a pretrained backbone, Tiny ImageNet.

r18_labelfree_materials.py against boxes alone, as there are no masks. The
main scores, `object/*`, are of the images whose box covers 6 to 50 % of the
area; `cam/*` is of all.

Expected score: not measured yet.
Hardware: one CPU core, no GPU.
Data: python tools/prepare_data.py tinyimagenet tiny-imagenet-200.zip

    python tools/test.py configs/localization/r18_labelfree_tinyimagenet.py \
        PRETRAINING_CKPT
"""

_base_ = './r18_labelfree_materials.py'

# As in ../sca/swav_r18_tinyimagenet.py.
model = dict(head=dict(num_prototypes=128))
test_dataloader = dict(
    dataset=dict(
        data_root='data/tinyimagenet',
        ann_file='splits/boxes_test.json',
        pipeline=[dict(type='mmsca.LoadImage'), _base_.pack_boxes],
    )
)
test_cfg = dict(calibration_dataset=dict(ann_file='splits/boxes_val.json'))
test_evaluator = [
    dict(_base_.small_scores, prefix='object', area=(0.06, 0.5)),
    _base_.small_scores,
]
