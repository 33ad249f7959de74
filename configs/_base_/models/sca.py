# What SCA adds to the model of a method: dict(..., **_base_.sca_block).
sca_block = dict(
    sca=dict(type='mmsca.SpatialCrossAttention'), weight=0.1, warmup=0.2
)
