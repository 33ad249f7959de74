from mmsca.models.cam_classifier import CAMClassifier
from mmsca.models.group_sync_bn import GroupSyncBN
from mmsca.models.label_free_cam import LabelFreeCAM
from mmsca.models.multi_crop_preprocessor import MultiCropPreprocessor
from mmsca.models.probe_classifier import ProbeClassifier
from mmsca.models.sca.methods import (
    BYOLSCA,
    BarlowTwinsSCA,
    DenseCLSCA,
    MoCoSCA,
    SimSiamSCA,
)
from mmsca.models.sca.spatial_cross_attention import SpatialCrossAttention
from mmsca.models.sca.swav_sca import SwAVSCA
from mmsca.models.sinkhorn import sinkhorn
from mmsca.models.stage_probe import MultiStageLinearHead, StageProbe
from mmsca.models.swav import SwAV
from mmsca.models.swav_head import SwAVHead
from mmsca.models.timm_backbone import TIMMBackbone
from mmsca.registry import MODELS

MODELS.register_module(module=SpatialCrossAttention)

__all__ = [
    'BYOLSCA',
    'BarlowTwinsSCA',
    'CAMClassifier',
    'DenseCLSCA',
    'GroupSyncBN',
    'LabelFreeCAM',
    'MoCoSCA',
    'MultiCropPreprocessor',
    'MultiStageLinearHead',
    'ProbeClassifier',
    'SimSiamSCA',
    'SpatialCrossAttention',
    'StageProbe',
    'SwAV',
    'SwAVHead',
    'SwAVSCA',
    'TIMMBackbone',
    'sinkhorn',
]
