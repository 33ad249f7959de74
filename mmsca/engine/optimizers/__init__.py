from mmsca.engine.optimizers.bf16_optim_wrapper import (  # noqa: F401
    BF16OptimWrapper,
)
from mmsca.engine.optimizers.larc import LARC  # noqa: F401
from mmsca.engine.optimizers.lars import LARS  # noqa: F401
