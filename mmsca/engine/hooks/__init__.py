from mmsca.engine.hooks.attention_statistics_hook import (  # noqa: F401
    AttentionStatisticsHook,
)
from mmsca.engine.hooks.cam_visualization_hook import (  # noqa: F401
    CAMVisualizationHook,
)
from mmsca.engine.hooks.checkpoint_coverage_hook import (  # noqa: F401
    CheckpointCoverageHook,
)
from mmsca.engine.hooks.checkpoint_hook import CheckpointHook  # noqa: F401
from mmsca.engine.hooks.classes_hook import ClassesHook  # noqa: F401
from mmsca.engine.hooks.detection_visualization_hook import (  # noqa: F401
    DetectionVisualizationHook,
)
from mmsca.engine.hooks.finite_loss_hook import FiniteLossHook  # noqa: F401
from mmsca.engine.hooks.freeze_hook import FreezeHook  # noqa: F401
from mmsca.engine.hooks.keyed_randomness_hook import (  # noqa: F401
    KeyedRandomnessHook,
)
from mmsca.engine.hooks.knn_hook import KNNHook  # noqa: F401
from mmsca.engine.hooks.loaded_checkpoint_hook import (  # noqa: F401
    LoadedCheckpointHook,
)
from mmsca.engine.hooks.logger_hook import LoggerHook  # noqa: F401
from mmsca.engine.hooks.precise_bn_hook import PreciseBNHook  # noqa: F401
from mmsca.engine.hooks.prototype_hook import PrototypeHook  # noqa: F401
from mmsca.engine.hooks.resumed_settings_hook import (  # noqa: F401
    ResumedSettingsHook,
)
from mmsca.engine.hooks.resumed_validation_hook import (  # noqa: F401
    ResumedValidationHook,
)
from mmsca.engine.hooks.summary_hook import SummaryHook  # noqa: F401
