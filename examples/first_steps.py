# %% [markdown]
# # From a pretrained file to features, class maps and attention
#
# On the images that come with mmsca. Run it cell by cell in an editor, or
# whole: `python examples/first_steps.py`. With `pip install jupytext`,
# `jupytext --to ipynb examples/first_steps.py` makes a notebook of it.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

import mmsca
from mmsca.apis.make_material_scenes import make_material_scenes
from mmsca.apis.train import train

SCENES = 600
EPOCHS = 5
DATA = Path('data/first_steps')

# %% [markdown]
# Write images and pretrain on them: two minutes on two cores. With a file of
# your own, skip this and name it below.

# %%
make_material_scenes([str(DATA), '--num-train', str(SCENES)])
roots = [f'{n}_dataloader.dataset.data_root={DATA}' for n in ('train', 'val')]
train(
    [
        *('sca/swav_sca_r18_materials', '--work-dir', 'work_dirs/pretrained'),
        *('--overwrite', '--cfg-options', roots[0]),
        f'train_cfg.max_epochs={EPOCHS}',
    ]
)
pretrained = f'work_dirs/pretrained/epoch_{EPOCHS}.pth'

# %% [markdown]
# ## Features
#
# The config says how images are prepared. Without one they are prepared as
# those of ImageNet.

# %%
files = sorted(DATA.glob('test/*/*.png'))
backbone = mmsca.load_backbone(
    pretrained, 'classification/r18_linear_materials'
)
features = mmsca.extract_features(backbone, files)
print(f'{features.shape[0]} images, {features.shape[1]} features each')

# %%
unit = features / ((features**2).sum(axis=1, keepdims=True)) ** 0.5
nearest = (unit @ unit[0]).argsort()[::-1][:5]
print('Nearest to', files[0].name, [files[i].name for i in nearest[1:]])

# %% [markdown]
# ## Class map and box
#
# Of a linear classifier on the frozen backbone.

# %%
train(
    [
        *('classification/r18_linear_materials', '--overwrite'),
        *('--work-dir', 'work_dirs/linear', '--cfg-options', *roots),
        f'model.backbone.init_cfg.checkpoint={pretrained}',
        f'train_cfg.max_epochs={EPOCHS}',
    ]
)
classifier = mmsca.load_model(f'work_dirs/linear/epoch_{EPOCHS}.pth')
found = mmsca.localize(classifier, files[0])
print(f'{found.name}, {found.score:.0%}, box {found.box.tolist()}')

# %%
figure, axes = plt.subplots()
axes.imshow(plt.imread(files[0]))
axes.imshow(found.map, cmap='inferno', alpha=0.5)
x0, y0, x1, y1 = found.box
axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, color='red'))
figure.savefig('work_dirs/class_map.png')

# %% [markdown]
# ## Attention
#
# What SCA sees in an image, the others being its partners.

# %%
model = mmsca.load_model(pretrained)
first, *_ = mmsca.attend(model, files[:: max(len(files) // 24, 1)])
figure, axes = plt.subplots(1, 2 + len(first.partners))
axes[0].imshow(first.image)
axes[1].imshow(first.mask, cmap='inferno')
for panel, partner in zip(axes[2:], first.partners, strict=True):
    panel.imshow(partner)
figure.savefig('work_dirs/attention.png')
