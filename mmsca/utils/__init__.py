from mmsca.utils.atomic_backend import AtomicBackend  # noqa: F401
from mmsca.utils.checkpoint import (  # noqa: F401
    load_backbone,
    read_state_dict,
)
from mmsca.utils.checkpoint_checks import (  # noqa: F401
    CheckpointCoverageError,
    check_coverage,
)
