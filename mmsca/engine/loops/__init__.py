from mmsca.engine.loops.calibrated_test_loop import (  # noqa: F401
    CalibratedTestLoop,
)
from mmsca.engine.loops.resumable_epoch_loop import (  # noqa: F401
    ResumableEpochLoop,
)
