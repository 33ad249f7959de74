from mmsca.models.cam.classifier import CAMClassifier
from mmsca.models.cam.label_free import LabelFreeCAM
from mmsca.models.group_sync_bn import GroupSyncBN
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
from mmsca.models.stage_probe import MultiStageLinearHead, StageProbe
from mmsca.models.swav.head import SwAVHead
from mmsca.models.swav.sinkhorn import sinkhorn
from mmsca.models.swav.swav import SwAV
from mmsca.models.timm_backbone import TIMMBackbone
from mmsca.registry import MODELS

MODELS.register_module(module=SpatialCrossAttention)
