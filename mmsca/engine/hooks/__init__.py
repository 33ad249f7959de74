from mmsca.engine.hooks.cam_visualization_hook import (  # noqa: F401
    CAMVisualizationHook,
)
from mmsca.engine.hooks.checkpoint_coverage_hook import (  # noqa: F401
    CheckpointCoverageHook,
)
from mmsca.engine.hooks.prototype_hook import PrototypeHook  # noqa: F401
