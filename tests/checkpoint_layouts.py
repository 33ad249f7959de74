"""Checkpoints as other projects write them: their keys and their nesting.

Each function takes a backbone under the names of torchvision (a ResNet) or
timm (a vision transformer), and gives what the file of that project holds.
Where there are two networks, the one that is not to be taken has other
weights. Classifiers, projections and queues are as small as may be.
"""

import re

import torch


def under(prefix, weights):
    return {f'{prefix}{name}': tensor for name, tensor in weights.items()}


def other(weights):
    """A second network of the same kind."""
    return {k: v + 1 for k, v in weights.items()}


def linear(name):
    return {f'{name}.weight': torch.ones(4, 4), f'{name}.bias': torch.ones(4)}


def bn(name, affine=True):
    statistics = dict(
        running_mean=torch.ones(4),
        running_var=torch.ones(4),
        num_batches_tracked=torch.tensor(3),
    )
    if affine:
        statistics |= dict(weight=torch.ones(4), bias=torch.ones(4))
    return under(f'{name}.', statistics)


def optimizer(weights):
    """The state of SGD, whose tensors have the shapes of the backbone."""
    state = {
        i: dict(momentum_buffer=v) for i, v in enumerate(weights.values())
    }
    return dict(state=state, param_groups=[dict(lr=0.1, params=list(state))])


def torchvision_resnet(weights):
    return weights | linear('fc')


def timm_resnet(weights):
    return weights | linear('fc')


def timm_training(weights):
    return dict(
        epoch=3,
        arch='resnet50',
        state_dict=other(weights) | linear('fc'),
        optimizer=optimizer(weights),
        version=2,
        state_dict_ema=weights | linear('fc'),
        metric=71.2,
    )


def _swav(weights):
    return (
        weights
        | linear('projection_head.0')
        | bn('projection_head.1')
        | linear('projection_head.3')
        | {'prototypes.weight': torch.ones(4, 4)}
    )


def swav(weights):
    """The published file: what DistributedDataParallel calls them."""
    return under('module.', _swav(weights))


def swav_training(weights):
    return dict(
        epoch=3,
        state_dict=under('module.', _swav(weights)),
        optimizer=optimizer(weights),
    )


def deepcluster_v2(weights):
    sets = {
        f'prototypes.prototypes{i}.weight': torch.ones(4, 4) for i in (0, 1)
    }
    weights = weights | linear('projection_head.0') | sets
    return dict(
        epoch=3,
        state_dict=under('module.', weights),
        optimizer=optimizer(weights),
    )


def _moco(weights, fc):
    queue = dict(
        queue=torch.ones(4, 8), queue_ptr=torch.zeros(1, dtype=torch.long)
    )
    networks = under('encoder_q.', weights | fc) | under(
        'encoder_k.', other(weights | fc)
    )
    return dict(
        epoch=200,
        arch='resnet50',
        state_dict=under('module.', networks | queue),
        optimizer=optimizer(weights),
    )


def moco_v1(weights):
    return _moco(weights, linear('fc'))


def moco_v2(weights):
    return _moco(weights, linear('fc.0') | linear('fc.2'))


def moco_v3(weights):
    """Its ResNet has `fc`, its transformer `head`."""
    head = 'fc' if 'conv1.weight' in weights else 'head'
    fc = {f'{head}.0.weight': torch.ones(4, 4)} | bn(f'{head}.1')
    networks = under('base_encoder.', weights | fc) | under(
        'momentum_encoder.', other(weights | fc)
    )
    predictor = {'predictor.0.weight': torch.ones(4, 4)} | bn('predictor.1')
    return dict(
        epoch=300,
        arch='resnet50',
        state_dict=under('module.', networks | predictor),
        optimizer=optimizer(weights),
        scaler=dict(scale=65536.0),
    )


def simsiam(weights):
    fc = linear('fc.0') | bn('fc.1') | linear('fc.6') | bn('fc.7', False)
    predictor = linear('predictor.0') | bn('predictor.1')
    return dict(
        epoch=100,
        arch='resnet50',
        state_dict=under(
            'module.', under('encoder.', weights | fc) | predictor
        ),
        optimizer=optimizer(weights),
    )


def sequential(weights):
    """Names of nn.Sequential(*list(resnet.children())[:-1])."""
    numbers = dict(conv1=0, bn1=1, layer1=4, layer2=5, layer3=6, layer4=7)
    return {
        f'{numbers[name.split(".")[0]]}.{name.partition(".")[2]}': tensor
        for name, tensor in weights.items()
    }


def byol_yaox12(weights):
    projection = linear('projetion.l1') | bn('projetion.bn1')
    online = under('encoder.', sequential(weights)) | projection
    networks = under('online_network.', online) | under(
        'target_network.', other(online)
    )
    return dict(
        config=dict(model=dict(backbone=dict(type='resnet50'))),
        epoch=300,
        steps=1,
        model=under('module.', networks | linear('predictor.l1')),
        optimizer=optimizer(weights),
        amp={},
    )


def byol_sthalles(weights):
    online = under('encoder.', sequential(weights)) | linear('projetion.net.0')
    return dict(
        online_network_state_dict=online,
        target_network_state_dict=other(online),
        optimizer_state_dict=optimizer(weights),
    )


def densecl(weights):
    """A pretraining; its backbone has two names."""
    query = under('0.', weights) | linear('1.mlp.0') | linear('1.mlp2.0')
    state_dict = under('encoder_q.', query) | under('encoder_k.', other(query))
    return dict(
        meta=dict(epoch=200, iter=1),
        state_dict=dict(queue=torch.ones(4, 8), queue2=torch.ones(4, 8))
        | state_dict
        | under('backbone.', weights),
        optimizer=optimizer(weights),
    )


def densecl_extracted(weights):
    """The published file, of its tools/extract_backbone_weights.py."""
    return dict(state_dict=weights, author='DenseCL')


def pixpro(weights):
    """Without `opt`, the argparse.Namespace of a training."""
    projector = linear('linear1') | bn('bn1') | linear('linear2')
    networks = (
        under('encoder.', weights)
        | under('projector.', projector)
        | under('encoder_k.', other(weights))
        | under('projector_k.', other(projector))
    )
    return dict(
        model=under('module.', networks),
        optimizer=optimizer(weights),
        scheduler={},
        epoch=400,
    )


def barlow_twins(weights):
    parts = (
        under('backbone.', weights)
        | {'projector.0.weight': torch.ones(4, 4)}
        | bn('projector.1')
        | bn('bn', affine=False)
    )
    return dict(
        epoch=1000, model=under('module.', parts), optimizer=optimizer(weights)
    )


def vicreg(weights):
    parts = under('backbone.', weights) | linear('projector.0')
    return dict(
        epoch=1000, model=under('module.', parts), optimizer=optimizer(weights)
    )


def backbone_alone(weights):
    """What Barlow Twins, VICReg and DINO publish."""
    return dict(weights)


def dino(weights):
    """Without `args`. The teacher of a transformer, which has no BN, is not
    wrapped."""
    head = linear('head.mlp.0') | {
        'head.last_layer.weight_v': torch.ones(4, 4)
    }
    teacher = under('backbone.', weights) | head
    if 'conv1.weight' in weights:
        teacher = under('module.', teacher)
    return dict(
        student=under('module.', under('backbone.', other(weights)) | head),
        teacher=teacher,
        optimizer=optimizer(weights),
        epoch=100,
        dino_loss=dict(center=torch.ones(1, 4)),
    )


def dinov2(weights):
    width = weights['norm.weight'].numel()
    return weights | dict(mask_token=torch.ones(1, width))


def vissl(weights):
    """A pretraining of MoCo, whose loss holds the key encoder."""
    name = '_feature_blocks.' if 'conv1.weight' in weights else ''
    trunk = under(name, weights)
    return dict(
        phase_idx=200,
        iteration=1,
        loss=0.5,
        classy_state_dict=dict(
            train=True,
            base_model=dict(
                model=dict(trunk=trunk, heads=linear('0.clf.0')),
                meta=dict(trunk={}, heads=[]),
            ),
            loss=under('moco_encoder.trunk.', other(trunk)),
            optimizer=dict(optim=optimizer(weights)),
        ),
    )


def _lightning(state_dict):
    return {
        'epoch': 9,
        'global_step': 10,
        'pytorch-lightning_version': '2.5.0',
        'state_dict': state_dict,
        'loops': {'fit_loop': {'state_dict': {}}},
        'callbacks': {},
        'optimizer_states': [optimizer(state_dict)],
        'lr_schedulers': [],
        'hyper_parameters': {'batch_size': 256},
    }


def lightly_simclr(weights):
    return _lightning(
        under('backbone.', sequential(weights))
        | linear('projection_head.layers.0')
    )


def lightly_moco(weights):
    backbone = sequential(weights)
    return _lightning(
        under('backbone.', backbone)
        | linear('projection_head.layers.0')
        | under('backbone_momentum.', other(backbone))
        | linear('projection_head_momentum.layers.0')
    )


def lightly_dino(weights):
    backbone = sequential(weights)
    return _lightning(
        under('student_backbone.', other(backbone))
        | linear('student_head.layers.0')
        | under('teacher_backbone.', backbone)
        | linear('teacher_head.layers.0')
        | {'criterion.center.center': torch.ones(1, 4)}
    )


def lightly_benchmark_dino(weights):
    """Its `backbone` is the teacher."""
    return _lightning(
        under('backbone.', weights)
        | linear('projection_head.layers.0')
        | under('student_backbone.', other(weights))
        | linear('online_classifier.linear')
    )


def lightly_benchmark_moco(weights):
    return _lightning(
        under('backbone.', weights) | under('key_backbone.', other(weights))
    )


def lightly_benchmark_byol(weights):
    return _lightning(
        under('backbone.', weights)
        | under('teacher_backbone.', other(weights))
    )


def solo_learn(weights):
    return _lightning(
        under('backbone.', weights)
        | linear('classifier')
        | linear('projector.0')
        | under('momentum_backbone.', other(weights))
        | linear('momentum_projector.0')
    )


def solo_learn_old(weights):
    return _lightning(
        under('encoder.', weights)
        | linear('classifier')
        | under('momentum_encoder.', other(weights))
    )


def mmselfsup_0x_byol(weights):
    online = under('0.', weights) | linear('1.fc0')
    return dict(
        meta=dict(epoch=200),
        state_dict=under('online_net.', online)
        | under('target_net.', other(online))
        | under('backbone.', weights),
        optimizer=optimizer(weights),
    )


def mmselfsup_moco(weights):
    key = under('0.', other(weights)) | linear('1.mlp.0')
    return dict(
        meta=dict(epoch=200),
        state_dict=under('backbone.', weights)
        | linear('neck.mlp.0')
        | under('encoder_k.module.', key)
        | dict(queue=torch.ones(4, 8)),
        message_hub={},
        optimizer=optimizer(weights),
    )


def mmselfsup_byol(weights):
    target = under('0.', other(weights)) | linear('1.fc0')
    return dict(
        meta=dict(epoch=200),
        state_dict=under('backbone.', weights)
        | under('target_net.module.', target)
        | linear('head.predictor.fc0'),
    )


def mmpretrain_classifier(weights):
    return dict(
        meta=dict(epoch=100),
        state_dict=under('backbone.', weights) | linear('head.fc'),
        ema_state_dict=under('module.backbone.', other(weights))
        | linear('module.head.fc'),
    )


def _renamed(weights, rules):
    """Names with the first rule that matches."""
    result = {}
    for name, tensor in weights.items():
        rule = next((r for r in rules if re.fullmatch(r[0], name)), None)
        result[re.sub(*rule, name) if rule else name] = tensor
    return result


def mmpretrain_vit(weights):
    block = r'blocks\.(\d+)\.'
    rules = [
        (r'patch_embed\.proj\.(.*)', r'patch_embed.projection.\1'),
        (r'norm\.(.*)', r'ln1.\1'),
        (block + r'norm(\d)\.(.*)', r'layers.\1.ln\2.\3'),
        (block + r'mlp\.fc1\.(.*)', r'layers.\1.ffn.layers.0.0.\2'),
        (block + r'mlp\.fc2\.(.*)', r'layers.\1.ffn.layers.1.\2'),
        (block + r'ls1\.gamma', r'layers.\1.attn.gamma1.weight'),
        (block + r'ls2\.gamma', r'layers.\1.ffn.gamma2.weight'),
        (block + '(.*)', r'layers.\1.\2'),
    ]
    return dict(state_dict=under('backbone.', _renamed(weights, rules)))


def torchvision_vit(weights):
    block = r'blocks\.(\d+)\.'
    layer = r'encoder.layers.encoder_layer_\1.'
    rules = [
        ('cls_token', 'class_token'),
        ('pos_embed', 'encoder.pos_embedding'),
        (r'patch_embed\.proj\.(.*)', r'conv_proj.\1'),
        (r'norm\.(.*)', r'encoder.ln.\1'),
        (block + r'norm(\d)\.(.*)', layer + r'ln_\2.\3'),
        (block + r'attn\.qkv\.(.*)', layer + r'self_attention.in_proj_\2'),
        (block + r'attn\.proj\.(.*)', layer + r'self_attention.out_proj.\2'),
        (block + r'mlp\.fc1\.(.*)', layer + r'mlp.0.\2'),
        (block + r'mlp\.fc2\.(.*)', layer + r'mlp.3.\2'),
    ]
    return _renamed(weights, rules) | linear('heads.head')


def transformers_resnet(weights):
    """ResNetForImageClassification."""
    rules = [
        (r'conv1\.(.*)', r'embedder.embedder.convolution.\1'),
        (r'bn1\.(.*)', r'embedder.embedder.normalization.\1'),
    ]
    for n in range(1, 5):
        layer = rf'layer{n}\.(\d+)\.'
        stage = rf'encoder.stages.{n - 1}.layers.\1.'
        for i in range(1, 4):
            rules += [
                (
                    layer + rf'conv{i}\.(.*)',
                    stage + rf'layer.{i - 1}.convolution.\2',
                ),
                (
                    layer + rf'bn{i}\.(.*)',
                    stage + rf'layer.{i - 1}.normalization.\2',
                ),
            ]
        rules += [
            (
                layer + r'downsample\.0\.(.*)',
                stage + r'shortcut.convolution.\2',
            ),
            (
                layer + r'downsample\.1\.(.*)',
                stage + r'shortcut.normalization.\2',
            ),
        ]
    return under('resnet.', _renamed(weights, rules)) | linear('classifier.1')


def _transformers(weights, rules):
    block = r'blocks\.(\d+)\.'
    layer = r'encoder.layer.\1.'
    split = {}
    for name, tensor in weights.items():
        if '.attn.qkv.' not in name:
            split[name] = tensor
            continue
        for part, value in zip(
            ('query', 'key', 'value'), tensor.chunk(3), strict=True
        ):
            split[name.replace('attn.qkv', f'attention.{part}')] = value
    rules = [
        ('cls_token', 'embeddings.cls_token'),
        ('pos_embed', 'embeddings.position_embeddings'),
        (
            r'patch_embed\.proj\.(.*)',
            r'embeddings.patch_embeddings.projection.\1',
        ),
        (r'norm\.(.*)', r'layernorm.\1'),
        (block + r'attention\.(.*)', layer + r'attention.attention.\2'),
        (block + r'attn\.proj\.(.*)', layer + r'attention.output.dense.\2'),
        *((block + pattern, layer + new) for pattern, new in rules),
    ]
    return _renamed(split, rules)


def transformers_vit(weights):
    """ViTModel."""
    rules = [
        (r'norm1\.(.*)', r'layernorm_before.\2'),
        (r'norm2\.(.*)', r'layernorm_after.\2'),
        (r'mlp\.fc1\.(.*)', r'intermediate.dense.\2'),
        (r'mlp\.fc2\.(.*)', r'output.dense.\2'),
    ]
    return _transformers(weights, rules) | linear('pooler.dense')


def transformers_dinov2(weights):
    """Dinov2ForImageClassification."""
    rules = [
        (r'ls(\d)\.gamma', r'layer_scale\2.lambda1'),
        ('(.*)', r'\2'),
    ]
    named = _transformers(weights, rules)
    width = weights['norm.weight'].numel()
    named['embeddings.mask_token'] = torch.ones(1, width)
    return under('dinov2.', named) | linear('classifier')


RESNETS = [
    torchvision_resnet,
    timm_resnet,
    timm_training,
    swav,
    swav_training,
    deepcluster_v2,
    moco_v1,
    moco_v2,
    moco_v3,
    simsiam,
    byol_yaox12,
    byol_sthalles,
    densecl,
    densecl_extracted,
    pixpro,
    barlow_twins,
    vicreg,
    backbone_alone,
    dino,
    vissl,
    lightly_simclr,
    lightly_moco,
    lightly_dino,
    lightly_benchmark_dino,
    lightly_benchmark_moco,
    lightly_benchmark_byol,
    solo_learn,
    solo_learn_old,
    mmselfsup_0x_byol,
    mmselfsup_moco,
    mmselfsup_byol,
    mmpretrain_classifier,
    transformers_resnet,
]
TRANSFORMERS = [
    moco_v3,
    dino,
    backbone_alone,
    vissl,
    mmpretrain_vit,
    torchvision_vit,
    transformers_vit,
]
WITH_LAYER_SCALE = [dinov2, mmpretrain_vit, transformers_dinov2]
SAFETENSORS = [
    timm_resnet,
    transformers_resnet,
    transformers_vit,
    transformers_dinov2,
]
