"""Checkpoints as other projects write them: their names and their nesting.

`content_of('moco_v2', weights)` is what a file of that project holds, for
weights under the names of torchvision (a ResNet) or timm (a transformer). Of
two networks in it, the one that is not to be taken has other weights.
"""

import re

import torch


def under(prefix, weights):
    return {f'{prefix}{name}': tensor for name, tensor in weights.items()}


def other(weights):
    """A second network of the same kind."""
    return {name: tensor + 1 for name, tensor in weights.items()}


def renamed(rules):
    """A function that renames by the first rule that matches a whole name."""

    def rename(weights):
        result = {}
        for name, tensor in weights.items():
            rule = next((r for r in rules if re.fullmatch(r[0], name)), None)
            result[re.sub(*rule, name) if rule else name] = tensor
        return result

    return rename


# nn.Sequential(*list(resnet.children())[:-1])
sequential = renamed(
    [
        (r'conv1\.(.*)', r'0.\1'),
        (r'bn1\.(.*)', r'1.\1'),
        *((rf'layer{n}\.(.*)', rf'{n + 3}.\1') for n in range(1, 5)),
    ]
)


def stages_of_transformers():
    """Rules for the blocks of a ResNet, of three convolutions each."""
    for n in range(1, 5):
        layer = rf'layer{n}\.(\d+)\.'
        stage = rf'encoder.stages.{n - 1}.layers.\1.'
        for i in range(1, 4):
            part = f'{stage}layer.{i - 1}.'
            yield rf'{layer}conv{i}\.(.*)', rf'{part}convolution.\2'
            yield rf'{layer}bn{i}\.(.*)', rf'{part}normalization.\2'
        short = rf'{layer}downsample\.'
        yield rf'{short}0\.(.*)', rf'{stage}shortcut.convolution.\2'
        yield rf'{short}1\.(.*)', rf'{stage}shortcut.normalization.\2'


resnet_of_transformers = renamed(
    [
        (r'conv1\.(.*)', r'embedder.embedder.convolution.\1'),
        (r'bn1\.(.*)', r'embedder.embedder.normalization.\1'),
        *stages_of_transformers(),
    ]
)


def transformer_of_transformers(rules):
    """`rules` name parts of a block; query, key and value are apart."""
    block, layer = r'blocks\.(\d+)\.', r'encoder.layer.\1.'
    patches = 'embeddings.patch_embeddings.projection'
    rename = renamed(
        [
            ('cls_token', 'embeddings.cls_token'),
            ('pos_embed', 'embeddings.position_embeddings'),
            (r'patch_embed\.proj\.(.*)', rf'{patches}.\1'),
            (r'norm\.(.*)', r'layernorm.\1'),
            (rf'{block}attention\.(.*)', rf'{layer}attention.attention.\2'),
            (
                rf'{block}attn\.proj\.(.*)',
                rf'{layer}attention.output.dense.\2',
            ),
            *((block + ours, layer + theirs) for ours, theirs in rules),
        ]
    )

    def split_and_rename(weights):
        split = {}
        for name, tensor in weights.items():
            if '.attn.qkv.' not in name:
                split[name] = tensor
                continue
            parts = zip(
                ('query', 'key', 'value'), tensor.chunk(3), strict=True
            )
            for part, value in parts:
                split[name.replace('attn.qkv', f'attention.{part}')] = value
        return rename(split)

    return split_and_rename


vit_of_transformers = transformer_of_transformers(
    [
        (r'norm1\.(.*)', r'layernorm_before.\2'),
        (r'norm2\.(.*)', r'layernorm_after.\2'),
        (r'mlp\.fc1\.(.*)', r'intermediate.dense.\2'),
        (r'mlp\.fc2\.(.*)', r'output.dense.\2'),
    ]
)
dinov2_of_transformers = transformer_of_transformers(
    [(r'ls(\d)\.gamma', r'layer_scale\2.lambda1'), ('(.*)', r'\2')]
)

# Where the network lies, and the other one: a slash ends the key of a
# dictionary, the rest is what its names begin with. A third entry renames.
RESNETS = dict(
    # Weights alone.
    backbone_alone=('', None),
    swav=('module.', None),
    densecl_extracted=('state_dict/', None),
    transformers_resnet=('resnet.', None, resnet_of_transformers),
    # Trainings.
    timm_training=('state_dict_ema/', 'state_dict/'),
    swav_training=('state_dict/module.', None),
    moco_v2=('state_dict/module.encoder_q.', 'state_dict/module.encoder_k.'),
    moco_v3=(
        'state_dict/module.base_encoder.',
        'state_dict/module.momentum_encoder.',
    ),
    simsiam=('state_dict/module.encoder.', None),
    pixpro=('model/module.encoder.', 'model/module.encoder_k.'),
    barlow_twins=('model/module.backbone.', None),
    dino=('teacher/module.backbone.', 'student/module.backbone.'),
    vissl=(
        'classy_state_dict/base_model/model/trunk/_feature_blocks.',
        'classy_state_dict/loss/moco_encoder.trunk._feature_blocks.',
    ),
    byol_yaox12=(
        'model/module.online_network.encoder.',
        'model/module.target_network.encoder.',
        sequential,
    ),
    byol_sthalles=(
        'online_network_state_dict/encoder.',
        'target_network_state_dict/encoder.',
        sequential,
    ),
    lightly_simclr=('state_dict/backbone.', None, sequential),
    lightly_moco=(
        'state_dict/backbone.',
        'state_dict/backbone_momentum.',
        sequential,
    ),
    lightly_dino=(
        'state_dict/teacher_backbone.',
        'state_dict/student_backbone.',
        sequential,
    ),
    lightly_benchmark_dino=(
        'state_dict/backbone.',
        'state_dict/student_backbone.',
    ),
    lightly_benchmark_moco=(
        'state_dict/backbone.',
        'state_dict/key_backbone.',
    ),
    lightly_benchmark_byol=(
        'state_dict/backbone.',
        'state_dict/teacher_backbone.',
    ),
    solo_learn=('state_dict/backbone.', 'state_dict/momentum_backbone.'),
    solo_learn_old=('state_dict/encoder.', 'state_dict/momentum_encoder.'),
    densecl=('state_dict/backbone.', 'state_dict/encoder_k.0.'),
    mmselfsup_0x_byol=('state_dict/backbone.', 'state_dict/target_net.0.'),
    mmselfsup_moco=('state_dict/backbone.', 'state_dict/encoder_k.module.0.'),
    mmselfsup_byol=('state_dict/backbone.', 'state_dict/target_net.module.0.'),
    mmpretrain_classifier=(
        'state_dict/backbone.',
        'ema_state_dict/module.backbone.',
    ),
)
# A second name of the network that is meant.
TWINS = dict(
    densecl='state_dict/encoder_q.0.',
    mmselfsup_0x_byol='state_dict/online_net.0.',
)
TRANSFORMERS = dict(
    backbone_alone=('', None),
    moco_v3=RESNETS['moco_v3'],
    # Without BN the teacher is not wrapped.
    dino=('teacher/backbone.', 'student/module.backbone.'),
    vissl=(
        'classy_state_dict/base_model/model/trunk/',
        'classy_state_dict/loss/moco_encoder.trunk.',
    ),
    transformers_vit=('', None, vit_of_transformers),
)
WITH_LAYER_SCALE = dict(
    backbone_alone=('', None),
    transformers_dinov2=('dinov2.', None, dinov2_of_transformers),
)
SAFETENSORS = (
    'backbone_alone',
    'transformers_resnet',
    'transformers_vit',
    'transformers_dinov2',
)


def put(content, place, weights):
    """Into nested dictionaries; with a head, inside and beside."""
    *keys, prefix = place.split('/')
    for key in keys:
        content = content.setdefault(key, {})
    head = {'fc.0.weight': torch.ones(4, 4), 'fc.0.bias': torch.ones(4)}
    bn = {'projector.1.running_mean': torch.ones(4), 'queue': torch.ones(4, 8)}
    content |= under(prefix, weights | head) | bn


def content_of(layout, weights):
    """All that a file of this layout holds."""
    layouts = TRANSFORMERS if 'cls_token' in weights else RESNETS
    if 'blocks.0.ls1.gamma' in weights:
        layouts = WITH_LAYER_SCALE
    taken, left, *names = layouts[layout]
    named = names[0](weights) if names else weights
    content = {}
    put(content, taken, named)
    if left:
        put(content, left, other(named))
    if layout in TWINS:
        put(content, TWINS[layout], named)
    if '/' in taken:  # a training, whose momentum has the same shapes
        state = {
            i: dict(momentum_buffer=tensor)
            for i, tensor in enumerate(weights.values())
        }
        content |= dict(epoch=3, optimizer=dict(state=state))
    return content
