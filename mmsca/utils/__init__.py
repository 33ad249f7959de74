from mmsca.utils.atomic_backend import AtomicBackend  # noqa: F401
from mmsca.utils.checkpoint import (  # noqa: F401
    load_backbone,
    read_state_dict,
)
from mmsca.utils.checkpoint_checks import (  # noqa: F401
    CheckpointCoverageError,
    check_coverage,
)
from mmsca.utils.locked_folder import locked_folder  # noqa: F401
from mmsca.utils.whole_file import whole_file  # noqa: F401
