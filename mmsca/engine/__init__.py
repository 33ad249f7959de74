from mmsca.engine import hooks  # noqa: F401
from mmsca.engine.loops import CalibratedTestLoop  # noqa: F401
