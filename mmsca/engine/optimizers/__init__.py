from mmsca.engine.optimizers.bf16_optim_wrapper import BF16OptimWrapper
from mmsca.engine.optimizers.larc import LARC
from mmsca.engine.optimizers.lars import LARS
