from mmsca.engine.optimizers.larc import LARC  # noqa: F401
from mmsca.engine.optimizers.lars import LARS  # noqa: F401
