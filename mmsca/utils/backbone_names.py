"""The names that libraries give to the weights of a backbone.

A ResNet of OpenMMLab or timm has the names of torchvision, a transformer of
the authors of DINO, MoCo v3 and DINOv2 those of timm: these are *our* names.
Every other library has a table here. Its patterns are replaced one after the
other, and turn a name of ours into one of that library.
"""

import re
from functools import cache
from itertools import product

# What `nn.Sequential(*list(resnet.children())[:-1])` makes of a torchvision
# ResNet: lightly and the BYOLs in PyTorch.
SEQUENTIAL = {
    r'^conv1\.': '0.',
    r'^bn1\.': '1.',
    **{rf'^layer{n}\.': f'{n + 3}.' for n in range(1, 5)},
}
TRANSFORMERS_RESNET = {
    r'^conv1\.': 'embedder.embedder.convolution.',
    r'^bn1\.': 'embedder.embedder.normalization.',
    **{
        rf'^layer{n}\.': f'encoder.stages.{n - 1}.layers.' for n in range(1, 5)
    },
    **{rf'\.conv{n}\.': f'.layer.{n - 1}.convolution.' for n in range(1, 4)},
    **{rf'\.bn{n}\.': f'.layer.{n - 1}.normalization.' for n in range(1, 4)},
    r'\.downsample\.0\.': '.shortcut.convolution.',
    r'\.downsample\.1\.': '.shortcut.normalization.',
}
# For export only: detectron2 counts the stem as the first stage.
DETECTRON2_RESNET = {
    r'^(conv1|bn1)\.': r'stem.\1.',
    **{rf'^layer{n}\.': f'res{n + 1}.' for n in range(1, 5)},
    r'\.bn(\d)\.': r'.conv\1.norm.',
    r'\.downsample\.0\.': '.shortcut.',
    r'\.downsample\.1\.': '.shortcut.norm.',
}
# Three tensors of transformers are one of timm.
TRANSFORMERS_DINOV2 = {
    r'^cls_token$': 'embeddings.cls_token',
    r'^pos_embed$': 'embeddings.position_embeddings',
    r'^patch_embed\.proj\.': 'embeddings.patch_embeddings.projection.',
    r'^norm\.': 'layernorm.',
    r'^blocks\.': 'encoder.layer.',
    r'\.attn\.qkv\.': '.attention.attention.{query,key,value}.',
    r'\.attn\.proj\.': '.attention.output.dense.',
    r'\.ls(\d)\.gamma$': r'.layer_scale\1.lambda1',
}
TRANSFORMERS_VIT = {
    **TRANSFORMERS_DINOV2,
    r'\.norm1\.': '.layernorm_before.',
    r'\.norm2\.': '.layernorm_after.',
    r'\.mlp\.fc1\.': '.intermediate.dense.',
    r'\.mlp\.fc2\.': '.output.dense.',
}
MMPRETRAIN_VIT = {
    r'^patch_embed\.proj\.': 'patch_embed.projection.',
    r'^norm\.': 'ln1.',
    r'^blocks\.': 'layers.',
    r'\.norm(\d)\.': r'.ln\1.',
    r'\.ls1\.gamma$': '.attn.gamma1.weight',
    r'\.ls2\.gamma$': '.ffn.gamma2.weight',
    r'\.mlp\.fc1\.': '.ffn.layers.0.0.',
    r'\.mlp\.fc2\.': '.ffn.layers.1.',
}
TORCHVISION_VIT = {
    r'^cls_token$': 'class_token',
    r'^pos_embed$': 'encoder.pos_embedding',
    r'^patch_embed\.proj\.': 'conv_proj.',
    r'^norm\.': 'encoder.ln.',
    r'^blocks\.': 'encoder.layers.encoder_layer_',
    r'\.norm(\d)\.': r'.ln_\1.',
    r'\.attn\.qkv\.': '.self_attention.in_proj_',
    r'\.attn\.proj\.': '.self_attention.out_proj.',
    r'\.mlp\.fc1\.': '.mlp.0.',
    r'\.mlp\.fc2\.': '.mlp.3.',
}
TABLES = {
    'the same names': {},
    'names of an nn.Sequential of torchvision': SEQUENTIAL,
    "names of transformers' ResNet": TRANSFORMERS_RESNET,
    "names of transformers' ViT": TRANSFORMERS_VIT,
    "names of transformers' DINOv2": TRANSFORMERS_DINOV2,
    "names of mmpretrain's VisionTransformer": MMPRETRAIN_VIT,
    "names of torchvision's VisionTransformer": TORCHVISION_VIT,
}


@cache
def names_of(library: str, name: str) -> tuple[str, ...]:
    """What a library, a key of `TABLES`, calls a tensor that has our name.

    There are several names if several tensors, one after the other, are ours.
    """
    return names_in(TABLES[library], name)


def names_in(table: dict[str, str], name: str) -> tuple[str, ...]:
    """:func:`names_of` by a table."""
    for pattern, replacement in table.items():
        name = re.sub(pattern, replacement, name)
    parts = [
        part[1:-1].split(',') if part.startswith('{') else [part]
        for part in re.split(r'(\{.*?\})', name)
    ]
    return tuple(map(''.join, product(*parts)))
