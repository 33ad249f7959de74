from mmsca.engine.hooks.attention_statistics_hook import (
    AttentionStatisticsHook,
)
from mmsca.engine.hooks.cam_visualization_hook import CAMVisualizationHook
from mmsca.engine.hooks.checkpoint_coverage_hook import CheckpointCoverageHook
from mmsca.engine.hooks.checkpoint_hook import CheckpointHook
from mmsca.engine.hooks.classes_hook import ClassesHook
from mmsca.engine.hooks.detection_visualization_hook import (
    DetectionVisualizationHook,
)
from mmsca.engine.hooks.finite_loss_hook import FiniteLossHook
from mmsca.engine.hooks.freeze_hook import FreezeHook
from mmsca.engine.hooks.keyed_randomness_hook import KeyedRandomnessHook
from mmsca.engine.hooks.knn_hook import KNNHook
from mmsca.engine.hooks.loaded_checkpoint_hook import LoadedCheckpointHook
from mmsca.engine.hooks.logger_hook import LoggerHook
from mmsca.engine.hooks.precise_bn_hook import PreciseBNHook
from mmsca.engine.hooks.prototype_hook import PrototypeHook
from mmsca.engine.hooks.resumed_settings_hook import ResumedSettingsHook
from mmsca.engine.hooks.resumed_validation_hook import ResumedValidationHook
from mmsca.engine.hooks.summary_hook import SummaryHook
